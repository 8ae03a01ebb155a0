import { ConfigurationError, RetriableError, SyncError } from '../core/errors';
import type { ServerFile } from './export-server';
import { nameFault, notUtf8, REPLACEMENT, shown } from './file-name';
import type { Entry } from './list-folder';
import { isLostConnection, isMissing } from './sftp-errors';
import { MOST_SINGLE_LOOKS } from './sftp-limits';

/** Questions about one entry of a folder. */
export interface CloserLook {
  /** With links followed. */
  stat(name: string): Promise<Entry>;
  /** True when it can be listed. */
  isFolder(name: string): Promise<boolean>;
}

/**
 * The plain files among the entries of a folder. Where the listing does not say what an entry is, how large or how old, the entry itself is
 * asked for; a link counts as what it leads to. What fits and can be no file of ours is given with its fault, never left out in silence;
 * folders are left out.
 *
 * @param wanted the names that matter
 * @throws ConfigurationError FOLDER_TOO_LARGE when too many entries need a closer look
 */
export async function plainFiles(
  folder: string,
  entries: readonly Entry[],
  wanted: (name: string) => boolean,
  look: CloserLook,
): Promise<ServerFile[]> {
  const files: ServerFile[] = [];
  let looks = 0;
  for (const entry of entries) {
    if (entry.kind === 'folder') continue;
    const listed = fileOf(entry);
    const certain = entry.kind === 'file' && entry.size !== undefined && entry.modifiedMs !== undefined;
    if (!wanted(entry.name) || (certain && plainName(entry.name))) {
      if (certain) files.push(listed);
      continue;
    }
    const fault = nameFault(entry.name) ?? (entry.kind === 'other' ? notPlain(entry.name) : undefined);
    if (fault) {
      files.push({ ...listed, fault });
      continue;
    }
    if (++looks > MOST_SINGLE_LOOKS) throw tooManyLooks(folder);
    const file = await closer(entry, look);
    if (file) files.push(file);
  }
  return files;
}

async function closer(entry: Entry, look: CloserLook): Promise<ServerFile | undefined> {
  const { name } = entry;
  try {
    const seen = await look.stat(name);
    if (seen.kind === 'folder') return undefined;
    if (seen.kind === 'other') return { ...fileOf(entry), fault: notPlain(name) };
    const isFile = seen.kind === 'file' || (seen.kind === 'unknown' && entry.kind === 'file');
    if (!isFile && (await look.isFolder(name))) return undefined;
    return fileOf({ ...entry, size: seen.size ?? entry.size, modifiedMs: seen.modifiedMs ?? entry.modifiedMs });
  } catch (error) {
    if (!(error instanceof SyncError) || isLostConnection(error)) throw error;
    if (isMissing(error)) {
      if (name.includes(REPLACEMENT)) return { ...fileOf(entry), fault: notUtf8(name) };
      if (entry.kind === 'link') return { ...fileOf(entry), fault: leadsNowhere(name) };
      return { ...fileOf(entry), fault: notThere(name) };
    }
    return { ...fileOf(entry), fault: error };
  }
}

function plainName(name: string): boolean {
  return !name.includes(REPLACEMENT) && nameFault(name) === undefined;
}

function fileOf({ name, size, modifiedMs }: Entry): ServerFile {
  return { name, size: size ?? 0, modifiedMs: modifiedMs ?? 0 };
}

function notPlain(name: string): ConfigurationError {
  return new ConfigurationError(
    'FILE_NOT_PLAIN',
    `The entry ${shown(name)} is a pipe, a socket or a device, and no file.`,
    {
      hint: 'Remove it from the folder, or choose a pattern that it does not fit.',
    },
  );
}

function leadsNowhere(name: string): RetriableError {
  return new RetriableError('FILE_LINK', `The link ${shown(name)} leads to no file that this user can see.`, {
    hint: 'Correct or remove the link, or put the file itself into the folder.',
  });
}

/** It may be gone since it was listed, and then it is not listed again. */
function notThere(name: string): RetriableError {
  return new RetriableError('SFTP_NOT_FOUND', `The server lists ${shown(name)}, and says that it is not there.`, {
    hint: 'Ask the operator of the server whether this user may read it, or rename it.',
  });
}

function tooManyLooks(folder: string): ConfigurationError {
  return new ConfigurationError(
    'FOLDER_TOO_LARGE',
    `In the folder "${folder}" more than ${MOST_SINGLE_LOOKS} entries are links, or are listed without type, size or time. Each of them would have to be looked at by itself.`,
    { hint: 'Remove old files from the folder, or choose a narrower pattern. Nothing is read until then.' },
  );
}
