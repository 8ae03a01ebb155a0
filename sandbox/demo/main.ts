// npm run demo: emulated Dynamics 365 and Adobe Campaign, a real n8n between them, and what happens, live.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../n8n-host/folders';
import { freePort } from '../n8n-host/n8n-process';
import type { WorkflowJson } from '../n8n-host/rest';
import { sandboxCredentials } from '../n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../n8n-host/start-n8n';
import { startSandbox, type SandboxHandle } from '../start';
import { USAGE, parseDemoArguments, type DemoArguments } from './arguments';
import { Display, type Figures } from './display';
import { mappedPairs } from './mapped-pairs';
import { compare, type Difference, type Pair } from './oracle';
import { SandboxControl } from './sandbox-control';

const TEMPLATE = join(projectRoot, 'templates', 'dynamics-to-campaign.json');
/** Without any progress for so long, the demo gives up. */
const STALLED_AFTER_MS = 180_000;

interface Figured extends Figures {
  readonly differences: readonly Difference[];
}

class Demo {
  private sandbox: SandboxHandle | undefined;
  private n8n: N8nHandle | undefined;
  private control!: SandboxControl;
  private pairs: readonly Pair[] = [];
  private readonly display: Display;
  private ending: Promise<void> | undefined;
  private round = 0;

  constructor(private readonly options: DemoArguments) {
    this.display = new Display(options.json ? process.stderr : process.stdout);
  }

  async start(): Promise<void> {
    const say = (line: string) => this.display.say(line);
    const { contacts, seed } = this.options;
    say(`Starting Dynamics 365 with ${contacts} contacts and Adobe Campaign, both emulated ...`);
    this.sandbox = await startSandbox({ contacts, seed });
    this.control = new SandboxControl(this.sandbox.controlUrl);
    const template = JSON.parse(await readFile(TEMPLATE, 'utf8')) as WorkflowJson;
    this.pairs = mappedPairs(template);
    say('Starting n8n with the nodes and the template ...');
    this.n8n = await startN8n({
      port: this.options.port || (await freePort(5678)),
      credentials: sandboxCredentials(this.sandbox),
      workflows: [{ workflow: template }],
      progress: say,
    });
    say(welcome(this.n8n, template.name));
  }

  /** Waits until both sides are equal, showing how it goes. @throws Error when nothing moves any more */
  async settle(): Promise<Figured> {
    let best = '';
    let bestAt = Date.now();
    for (;;) {
      const askedAt = Date.now();
      const figures = await this.figures();
      this.display.show(figures);
      if (figures.backlog === 0) return figures;
      const state = `${figures.backlog} ${figures.engineCalls} ${figures.rejected}`;
      if (state !== best) [best, bestAt] = [state, Date.now()];
      if (Date.now() - bestAt > STALLED_AFTER_MS) throw new Error(await this.whyStalled(figures));
      // With very many contacts a comparison takes long; it must not take the machine from n8n.
      await sleep(Math.max(500, 4 * (Date.now() - askedAt)));
    }
  }

  /** Creates, changes and deletes contacts in Dynamics 365 and waits for them to arrive. */
  async change(): Promise<Figured> {
    const updates = Math.max(1, Math.min(50, Math.floor(this.options.contacts / 10)));
    const counts = { creates: 25, updates, deletes: Math.min(10, updates), seed: this.options.seed + ++this.round };
    const { created, updated, deleted } = await this.control.changeContacts(counts);
    this.display.say(
      `In Dynamics 365: ${created.length} contacts created, ${updated.length} changed, ${deleted.length} deleted.`,
    );
    const changedAt = Date.now();
    const figures = await this.settle();
    this.display.say(`All of it is in Adobe Campaign after ${((Date.now() - changedAt) / 1000).toFixed(1)} s.`);
    return figures;
  }

  async figures(): Promise<Figured> {
    const { control, n8n, pairs } = this;
    if (!n8n) throw new Error('n8n is not running.');
    const [contacts, profiles, engineCalls, failed, rejected] = await Promise.all([
      control.dump('dataverse', 'contact'),
      control.dump('campaign', 'profile'),
      control.engineCalls(),
      n8n.rest.executions({ status: ['error', 'crashed'] }, 250),
      countRejected(n8n),
    ]);
    const differences = compare(contacts, profiles, pairs);
    return {
      contacts: contacts.length,
      profiles: profiles.length,
      differences,
      backlog: Math.max(0, differences.length - rejected),
      rejected,
      engineCalls,
      runsFailed: failed.length,
    };
  }

