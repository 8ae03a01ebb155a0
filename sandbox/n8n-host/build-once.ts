import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Makes a folder that takes long to make, once: `build` fills a temporary sibling, which is renamed when it is complete, so that
 * the folder is either whole or absent. Two processes at once: the second waits for the first.
 *
 * @returns `folder`
 * @throws whatever `build` throws; nothing is left behind then.
 */
export async function buildOnce(
  folder: string,
  build: (temporary: string) => Promise<void>,
  onWait: () => void = () => undefined,
): Promise<string> {
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const release = await lock(`${folder}.lock`, onWait);
  try {
    if (existsSync(folder)) return folder;
    const temporary = `${folder}.part`;
    await rm(temporary, { recursive: true, force: true });
    try {
      await mkdir(temporary);
      await build(temporary);
      await rename(temporary, folder);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
    return folder;
  } finally {
    await release();
  }
}

async function lock(path: string, onWait: () => void): Promise<() => Promise<void>> {
  for (let round = 0; ; round++) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return async () => await rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isStale(path)) await rm(path, { force: true });
    else {
      if (round === 0) onWait();
      await sleep(200);
    }
  }
}

/** A lock whose process is gone; one that is empty is being written, unless it stays so. */
async function isStale(path: string): Promise<boolean> {
  try {
    const owner = Number(await readFile(path, 'utf8'));
    if (!owner) return Date.now() - (await stat(path)).mtimeMs > 10_000;
    return !isAlive(owner);
  } catch {
    return false;
  }
}

/** Whether a process of this number runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
