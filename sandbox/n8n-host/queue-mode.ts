import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
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
  /** Starts it again after `kill`. Ready when it returns. */
  restart(): Promise<void>;
  /** How many executions it has finished, before a `kill` too. */
  executions(): Promise<number>;
}

/** What n8n's queue mode needs: Redis and Postgres, each on a free port of 127.0.0.1 with its data in a temporary folder, and workers. */
export class QueueMode {
  readonly workers: WorkerHandle[] = [];
  private readonly processes: N8nProcess[] = [];

  private constructor(
    private readonly bin: string,
    private readonly userFolder: string,
    private readonly folder: string,
    private readonly services: readonly ChildProcess[],
    /** Variables of n8n's main process and of its workers. */
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** @throws Error that names what is not installed, or what a service printed when it does not start */
  static async start(bin: string, userFolder: string): Promise<QueueMode> {
    const folder = await temporaryFolder('n8n-queue');
    const [redisPort, postgresPort] = [await freePort(), await freePort()];
    const services: ChildProcess[] = [];
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
    const queueMode = new QueueMode(bin, userFolder, folder, services, env);
    try {
      services.push(startRedis(redisPort, folder));
      services.push(await startPostgres(postgresPort, folder));
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
      restart: start,
      executions: async () => (await readFile(logFile, 'utf8')).match(/Worker finished execution/g)?.length ?? 0,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map(async (worker) => await worker.kill()));
    await Promise.all(
      this.services.map(async (service) => {
        if (service.exitCode !== null || service.signalCode !== null) return;
        const gone = new Promise((resolve) => service.once('exit', resolve));
        // Postgres ends its sessions at once on SIGINT; Redis saves nothing.
        service.kill('SIGINT');
        await gone;
      }),
    );
    await removeFolder(this.folder);
  }
}

function startRedis(port: number, folder: string): ChildProcess {
  const server = find('redis-server', [], 'redis-server');
  return service(server, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder], {});
}

async function startPostgres(port: number, folder: string): Promise<ChildProcess> {
  const bin = postgresFolders();
  const postgres = find('postgres', bin, 'postgresql');
  const user: UserIds = process.getuid?.() === 0 ? idsOf(POSTGRES_USER) : {};
  const data = join(folder, 'postgres');
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid ?? user.uid);
  const options = { cwd: '/', env: plainEnvironment(), ...user };
  // Nobody needs these data after the process has ended.
  execFileSync(find('initdb', bin, 'postgresql'), ['-D', data, '-U', 'n8n', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...options,
    stdio: 'pipe',
  });
  const settings = [
    'fsync=off',
    'synchronous_commit=off',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
  ];
  const server = service(postgres, ['-D', data, '-p', String(port), ...settings.flatMap((one) => ['-c', one])], user);
  const isReady = find('pg_isready', bin, 'postgresql');
  const deadline = Date.now() + SERVICE_TIMEOUT_MS;
  for (;;) {
    try {
      execFileSync(isReady, ['-h', '127.0.0.1', '-p', String(port), '-U', 'n8n', '-q'], options);
      return server;
    } catch {
      if (server.exitCode !== null || Date.now() > deadline) throw new Error('Postgres does not start.');
      await sleep(100);
    }
  }
}

/** Empty: the user of this process. */
interface UserIds {
  readonly uid?: number;
  readonly gid?: number;
}

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
  process.once('exit', () => child.kill('SIGKILL'));
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