  async requests(): Promise<Readonly<Record<string, number>>> {
    return await this.control.requests();
  }

  /** Ends everything and removes what it left; may be called more than once. */
  async end(): Promise<void> {
    this.ending ??= (async () => {
      this.display.end();
      await this.n8n?.close();
      await this.sandbox?.close();
    })();
    await this.ending;
  }

  get isEnding(): boolean {
    return this.ending !== undefined;
  }

  /** How many fields of each record are compared. */
  get comparedFields(): number {
    return this.pairs.length;
  }

  say(line: string): void {
    this.display.say(line);
  }

  private async whyStalled(figures: Figured): Promise<string> {
    const { n8n } = this;
    const [failed] = (await n8n?.rest.executions({ status: ['error', 'crashed'] }, 1)) ?? [];
    const error = failed && n8n ? (await n8n.rest.execution(failed.id)).data.resultData?.error : undefined;
    const kinds = figures.differences.slice(0, 5).map(({ kind, field }) => (field ? `${kind} (${field})` : kind));
    return [
      `Nothing has moved for ${STALLED_AFTER_MS / 1000} s; ${figures.backlog} records differ: ${kinds.join(', ')} ...`,
      error ? `The latest failed execution: ${(error as { message?: string }).message ?? ''}` : '',
      `n8n's log ends with:\n${(await n8n?.logTail(20)) ?? ''}`,
    ]
      .filter(Boolean)
      .join('\n');
  }
}

async function countRejected({ rest }: N8nHandle): Promise<number> {
  const tables = (await rest.dataTables()).filter(({ name }) => /reject/i.test(name));
  const counts = await Promise.all(tables.map(async ({ name }) => (await rest.dataTableRows(name)).length));
  return counts.reduce((sum, number) => sum + number, 0);
}

function welcome({ url, owner }: N8nHandle, workflow: string): string {
  return `
  n8n is ready: ${url}
  Log in with   ${owner.email}
  Password      ${owner.password}

  Open the workflow "${workflow}" to see the nodes and their settings. Its tab "Executions" shows the runs
  that failed; "Data tables" on the overview page holds the rejected records.
`;
}

async function main(): Promise<void> {
  const options = parseDemoArguments(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const demo = new Demo(options);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // More than one may come: from the terminal, and passed on by npm's own process.
    process.on(signal, () => {
      if (!demo.isEnding) demo.say('\nEnding ...');
      void demo.end().finally(() => process.exit(options.once ? 130 : 0));
    });
  }
  const startedAt = Date.now();
  const seconds = (since: number) => Math.round((Date.now() - since) / 100) / 10;
  try {
    await demo.start();
    const startSeconds = seconds(startedAt);
    const loadedAt = Date.now();
    const loaded = await demo.settle();
    const initialLoadSeconds = seconds(loadedAt);
    demo.say(`The initial load is done: ${loaded.profiles} profiles in ${initialLoadSeconds} s.`);
    const changedAt = Date.now();
    const changed = await demo.change();
    const ok = changed.backlog === 0 && demo.comparedFields > 0;
    if (!ok) process.exitCode = 1;
    if (options.json) {
      const { differences, ...figures } = changed;
      const result = {
        ok,
        comparedFields: demo.comparedFields,
        ...figures,
        differences: differences.slice(0, 20),
        startSeconds,
        initialLoadSeconds,
        changesSeconds: seconds(changedAt),
        requests: await demo.requests(),
      };
      process.stdout.write(`${JSON.stringify(result)}\n`);
    }
    if (options.once) return;
    demo.say(`Everything goes on running. ${process.stdin.isTTY ? 'Enter makes more changes, ' : ''}Ctrl-C ends it.`);
    let askedFor = false;
    if (process.stdin.isTTY) process.stdin.on('data', () => (askedFor = true));
    for (;;) {
      if (askedFor) {
        askedFor = false;
        await demo.change();
      }
      await demo.settle();
      await sleep(1_000);
    }
  } catch (error) {
    if (!demo.isEnding) throw error;
  } finally {
    await demo.end();
  }
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
