import type {
  IAuthenticateGeneric,
  ICredentialDataDecryptedObject,
  ICredentialType,
  IDataObject,
  IHttpRequestHelper,
  INodeProperties,
} from 'n8n-workflow';
import { campaignCredential } from '../lib/campaign/credential';
import { DEFAULT_API_URL, DEFAULT_IMS_URL, DEFAULT_SCOPES, tokenRequestOf } from '../lib/campaign/sign-in';
import { fetchAccessToken } from './fetch-access-token';
import { accessToken, requestLimits } from './shared-properties';

// The test stands with the nodes (testedBy), because it says more than a request described by data can: see nodes/shared/credential-tests.ts.
export class AdobeCampaignApi implements ICredentialType {
  name = 'adobeCampaignApi';

  displayName = 'Adobe Campaign API';

  icon = { light: 'file:adobeCampaign.svg', dark: 'file:adobeCampaign.dark.svg' } as const;

  documentationUrl = 'https://github.com/n8n-nodes-dynamics-campaign/n8n-nodes-dynamics-campaign#adobe-campaign';

  properties: INodeProperties[] = [
    {
      displayName: 'Product',
      name: 'product',
      type: 'options',
      options: [
        { name: 'Campaign Standard', value: 'standard' },
        { name: 'Campaign V8', value: 'v8' },
      ],
      default: 'standard',
      description: 'Their REST APIs differ in a few points, such as names of filters and what may be changed',
    },
    {
      displayName: 'Tenant',
      name: 'tenant',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. geometrixx or geometrixx-mkt-stage',
      description:
        'The part of the API addresses after the host, as in https://mc.adobe.io/geometrixx/campaign. A staging instance has -mkt-stage at its end.',
    },
    {
      displayName: 'Client ID',
      name: 'clientId',
      type: 'string',
      default: '',
      required: true,
      description:
        'Client ID (API key) of the OAuth Server-to-Server credential in the Adobe Developer Console. Its project needs the Adobe Campaign API and a product profile of this instance.',
    },
    {
      displayName: 'Client Secret',
      name: 'clientSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
    },
    {
      displayName: 'Scopes',
      name: 'scopes',
      type: 'string',
      default: DEFAULT_SCOPES,
      description: 'As the Adobe Developer Console shows them for the credential, with commas between them',
    },
    {
      displayName: 'API URL',
      name: 'apiUrl',
      type: 'string',
      default: DEFAULT_API_URL,
      description: "The gateway of Adobe Campaign's REST API, without the tenant",
    },
    {
      displayName: 'IMS URL',
      name: 'imsUrl',
      type: 'string',
      default: DEFAULT_IMS_URL,
      description: "Adobe's sign-in service (Identity Management Services)",
    },
    ...requestLimits(
      {
        standard: 10,
        note: 'Campaign Standard does not protect itself from too many: raise it with care.',
      },
      'Campaign v8 has a rate in its contract.',
    ),
    accessToken,
  ];

  /** For n8n's HTTP Request node; the nodes of this package sign in by themselves. */
  async preAuthentication(this: IHttpRequestHelper, credentials: ICredentialDataDecryptedObject): Promise<IDataObject> {
    return { accessToken: await fetchAccessToken(this, tokenRequestOf(campaignCredential(credentials))) };
  }

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: {
      headers: {
        Authorization: '=Bearer {{$credentials.accessToken}}',
        'X-Api-Key': '={{$credentials.clientId}}',
        'Cache-Control': 'no-cache',
      },
    },
  };
}
