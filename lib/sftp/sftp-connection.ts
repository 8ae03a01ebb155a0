import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { SFTPWrapper, Stats } from 'ssh2';
import { keepSecret } from '../core/secrets';
import { systemClock, type Clock } from '../core/clock';
import type { ListedFile } from '../sync/export/file-stability';
import type { StorageRoom } from '../sync/export/incidents';
import type { ExportServer, ServerFile } from './export-server';
import { entryOf, listFolder, type Entry } from './list-folder';
import { openSession } from './open-session';
import { plainFiles } from './plain-files';
import { RemoteFile } from './remote-file';
import { fileIn, splitPath } from './remote-path';
import { isLostConnection, isMissing, lostConnection, toSftpError } from './sftp-errors';
import { MOVE_MS, RESPONSE_MS } from './sftp-limits';
import type { SftpSettings } from './sftp-settings';
import type { SshSession } from './ssh-session';
import { Waits } from './waits';

export interface SftpOptions {
  /** When it aborts the connection ends, and with it at once whatever is waited for. */
  readonly signal?: AbortSignal | undefined;
  /** @default the machine's */
  readonly clock?: Pick<Clock, 'after' | 'elapsed'> | undefined;
}

/** Status that servers give for what is not there, besides "no such file". */
const FAILURE = 4;

/**
 * Opens one connection. The server's host key is compared with the pinned fingerprints before anything of the login is sent.
 *
 * @throws ConfigurationError HOST_KEY_NOT_PINNED, HOST_KEY_CHANGED, SFTP_LOGIN, SFTP_PRIVATE_KEY, SFTP_ALGORITHMS
 * @throws RetriableError SFTP_UNREACHABLE
 * @throws the signal's reason
 */
export async function openSftp(settings: SftpSettings, options: SftpOptions = {}): Promise<SftpConnection> {
  keepSecret('password' in settings.login ? settings.login.password : settings.login.passphrase);
  const clock = options.clock ?? systemClock;
  const session = await openSession(settings, { clock, signal: options.signal });
  return new SftpConnection(session, clock, options.signal);
}

/**
 * A connection to an SFTP server. Not for use by two tasks at once. Whatever the server does not respond to in time ends it, and it has to
 * be made anew.
 */
export class SftpConnection implements ExportServer {
  private readonly streams = new Set<Readable>();
  private readonly waits: Waits;
  private readonly sftp: SFTPWrapper;
  private open = true;
  private farewell: Promise<void> | undefined;

  constructor(
    private readonly session: SshSession,
    private readonly clock: Pick<Clock, 'after' | 'elapsed'>,
    private readonly signal?: AbortSignal,
  ) {
    this.sftp = session.sftp;
    this.waits = new Waits(clock, (reason) => this.lose(reason));
    session.onLost(() => this.lose());
    signal?.addEventListener('abort', this.onAbort, { once: true });
    if (signal?.aborted) this.onAbort();
  }

  get alive(): boolean {
    return this.open;
  }

  /** Called when the connection is gone or given up: whatever is waited for, and a stream that waits for its reader, would not notice by itself. */
  lose(reason: Error = lostConnection()): void {
    this.leave(reason);
    this.session.destroy();
  }

  async list(folder: string, wanted: (name: string) => boolean = () => true): Promise<ServerFile[]> {
    const where = folder === '' ? '.' : folder;
    return await this.run(`list the folder "${folder}"`, async () => {
      const entries = await listFolder(this.sftp, this.waits, where, () => this.clock.elapsed());
      return await plainFiles(folder, entries, wanted, {
        stat: (name) => this.look(fileIn(where, name)),
        isFolder: (name) => this.isFolder(fileIn(where, name)),
      });
    });
  }

