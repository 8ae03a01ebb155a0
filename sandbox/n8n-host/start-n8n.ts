import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildOnce } from './build-once';
import { cacheFolder, plainEnvironment } from './folders';
import { installN8n, type InstalledN8n } from './install';
import { freePort } from '../free-port';
import { N8nProcess } from './n8n-process';
import { installPackage, packPackage } from './pack';
import { N8nRest, type Credential, type WorkflowJson } from './rest';
import { removeFolder, temporaryFolder } from './temporary-folder';

/** Who can log in to an n8n that is started here. Not a secret: it listens on 127.0.0.1 only. */
export const OWNER = { email: 'owner@sandbox.example', password: 'Campaign-2026' } as const;

/** Encrypts the sandbox's credentials; the same for all, so that a prepared database fits. */
const ENCRYPTION_KEY = 'only-for-the-sandbox-of-this-project';

const START_TIMEOUT_MS = 180_000;

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
  /** Install our package. @default true */
  readonly withPackage?: boolean;
  /** @default a free one */
  readonly port?: number;
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
  /** Milliseconds from the start of the process to its readiness, of the latest start. */
  readonly startMs: number;
  /** SIGKILL of n8n and all its children. `restart()` brings it back on the same port with the same data. */
  kill(): Promise<void>;
  /** SIGTERM, n8n's orderly end (at most 60 s, then SIGKILL). */
  stop(): Promise<void>;
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

  async start(): Promise<void> {
    const startedAt = Date.now();
    this.process = new N8nProcess({
      bin: this.installed.bin,
      args: ['start'],
      env: { ...(await n8nEnvironment(this.userFolder, this.port)), ...this.env },
      cwd: this.userFolder,
      logFile: this.logFile,
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

  async restart(env?: Readonly<Record<string, string>>): Promise<void> {
    await this.stop();
    this.env = { ...this.env, ...env };
    await this.start();
  }

  async close(): Promise<void> {
    await this.kill();
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

/** What makes an n8n work on its own machine only: no calls to the outside, no surveys, no licence. */
async function n8nEnvironment(userFolder: string, port: number): Promise<Record<string, string>> {
  const env = plainEnvironment();
  for (const name of Object.keys(env)) if (/_proxy$/i.test(name)) delete env[name];
  return {
    ...env,
    N8N_USER_FOLDER: userFolder,
    TMPDIR: userFolder,
    N8N_HOST: '127.0.0.1',
    N8N_PORT: String(port),
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_RUNNERS_BROKER_PORT: String(await freePort()),
    N8N_ENCRYPTION_KEY: ENCRYPTION_KEY,
    N8N_SECURE_COOKIE: 'false',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_DYNAMIC_BANNERS_ENABLED: 'false',
    N8N_VERIFIED_PACKAGES_ENABLED: 'false',
    N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
    N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
    N8N_DISABLED_MODULES: 'instance-ai,mcp-registry',
    N8N_LOG_LEVEL: 'info',
  };
}

/**
 * A `.n8n` folder with a migrated database and its owner, made by starting n8n once. Copying it saves the six seconds of
 * migrations at every start.
 */
async function preparedHome(installed: InstalledN8n, progress: (line: string) => void): Promise<string> {
  const hash = createHash('sha256')
    .update(JSON.stringify([OWNER, ENCRYPTION_KEY]))
    .digest('hex')
    .slice(0, 8);
  return await buildOnce(join(cacheFolder(), `home-${basename(installed.folder)}-${hash}`), async (temporary) => {
    progress('Preparing the database of n8n (once) ...');
    const port = await freePort();
    const work = await temporaryFolder('n8n-home');
    const n8n = new N8nProcess({
      bin: installed.bin,
      args: ['start'],
      env: await n8nEnvironment(work, port),
      cwd: work,
      logFile: join(work, 'n8n.log'),
      removeFolder: work,
    });
    try {
      await n8n.waitUntilAnswers(`http://127.0.0.1:${port}/healthz/readiness`, START_TIMEOUT_MS);
      await new N8nRest(`http://127.0.0.1:${port}`, OWNER).setUpOwner();
      await n8n.stop(60_000);
      for (const file of ['database.sqlite', 'database.sqlite-wal', 'config']) {
        const source = join(work, '.n8n', file);
        if (existsSync(source)) await copyFile(source, join(temporary, file));
      }
    } finally {
      await n8n.kill();
      await removeFolder(work);
    }
  });
}
