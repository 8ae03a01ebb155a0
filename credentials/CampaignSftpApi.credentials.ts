import type { ICredentialType, INodeProperties } from 'n8n-workflow';

/** Access to the SFTP storage into which Campaign exports. Tested by the nodes (`testedBy: 'testCampaignSftpApi'`). */
export class CampaignSftpApi implements ICredentialType {
  name = 'campaignSftpApi';

  displayName = 'Campaign SFTP';

  icon = { light: 'file:campaignSftp.svg', dark: 'file:campaignSftp.dark.svg' } as const;

  documentationUrl = 'https://github.com/n8n-nodes-dynamics-campaign/n8n-nodes-dynamics-campaign#campaign-sftp';

  properties: INodeProperties[] = [
    {
      displayName: 'Host',
      name: 'host',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'mycompany.campaign.adobe.com',
    },
    { displayName: 'Port', name: 'port', type: 'number', default: 22 },
    { displayName: 'User', name: 'user', type: 'string', default: '', required: true },
    {
      displayName: 'Authentication',
      name: 'authentication',
      type: 'options',
      options: [
        { name: 'Private Key', value: 'privateKey' },
        { name: 'Password', value: 'password' },
      ],
      default: 'privateKey',
      description: 'Adobe Campaign takes keys only',
    },
    {
      displayName: 'Private Key',
      name: 'privateKey',
      type: 'string',
      typeOptions: { password: true, rows: 6 },
      default: '',
      displayOptions: { show: { authentication: ['privateKey'] } },
      description: 'The whole file with its BEGIN and END lines (RSA 2048, OpenSSH format, for Adobe Campaign)',
    },
    {
      displayName: 'Passphrase',
      name: 'passphrase',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      displayOptions: { show: { authentication: ['privateKey'] } },
      description: 'Of the private key, if it has one',
    },
    {
      displayName: 'Password',
      name: 'password',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      displayOptions: { show: { authentication: ['password'] } },
    },
    {
      displayName: 'Host Key Fingerprint',
      name: 'hostKeyFingerprint',
      type: 'string',
      default: '',
      placeholder: 'SHA256:...',
      description:
        'Without it no connection is made. Leave it empty and save once: the test shows the fingerprint that the server presents. Compare it with what the operator of the server says, then enter it here. Several may be given, separated by commas.',
    },
    {
      displayName: 'Allow Outdated Algorithms',
      name: 'allowOutdatedAlgorithms',
      type: 'boolean',
      default: false,
      description:
        'Whether to accept signatures, key exchange and integrity checks that rest on SHA-1. Turn it on only for a server that offers nothing else, until it is updated.',
    },
  ];
}
