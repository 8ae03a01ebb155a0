import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../find-program';
import { freePort } from '../free-port';
import { plainEnvironment } from './folders';
import { START_TIMEOUT_MS, n8nEnvironment } from './n8n-environment';
import { N8nProcess } from './n8n-process';
import { removeFolder, temporaryFolder } from './temporary-folder';

const SERVICE_TIMEOUT_MS = 60_000;
/** Postgres refuses to run as root; Debian's package makes this user. */
const POSTGRES_USER = 'postgres';

/** An n8n worker. */
export interface WorkerHandle {
  readonly running: boolean;
  /** SIGKILL of the worker and its children. */
  kill(): Promise<void>;
  /** SIGTERM, the worker's orderly end (at most 60 s, then SIGKILL). */
  stop(): Promise<void>;
  /** Holds it as a machine does that is paused, until `goOn`. */
  freeze(): void;
  goOn(): void;
  /** Starts it again after `kill`. Ready when it returns. */
  restart(): Promise<void>;
  /** How many executions it has finished, before a `kill` too. */
  executions(): Promise<number>;
}

/** Redis or Postgres. Both come back on the same port; Redis without what it held, Postgres with all that was written. */
export interface ServiceHandle {
  /** Ends it: Redis by SIGKILL, Postgres in order (its sessions are ended). */
  end(): Promise<void>;
  /** Starts it again after `end`. Ready when it returns. */
  restart(): Promise<void>;
}

/** What n8n's queue mode needs: Redis and Postgres, each on a free port of 127.0.0.1 with its data in a temporary folder, and workers. */
export class QueueMode {
  readonly workers: WorkerHandle[] = [];
  private readonly processes: N8nProcess[] = [];

