import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** State of each file, by its path relative to the root. */
type Snapshot = ReadonlyMap<string, string>;

/**
 * Notices changed, new and removed files by looking at all of them at short intervals. For some hundred files that costs next to nothing, and
 * it works where the system's notifications do not: in containers, on network folders, with editors that replace a file on saving.
 */
export class FileWatch {
  private constructor(
    private readonly root: string,
    private readonly paths: readonly string[],
    private readonly everyMs: number,
    private known: Snapshot,
  ) {}

  /**
   * @param paths files, and folders with everything in them, relative to `root`; one that is not there may come later
   * @param everyMs the interval, and how long the files must be at rest before a change counts
   */
  static async start(root: string, paths: readonly string[], everyMs = 250): Promise<FileWatch> {
    return new FileWatch(root, paths, everyMs, await snapshot(root, paths));
  }

  /**
   * Waits until something has changed since the last call (or the start) and nothing changes any more: saving many files at once, or
   * switching branches, is one change.
   *
   * @returns the paths of changed, new and removed files, sorted; undefined when `signal` aborts
   */
  async next(signal: AbortSignal): Promise<readonly string[] | undefined> {
    let last = this.known;
    while (!signal.aborted) {
      await sleep(this.everyMs, undefined, { signal }).catch(() => undefined);
      const now = await snapshot(this.root, this.paths);
      const changed = differences(this.known, now);
      if (changed.length && !differences(last, now).length && !signal.aborted) {
        this.known = now;
        return changed;
      }
      last = now;
    }
    return undefined;
  }
}

async function snapshot(root: string, paths: readonly string[]): Promise<Snapshot> {
  const files = new Map<string, string>();
  const look = async (path: string): Promise<void> => {
    const full = join(root, path);
    // A file may go away between its folder's listing and this.
    const state = await stat(full).catch(() => undefined);
    if (state?.isFile()) files.set(path, `${state.mtimeMs} ${state.size}`);
    if (!state?.isDirectory()) return;
    const names = await readdir(full).catch(() => []);
    await Promise.all(names.map((name) => look(join(path, name))));
  };
  await Promise.all(paths.map(look));
  return files;
}

function differences(before: Snapshot, after: Snapshot): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}
