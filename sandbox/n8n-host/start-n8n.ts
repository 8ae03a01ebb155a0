import { cp, mkdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { freePort } from '../free-port';
import { installN8n, type InstalledN8n } from './install';
import { OWNER, START_TIMEOUT_MS, n8nEnvironment } from './n8n-environment';
import { N8nProcess } from './n8n-process';
import { installPackage, packPackage } from './pack';
import { preparedHome } from './prepared-home';
import { QueueMode, type ServiceHandle, type WorkerHandle } from './queue-mode';
import { N8nRest, type Credential, type WorkflowJson } from './rest';
import { removeFolder, temporaryFolder } from './temporary-folder';

export interface N8nOptions {
  /**
   * The user folder (n8n makes `.n8n` in it). Given: it is kept by `close()`, and what is in it is used.
   * @default a temporary folder that `close()` removes
   */
  readonly userFolder?: string;
  /** Made over REST after the start, before the workflows. See `sandboxCredentials`. */
  readonly credentials?: readonly Credential[];
  /** Imported over REST in this order. */
  readonly workflows?: readonly WorkflowToImport[];
  /** More variables for n8n. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of the Node that runs n8n's main process, e.g. `--inspect`. @default none */
  readonly nodeArguments?: readonly string[];
  /** Install our package. False: n8n has what its user folder has. @default true */
  readonly withPackage?: boolean;
  /** @default a free one */
  readonly port?: number;
  /** Queue mode with so many workers, with a Redis and a Postgres of its own (Debian's redis-server and postgresql). @default regular mode */
  readonly workers?: number;
  /** Receives lines for a person while something takes long. */
  readonly progress?: (line: string) => void;
}

export interface WorkflowToImport {
  /** A file (a template) or the workflow itself. */
  readonly workflow: string | WorkflowJson;
  /** Changes the workflow before it is imported, e.g. parameters that a user would set. */
  readonly change?: (workflow: WorkflowJson) => void;
  /** Toggle it active. @default true */
  readonly publish?: boolean;
}

export interface N8nHandle {
  /** e.g. `http://127.0.0.1:40123` */
  readonly url: string;
  readonly port: number;
  readonly owner: typeof OWNER;
  readonly userFolder: string;
  readonly logFile: string;
  /** Signed in as the owner; stays usable after `restart()`. */
  readonly rest: N8nRest;
  /** Ids of the credentials given in the options, by name. */
  readonly credentialIds: ReadonlyMap<string, string>;
  /** Ids of the workflows given in the options, by the name in their file. */
  readonly workflowIds: ReadonlyMap<string, string>;
  readonly pid: number;
  readonly running: boolean;
  /** In queue mode. `kill`, `stop` and `restart` of n8n leave them as they are. */
  readonly workers: readonly WorkerHandle[];
  /** What queue mode stands on; undefined in regular mode. */
  readonly services: { readonly redis: ServiceHandle; readonly postgres: ServiceHandle } | undefined;
  /** Milliseconds from the start of the process to its readiness, of the latest start. */
  readonly startMs: number;
  /** SIGKILL of n8n and all its children. `restart()` brings it back on the same port with the same data. */
  kill(): Promise<void>;
  /** SIGTERM, n8n's orderly end (at most 60 s, then SIGKILL). */
  stop(): Promise<void>;
  /** Holds n8n's main process as a machine does that is paused, until `goOn`. */
  freeze(): void;
  goOn(): void;
  /** Starts it again (stops it first when it runs), optionally with other variables. Ready when it returns. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends n8n at once and removes the temporary user folder. May be called twice. */
  close(): Promise<void>;
  /** Bytes of n8n's main process. */
  memory(): Promise<{ now: number; most: number }>;
  /** Processor time of n8n's main process since its start, in ms. */
  cpuMs(): Promise<number>;
  /** The last lines of n8n's log. */
  logTail(lines?: number): Promise<string>;
}

/**
 * Starts a real n8n 2.40.7 with our package installed in it as a user would have it. The first call on a machine installs n8n
 * (minutes), later ones take about 8 s. Everything that it starts ends with this process at the latest.
 *
 * @throws Error with the last lines of n8n's log when it does not start, or when a workflow can't be imported or published;
 *   nothing is left running then.
 */
export async function startN8n(options: N8nOptions = {}): Promise<N8nHandle> {
  const { progress = () => undefined, withPackage = true } = options;
  const installed = await installN8n(progress);
  const packed = withPackage ? await packPackage(progress) : undefined;
  const home = await preparedHome(installed, progress);
  const userFolder = options.userFolder ?? (await temporaryFolder('n8n-host'));
  const n8nFolder = join(userFolder, '.n8n');
  if (!existsSync(join(n8nFolder, 'database.sqlite'))) {
    await mkdir(n8nFolder, { recursive: true });
    await cp(home, n8nFolder, { recursive: true });
  }
  if (packed) await installPackage(packed, n8nFolder, progress);
  const host = new N8nHost(installed, userFolder, options.port ?? (await freePort()), options);
  try {
    await host.prepareQueueMode();
    await host.start();
    await host.fill(options);
    return host;
  } catch (error) {
    const tail = await host.logTail();
    await host.close();
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(message.includes(tail) ? message : `${message}\nn8n's log ends with:\n${tail}`, { cause: error });
  }
}

class N8nHost implements N8nHandle {
  readonly owner = OWNER;
  readonly url: string;
  readonly logFile: string;
  readonly rest: N8nRest;
  readonly credentialIds = new Map<string, string>();
  readonly workflowIds = new Map<string, string>();
  startMs = 0;
  private process: N8nProcess | undefined;
  private queueMode: QueueMode | undefined;
  private env: Readonly<Record<string, string>>;

  constructor(
    private readonly installed: InstalledN8n,
    readonly userFolder: string,
    readonly port: number,
    private readonly options: N8nOptions,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.logFile = join(userFolder, 'n8n.log');
    this.rest = new N8nRest(this.url, OWNER);
    this.env = options.env ?? {};
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  get running(): boolean {
    return this.process?.running ?? false;
  }

  get workers(): readonly WorkerHandle[] {
    return this.queueMode?.workers ?? [];
  }

  get services(): N8nHandle['services'] {
    return this.queueMode;
  }

  /** Redis and Postgres are there before n8n, the workers after it: it makes the tables. */
  async prepareQueueMode(): Promise<void> {
    if (this.options.workers === undefined) return;
    this.queueMode = await QueueMode.start(this.installed.bin, this.userFolder);
    this.env = { ...this.queueMode.env, ...this.env };
    await this.start();
    await this.rest.setUpOwner();
    for (let worker = 0; worker < this.options.workers; worker++) await this.queueMode.addWorker(this.env);
  }

  async start(): Promise<void> {
    if (this.running) return;
    const startedAt = Date.now();
    this.process = new N8nProcess({
      bin: this.installed.bin,
      args: ['start'],
      env: { ...(await n8nEnvironment(this.userFolder, this.port)), ...this.env },
      cwd: this.userFolder,
      logFile: this.logFile,
      ...(this.options.nodeArguments ? { nodeArguments: this.options.nodeArguments } : {}),
      ...(this.options.userFolder ? {} : { removeFolder: this.userFolder }),
    });
    await this.process.waitUntilAnswers(`${this.url}/healthz/readiness`, START_TIMEOUT_MS);
    this.startMs = Date.now() - startedAt;
  }

  async fill(options: N8nOptions): Promise<void> {
    for (const credential of options.credentials ?? []) {
      this.credentialIds.set(credential.name, await this.rest.createCredential(credential));
    }
    for (const { workflow, change, publish = true } of options.workflows ?? []) {
      const text = typeof workflow === 'string' ? await readFile(workflow, 'utf8') : JSON.stringify(workflow);
      const json = JSON.parse(text) as WorkflowJson;
      json.name ??= typeof workflow === 'string' ? basename(workflow, '.json') : 'Workflow';
      change?.(json);
      const { id } = await this.rest.importWorkflow(json);
      this.workflowIds.set(json.name, id);
      if (publish) await this.rest.publish(id);
    }
  }

  async kill(): Promise<void> {
    await this.process?.kill();
  }

  async stop(): Promise<void> {
    await this.process?.stop(60_000);
  }

  freeze(): void {
    this.process?.freeze();
  }

  goOn(): void {
    this.process?.goOn();
  }

  async restart(env?: Readonly<Record<string, string>>): Promise<void> {
    await this.stop();
    this.env = { ...this.env, ...env };
    await this.start();
  }

  async close(): Promise<void> {
    await this.kill();
    await this.queueMode?.close();
    if (!this.options.userFolder) await removeFolder(this.userFolder);
  }

  async memory(): Promise<{ now: number; most: number }> {
    return (await this.process?.memory()) ?? { now: 0, most: 0 };
  }

  async cpuMs(): Promise<number> {
    return (await this.process?.cpuMs()) ?? 0;
  }

  async logTail(lines?: number): Promise<string> {
    return (await this.process?.logTail(lines)) ?? '';
  }
}