  async stat(path: string): Promise<ListedFile | undefined> {
    try {
      const { kind, size, modifiedMs } = await this.look(path);
      if (kind === 'folder' || kind === 'other') return undefined;
      return { name: splitPath(path).name, size: size ?? 0, modifiedMs: modifiedMs ?? 0 };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  read(path: string, options: { readonly end?: number } = {}): Readable {
    if (!this.open) throw lostConnection();
    const stream = new RemoteFile(this.sftp, this.waits, path, options.end);
    this.streams.add(stream);
    stream.once('close', () => this.streams.delete(stream));
    // Whoever reads the stream gets the error as well; the listener also keeps a late one from ending the process.
    stream.on('error', (error) => {
      if (isLostConnection(error)) this.lose();
    });
    return stream;
  }

  async move(from: string, to: string): Promise<void> {
    const action = `move "${from}" to "${to}"`;
    await this.ask<void>(action, (done) => this.sftp.rename(from, to, done), MOVE_MS);
  }

  async remove(path: string): Promise<void> {
    try {
      await this.ask<void>(`delete "${path}"`, (done) => this.sftp.unlink(path, done));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async makeFolder(path: string): Promise<void> {
    if (await this.exists(path)) return;
    const parent = posix.dirname(path);
    if (parent !== path) await this.makeFolder(parent);
    await this.ask<void>(`make the folder "${path}"`, (done) => this.sftp.mkdir(path, done));
  }

  async writeText(path: string, text: string): Promise<void> {
    // Not with a stream: one of ssh2's closes without an error when a write fails, as on a full disk.
    await this.ask<void>(`write "${path}"`, (done) => this.sftp.writeFile(path, Buffer.from(text, 'utf8'), done));
  }

  async room(folder: string): Promise<StorageRoom | undefined> {
    const info = await this.ask<unknown>(`ask for the room of "${folder}"`, (done) => {
      try {
        this.sftp.ext_openssh_statvfs(folder, done);
      } catch {
        // ssh2 throws at once when the server did not announce the extension.
        done();
      }
    });
    return toRoom(info);
  }

  async close(): Promise<void> {
    if (this.open) {
      this.leave(lostConnection());
      this.farewell = this.session.end();
    }
    await this.farewell;
  }

  private readonly onAbort = () => this.lose(this.signal?.reason as Error);

  private leave(reason: Error): void {
    if (!this.open) return;
    this.open = false;
    this.signal?.removeEventListener('abort', this.onAbort);
    this.waits.end(reason);
    for (const stream of this.streams) stream.destroy(reason);
    this.streams.clear();
  }

  /** Links followed. */
  private async look(path: string): Promise<Entry> {
    const stats = await this.ask<Stats>(`look at "${path}"`, (done) => {
      this.sftp.stat(path, (error, found) => {
        // Some servers call it a failure that there is no such file.
        if (error && (error as { code?: unknown }).code === FAILURE) done(Object.assign(error, { code: 'ENOENT' }));
        else done(error, found);
      });
    });
    return entryOf(splitPath(path).name, stats);
  }

  private async exists(path: string): Promise<boolean> {
    if (path === '.' || path === '/' || path === '') return true;
    try {
      await this.look(path);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  private async isFolder(path: string): Promise<boolean> {
    const handle = await this.ask<Buffer>(`look into "${path}"`, (done) => this.sftp.opendir(path, done)).catch(
      (error: unknown) => {
        if (isLostConnection(error)) throw error;
        return undefined;
      },
    );
    if (handle) await this.ask<void>(`close the folder "${path}"`, (done) => this.sftp.close(handle, done));
    return handle !== undefined;
  }

  private async ask<T>(
    action: string,
    start: (done: (error?: Error | null, value?: T) => void) => void,
    limitMs = RESPONSE_MS,
  ): Promise<T> {
    return await this.run(action, () => this.waits.for(action, limitMs, start));
  }

  private async run<T>(action: string, task: () => Promise<T>): Promise<T> {
    if (!this.open) throw lostConnection();
    try {
      return await task();
    } catch (error) {
      this.signal?.throwIfAborted();
      // ssh2 fails what is under way before it says that the connection is gone.
      if (isLostConnection(error)) this.lose();
      throw toSftpError(error, action);
    }
  }
}

function toRoom(info: unknown): StorageRoom | undefined {
  if (typeof info !== 'object' || info === null) return undefined;
  const field = (name: string) => Number((info as Record<string, unknown>)[name]);
  const block = field('f_frsize') || field('f_bsize');
  const [total, available] = [field('f_blocks') * block, field('f_bavail') * block];
  return Number.isFinite(total) && Number.isFinite(available) && total > 0 ? { total, available } : undefined;
}
