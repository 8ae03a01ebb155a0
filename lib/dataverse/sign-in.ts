import { clientCredentialsTokens } from '../http/token-request';
import { baseUrl } from '../http/base-url';
import type { ClientDependencies } from '../http/dependencies';
import type { TokenSource } from '../http/token-source';
import type { DataverseCredential } from './credential';

export const DEFAULT_LOGIN_URL = 'https://login.microsoftonline.com';

/** Where and with what a token for the organization is fetched. */
export function tokenRequestOf(credential: DataverseCredential): { url: string; form: Record<string, string> } {
  const login = baseUrl(credential.loginUrl || DEFAULT_LOGIN_URL, 'Login URL', { keepPath: false });
  return {
    url: `${login}/${encodeURIComponent(credential.tenantId.trim())}/oauth2/v2.0/token`,
    form: {
      client_id: credential.clientId.trim(),
      client_secret: credential.clientSecret,
      scope: `${baseUrl(credential.url, 'Organization URL', { keepPath: false })}/.default`,
    },
  };
}

/** Entra's error numbers that a wrong credential brings about. */
const EXPLANATIONS: Readonly<Record<string, { readonly code: string; readonly hint: string }>> = {
  '7000215': {
    code: 'CLIENT_SECRET_WRONG',
    hint: 'The client secret is wrong. Enter its value, not its ID, as Entra shows it once when it is made.',
  },
  '7000222': {
    code: 'CLIENT_SECRET_EXPIRED',
    hint: 'The client secret has expired. Make a new one in the app registration and enter its value.',
  },
  '700016': {
    code: 'CLIENT_UNKNOWN',
    hint: 'This tenant has no app registration with this client ID. Check both.',
  },
  '90002': { code: 'TENANT_UNKNOWN', hint: 'Check the tenant ID, and the login URL for national clouds.' },
  '900023': { code: 'TENANT_UNKNOWN', hint: 'The tenant ID is neither a GUID nor a domain name.' },
  '500011': {
    code: 'ORGANIZATION_UNKNOWN',
    hint: 'Entra does not know the organization URL in this tenant. Check the URL, e.g. https://contoso.crm4.dynamics.com.',
  },
};

/** Access tokens for the organization, from Microsoft Entra ID. */
export function dataverseTokens(credential: DataverseCredential, dependencies: ClientDependencies): TokenSource {
  return clientCredentialsTokens(
    {
      system: 'Microsoft Entra ID',
      ...tokenRequestOf(credential),
      explain: (_error, description) => {
        const number = /\bAADSTS(\d{5,8})\b/.exec(description)?.[1] ?? '';
        const known = Object.hasOwn(EXPLANATIONS, number) ? EXPLANATIONS[number] : undefined;
        if (known) return known;
        return {
          code: 'SIGN_IN_REFUSED',
          hint: `Check tenant, client ID and client secret${number === '' ? '' : ` (AADSTS${number})`}.`,
        };
      },
    },
    dependencies,
  );
}
