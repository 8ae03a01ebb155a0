import { setTimeout as sleep } from 'node:timers/promises';
import { SandboxControl } from '../../sandbox/control-client';
import { demoWorkflows, runThrough, type DemoWorkflows } from '../../sandbox/demo/workflows';
import { mappedPairs } from '../../sandbox/oracles/mapped-pairs';
import { optOutPairs } from '../../sandbox/oracles/opt-outs';
import type { WorkflowJson } from '../../sandbox/n8n-host/rest';
import { sandboxCredentials } from '../../sandbox/n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../../sandbox/n8n-host/start-n8n';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import type { WeatherArguments } from './arguments';
import { setMapping, type MappingName } from './mappings';
import type { ExportOrder } from './plan';

/** Small, so that a kill meets several batches under way or outstanding. */
const BATCH = 40;
const RETRY_SECONDS = 10;
/** A file is taken when it lies still for so long; one that grows does so faster. */
const STABLE_SECONDS = 2;
/**
 * How long a run may write. In queue mode a lost one is repeated after that, and after a kill of the main process it is waited for; in
 * regular mode it ends what waits for a half-open connection.
 */
const TIMEOUT_SECONDS = { regular: 40, queue: 12 } as const;
/**
 * n8n keeps a publish, and the activation of each workflow at its start, for two minutes to the process that began it: after a kill in the
 * middle of that, the workflow would stand still for so long, and the next kills would meet nobody at work.
 */
const QUICK_TAKE_OVER = {
  N8N_WORKFLOW_PUBLICATION_OUTBOX_LEASE_SECONDS: '30',
  N8N_WORKFLOW_PUBLICATION_OUTBOX_POLL_INTERVAL_MS: '1000',
};
/** Behind n8n's clock at first, and ahead of it later. Never back: who spoke last would be another one by the systems' own times. */
const CLOCK_MS = { first: -40_000, last: 60_000 } as const;

/** The mapping that was ordered last. */
interface Published {
  readonly mapping: MappingName;
  readonly replay: string;
  /** False: the publish was cut off, and has to be done again. */
  done: boolean;
}

/** Both emulated systems with their storage of exports, and n8n with all templates that move data, published at once. */
export class WeatherWorld {
  published: Published = { mapping: 'as shipped', replay: '', done: true };

  private constructor(
    readonly sandbox: SandboxHandle,
    readonly n8n: N8nHandle,
    readonly control: SandboxControl,
    private readonly workflows: DemoWorkflows,
    private readonly clock: { aheadMs: number },
  ) {}