  private constructor(
    private readonly bin: string,
    private readonly userFolder: string,
    private readonly folder: string,
    readonly redis: Service,
    readonly postgres: Service,
    /** Variables of n8n's main process and of its workers. */
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** @throws Error that names what is not installed, or what a service printed when it does not start */
  static async start(bin: string, userFolder: string): Promise<QueueMode> {
    const folder = await temporaryFolder('n8n-queue');
    const [redisPort, postgresPort] = [await freePort(), await freePort()];
    const env = {
      EXECUTIONS_MODE: 'queue',
      QUEUE_BULL_REDIS_HOST: '127.0.0.1',
      QUEUE_BULL_REDIS_PORT: String(redisPort),
      DB_TYPE: 'postgresdb',
      DB_POSTGRESDB_HOST: '127.0.0.1',
      DB_POSTGRESDB_PORT: String(postgresPort),
      DB_POSTGRESDB_DATABASE: 'postgres',
      DB_POSTGRESDB_USER: 'n8n',
      DB_POSTGRESDB_PASSWORD: '',
    };
    const redis = new Service(async () => await startRedis(redisPort, folder), 'SIGKILL');
    // On SIGINT it ends its sessions at once and writes what it holds.
    const postgres = new Service(async () => await startPostgres(postgresPort, folder), 'SIGINT');
    const queueMode = new QueueMode(bin, userFolder, folder, redis, postgres, env);
    try {
      await redis.restart();
      await postgres.restart();
      return queueMode;
    } catch (error) {
      await queueMode.close();
      throw error;
    }
  }

  /** Starts one more worker, which takes two executions at a time. */
  async addWorker(env: Readonly<Record<string, string>>): Promise<void> {
    const at = this.processes.length;
    const logFile = join(this.userFolder, `worker-${at + 1}.log`);
    const start = async (): Promise<void> => {
      const port = await freePort();
      const worker = new N8nProcess({
        bin: this.bin,
        args: ['worker', '--concurrency=2'],
        env: {
          ...(await n8nEnvironment(this.userFolder, port)),
          ...env,
          QUEUE_HEALTH_CHECK_ACTIVE: 'true',
          QUEUE_HEALTH_CHECK_PORT: String(port),
          N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
        },
        cwd: this.userFolder,
        logFile,
      });
      this.processes[at] = worker;
      await worker.waitUntilAnswers(`http://127.0.0.1:${port}/healthz/readiness`, START_TIMEOUT_MS);
    };
    await start();
    const running = () => this.processes[at]?.running ?? false;
    this.workers.push({
      get running() {
        return running();
      },
      kill: async () => await this.processes[at]?.kill(),
      stop: async () => await this.processes[at]?.stop(60_000),
      freeze: () => this.processes[at]?.freeze(),
      goOn: () => this.processes[at]?.goOn(),
      restart: start,
      executions: async () => (await readFile(logFile, 'utf8')).match(/Worker finished execution/g)?.length ?? 0,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map(async (worker) => await worker.kill()));
    await Promise.all([this.redis.end(), this.postgres.end()]);
    await removeFolder(this.folder);
  }
}

class Service implements ServiceHandle {
  private child: ChildProcess | undefined;

  constructor(
    private readonly start: () => Promise<ChildProcess>,
    private readonly signal: NodeJS.Signals,
  ) {}

  async restart(): Promise<void> {
    await this.end();
    this.child = await this.start();
  }

  async end(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(this.signal);
    await gone;
  }
}

async function startRedis(port: number, folder: string): Promise<ChildProcess> {
  const program = find('redis-server', [], 'redis-server');
  const server = service(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder], {});
  await untilReady(server, 'Redis', () => takesConnections(port));
  return server;
}

/** Asks again and again. @throws Error when the service ends first, or is not ready in time */
async function untilReady(server: ChildProcess, name: string, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SERVICE_TIMEOUT_MS;
  while (!(await isReady())) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`${name} does not start.`);
    await sleep(100);
  }
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function startPostgres(port: number, folder: string): Promise<ChildProcess> {
  const bin = postgresFolders();
  const postgres = find('postgres', bin, 'postgresql');
  const user: UserIds = process.getuid?.() === 0 ? idsOf(POSTGRES_USER) : {};
  const data = join(folder, 'postgres');
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid ?? user.uid);
  const options = { cwd: '/', env: plainEnvironment(), ...user };
  // Nobody needs these data after the process has ended.
  if (!existsSync(data)) {
    const args = ['-D', data, '-U', 'n8n', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
    execFileSync(find('initdb', bin, 'postgresql'), args, { ...options, stdio: 'pipe' });
  }
  const settings = [
    'fsync=off',
    'synchronous_commit=off',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
  ];
  const server = service(postgres, ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])], user);
  const isReady = find('pg_isready', bin, 'postgresql');
  await untilReady(server, 'Postgres', async () => {
    try {
      execFileSync(isReady, ['-h', '127.0.0.1', '-p', String(port), '-U', 'n8n', '-q'], options);
      return true;
    } catch {
      return false;
    }
  });
  return server;
}

/** Empty: the user of this process. */
interface UserIds {
  readonly uid?: number;
  readonly gid?: number;
}

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A program that ends with this process, however that ends. */
function service(program: string, args: readonly string[], user: UserIds): ChildProcess {
  const change =
    user.uid === undefined
      ? []
      : ['--reuid', String(user.uid), '--regid', String(user.gid ?? user.uid), '--clear-groups'];
  const child = spawn('setpriv', [...change, '--pdeathsig', 'KILL', program, ...args], {
    cwd: '/',
    env: plainEnvironment(),
    stdio: 'ignore',
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

function idsOf(user: string): UserIds {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function postgresFolders(): string[] {
  try {
    return readdirSync('/usr/lib/postgresql').map((version) => join('/usr/lib/postgresql', version, 'bin'));
  } catch {
    return [];
  }
}

/** @throws Error with the command that installs the program */
function find(program: string, folders: readonly string[], debianPackage: string): string {
  const path = findProgram([program], folders);
  if (path) return path;
  throw new Error(`n8n's queue mode needs ${program}, which is not installed. Run: apt-get install ${debianPackage}`);
}
