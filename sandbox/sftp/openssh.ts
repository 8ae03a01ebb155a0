import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { utils } from 'ssh2';
import { fingerprintOfKey, newPrivateKey, type SftpHandle } from './embedded';

export const SSHD = '/usr/sbin/sshd';
/** What to say where the server is not installed. */
export const INSTALL_SSHD = 'apt-get install -y openssh-server';

/** True when Debian's OpenSSH server is installed. */
export function hasOpenSsh(): boolean {
  return existsSync(SSHD);
}

export interface OpenSshHandle extends SftpHandle {
  readonly kind: 'openssh';
  /** What sshd printed. */
  log(): string;
}

/**
 * Starts OpenSSH's sshd on a free port of 127.0.0.1, for the user of this process, with SFTP only, a host key and a user key of its own.
 *
 * @throws Error when sshd is not installed or does not start
 */
export async function startOpenSsh(options: { hostKey?: string } = {}): Promise<OpenSshHandle> {
  if (!hasOpenSsh()) throw new Error(`OpenSSH's server is missing. Run: ${INSTALL_SSHD}`);
  const base = mkdtempSync(join(tmpdir(), 'campaign-sshd-'));
  const folder = join(base, 'files');
  mkdirSync(folder);
  const hostKey = options.hostKey ?? newPrivateKey();
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
      `HostKey ${file('host_key', hostKey)}`,
      `AuthorizedKeysFile ${file('authorized_keys', `ssh-rsa ${key.getPublicSSH().toString('base64')} test\n`)}`,
      `PidFile ${join(base, 'pid')}`,
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
  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(base, { recursive: true, force: true });
  };
  try {
    await untilListening(port, () => child.exitCode !== null);
  } catch {
    await close();
    throw new Error(`sshd did not start: ${log}`);
  }
  return {
    kind: 'openssh',
    host: '127.0.0.1',
    port,
    user: username,
    password: undefined,
    privateKey,
    fingerprint: fingerprintOfKey(hostKey),
    folder,
    remoteFolder: '.',
    log: () => log,
    close,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
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
