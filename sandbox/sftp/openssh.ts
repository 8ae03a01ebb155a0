import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { utils } from 'ssh2';
import { freePort } from '../free-port';
import { fingerprintOfKey, newPrivateKey } from './keys';
import type { SftpHandle } from './sftp-handle';

export const SSHD = '/usr/sbin/sshd';
/** What to say where the server is not installed. */
export const INSTALL_SSHD = 'apt-get install -y openssh-server';

/** True when Debian's OpenSSH server is installed. */
export function hasOpenSsh(): boolean {
  return existsSync(SSHD);
}

export interface OpenSshOptions {
  /** PEM; made when absent. */
  readonly hostKey?: string;
  /** Further host keys (PEM), each of another kind. */
  readonly moreHostKeys?: readonly string[];
  /**
   * Gives the folder a small storage of its own that can be filled up: a file system in memory where this process may mount one (root), or else
   * a limit on what sshd may write. `limit` takes the latter in any case. @default none: `fillDisk` throws
   */
  readonly storage?: 'own' | 'limit';
}

export interface OpenSshHandle extends SftpHandle {
  readonly kind: 'openssh';
  /** What sshd printed. */
  log(): string;
}

const STORAGE_BYTES = 32 * 1024 * 1024;

/**
 * Starts OpenSSH's sshd on a free port of 127.0.0.1, for the user of this process, with SFTP only, a host key and a user key of its own.
 *
 * @throws Error when sshd is not installed or does not start
 */
export async function startOpenSsh(options: OpenSshOptions = {}): Promise<OpenSshHandle> {
  if (!hasOpenSsh()) throw new Error(`OpenSSH's server is missing. Run: ${INSTALL_SSHD}`);
  const base = mkdtempSync(join(tmpdir(), 'campaign-sshd-'));
  const folder = join(base, 'files');
  mkdirSync(folder);
  const storage = options.storage && (options.storage === 'own' && mountMemory(folder) ? 'mounted' : 'limit');
  const unmount = () => void (storage === 'mounted' && run('umount', '-l', folder));
  process.once('exit', unmount);
  const ownHostKey = options.hostKey ?? newPrivateKey();
  let hostKey = ownHostKey;
  const privateKey = newPrivateKey();
  const file = (name: string, text: string) => {
    const path = join(base, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const parsed = utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  const { username, uid } = userInfo();
  // As root, sshd wants an empty folder of its own for its unprivileged part.
  if (uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  chmodSync(base, 0o755);
  const port = await freePort();
  const config = file(
    'sshd_config',
    [
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      `HostKey ${join(base, 'host_key')}`,
      ...(options.moreHostKeys ?? []).map((key, i) => `HostKey ${file(`host_key_${i}`, key)}`),
      `AuthorizedKeysFile ${file('authorized_keys', `ssh-rsa ${key.getPublicSSH().toString('base64')} test\n`)}`,
      `PidFile ${join(base, 'pid')}`,
      // Says who asks for a login before it is decided.
      'LogLevel DEBUG1',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'Subsystem sftp internal-sftp',
      `ForceCommand internal-sftp -d ${folder}`,
      '',
    ].join('\n'),
  );
  let log = '';
  let connectionsMade = 0;
  let loginsAsked = 0;
  let child: ChildProcess | undefined;
  let limited = false;

  const start = async (otherHostKey?: string) => {
    if (child) return;
    hostKey = otherHostKey ?? ownHostKey;
    file('host_key', hostKey);
    // A process that ignores the signal of the limit gets an error from its write, as on a full disk.
    const script = 'trap "" XFSZ; exec "$0" -D -e -f "$1"';
    const started = spawn('/bin/sh', ['-c', script, SSHD, config], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    started.stderr.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      log += text;
      connectionsMade += text.split('Connection from ').length - 1;
      loginsAsked += text.split('userauth-request for user').length - 1;
    });
    try {
      await untilListening(port, () => started.exitCode !== null);
    } catch {
      await stop();
      throw new Error(`sshd did not start: ${log}`);
    }
    if (limited) limit(started.pid, 0);
  };
  const dropAll = () => {
    for (const pid of descendants(child?.pid)) kill(pid);
  };
  const stop = async () => {
    const stopping = child;
    child = undefined;
    if (!stopping || stopping.exitCode !== null || stopping.signalCode !== null) return;
    const sessions = descendants(stopping.pid);
    const exited = new Promise<void>((resolve) => stopping.once('exit', () => resolve()));
    stopping.kill('SIGTERM');
    await exited;
    for (const pid of sessions) kill(pid);
  };
  const close = async () => {
    await stop();
    process.off('exit', unmount);
    unmount();
    rmSync(base, { recursive: true, force: true });
  };
  const filler = join(folder, '.filler');
  const setLimit = (on: boolean) => {
    limited = on;
    for (const pid of [child?.pid, ...descendants(child?.pid)]) limit(pid, on ? 0 : 'unlimited');
  };
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    kind: 'openssh',
    host: '127.0.0.1',
    port,
    user: username,
    password: undefined,
    privateKey,
    get fingerprint() {
      return fingerprintOfKey(hostKey);
    },
    get connectionsMade() {
      return connectionsMade;
    },
    get loginsAsked() {
      return loginsAsked;
    },
    folder,
    remoteFolder: '.',
    tellsRoom: storage === 'mounted',
    dropAll,
    stop,
    start,
    fillDisk() {
      if (!storage) throw new Error('This server has no storage of its own that could be filled up.');
      if (storage === 'limit') setLimit(true);
      else fill(filler);
    },
    freeDisk() {
      if (storage === 'limit') setLimit(false);
      rmSync(filler, { force: true });
    },
    log: () => log,
    close,
  };
}

function run(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** False where this process may not mount anything. */
function mountMemory(folder: string): boolean {
  return run('mount', '-t', 'tmpfs', '-o', `size=${STORAGE_BYTES},mode=755`, 'tmpfs', folder);
}

/** Writes until nothing more goes in. */
function fill(path: string): void {
  for (let bytes = 1024 * 1024; bytes >= 1; bytes = Math.floor(bytes / 4)) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

/** Sets how long a file a process may write, in bytes (util-linux' prlimit). */
function limit(pid: number | undefined, bytes: number | 'unlimited'): void {
  if (pid !== undefined) run('prlimit', '--pid', String(pid), `--fsize=${bytes}:`);
}

/** The processes that a process has started, and those that these have. */
function descendants(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  let children: number[] = [];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    // It has ended.
  }
  return [...children.flatMap(descendants), ...children];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

async function untilListening(port: number, dead: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !dead(); tries++) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false)).on('close', () => socket.destroy());
      socket.once('connect', () => socket.end());
    });
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('not listening');
}
