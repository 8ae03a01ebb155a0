import type {
  IAuthenticateGeneric,
  ICredentialDataDecryptedObject,
  ICredentialType,
  IDataObject,
  IHttpRequestHelper,
  INodeProperties,
} from 'n8n-workflow';
import { dataverseCredential } from '../lib/dataverse/credential';
import { DEFAULT_LOGIN_URL, tokenRequestOf } from '../lib/dataverse/sign-in';
import { fetchAccessToken } from './fetch-access-token';
import { accessToken, requestLimits } from './shared-properties';

// The test stands with the nodes (testedBy), because it says more than a request described by data can: see nodes/shared/credential-tests.ts.
export class Dynamics365Api implements ICredentialType {
  name = 'dynamics365Api';

  displayName = 'Dynamics 365 API';

  icon = { light: 'file:dynamics365.svg', dark: 'file:dynamics365.dark.svg' } as const;

  documentationUrl = 'https://github.com/n8n-nodes-dynamics-campaign/n8n-nodes-dynamics-campaign#dynamics-365';

  properties: INodeProperties[] = [
    {
      displayName: 'Organization URL',
      name: 'url',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. https://contoso.crm4.dynamics.com',
      description: 'The address at which Dynamics 365 opens in the browser. Only the host counts.',
    },
    {
      displayName: 'Tenant ID',
      name: 'tenantId',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. 11111111-2222-3333-4444-555555555555',
      description: 'Directory (tenant) ID of the app registration in Microsoft Entra',
    },
    {
      displayName: 'Client ID',
      name: 'clientId',
      type: 'string',
      default: '',
      required: true,
      description:
        'Application (client) ID of the app registration. It must also be an application user of the Dynamics 365 environment, with a security role.',
    },
    {
      displayName: 'Client Secret',
      name: 'clientSecret',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description: "The secret's value, not its ID",
    },
    {
      displayName: 'Login URL',
      name: 'loginUrl',
      type: 'string',
      default: DEFAULT_LOGIN_URL,
      description:
        'Where Microsoft Entra signs in. National clouds have their own: https://login.microsoftonline.us (US government), https://login.partner.microsoftonline.cn (China).',
    },
    ...requestLimits(
      {
        standard: 20,
        most: 52,
        note: 'Dynamics 365 takes 52 per user; it is lowered by itself when Dynamics 365 asks for that.',
      },
      'Dynamics 365 itself allows 6,000 within 5 minutes, that is 20 per second on average.',
    ),
    accessToken,
  ];

  /** For n8n's HTTP Request node; the nodes of this package sign in by themselves. */
  async preAuthentication(this: IHttpRequestHelper, credentials: ICredentialDataDecryptedObject): Promise<IDataObject> {
    return { accessToken: await fetchAccessToken(this, tokenRequestOf(dataverseCredential(credentials))) };
  }

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: {
      headers: { Authorization: '=Bearer {{$credentials.accessToken}}' },
    },
  };
}
