import type { FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';
import { ConfigurationError } from '../core/errors';
import { LIST_MS, MOST_ENTRIES, MOST_LISTED_CHARACTERS, RESPONSE_MS } from './sftp-limits';
import { isEndOfFile, isLostConnection } from './sftp-errors';
import type { Waits } from './waits';

/** A response without an entry counts as so many: a server could give them without end, and need not give any. */
const EMPTY_COUNTS = 100;

/** The bits of a mode that say what it is (POSIX), as SFTP takes them over. */
const TYPE_BITS = 0o170000;
const KINDS: Readonly<Record<number, EntryKind>> = { 0o100000: 'file', 0o040000: 'folder', 0o120000: 'link' };

/** `other`: a pipe, socket or device. `unknown`: the server does not say. */
export type EntryKind = 'file' | 'folder' | 'link' | 'other' | 'unknown';

/** What a server says of a file or folder; whatever it leaves out is undefined. */
export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
  readonly size: number | undefined;
  readonly modifiedMs: number | undefined;
}

/**
 * What lies in a folder, as the server says. What an entry is comes from its attributes: the line that `ls -l` would print is written for
 * people, and each server writes another one.
 *
 * @throws ConfigurationError FOLDER_TOO_LARGE for a list that is too long, or does not end
 */
export async function listFolder(
  sftp: SFTPWrapper,
  waits: Waits,
  folder: string,
  nowMs: () => number,
): Promise<Entry[]> {
  const action = `list the folder "${folder}"`;
  const handle = await waits.for<Buffer>(action, RESPONSE_MS, (done) => sftp.opendir(folder, done));
  try {
    const entries: Entry[] = [];
    const began = nowMs();
    let characters = 0;
    for (let count = 0; ;) {
      const part = await waits
        .for<FileEntryWithStats[]>(action, RESPONSE_MS, (done) => sftp.readdir(handle, done))
        .catch((error: unknown) => {
          if (isEndOfFile(error)) return undefined;
          throw error;
        });
      if (!part) return entries;
      count += part.length || EMPTY_COUNTS;
      for (const { filename, longname, attrs } of part) {
        characters += filename.length + longname.length;
        if (filename !== '.' && filename !== '..') entries.push(entryOf(filename, attrs, longname));
      }
      if (count > MOST_ENTRIES || characters > MOST_LISTED_CHARACTERS || nowMs() - began > LIST_MS) {
        throw tooLarge(folder);
      }
    }
  } finally {
    await waits
      .for<void>(`close the folder "${folder}"`, RESPONSE_MS, (done) => sftp.close(handle, done))
      .catch((error: unknown) => {
        // That a server refuses it does no harm; that it does not respond means that nothing more will come.
        if (isLostConnection(error)) throw error;
      });
  }
}

/** @param longname the line of a listing, where there is one */
export function entryOf(name: string, attrs: Partial<Stats>, longname = ''): Entry {
  return {
    name,
    kind: kindOf(attrs.mode, longname),
    size: attrs.size,
    modifiedMs: attrs.mtime === undefined ? undefined : attrs.mtime * 1000,
  };
}

function kindOf(mode: number | undefined, longname: string): EntryKind {
  const type = (mode ?? 0) & TYPE_BITS;
  if (type !== 0) return KINDS[type] ?? 'other';
  // Only of use to spare folders a closer look, and only where it is certain.
  return /^d[-rwxsStT]{9}[ +.@]/.test(longname) ? 'folder' : 'unknown';
}

function tooLarge(folder: string): ConfigurationError {
  return new ConfigurationError(
    'FOLDER_TOO_LARGE',
    `The list of the folder "${folder}" is too long, or does not end: it was given up after ${MOST_ENTRIES} entries, 32 MB or ${LIST_MS / 60_000} minutes.`,
    { hint: 'Remove old files from the folder, or give another one. Nothing is read from it until then.' },
  );
}
