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
import { hangs, type SftpFaults, type SftpStep } from './sftp-faults';

const { STATUS_CODE, OPEN_MODE, flagsToString } = utils.sftp;

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
  /** True when the request is to get no response, or got another one than it should. */
  const misbehaves = (id: number, step: SftpStep, path?: string, offset = 0): boolean => {
    const name = path === undefined ? undefined : posix.basename(path);
    if (step === 'READ' && faults.dropOn !== undefined && faults.dropOn === name) {
      (client as unknown as { _sock: { destroy(): void } })._sock.destroy();
      return true;
    }
    if (hangs(faults, step, name)) return true;
    const refusal = faults.refuse?.find((fault) => {
      return fault.step === step && (fault.name ?? name) === name && offset >= (fault.from ?? 0);
    });
    if (refusal) sftp.status(id, refusal.status);
    return refusal !== undefined;
  };
  const told = (stats: Stats, listed = false) => attributes(stats, faults, listed);
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
      if (misbehaves(id, 'OPEN', path)) return;
      if (flags & OPEN_MODE.READ) denied('read');
      const mode = flagsToString(flags) ?? 'r';
      keep(id, { kind: 'file', file: await open(local(path), mode), path: local(path) });
    }),
  );
  sftp.on('READ', (id, handle, offset, length) =>
    respond(id, async () => {
      const { file, path } = fileOf(handle);
      if (misbehaves(id, 'READ', path, offset)) return;
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
      if (misbehaves(id, 'WRITE', fileOf(handle).path)) return;
      full();
      await fileOf(handle).file.write(data, 0, data.length, offset);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('CLOSE', (id, handle) =>
    respond(id, async () => {
      const thing = thingOf(handle);
      if (misbehaves(id, 'CLOSE', thing.path)) return;
      things.delete(handle.readUInt32BE(0));
      if (thing.kind === 'file') await thing.file.close();
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('OPENDIR', (id, path) =>
    respond(id, async () => {
      if (misbehaves(id, 'OPENDIR', path)) return;
      await readdir(local(path));
      keep(id, { kind: 'folder', path: local(path), listed: false });
    }),
  );
  sftp.on('READDIR', (id, handle) =>
    respond(id, async () => {
      const thing = thingOf(handle);
      if (thing.kind !== 'folder') throw new Error('not a folder');
      if (misbehaves(id, 'READDIR', thing.path)) return;
      if (faults.endless) return void sftp.name(id, faults.endless === 'empty' ? [] : madeUp());
      if (thing.listed) return void sftp.status(id, STATUS_CODE.EOF);
      thing.listed = true;
      const names = await readdir(thing.path);
      const entries = await Promise.all(
        names.map(async (filename) => {
          const stats = await lstat(join(thing.path, filename)).catch(() => undefined);
          if (!stats) return [];
          return [{ filename, longname: longname(filename, stats, faults.longname), attrs: told(stats, true) }];
        }),
      );
      if (faults.listedName !== undefined)
        entries.push([{ filename: faults.listedName, longname: '', attrs: {} as Attributes }]);
      sftp.name(id, entries.flat());
    }),
  );
  const look = (id: number, path: string, how: typeof stat) =>
    respond(id, async () => {
      if (!misbehaves(id, 'STAT', path)) sftp.attrs(id, told(await how(local(path))));
    });
  sftp.on('STAT', (id, path) => look(id, path, stat));
  sftp.on('LSTAT', (id, path) => look(id, path, lstat as typeof stat));
  sftp.on('FSTAT', (id, handle) => respond(id, async () => sftp.attrs(id, told(await fileOf(handle).file.stat()))));
  sftp.on('SETSTAT', (id, path, attrs) =>
    respond(id, async () => {
      if (attrs.mtime) await utimes(local(path), Number(attrs.atime), Number(attrs.mtime));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('FSETSTAT', (id) => sftp.status(id, STATUS_CODE.OK));
  sftp.on('REMOVE', (id, path) =>
    respond(id, async () => {
      if (misbehaves(id, 'REMOVE', path)) return;
      denied('remove');
      await unlink(local(path));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('RENAME', (id, from, to) =>
    respond(id, async () => {
      if (misbehaves(id, 'RENAME', from)) return;
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
      if (misbehaves(id, 'MKDIR', path)) return;
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

let madeUpCount = 0;

/** A part of a listing that does not end. */
function madeUp() {
  return Array.from({ length: 500 }, () => {
    const filename = `made-up-${madeUpCount++}.txt`;
    const attrs = { mode: 0o100644, uid: 0, gid: 0, size: 1, atime: 1, mtime: 1 };
    return { filename, longname: `-rw-r--r-- 1 0 0 1 Jan 1 1970 ${filename}`, attrs };
  });
}

/** Each that is undefined is left out by ssh2. */
function attributes(stats: Stats, faults: SftpFaults, listed: boolean): Attributes {
  const lacks = new Set([...(faults.omit ?? []), ...(listed ? (faults.omitListed ?? []) : [])]);
  const later = faults.restless === true ? Math.floor(Math.random() * 1_000_000) : 0;
  const mode = lacks.has('type') ? stats.mode & 0o7777 : stats.mode;
  const all = {
    uid: stats.uid,
    gid: stats.gid,
    ...(lacks.has('permissions') ? {} : { mode }),
    ...(lacks.has('size') ? {} : { size: Math.max(0, stats.size + (faults.sizeOff ?? 0)) }),
    ...(lacks.has('time')
      ? {}
      : { atime: Math.floor(stats.atimeMs / 1000), mtime: Math.floor(stats.mtimeMs / 1000) + later }),
  };
  return all as Attributes;
}

/** As `ls -l` prints it, or as servers do that print something else: clients must not take the kind of an entry from it. */
function longname(name: string, stats: Stats, form: SftpFaults['longname']): string {
  if (form === 'name') return name;
  if (form === 'empty') return '';
  if (form === 'dos') return `11-21-26  10:00AM  ${stats.isDirectory() ? '<DIR>' : stats.size} ${name}`;
  const kind = stats.isDirectory() ? 'd' : stats.isSymbolicLink() ? 'l' : '-';
  const rights = stats.mode & constants.S_IWUSR ? 'rw-------' : 'r--------';
  return `${kind}${rights} 1 ${stats.uid} ${stats.gid} ${stats.size} ${new Date(stats.mtimeMs).toISOString().slice(0, 10)} ${name}`;
}
