import { campaignService } from './campaign/routes';
import { controlService } from './control/routes';
import { World } from './control/world';
import { dataverseService } from './dataverse/routes';
import { ExportJob } from './exports/export-job';
import { listen, type Listener } from './http/listen';
import { entraService } from './oauth/entra';
import { imsService } from './oauth/ims';
import { createRandom } from './seed/random';
import type { SettingsInput } from './settings';
import { startEmbeddedSftp, type EmbeddedSftp } from './sftp/embedded';
import type { SftpHandle } from './sftp/sftp-handle';
import { join } from 'node:path';

export interface SandboxOptions {
  /** Port of the control interface; the four systems take the ones after it. 0 (the default): free ones. */
  readonly port?: number;
  /** @default 0 */
  readonly contacts?: number;
  /** Contacts' companies. @default one for ten contacts */
  readonly accounts?: number;
  /** @default 0 */
  readonly memberships?: number;
  /** @default 0 */
  readonly purchases?: number;
  /** @default 42 */
  readonly seed?: number;
  /** One contact in so many is bad for Campaign (sandbox/README.md). @default none */
  readonly bad?: number;
  /** Milliseconds of each response of Dataverse and Campaign. @default 0 */
  readonly latency?: number;
  /** @default 'standard' */
  readonly product?: 'standard' | 'v8';
  /**
   * Campaign's SFTP storage, for exports: one of its own (on the port after those of the systems), or a server that runs already, which
   * stays the caller's. @default none
   */
  readonly sftp?: boolean | SftpHandle;
  /** Everything else (sandbox/settings.ts). */
  readonly settings?: SettingsInput;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** URLs and credentials of the emulated systems: what `npm run sandbox` prints. */
export interface SandboxConnection {
  readonly controlUrl: string;
  readonly dynamics365: {
    readonly url: string;
    readonly loginUrl: string;
    readonly tenantId: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  readonly adobeCampaign: {
    readonly apiUrl: string;
    readonly imsUrl: string;
    readonly tenant: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly scopes: string;
    readonly product: 'standard' | 'v8';
  };
  /** Only with the SFTP storage. */
  readonly sftp?: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly privateKey: string;
    /** `SHA256:...` */
    readonly hostKeyFingerprint: string;
    /** Where exports are put, as SFTP has it. */
    readonly folder: string;
    /** The same folder on this machine. */
    readonly localFolder: string;
  };
}

export interface SandboxHandle extends SandboxConnection {
  /** The SFTP storage that this sandbox started, with its faults. */
  readonly sftpServer: EmbeddedSftp | undefined;
  /** Back to the state after the start, seed data included. */
  reset(): void;
  close(): Promise<void>;
}

/** Where Campaign puts the exports of this integration. */
const EXPORT_FOLDER = 'd365_loads/exports';

const TENANT_ID = '7a6f3c52-9d1b-4e0a-8c55-0123456789ab';
const DYNAMICS_CLIENT = 'b1f0c6de-1111-4222-8333-444455556666';
const ADOBE_CLIENT = '0123456789abcdef0123456789abcdef';
const ORG = 'sandbox-mkt-stage';
const SCOPES = 'openid,AdobeID,campaign_sdk,campaign_config_server_general,deliverability_service_general';

/**
 * Starts the emulated Entra, Dataverse, IMS and Campaign, and the control interface, each on a port of 127.0.0.1.
 *
 * @throws Error when a port is taken
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<SandboxHandle> {
  const { port = 0, seed = 42, latency = 0, product = 'standard', now = Date.now } = options;
  const settings: SettingsInput = {
    ...options.settings,
    latency: { dataverse: { ms: latency }, campaign: { ms: latency }, ...options.settings?.latency },
    campaign: { product, ...options.settings?.campaign },
  };
  const world = new World({ tenant: ORG, settings, now });
  const fill = (): void => {
    const { contacts = 0, memberships = 0, purchases = 0, bad } = options;
    world.seed({ table: 'account', count: options.accounts ?? Math.ceil(contacts / 10), seed });
    world.seed({ table: 'contact', count: contacts, seed, bad });
    world.seed({ table: 'new_membership', count: memberships, seed });
    world.seed({ table: 'new_purchase', count: purchases, seed });
    world.seed({ table: 'task', count: Math.min(contacts, 10), seed });
  };
  fill();

  const sftpServer = options.sftp === true ? await startEmbeddedSftp({ port: port === 0 ? 0 : port + 5 }) : undefined;
  const storage = typeof options.sftp === 'object' ? options.sftp : sftpServer;
  const localFolder = storage && join(storage.folder, EXPORT_FOLDER);
  const exportJob = localFolder === undefined ? undefined : new ExportJob(world.instance, world.logs, localFolder);

  const secrets = { dynamics: `sandbox-secret-${seed}~d365`, adobe: `p8e-sandbox-secret-${seed}` };
  const entra = { tenantId: TENANT_ID, clientId: DYNAMICS_CLIENT, clientSecret: secrets.dynamics };
  const ims = { clientId: ADOBE_CLIENT, clientSecret: secrets.adobe, scopes: SCOPES.split(',') };
  const urls = { control: '', entra: '', dataverse: '', ims: '', campaign: '' };
  const connection = (): SandboxConnection => ({
    controlUrl: `${urls.control}/_control`,
    dynamics365: { url: urls.dataverse, loginUrl: urls.entra, ...entra },
    adobeCampaign: {
      apiUrl: urls.campaign,
      imsUrl: urls.ims,
      tenant: ORG,
      clientId: ADOBE_CLIENT,
      clientSecret: secrets.adobe,
      scopes: SCOPES,
      product: world.settings.campaign.product,
    },
    ...(storage && localFolder !== undefined
      ? {
          sftp: {
            host: storage.host,
            port: storage.port,
            user: storage.user,
            privateKey: storage.privateKey,
            hostKeyFingerprint: storage.fingerprint,
            folder: storage.remoteFolder === '.' ? EXPORT_FOLDER : `${storage.remoteFolder}/${EXPORT_FOLDER}`,
            localFolder,
          },
        }
      : {}),
  });
  const reset = (): void => {
    world.reset();
    sftpServer?.reset();
    exportJob?.reset();
    fill();
  };
  const services = {
    control: controlService(world, connection, reset, now, exportJob, sftpServer?.faults),
    entra: entraService(entra, () => urls.dataverse, world.entraTokens, world.settings),
    dataverse: dataverseService(world.organization, world.entraTokens, world.protection, () => urls.entra),
    ims: imsService(ims, world.imsTokens, world.settings),
    campaign: campaignService(world.instance, ADOBE_CLIENT, world.imsTokens, (calls) => {
      world.statistics.engineCalls += calls;
    }),
  };
  const surroundings = {
    settings: world.settings,
    faults: world.faults,
    statistics: world.statistics,
    random: createRandom(seed, 99).next,
  };
  const listeners: Listener[] = [];
  const close = async (): Promise<void> => {
    exportJob?.reset();
    await Promise.all([...listeners.map((listener) => listener.close()), sftpServer?.close()]);
  };
  try {
    for (const [index, name] of (['control', 'entra', 'dataverse', 'ims', 'campaign'] as const).entries()) {
      const listener = await listen(services[name], port === 0 ? 0 : port + index, surroundings);
      listeners.push(listener);
      urls[name] = listener.url;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { ...connection(), sftpServer, reset, close };
}
