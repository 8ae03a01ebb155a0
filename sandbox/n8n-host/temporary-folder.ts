import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './build-once';

const folders = new Set<string>();
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/**
 * A new folder in the system's folder for such, removed when this process ends, or before by `removeFolder`. Those that processes left
 * which were killed are removed on this occasion; the name holds the number of the process.
 *
 * @param prefix e.g. `n8n-host`
 */
export async function temporaryFolder(prefix: string, parent = tmpdir()): Promise<string> {
  const ofPrefix = new RegExp(`^${prefix}-(\\d+)-`);
  for (const name of await readdir(parent)) {
    const owner = Number(ofPrefix.exec(name)?.[1] ?? 0);
    if (owner && !isAlive(owner)) await rm(join(parent, name), { recursive: true, force: true });
  }
  const folder = await mkdtemp(join(parent, `${prefix}-${process.pid}-`));
  folders.add(folder);
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  folders.delete(folder);
}
