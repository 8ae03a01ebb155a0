import { generateKeyPairSync } from 'node:crypto';
import { createHash } from 'node:crypto';
import { constants, mkdirSync, rmSync, type Stats } from 'node:fs';
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rmdir,
  stat,
  unlink,
  utimes,
  type FileHandle,
} from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join, posix } from 'node:path';
import { Server, utils, type Attributes, type Connection, type SFTPWrapper } from 'ssh2';
import { removeFolder, temporaryFolder } from '../n8n-host/temporary-folder';

const { STATUS_CODE, OPEN_MODE, flagsToString } = utils.sftp;

/** What a test or the demo can make the server do wrong. */
export interface SftpFaults {
  /** Cuts the connection once so many bytes of file content were read; once. */
  dropAfterBytes?: number;
  /** Every write fails, as on a full disk. */
  diskFull?: boolean;
  /** Milliseconds before each answer to a read. */
  readDelayMs?: number;
  /** Requests of these kinds are refused for lack of rights. */
  deny?: readonly ('read' | 'rename' | 'remove' | 'mkdir')[];
}

/** A running SFTP server. */
export interface SftpHandle {
  readonly kind: 'embedded' | 'openssh';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** undefined where the server takes keys only. */
  readonly password: string | undefined;
  readonly privateKey: string;
  /** `SHA256:...` of the host key in use. */
  readonly fingerprint: string;
  /** Connections that were made so far, whatever became of them. */
  readonly connectionsMade: number;
  /** How often a client came so far as to ask for a login, whatever became of it. */
  readonly loginsAsked: number;
  /** The user's folder on this machine. */
  readonly folder: string;
  /** What the user's folder is called in SFTP paths. */
  readonly remoteFolder: string;
  /** Cuts all connections; new ones are taken. */
  dropAll(): void;
  /** Ends the server, files and port kept for `start`. */
  stop(): Promise<void>;
  /** Starts it again on the same port, for the same user; with another host key (PEM) this time where one is given. */
  start(hostKey?: string): Promise<void>;
  /** The server tells how full its storage is, `fillDisk` included. */
  readonly tellsRoom: boolean;
  /** From now on nothing more can be written into the user's folder. */
  fillDisk(): void;
  /** There is room again. */
  freeDisk(): void;
  close(): Promise<void>;
}

export interface EmbeddedSftp extends SftpHandle {
  readonly kind: 'embedded';
  readonly faults: SftpFaults;
  /** Connections that were made so far, and that are open now. */
  readonly connections: { total: number; open: number; largest: number };
  /** Empties the folder and clears the faults. */
  reset(): void;
}

export interface EmbeddedOptions {
  readonly port?: number;
  /** A folder of its own under the system's temporary one when absent. */
  readonly folder?: string;
  readonly user?: string;
  readonly password?: string;
  /** PEM; made when absent. */
  readonly hostKey?: string;
}

/** A new private key in PEM, of the kind Adobe asks for (RSA 2048). */
export function newPrivateKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey;
}

/** `SHA256:...` of a private key's public part. */
export function fingerprintOfKey(privateKey: string): string {
  const parsed = utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}

