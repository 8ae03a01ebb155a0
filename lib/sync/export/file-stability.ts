/** A file as the server lists it. */
export interface ListedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch; SFTP gives whole seconds. */
  readonly modifiedMs: number;
}

/** Tells a file from others and from its own later states, without reading it. */
export function signatureOf({ name, size, modifiedMs }: ListedFile): string {
  return `${name}/${size}/${modifiedMs}`;
}

/**
 * Tells when a file is no longer being written: its size and its time of change have been seen the same for the given time. The
 * server's clock plays no part, so a server whose clock is wrong is no harm.
 */
export class FileStability {
  private seen = new Map<string, { size: number; modifiedMs: number; sinceMs: number }>();

  /** @param stableMs how long a file must have been the same, in milliseconds. */
  constructor(private readonly stableMs: number) {}

  /** Takes the present listing and returns the files that are stable, oldest first. Files that are gone are forgotten. */
  observe(files: readonly ListedFile[], nowMs: number): ListedFile[] {
    const seen: typeof this.seen = new Map();
    const stable: ListedFile[] = [];
    for (const file of files) {
      const before = this.seen.get(file.name);
      const same = before && before.size === file.size && before.modifiedMs === file.modifiedMs;
      const sinceMs = same ? before.sinceMs : nowMs;
      seen.set(file.name, { size: file.size, modifiedMs: file.modifiedMs, sinceMs });
      if (nowMs - sinceMs >= this.stableMs) stable.push(file);
    }
    this.seen = seen;
    return stable.sort(oldestFirst);
  }
}

/** Exports are processed in the order in which they were made; the name decides between files of the same second. */
export function oldestFirst(a: ListedFile, b: ListedFile): number {
  return a.modifiedMs - b.modifiedMs || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
