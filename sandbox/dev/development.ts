import { mkdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { freePort } from '../free-port';
import { projectRoot } from '../n8n-host/folders';
import type { Manifest } from '../n8n-host/pack';
import { sandboxCredentials } from '../n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../n8n-host/start-n8n';
import { removeFolder, temporaryFolder } from '../n8n-host/temporary-folder';
import { startSandbox, type SandboxHandle } from '../start';
import type { DevArguments } from './arguments';
import { FileWatch } from './file-watch';
import { InstalledPackage } from './installed-package';
import { changedLine, loadFailure, rebuiltLine, welcome } from './texts';
import { Workspace } from './workspace';

/** What n8n gets, or what says how it is built. */
const WATCHED = [
  'nodes',
  'lib',
  'credentials',
  'templates',
  'package.json',
  'index.js',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** n8n waits that long for executions in progress when it is to end; a longer one comes again, as after a crash. */
const SHUTDOWN_SECONDS = 5;

interface PackageManifest extends Manifest {
  readonly n8n: { readonly nodes: readonly string[] };
}

/**
 * The sandbox and an n8n with the nodes as they are in the project, and again whenever they change. n8n is restarted for that, because its own
 * hot reload keeps running triggers on the old code, beside a second set of everything that a process has once (locks on keys, clients).
 */
export class Development {
  private readonly ending = new AbortController();
  private readonly isTerminal = process.stdout.isTTY;
  private sandbox: SandboxHandle | undefined;
  private n8n: N8nHandle | undefined;
  private userFolder = '';
  private closing: Promise<void> | undefined;

  constructor(
    private readonly options: DevArguments,
    private readonly say: (text: string) => void,
  ) {}

  get isEnding(): boolean {
    return this.ending.signal.aborted;
  }

  /**
   * Runs until `end()`.
   *
   * @throws Error when something does not start; a project that does not compile is waited for
   */
  async run(): Promise<void> {
    const { options, say } = this;
    const watch = await FileWatch.start(projectRoot, WATCHED);
    this.userFolder = options.data ?? (await temporaryFolder('n8n-dev'));
    const n8nFolder = join(this.userFolder, '.n8n');
    const manifest = await readManifest();
    const installed = new InstalledPackage(projectRoot, n8nFolder, manifest, say, this.isTerminal);
    if (options.withSandbox) {
      say(`Starting Dynamics 365 with ${options.contacts} contacts and Adobe Campaign, all emulated ...`);
      this.sandbox = await startSandbox({ contacts: options.contacts, seed: options.seed, sftp: true });
    }
    say('Building the nodes ...');
    await mkdir(n8nFolder, { recursive: true });
    while (!this.isEnding) {
      const update = await installed.update();
      if (!('errors' in update)) break;
      say(`${update.errors}\nThat does not compile. n8n starts when it does.`);
      const changed = await watch.next(this.ending.signal);
      if (changed) say(changedLine(changed));
    }
    if (this.isEnding) return;
    await this.startN8n();
    for (;;) {
      const changed = await watch.next(this.ending.signal);
      if (!changed) return;
      say(changedLine(changed));
      try {
        await this.apply(changed, installed);
      } catch (error) {
        if (this.isEnding) return;
        say(`${messageOf(error)}\nWaiting for the next change ...`);
      }
    }
  }

  /** Ends all that was started; with `--data` n8n may end in order first. May be called twice. */
  async end(): Promise<void> {
    this.ending.abort();
    this.closing ??= (async () => {
      if (this.options.data) await this.n8n?.stop();
      await this.n8n?.close();
      await this.sandbox?.close();
      if (!this.options.data && this.userFolder) await removeFolder(this.userFolder);
    })();
    await this.closing;
  }

  private async startN8n(): Promise<void> {
    const { options, say } = this;
    say('Starting n8n ...');
    const n8n = await startN8n({
      userFolder: this.userFolder,
      withPackage: false, // it is there already
      port: options.port || (await freePort(5678)),
      env: {
        N8N_LOG_LEVEL: options.logLevel,
        N8N_GRACEFUL_SHUTDOWN_TIMEOUT: String(SHUTDOWN_SECONDS),
      },
      nodeArguments: options.inspect === undefined ? [] : [`--inspect=127.0.0.1:${options.inspect}`],
      progress: say,
    });
    this.n8n = n8n;
    const workspace = new Workspace(projectRoot, n8n.rest);
    if (this.sandbox) await workspace.bringCredentials(sandboxCredentials(this.sandbox));
    await workspace.bringTemplates();
    await this.checkNodes(n8n);
    say(welcome(n8n, { controlUrl: this.sandbox?.controlUrl, inspect: options.inspect }));
  }

  private async apply(changed: readonly string[], installed: InstalledPackage): Promise<void> {
    const { n8n, say } = this;
    if (!n8n) return;
    const startedAt = Date.now();
    const update = await installed.update();
    if ('errors' in update) {
      say(`${update.errors}\nThat does not compile. n8n goes on with the nodes as they were.`);
      return;
    }
    if (update.changed.length || !n8n.running) {
      say(rebuiltLine(update.changed, Date.now() - startedAt));
      await n8n.restart();
      if (await this.checkNodes(n8n)) {
        say(`n8n has it after ${inSeconds(Date.now() - startedAt)}: ${n8n.url} (reload the page of the editor)`);
      }
    }
    const templates = changed.filter((file) => /^templates[\\/].*\.json$/.test(file));
    const workspace = new Workspace(projectRoot, n8n.rest);
    for (const file of templates.filter((path) => existsSync(join(projectRoot, path)))) {
      say(`The workflow "${await workspace.renewTemplate(file)}" is as ${file} has it now.`);
    }
    if (!update.changed.length && !templates.length) say('Nothing of that changes what n8n runs.');
  }

  /** A node that fails while it is loaded does not keep n8n from starting: it is just not there. */
  private async checkNodes(n8n: N8nHandle): Promise<boolean> {
    const { name, n8n: listed } = await readManifest();
    const served = new Set((await n8n.rest.nodeTypes()).map((node) => node.name));
    const missing = listed.nodes
      .map((file) => basename(file, '.node.js'))
      .filter((node) => !served.has(typeOf(name, node)));
    if (!missing.length) return true;
    const reason = loadFailure(await n8n.logTail(200));
    this.say(
      `n8n could not load ${missing.join(', ')} (its log: ${n8n.logFile}).\n${reason}\nWaiting for the next change ...`,
    );
    return false;
  }
}

/** As n8n knows a node: by the package and its name, which is that of the file with a small letter at the start. */
function typeOf(packageName: string, node: string): string {
  return `${packageName}.${node.charAt(0).toLowerCase()}${node.slice(1)}`;
}

async function readManifest(): Promise<PackageManifest> {
  return JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as PackageManifest;
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
