import { ConfigurationError, RetriableError } from '../core/errors';
import type { Clock } from '../core/clock';
import { signatureOf, type ListedFile } from '../sync/export/file-stability';

/** A file that is otherwise at each look for so long is named. */
export const RESTLESS_MS = 3_600_000;

interface Doubt {
  /** What was found, and what the server said. */
  readonly found: string;
  readonly sinceMs: number;
  readonly firstMs: number;
}

/** What a reading of a file has found. */
export interface Reading {
  /** The content's id, or the code of its fault. */
  readonly finding: string;
  /** Bytes that could be read; undefined where the reading ended before the end. */
  readonly bytes?: number;
  /** The content proves by itself that it is whole. */
  readonly checked?: boolean;
}

/**
 * Files of which the listing, a look at the file itself and the bytes in it do not say the same. Most are still being written, and are left
 * alone until they rest. Some servers never say the same: what is found twice, with the time of rest in between, holds.
 */
export class FileDoubts {
  private doubts = new Map<string, Doubt>();

  /** @param stableMs the time of rest, in milliseconds */
  constructor(
    private readonly stableMs: number,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {}

  /**
   * @param seen what a look at the file said after the reading; undefined when it said that there is none
   * @returns true when the reading holds
   * @throws ConfigurationError FILE_SIZE_WRONG when the server gives fewer bytes than it says that there are: rows may be missing
   * @throws RetriableError FILE_RESTLESS when nothing was found twice for an hour
   */
  holds(file: ListedFile, seen: ListedFile | undefined, { finding, bytes, checked = false }: Reading): boolean {
    const same = seen !== undefined && seen.size === file.size && seen.modifiedMs === file.modifiedMs;
    // Where the server tells neither, a file that is being written looks the same all the time.
    const isTold = file.size > 0 || file.modifiedMs > 0;
    if (same && isTold && (bytes === undefined || bytes === file.size)) {
      this.doubts.delete(file.name);
      return true;
    }
    const nowMs = this.clock.elapsed();
    const found = [signatureOf(file), seen ? signatureOf(seen) : '', finding, bytes ?? ''].join('\n');
    const before = this.doubts.get(file.name);
    const again = before?.found === found;
    this.doubts.set(file.name, {
      found,
      sinceMs: again ? before.sinceMs : nowMs,
      firstMs: before?.firstMs ?? nowMs,
    });
    if (again && nowMs - before.sinceMs >= this.stableMs) {
      const said = Math.max(file.size, seen?.size ?? 0);
      if (bytes === undefined || bytes >= said || checked) return true;
      throw new ConfigurationError(
        'FILE_SIZE_WRONG',
        `The server says that the file has ${said} bytes, and gives ${bytes}. Rows may be missing.`,
        { hint: 'Upload the file again, or export it compressed: then it shows whether it is whole.' },
      );
    }
    if (before && nowMs - before.firstMs >= RESTLESS_MS) throw restless();
    return false;
  }

  /** Forgets the files that are gone. */
  keep(present: ReadonlySet<string>): void {
    this.doubts = new Map([...this.doubts].filter(([name]) => present.has(name)));
  }
}

/** The error for a file that never rests. */
export function restless(): RetriableError {
  return new RetriableError(
    'FILE_RESTLESS',
    `The size or the time of the file was another one at each look for ${RESTLESS_MS / 60_000} minutes.`,
    {
      hint: 'It is read once it rests. If nobody writes it, the server tells no true time of change: ask its operator.',
    },
  );
}
