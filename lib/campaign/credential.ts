import { z } from 'zod';
import { checkedCredential, filled, filledForHeader, limits, optional } from '../http/credential-fields';

/** What the credential type `adobeCampaignApi` holds. */
export interface CampaignCredential {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Comma-separated OAuth scopes. */
  readonly scopes?: string;
  /** Gateway, without tenant. @default https://mc.adobe.io */
  readonly apiUrl?: string;
  /** The `<ORG>` in URLs, e.g. `geometrixx` or `geometrixx-mkt-stage`. */
  readonly tenant: string;
  readonly product?: CampaignProduct;
  /** @default https://ims-na1.adobelogin.com */
  readonly imsUrl?: string;
  /** Requests in flight at most. @default 10 */
  readonly maxConcurrency?: number;
  /** Requests started per second at most; 0 means no limit of ours. @default 0 */
  readonly maxRequestsPerSecond?: number;
}

/** Adobe Campaign Standard, or Campaign v8 (their differences: docs/facts/campaign.md, "Campaign v8"). */
export type CampaignProduct = 'standard' | 'v8';

const shape = z.object({
  clientId: filledForHeader('Client ID'),
  clientSecret: filled('Client Secret'),
  scopes: optional,
  apiUrl: optional,
  tenant: filled('Tenant'),
  product: z.enum(['standard', 'v8'], { message: 'Product' }).optional(),
  imsUrl: optional,
  ...limits,
});

/**
 * What the client takes of a decrypted `adobeCampaignApi` credential. Throws ConfigurationError CREDENTIAL_INCOMPLETE.
 */
export function campaignCredential(raw: unknown): CampaignCredential {
  return checkedCredential(shape, raw, 'Adobe Campaign API') as CampaignCredential;
}
