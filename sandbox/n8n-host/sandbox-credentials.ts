import type { Credential } from './rest';

/** The part of the sandbox's JSON line (or handle) that tells how to reach the systems. */
export interface SandboxAccess {
  readonly dynamics365: Readonly<Record<'url' | 'loginUrl' | 'tenantId' | 'clientId' | 'clientSecret', string>>;
  readonly adobeCampaign: Readonly<
    Record<'apiUrl' | 'imsUrl' | 'tenant' | 'clientId' | 'clientSecret' | 'scopes' | 'product', string>
  >;
  /** Absent where the sandbox runs without its SFTP storage. */
  readonly sftp?: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly privateKey: string;
    readonly hostKeyFingerprint: string;
  };
}

/** The sandbox's systems as n8n credentials, under the names that the templates use. `extra`: more fields, e.g. maxConcurrency. */
export function sandboxCredentials(
  sandbox: SandboxAccess,
  extra: { dynamics365?: Record<string, unknown>; adobeCampaign?: Record<string, unknown> } = {},
): Credential[] {
  const { url, loginUrl, tenantId, clientId, clientSecret } = sandbox.dynamics365;
  const { apiUrl, imsUrl, tenant, scopes, product, ...campaignClient } = sandbox.adobeCampaign;
  return [
    {
      name: 'Dynamics 365',
      type: 'dynamics365Api',
      data: {
        url,
        loginUrl,
        tenantId,
        clientId,
        clientSecret,
        maxConcurrency: 20,
        maxRequestsPerSecond: 0,
        ...extra.dynamics365,
      },
    },
    {
      name: 'Adobe Campaign',
      type: 'adobeCampaignApi',
      data: {
        clientId: campaignClient.clientId,
        clientSecret: campaignClient.clientSecret,
        scopes,
        apiUrl,
        imsUrl,
        tenant,
        product,
        maxConcurrency: 10,
        maxRequestsPerSecond: 0,
        ...extra.adobeCampaign,
      },
    },
    ...(sandbox.sftp ? [sftpCredential(sandbox.sftp)] : []),
  ];
}

function sftpCredential({
  host,
  port,
  user,
  privateKey,
  hostKeyFingerprint,
}: NonNullable<SandboxAccess['sftp']>): Credential {
  const data = { host, port, user, authentication: 'privateKey', privateKey, passphrase: '', password: '' };
  return { name: 'Campaign SFTP', type: 'campaignSftpApi', data: { ...data, hostKeyFingerprint } };
}
