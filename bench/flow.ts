import { join } from 'node:path';
import { projectRoot } from '../sandbox/n8n-host/folders';
import type { Credential, WorkflowJson } from '../sandbox/n8n-host/rest';
import { sandboxCredentials } from '../sandbox/n8n-host/sandbox-credentials';
import type { N8nHandle } from '../sandbox/n8n-host/start-n8n';
import { signIn } from './bare-client';
import { runInN8n, type MemoryUse } from './n8n-run';
import { stockWorkflow } from './stock-workflow';
import type { Systems, Writing } from './systems';

export const TEMPLATE = join(projectRoot, 'templates', 'dynamics-to-campaign.json');

export interface FlowResult extends Writing {
  /** Of n8n's main process, from activation to the last write: everything that it did, metadata and sign-in too. */
  readonly cpuMsPerRecord: number;
  /** From activation to the response of the last write, in seconds: metadata and the reading of the ids before the first write too. */
  readonly wholeSeconds: number;
  readonly memory: MemoryUse;
}

export interface FlowOptions {
  readonly systems: Systems;
  readonly inFlight: number;
  readonly profiles: number;
  readonly progress: (line: string) => void;
  /** More variables for n8n, for a profiler for instance. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The template as it is shipped: the initial load of all contacts. */
export async function runTemplate(options: FlowOptions): Promise<FlowResult> {
  const { connection } = options.systems;
  const credentials = sandboxCredentials(connection, { adobeCampaign: { maxConcurrency: options.inFlight } });
  return await runFlow(options, TEMPLATE, credentials, async (n8n, id) => await n8n.rest.publish(id));
}

/** The same job, built of n8n's own nodes, with n8n's own limit of calls (so many every 50 ms). */
export async function runStockNodes(options: FlowOptions): Promise<FlowResult> {
  const { connection } = options.systems;
  const bearer = (name: string, token: string): Credential => ({
    name,
    type: 'httpHeaderAuth',
    data: { name: 'Authorization', value: `Bearer ${token}` },
  });
  const credentials = [
    bearer('Dynamics', await signInToDynamics(connection.dynamics365)),
    bearer('Campaign', await signIn(connection.adobeCampaign)),
  ];
  return await runFlow(options, stockWorkflow(connection, options), credentials, async (n8n, id) => {
    await n8n.rest.publish(id);
    // The webhook answers a moment after the workflow was published.
    await n8n.rest.waitFor('the webhook of the stock nodes', async () => (await fetch(`${n8n.url}/webhook/bench`)).ok);
  });
}

async function runFlow(
  { systems, profiles, progress, env }: FlowOptions,
  workflow: string | WorkflowJson,
  credentials: readonly Credential[],
  start: (n8n: N8nHandle, workflowId: string) => Promise<void>,
): Promise<FlowResult> {
  await systems.reset();
  const run = await runInN8n({
    workflow,
    credentials,
    progress,
    start,
    ended: async (sample) => await systems.written(profiles, sample),
    ...(env ? { env } : {}),
  });
  const { result, cpuMs, memory, startedAt } = run;
  return {
    ...result,
    cpuMsPerRecord: cpuMs / result.profiles,
    wholeSeconds: (result.endedAt - startedAt) / 1000,
    memory,
  };
}

async function signInToDynamics({
  url,
  loginUrl,
  tenantId,
  clientId,
  clientSecret,
}: Systems['connection']['dynamics365']): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: `${url}/.default`,
  });
  const response = await fetch(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
  return ((await response.json()) as { access_token: string }).access_token;
}