/** Starts an SSH server that gives one user SFTP access to a real folder. It announces no extensions: not every server has statvfs. */
export async function startEmbeddedSftp(options: EmbeddedOptions = {}): Promise<EmbeddedSftp> {
  const ownFolder = options.folder === undefined;
  const folder = options.folder ?? (await temporaryFolder('campaign-sftp'));
  mkdirSync(folder, { recursive: true });
  const user = options.user ?? 'campaign';
  const password = options.password ?? 'sandbox-password';
  const privateKey = newPrivateKey();
  const allowed = utils.parseKey(privateKey);
  if (allowed instanceof Error) throw allowed;
  const allowedKey = Array.isArray(allowed) ? allowed[0] : allowed;
  const ownHostKey = options.hostKey ?? newPrivateKey();
  let hostKey = ownHostKey;
  let loginsAsked = 0;
  const faults: SftpFaults = {};
  const connections = { total: 0, open: 0, largest: 0 };
  const clients = new Set<Connection>();

  const serve = (client: Connection) => {
    clients.add(client);
    // Missing in the type definitions. Without it each answer waits for the next packet (about 40 ms).
    (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
    connections.total++;
    connections.open++;
    connections.largest = Math.max(connections.largest, connections.open);
    client.on('error', () => undefined);
    client.on('close', () => {
      clients.delete(client);
      connections.open--;
    });
    client.on('authentication', (context) => {
      loginsAsked++;
      if (context.username !== user) return context.reject();
      if (context.method === 'password') {
        return context.password === password ? context.accept() : context.reject(['publickey', 'password']);
      }
      if (context.method === 'publickey') {
        const same = context.key.data.equals(allowedKey.getPublicSSH());
        const signed =
          !context.signature ||
          allowedKey.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo) === true;
        return same && signed ? context.accept() : context.reject(['publickey', 'password']);
      }
      return context.reject(['publickey', 'password']);
    });
    client.on('ready', () => {
      client.on('session', (accept) => {
        accept().on('sftp', (acceptSftp) => serveFolder(acceptSftp(), folder, faults, client));
      });
    });
  };
  const listen = async (port: number) => {
    const server = new Server({ hostKeys: [hostKey] }, serve);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return server;
  };
  let server: Server | undefined = await listen(options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const dropAll = () => {
    for (const client of clients) (client as unknown as { _sock: { destroy(): void } })._sock.destroy();
  };
  const stop = async () => {
    const stopping = server;
    server = undefined;
    dropAll();
    await new Promise<void>((resolve) => (stopping ? stopping.close(() => resolve()) : resolve()));
  };
  return {
    kind: 'embedded',
    host: '127.0.0.1',
    port,
    user,
    password,
    privateKey,
    get fingerprint() {
      return fingerprintOfKey(hostKey);
    },
    get connectionsMade() {
      return connections.total;
    },
    get loginsAsked() {
      return loginsAsked;
    },
    folder,
    remoteFolder: '.',
    faults,
    connections,
    dropAll,
    stop,
    async start(otherHostKey) {
      hostKey = otherHostKey ?? ownHostKey;
      server ??= await listen(port);
    },
    tellsRoom: false,
    fillDisk: () => (faults.diskFull = true),
    freeDisk: () => delete faults.diskFull,
    reset() {
      for (const key of Object.keys(faults)) delete faults[key as keyof SftpFaults];
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    },
    async close() {
      await stop();
      if (ownFolder) await removeFolder(folder);
    },
  };
}

type OpenThing =
  | { readonly kind: 'file'; readonly file: FileHandle; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string; listed: boolean };

/** The SFTP protocol, version 3, over a folder of this machine. Paths can't lead out of it. */
function serveFolder(sftp: SFTPWrapper, root: string, faults: SftpFaults, client: Connection): void {
  const things = new Map<number, OpenThing>();
  let nextHandle = 0;
  let bytesRead = 0;
  const local = (path: string) => join(root, posix.resolve('/', path));
  const fail = (id: number, error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') sftp.status(id, STATUS_CODE.NO_SUCH_FILE, 'No such file');
    else if (code === 'EACCES' || code === 'EPERM') sftp.status(id, STATUS_CODE.PERMISSION_DENIED, 'Permission denied');
    else sftp.status(id, STATUS_CODE.FAILURE, code === 'ENOSPC' ? 'No space left on device' : 'Failure');
  };
  /** Every request gets exactly one answer, whatever happens. */
  const answer = (id: number, task: () => Promise<void>) => void task().catch((error: unknown) => fail(id, error));
  const denied = (what: 'read' | 'rename' | 'remove' | 'mkdir') => {
    if (faults.deny?.includes(what)) throw Object.assign(new Error('denied'), { code: 'EACCES' });
  };
  const full = () => {
    if (faults.diskFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  };
  const keep = (id: number, thing: OpenThing) => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(nextHandle);
    things.set(nextHandle++, thing);
    sftp.handle(id, handle);
  };
  const thingOf = (handle: Buffer) => {
    const thing = handle.length === 4 ? things.get(handle.readUInt32BE(0)) : undefined;
    if (!thing) throw new Error('unknown handle');
    return thing;
  };
  const fileOf = (handle: Buffer) => {
    const thing = thingOf(handle);
    if (thing.kind !== 'file') throw new Error('not a file');
    return thing;
  };

  sftp.on('OPEN', (id, path, flags) =>
    answer(id, async () => {
      if (flags & OPEN_MODE.READ) denied('read');
      const mode = flagsToString(flags) ?? 'r';
      keep(id, { kind: 'file', file: await open(local(path), mode), path: local(path) });
    }),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    answer(id, async () => {
      const { file } = fileOf(handle);
      if (faults.readDelayMs) await new Promise((resolve) => setTimeout(resolve, faults.readDelayMs));
      const buffer = Buffer.alloc(Math.min(length, 256 * 1024));
      const { bytesRead: count } = await file.read(buffer, 0, buffer.length, offset);
      bytesRead += count;
      if (faults.dropAfterBytes !== undefined && bytesRead > faults.dropAfterBytes) {
        delete faults.dropAfterBytes;
        (client as unknown as { _sock: { destroy(): void } })._sock.destroy();
        return;
      }
      if (count === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, count));
    }),
  );
  sftp.on('WRITE', (id, handle, offset, data) =>
    answer(id, async () => {
      full();
      await fileOf(handle).file.write(data, 0, data.length, offset);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('CLOSE', (id, handle) =>
    answer(id, async () => {
      const thing = thingOf(handle);
      things.delete(handle.readUInt32BE(0));
      if (thing.kind === 'file') await thing.file.close();
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('OPENDIR', (id, path) =>
    answer(id, async () => {
      await readdir(local(path));
      keep(id, { kind: 'folder', path: local(path), listed: false });
    }),
  );
  sftp.on('READDIR', (id, handle) =>
    answer(id, async () => {
      const thing = thingOf(handle);
      if (thing.kind !== 'folder') throw new Error('not a folder');
      if (thing.listed) return void sftp.status(id, STATUS_CODE.EOF);
      thing.listed = true;
      const names = await readdir(thing.path);
      const entries = await Promise.all(
        names.map(async (filename) => {
          const stats = await lstat(join(thing.path, filename)).catch(() => undefined);
          return stats ? [{ filename, longname: longname(filename, stats), attrs: attributes(stats) }] : [];
        }),
      );
      sftp.name(id, entries.flat());
    }),
  );
  const look = (id: number, path: string, how: typeof stat) =>
    answer(id, async () => sftp.attrs(id, attributes(await how(local(path)))));
  sftp.on('STAT', (id, path) => look(id, path, stat));
  sftp.on('LSTAT', (id, path) => look(id, path, lstat as typeof stat));
  sftp.on('FSTAT', (id, handle) =>
    answer(id, async () => sftp.attrs(id, attributes(await fileOf(handle).file.stat()))),
  );
  sftp.on('SETSTAT', (id, path, attrs) =>
    answer(id, async () => {
      if (attrs.mtime) await utimes(local(path), Number(attrs.atime), Number(attrs.mtime));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('FSETSTAT', (id) => sftp.status(id, STATUS_CODE.OK));
  sftp.on('REMOVE', (id, path) =>
    answer(id, async () => {
      denied('remove');
      await unlink(local(path));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('RENAME', (id, from, to) =>
    answer(id, async () => {
      denied('rename');
      if ((await stat(local(from))).isDirectory()) await rename(local(from), local(to));
      else {
        // Like OpenSSH: a file that is there is never replaced.
        await link(local(from), local(to));
        await unlink(local(from));
      }
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('MKDIR', (id, path) =>
    answer(id, async () => {
      denied('mkdir');
      full();
      await mkdir(local(path));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('RMDIR', (id, path) =>
    answer(id, async () => {
      await rmdir(local(path));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('REALPATH', (id, path) =>
    answer(id, async () => {
      const virtual = posix.resolve('/', path);
      await realpath(local(virtual)).catch(() => undefined);
      sftp.name(id, [{ filename: virtual, longname: virtual, attrs: {} as Attributes }]);
    }),
  );
  sftp.on('close', () => {
    for (const thing of things.values()) if (thing.kind === 'file') void thing.file.close().catch(() => undefined);
    things.clear();
  });
}

function attributes(stats: Stats): Attributes {
  return {
    mode: stats.mode,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    atime: Math.floor(stats.atimeMs / 1000),
    mtime: Math.floor(stats.mtimeMs / 1000),
  };
}

/** As `ls -l` prints it: clients take the kind of an entry from its first letter. */
function longname(name: string, stats: Stats): string {
  const kind = stats.isDirectory() ? 'd' : stats.isSymbolicLink() ? 'l' : '-';
  const rights = stats.mode & constants.S_IWUSR ? 'rw-------' : 'r--------';
  return `${kind}${rights} 1 ${stats.uid} ${stats.gid} ${stats.size} ${new Date(stats.mtimeMs).toISOString().slice(0, 10)} ${name}`;
}