  /** @throws Error when n8n does not start; nothing is left running then */
  static async start(
    { people, seed, queue }: WeatherArguments,
    progress: (line: string) => void,
  ): Promise<WeatherWorld> {
    const clock = { aheadMs: CLOCK_MS.first as number };
    const now = () => Date.now() + clock.aheadMs;
    const sandbox = await startSandbox({ contacts: people, seed, latency: 10, sftp: true, now });
    try {
      const workflows = await demoWorkflows();
      const { sync, retry, optOuts, timeline } = workflows;
      for (const workflow of [sync, optOuts, timeline]) setUp(workflow, queue);
      for (const workflow of [retry, optOuts]) everySeconds(workflow, RETRY_SECONDS);
      const n8n = await startN8n({
        credentials: sandboxCredentials(sandbox),
        workflows: [sync, retry, optOuts, timeline].map((workflow) => ({ workflow, publish: false })),
        ...(queue ? { workers: 2 } : {}),
        env: QUICK_TAKE_OVER,
        progress,
      });
      const world = new WeatherWorld(sandbox, n8n, new SandboxControl(sandbox.controlUrl), workflows, clock);
      await n8n.rest.updateWorkflow(world.idOf('retry'), (workflow) => runThrough(workflow, world.idOf('sync')));
      for (const name of ['sync', 'retry', 'optOuts', 'timeline'] as const) await n8n.rest.publish(world.idOf(name));
      return world;
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  }

  /** What the templates map now; read from them, without the product's code. */
  get pairs() {
    const sync = structuredClone(this.workflows.sync);
    setMapping(sync, this.workflows.sync, this.published.mapping, '');
    return { fields: mappedPairs(sync), optOuts: optOutPairs(this.workflows.optOuts) };
  }

  /** Publishes the contact workflow with a mapping, and everything is transferred anew by it. @throws Error when n8n is away */
  async publish(mapping: MappingName, replay: string): Promise<void> {
    this.published = { mapping, replay, done: false };
    await this.publishAgain();
  }

  /** Makes up for a publish that was cut off. @throws Error when n8n is away */
  async publishAgain(): Promise<void> {
    const { published } = this;
    if (published.done) return;
    const { rest } = this.n8n;
    const id = this.idOf('sync');
    await rest.updateWorkflow(id, (workflow) =>
      setMapping(workflow, this.workflows.sync, published.mapping, published.replay),
    );
    await rest.publish(id);
    published.done = true;
  }

  /** Campaign exports. @returns the file's name; undefined where the last file was to come again and there was none */
  async export({ kind, manner }: ExportOrder): Promise<string | undefined> {
    try {
      const exported = (await this.control.json('POST', '/export', { kind, ...manner })) as { file: string };
      return exported.file;
    } catch (error) {
      if (error instanceof Error && error.message.includes('There was no export')) return undefined;
      throw error;
    }
  }

  /** The systems' clocks go ahead. */
  jumpAhead(ms: number): void {
    this.clock.aheadMs = Math.min(CLOCK_MS.last, this.clock.aheadMs + ms);
  }

  /** How far the systems' clocks are ahead of n8n's, in milliseconds. */
  get aheadMs(): number {
    return this.clock.aheadMs;
  }

  /** Requests that write, counted by the sandbox. */
  async writes(): Promise<number> {
    const requests = await this.control.requests();
    const writing = Object.entries(requests).filter(([kind]) => /\.(PATCH|POST|DELETE)$|[Mm]ultiple|batch/.test(kind));
    return writing.filter(([kind]) => /^(campaign|dataverse)\./.test(kind)).reduce((sum, [, count]) => sum + count, 0);
  }

  /** Asks until it is so. @returns false where it was not in time */
  async until(condition: () => Promise<boolean>, timeoutMs: number, everyMs = 500): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!(await condition())) {
      if (performance.now() > deadline) return false;
      await sleep(everyMs);
    }
    return true;
  }

  async close(): Promise<void> {
    await this.n8n.close();
    await this.sandbox.close();
  }

  private idOf(workflow: keyof DemoWorkflows): string {
    const { name } = this.workflows[workflow];
    const id = this.n8n.workflowIds.get(name);
    if (!id) throw new Error(`The workflow "${name}" was not imported.`);
    return id;
  }
}

/** What a user would set so that nobody waits for minutes. */
function setUp(workflow: WorkflowJson, queue: boolean): void {
  for (const { type, parameters } of workflow.nodes) {
    if (!/\.(dynamics365Trigger|sftpExportTrigger)$/.test(type)) continue;
    const pauses = type.endsWith('.sftpExportTrigger')
      ? { stableSeconds: STABLE_SECONDS, pollSeconds: 1 }
      : { longestPollPause: 2 };
    parameters['batchSize'] = BATCH;
    parameters['options'] = { ...(parameters['options'] as object), ...pauses, longestRetryPause: 3 };
  }
  const executionTimeout = TIMEOUT_SECONDS[queue ? 'queue' : 'regular'];
  workflow.settings = { ...workflow.settings, executionTimeout };
}

function everySeconds(workflow: WorkflowJson, secondsInterval: number): void {
  for (const { type, parameters } of workflow.nodes) {
    if (type.endsWith('.scheduleTrigger')) parameters['rule'] = { interval: [{ field: 'seconds', secondsInterval }] };
  }
}
