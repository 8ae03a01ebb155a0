import { z } from 'zod';
import { checkedCredential, filled, limits, optional } from '../http/credential-fields';

/** What the credential type `dynamics365Api` holds. */
export interface DataverseCredential {
  /** Organization URL, e.g. `https://contoso.crm4.dynamics.com`; a path or slash after the host is ignored. */
  readonly url: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** @default https://login.microsoftonline.com */
  readonly loginUrl?: string;
  /** Requests in flight at most. @default 20 */
  readonly maxConcurrency?: number;
  /** Requests started per second at most; 0 means no limit of ours. @default 0 */
  readonly maxRequestsPerSecond?: number;
}

const shape = z.object({
  url: filled('Organization URL'),
  tenantId: filled('Tenant ID'),
  clientId: filled('Client ID'),
  clientSecret: filled('Client Secret'),
  loginUrl: optional,
  ...limits,
});

/** What the client takes of a decrypted `dynamics365Api` credential. Throws ConfigurationError CREDENTIAL_INCOMPLETE. */
export function dataverseCredential(raw: unknown): DataverseCredential {
  return checkedCredential(shape, raw, 'Dynamics 365 API') as DataverseCredential;
}
