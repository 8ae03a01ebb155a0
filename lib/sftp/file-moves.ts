import type { SyncError } from '../core/errors';
import type { ListedFile } from '../sync/export/file-stability';
import { fileIn, splitPath } from './remote-path';
import type { ExportServer } from './export-server';

/** What becomes of a file whose rows have all been accepted. */
export type Afterwards =
  { readonly kind: 'leave' } | { readonly kind: 'move'; readonly folder: string } | { readonly kind: 'delete' };

/**
 * Puts a finished file away. Doing it again is harmless; a file of the same name in the target folder is never replaced, and a file that
 * has taken the place of the finished one stays: it was not read yet.
 */
export async function putAway(
  server: ExportServer,
  folder: string,
  { name, size, modifiedMs }: ListedFile,
  afterwards: Afterwards,
  nowMs: number,
): Promise<void> {
  if (afterwards.kind === 'leave') return;
  const path = fileIn(folder, name);
  const now = await server.stat(path);
  if (!now || now.size !== size || now.modifiedMs !== modifiedMs) return;
  if (afterwards.kind === 'delete') return await server.remove(path);
  await server.makeFolder(afterwards.folder);
  await server.move(path, await freePath(server, afterwards.folder, name, nowMs));
}

/** Where a broken file lies now. */
export interface MovedAside {
  readonly path: string;
  readonly report: Report;
  /** Why the report could not be written (a full disk). */
  readonly noReport?: unknown;
}

export interface Report {
  /** Of the broken file. */
  readonly about: string;
  readonly text: string;
}

/**
 * Moves a broken file aside and writes a report next to it.
 *
 * @throws when the file can't be moved. A report that can't be written is only told.
 */
export async function moveAside(
  server: ExportServer,
  folder: string,
  name: string,
  brokenFolder: string,
  fault: SyncError,
  nowMs: number,
): Promise<MovedAside> {
  await server.makeFolder(brokenFolder);
  const path = await freePath(server, brokenFolder, name, nowMs);
  await server.move(fileIn(folder, name), path);
  const report = { about: path, text: reportText(name, fault, nowMs) };
  try {
    await writeReport(server, report);
    return { path, report };
  } catch (noReport) {
    return { path, report, noReport };
  }
}

/** Writes a report beside the file that it is about, unless somebody took the file away. */
export async function writeReport(server: ExportServer, { about, text }: Report): Promise<void> {
  const { folder, name } = splitPath(about);
  if (await server.stat(about)) await server.writeText(fileIn(folder, fitting(name, { after: '.report.txt' })), text);
}

/** The report names the fault and never a value of a row. */
function reportText(name: string, fault: SyncError, nowMs: number): string {
  const lines = [
    `File:    ${name}`,
    `Time:    ${new Date(nowMs).toISOString()}`,
    `Code:    ${fault.code}`,
    `Fault:   ${fault.message}`,
    ...(fault.hint === undefined ? [] : [`To do:   ${fault.hint}`]),
    'No row of this file was processed. Once it is mended, put it back into the watched folder.',
  ];
  return `${lines.join('\n')}\n`;
}

/** The name in the folder, or one with the time in it where that name is taken. */
async function freePath(server: ExportServer, folder: string, name: string, nowMs: number): Promise<string> {
  const plain = fileIn(folder, name);
  if (!(await server.stat(plain))) return plain;
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').replace('T', '_').slice(0, 15);
  for (let count = 0; ; count++) {
    const path = fileIn(folder, fitting(name, { before: `${stamp}${count === 0 ? '' : `-${count}`}_` }));
    if (!(await server.stat(path))) return path;
  }
}

/** Most bytes of a name on nearly every disk; an export's own name may have as many. */
const LONGEST_ON_DISK = 255;

/** A name with something before or behind it, shortened at the end of its stem where it would be too long for a disk. */
function fitting(
  name: string,
  { before = '', after = '' }: { readonly before?: string; readonly after?: string },
): string {
  const [extension = ''] = /(?:\.[a-z0-9]{1,8}){0,2}$/i.exec(name) ?? [];
  const stem = Array.from(name.slice(0, name.length - extension.length));
  const whole = () => `${before}${stem.join('')}${extension}${after}`;
  while (stem.length > 0 && Buffer.byteLength(whole()) > LONGEST_ON_DISK) stem.pop();
  return whole();
}
