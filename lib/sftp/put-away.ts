import type { SyncError } from '../sync/errors';
import { fileIn } from './remote-path';
import type { ExportServer } from './sftp-connection';

/** What becomes of a file whose rows have all been accepted. */
export type Afterwards =
  { readonly kind: 'leave' } | { readonly kind: 'move'; readonly folder: string } | { readonly kind: 'delete' };

/** Puts a finished file away. Doing it again is harmless; a file of the same name in the target folder is never replaced. */
export async function putAway(
  server: ExportServer,
  folder: string,
  name: string,
  afterwards: Afterwards,
  nowMs: number,
): Promise<void> {
  if (afterwards.kind === 'leave') return;
  const path = fileIn(folder, name);
  if (afterwards.kind === 'delete') return await server.remove(path);
  if (!(await server.stat(path))) return;
  await server.makeFolder(afterwards.folder);
  await server.move(path, await freePath(server, afterwards.folder, name, nowMs));
}

/**
 * Moves a broken file aside and writes a report next to it. Resolves with the file's new path.
 *
 * @throws when the file can't be moved. A report that can't be written (a full disk) is only told to `onNoReport`.
 */
export async function moveAside(
  server: ExportServer,
  folder: string,
  name: string,
  brokenFolder: string,
  fault: SyncError,
  nowMs: number,
  onNoReport: (error: unknown) => void,
): Promise<string> {
  await server.makeFolder(brokenFolder);
  const target = await freePath(server, brokenFolder, name, nowMs);
  await server.move(fileIn(folder, name), target);
  try {
    await server.writeText(`${target}.report.txt`, reportText(name, fault, nowMs));
  } catch (error) {
    onNoReport(error);
  }
  return target;
}

/** The report names the fault and never a value of a row. */
export function reportText(name: string, fault: SyncError, nowMs: number): string {
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
    const path = fileIn(folder, `${stamp}${count === 0 ? '' : `-${count}`}_${name}`);
    if (!(await server.stat(path))) return path;
  }
}
