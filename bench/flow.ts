import { join } from 'node:path';
import { projectRoot } from '../sandbox/n8n-host/folders';
import type { Credential, WorkflowJson } from '../sandbox/n8n-host/rest';
import { sandboxCredentials } from '../sandbox/n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../sandbox/n8n-host/start-n8n';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from './bare-client';
import { stockWorkflow } from './stock-workflow';
import type { Systems, Writing } from './systems';

export const TEMPLATE = join(projectRoot, 'templates', 'dynamics-to-campaign.json');

/** n8n's own services settle before anything is measured. */
const SETTLE_MS = 5_000;

export interface FlowResult extends Writing {
  /** Of n8n's main process, from activation to the last write: everything that it did, metadata and sign-in too. */
  readonly cpuMsPerRecord: number;
  /** From activation to the answer of the last write, in seconds: metadata and the reading of the ids before the first write too. */
  readonly wholeSeconds: number;
  readonly memory: MemoryUse;
}

/** Bytes of n8n's main process (resident). */
export interface MemoryUse {
  /** Before the flow was activated. */
  readonly idle: number;
  /** The median of the second half of the flow. */
  readonly steady: number;
  readonly most: number;
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
  return await runInN8n(options, TEMPLATE, credentials, async (n8n, id) => await n8n.rest.publish(id));
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
  return await runInN8n(options, stockWorkflow(connection, options), credentials, async (n8n, id) => {
    await n8n.rest.publish(id);
    // The webhook answers a moment after the workflow was published.
    await n8n.rest.waitFor('the webhook of the stock nodes', async () => (await fetch(`${n8n.url}/webhook/bench`)).ok);
  });
}

async function runInN8n(
  { systems, profiles, progress, env }: FlowOptions,
  workflow: string | WorkflowJson,
  credentials: readonly Credential[],
  start: (n8n: N8nHandle, workflowId: string) => Promise<void>,
): Promise<FlowResult> {
  await systems.reset();
  const n8n = await startN8n({
    credentials,
    progress,
    workflows: [{ workflow, publish: false }],
    ...(env ? { env } : {}),
  });
  try {
    const [id] = n8n.workflowIds.values();
    if (id === undefined) throw new Error('The workflow was not imported.');
    await sleep(SETTLE_MS);
    const idle = (await n8n.memory()).now;
    const samples: number[] = [];
    const cpuStart = await n8n.cpuMs();
    const startedAt = Date.now();
    await start(n8n, id);
    const writing = await systems.written(profiles, async () => {
      samples.push((await n8n.memory()).now);
    });
    const cpuMs = (await n8n.cpuMs()) - cpuStart;
    if (env) await n8n.stop();
    return {
      ...writing,
      cpuMsPerRecord: cpuMs / writing.profiles,
      wholeSeconds: (writing.endedAt - startedAt) / 1000,
      memory: { idle, steady: median(samples.slice(samples.length >> 1)), most: Math.max(idle, ...samples) },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\nn8n's log ends with:\n${await n8n.logTail(20)}`, { cause: error });
  } finally {
    await n8n.close();
  }
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
  const answer = await fetch(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
  return ((await answer.json()) as { access_token: string }).access_token;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
