import type { Readable } from 'node:stream';
import Client from 'ssh2-sftp-client';
import type { SFTPWrapper } from 'ssh2';
import { keepSecret } from '../core/secrets';
import type { ListedFile } from '../sync/export/file-stability';
import type { StorageRoom } from '../sync/export/incidents';
import { fingerprintOf, hostKeyError, isPinned, keyTypeOf } from './host-key';
import { isLostConnection, isMissing, lostConnection, toConnectError, toSftpError } from './sftp-errors';
import type { SftpSettings } from './sftp-settings';

/** What the export reader needs of a server. Paths are as the server takes them. */
export interface ExportServer {
  /** Plain files of a folder. */
  list(folder: string): Promise<ListedFile[]>;
  /** undefined when there is no such file. */
  stat(path: string): Promise<ListedFile | undefined>;
  /** A stream of the file's bytes; its errors are ssh2's (see toSftpError). */
  read(path: string, options?: { readonly end?: number }): Readable;
  /** Renames; never replaces a file that is there already. */
  move(from: string, to: string): Promise<void>;
  /** An absent file is fine. */
  remove(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  writeText(path: string, text: string): Promise<void>;
  /** undefined when the server can't tell. */
  room(folder: string): Promise<StorageRoom | undefined>;
  close(): Promise<void>;
  /** False once the connection was lost or closed. */
  readonly alive: boolean;
}

const CONNECT_MS = 20_000;
/** The server is asked for a sign of life every so often, and the connection given up after so many without a response. */
const KEEPALIVE_MS = 15_000;
const KEEPALIVE_TRIES = 4;

/**
 * Opens one connection. The server's host key is compared with the pinned fingerprints before anything of the login is sent.
 *
 * @throws ConfigurationError HOST_KEY_NOT_PINNED, HOST_KEY_CHANGED, SFTP_LOGIN, SFTP_PRIVATE_KEY
 * @throws RetriableError SFTP_UNREACHABLE
 */
export async function openSftp(settings: SftpSettings): Promise<SftpConnection> {
  keepSecret('password' in settings.login ? settings.login.password : settings.login.passphrase);
  let refused: Error | undefined;
  const connection: { current?: SftpConnection } = {};
  const lost = () => connection.current?.lose();
  const client = new Client('campaign-exports', { error: lost, end: lost, close: lost });
  try {
    const sftp = await client.connect({
      host: settings.host,
      port: settings.port,
      username: settings.user,
      ...settings.login,
      readyTimeout: CONNECT_MS,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_TRIES,
      hostVerifier: (key: Buffer) => {
        const presented = fingerprintOf(key);
        if (isPinned(presented, settings.fingerprints)) return true;
        refused = hostKeyError(settings.host, presented, keyTypeOf(key), settings.fingerprints);
        return false;
      },
    });
    sendAtOnce(client);
    connection.current = new SftpConnection(client, sftp);
    return connection.current;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw refused ?? toConnectError(error, settings.host, settings.user);
  }
}

/** A connection to an SFTP server. Not for use by two tasks at once. */
export class SftpConnection implements ExportServer {
  private readonly streams = new Set<Readable>();
  private open = true;

  constructor(
    private readonly client: Client,
    private readonly sftp: SFTPWrapper,
  ) {}

  get alive(): boolean {
    return this.open;
  }

  /** Called when the connection is gone: a stream that waits for its reader would not notice by itself. */
  lose(): void {
    this.open = false;
    for (const stream of this.streams) stream.destroy(lostConnection());
    this.streams.clear();
  }

  async list(folder: string): Promise<ListedFile[]> {
    const entries = await this.run(`list the folder "${folder}"`, () => this.client.list(folder));
    return entries
      .filter((entry) => entry.type === '-')
      .map(({ name, size, modifyTime }) => ({ name, size, modifiedMs: modifyTime }));
  }

  async stat(path: string): Promise<ListedFile | undefined> {
    try {
      const { size, modifyTime, isFile } = await this.run(`look at "${path}"`, () => this.client.stat(path));
      return isFile ? { name: path.slice(path.lastIndexOf('/') + 1), size, modifiedMs: modifyTime } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  read(path: string, options: { readonly end?: number } = {}): Readable {
    if (!this.open) throw lostConnection();
    const stream: Readable = this.sftp.createReadStream(path, {
      highWaterMark: 256 * 1024,
      ...(options.end === undefined ? {} : { end: options.end }),
    });
    this.streams.add(stream);
    stream.once('close', () => this.streams.delete(stream));
    // Whoever reads the stream gets the error as well; the listener also keeps a late one from ending the process.
    stream.on('error', (error) => {
      if (isLostConnection(error)) this.lose();
    });
    return stream;
  }

  async move(from: string, to: string): Promise<void> {
    await this.run(`move "${from}" to "${to}"`, () => this.client.rename(from, to));
  }

  async remove(path: string): Promise<void> {
    try {
      await this.run(`delete "${path}"`, () => this.client.delete(path));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async makeFolder(path: string): Promise<void> {
    await this.run(`make the folder "${path}"`, async () => {
      if (!(await this.client.exists(path))) await this.client.mkdir(path, true);
    });
  }

  async writeText(path: string, text: string): Promise<void> {
    // Not with a stream: one of ssh2's closes without an error when a write fails, as on a full disk.
    await this.run(`write "${path}"`, () => {
      return new Promise<void>((resolve, reject) => {
        this.sftp.writeFile(path, Buffer.from(text, 'utf8'), (error) => (error ? reject(error) : resolve()));
      });
    });
  }

  async room(folder: string): Promise<StorageRoom | undefined> {
    return await this.run(`ask for the room of "${folder}"`, () => {
      return new Promise<StorageRoom | undefined>((resolve, reject) => {
        try {
          this.sftp.ext_openssh_statvfs(folder, (error, info: unknown) => {
            if (error) reject(error);
            else resolve(toRoom(info));
          });
        } catch {
          // ssh2 throws at once when the server did not announce the extension.
          resolve(undefined);
        }
      });
    });
  }

  async close(): Promise<void> {
    const wasOpen = this.open;
    this.lose();
    if (wasOpen) await this.client.end().catch(() => undefined);
  }

  private async run<T>(action: string, task: () => Promise<T>): Promise<T> {
    if (!this.open) throw lostConnection();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no response within a minute')), 60_000);
    });
    try {
      return await Promise.race([task(), late]);
    } catch (error) {
      // ssh2 fails what is under way before it says that the connection is gone.
      if (isLostConnection(error)) this.lose();
      throw toSftpError(error, action);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * SFTP is small requests, each waiting for its response: with TCP's habit of collecting small packets, reading 5 MB from OpenSSH took 2.1 s
 * instead of 0.2 s. ssh2-sftp-client does not pass this on, its ssh2 client has it.
 */
function sendAtOnce(client: Client): void {
  (client as unknown as { readonly client?: { setNoDelay?(on: boolean): void } }).client?.setNoDelay?.(true);
}

function toRoom(info: unknown): StorageRoom | undefined {
  if (typeof info !== 'object' || info === null) return undefined;
  const field = (name: string) => Number((info as Record<string, unknown>)[name]);
  const block = field('f_frsize') || field('f_bsize');
  const [total, available] = [field('f_blocks') * block, field('f_bavail') * block];
  return Number.isFinite(total) && Number.isFinite(available) && total > 0 ? { total, available } : undefined;
}
