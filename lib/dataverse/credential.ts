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
