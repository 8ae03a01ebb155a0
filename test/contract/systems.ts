import { SandboxControl } from '../../sandbox/control-client';
import { startSandbox, type SandboxHandle, type SandboxOptions } from '../../sandbox/start';
import { CampaignClient } from '../../lib/campaign/client';
import { campaignCredential } from '../../lib/campaign/credential';
import { DataverseClient } from '../../lib/dataverse/client';
import { dataverseCredential } from '../../lib/dataverse/credential';

/**
 * The systems that the contract tests run against: the sandbox, or real ones when the environment names them.
 *
 * - `CONTRACT_DYNAMICS365`: JSON with url, tenantId, clientId, clientSecret, loginUrl
 * - `CONTRACT_ADOBE_CAMPAIGN`: JSON with clientId, clientSecret, scopes, tenant, product, apiUrl, imsUrl
 *
 * Real systems are read only, but for one profile with an external ID that begins with `contract-test-`.
 */
export const realDynamics = process.env['CONTRACT_DYNAMICS365'];
export const realCampaign = process.env['CONTRACT_ADOBE_CAMPAIGN'];

/** Calls the control interface: GET without a body, POST with one. */
export type Control = <T = unknown>(path: string, body?: object) => Promise<T>;

/** @param sandbox asked at each call, as tests start theirs late */
export function controlOf(sandbox: () => SandboxHandle): Control {
  return async <T>(path: string, body?: object): Promise<T> => {
    const control = new SandboxControl(sandbox().controlUrl);
    return (await control.json(body === undefined ? 'GET' : 'POST', path, body)) as T;
  };
}

/** How often the fault that was ordered last has struck: a test that "goes on" proves nothing where none did. */
export async function timesStruck(sandbox: SandboxHandle): Promise<number> {
  return (await new SandboxControl(sandbox.controlUrl).timesStruck()).at(-1) ?? 0;
}

export interface Systems {
  readonly sandbox: SandboxHandle;
  readonly dataverse: DataverseClient;
  readonly campaign: CampaignClient;
  readonly control: Control;
  close(): Promise<void>;
}

export async function startSystems(options: SandboxOptions = {}): Promise<Systems> {
  const sandbox = await startSandbox(options);
  const dataverse = new DataverseClient(
    dataverseCredential(realDynamics ? JSON.parse(realDynamics) : sandbox.dynamics365),
  );
  const campaign = new CampaignClient(
    campaignCredential(realCampaign ? JSON.parse(realCampaign) : sandbox.adobeCampaign),
  );
  return {
    sandbox,
    dataverse,
    campaign,
    control: controlOf(() => sandbox),
    close: async () => {
      dataverse.close();
      campaign.close();
      await sandbox.close();
    },
  };
}

/** Tests that only the sandbox can carry out: they make faults or change rows. */
export const onSandbox = (real: string | undefined): typeof test => (real ? test.skip : test) as typeof test;
