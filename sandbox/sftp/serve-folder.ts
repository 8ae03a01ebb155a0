import { constants, type Stats } from 'node:fs';
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
import { join, posix } from 'node:path';
import { utils, type Attributes, type Connection, type SFTPWrapper } from 'ssh2';

const { STATUS_CODE, OPEN_MODE, flagsToString } = utils.sftp;

/** What a test or the demo can make the server do wrong. */
export interface SftpFaults {
  /** Cuts the connection once so many bytes of file content were read; once. */
  dropAfterBytes?: number;
  /** Every write fails, as on a full disk. */
  diskFull?: boolean;
  /** Milliseconds before each response to a read. */
  readDelayMs?: number;
  /** Requests of these kinds are refused for lack of rights. */
  deny?: readonly ('read' | 'rename' | 'remove' | 'mkdir')[];
}

type OpenThing =
  | { readonly kind: 'file'; readonly file: FileHandle; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string; listed: boolean };

/** The SFTP protocol, version 3, over a folder of this machine. Paths can't lead out of it. */
export function serveFolder(sftp: SFTPWrapper, root: string, faults: SftpFaults, client: Connection): void {
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
  /** Every request gets exactly one response, whatever happens. */
  const respond = (id: number, task: () => Promise<void>) =>
    void task().catch((error: unknown) => {
      try {
        fail(id, error);
      } catch {
        // The client has gone meanwhile; with compression, ssh2 throws then.
      }
    });
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
    respond(id, async () => {
      if (flags & OPEN_MODE.READ) denied('read');
      const mode = flagsToString(flags) ?? 'r';
      keep(id, { kind: 'file', file: await open(local(path), mode), path: local(path) });
    }),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    respond(id, async () => {
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
    respond(id, async () => {
      full();
      await fileOf(handle).file.write(data, 0, data.length, offset);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('CLOSE', (id, handle) =>
    respond(id, async () => {
      const thing = thingOf(handle);
      things.delete(handle.readUInt32BE(0));
      if (thing.kind === 'file') await thing.file.close();
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('OPENDIR', (id, path) =>
    respond(id, async () => {
      await readdir(local(path));
      keep(id, { kind: 'folder', path: local(path), listed: false });
    }),
  );
  sftp.on('READDIR', (id, handle) =>
    respond(id, async () => {
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
    respond(id, async () => sftp.attrs(id, attributes(await how(local(path)))));
  sftp.on('STAT', (id, path) => look(id, path, stat));
  sftp.on('LSTAT', (id, path) => look(id, path, lstat as typeof stat));
  sftp.on('FSTAT', (id, handle) =>
    respond(id, async () => sftp.attrs(id, attributes(await fileOf(handle).file.stat()))),
  );
  sftp.on('SETSTAT', (id, path, attrs) =>
    respond(id, async () => {
      if (attrs.mtime) await utimes(local(path), Number(attrs.atime), Number(attrs.mtime));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('FSETSTAT', (id) => sftp.status(id, STATUS_CODE.OK));
  sftp.on('REMOVE', (id, path) =>
    respond(id, async () => {
      denied('remove');
      await unlink(local(path));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('RENAME', (id, from, to) =>
    respond(id, async () => {
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
    respond(id, async () => {
      denied('mkdir');
      full();
      await mkdir(local(path));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('RMDIR', (id, path) =>
    respond(id, async () => {
      await rmdir(local(path));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('REALPATH', (id, path) =>
    respond(id, async () => {
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
