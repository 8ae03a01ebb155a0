import { baseUrl } from '../http/base-url';
import type { ClientDependencies } from '../http/dependencies';
import { clientCredentialsTokens } from '../http/token-request';
import type { TokenSource } from '../http/token-source';
import type { CampaignCredential } from './credential';

export const DEFAULT_IMS_URL = 'https://ims-na1.adobelogin.com';
export const DEFAULT_API_URL = 'https://mc.adobe.io';
export const DEFAULT_SCOPES =
  'openid,AdobeID,campaign_sdk,campaign_config_server_general,deliverability_service_general';

/** Where and with what a token is fetched. */
export function tokenRequestOf(credential: CampaignCredential): { url: string; form: Record<string, string> } {
  return {
    url: `${baseUrl(credential.imsUrl || DEFAULT_IMS_URL, 'IMS URL', { keepPath: false })}/ims/token/v3`,
    form: {
      client_id: credential.clientId.trim(),
      client_secret: credential.clientSecret,
      scope: (credential.scopes || DEFAULT_SCOPES)
        .split(/[\s,]+/)
        .filter(Boolean)
        .join(','),
    },
  };
}

const EXPLANATIONS: ReadonlyMap<string, { readonly code: string; readonly hint: string }> = new Map([
  [
    'invalid_client',
    {
      code: 'CLIENT_REFUSED',
      hint: "Check client ID and client secret: both are on the project's page in the Adobe Developer Console, under OAuth Server-to-Server.",
    },
  ],
  [
    'invalid_scope',
    {
      code: 'SCOPES_REFUSED',
      hint: 'The project does not have all the scopes of the credential. Copy them from the Adobe Developer Console.',
    },
  ],
]);

/** Access tokens from Adobe's Identity Management Services. */
export function campaignTokens(credential: CampaignCredential, dependencies: ClientDependencies): TokenSource {
  return clientCredentialsTokens(
    {
      system: 'Adobe IMS',
      ...tokenRequestOf(credential),
      explain: (error) =>
        EXPLANATIONS.get(error) ?? {
          code: 'SIGN_IN_REFUSED',
          hint: 'Check client ID, client secret and scopes of the credential.',
        },
    },
    dependencies,
  );
}
