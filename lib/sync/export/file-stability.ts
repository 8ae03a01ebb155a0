/** A file as the server lists it. */
export interface ListedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the epoch; SFTP gives whole seconds. 0 where the server does not tell it. */
  readonly modifiedMs: number;
}

/** Tells a file from others and from its own later states, without reading it. */
export function signatureOf({ name, size, modifiedMs }: ListedFile): string {
  return `${name}/${size}/${modifiedMs}`;
}

/**
 * Tells when a file is no longer being written: its size and its time of change have been seen the same for the given time. The
 * server's clock plays no part, and ours may be set meanwhile: the time is that of a clock that never goes back.
 */
export class FileStability {
  private seen = new Map<string, { size: number; modifiedMs: number; sinceMs: number; firstMs: number }>();

  /** @param stableMs how long a file must have been the same, in milliseconds. */
  constructor(private readonly stableMs: number) {}

  /** Takes the present listing and returns the files that are stable, oldest first. Files that are gone are forgotten. */
  observe(files: readonly ListedFile[], elapsedMs: number): ListedFile[] {
    const seen: typeof this.seen = new Map();
    const stable: ListedFile[] = [];
    for (const file of files) {
      const before = this.seen.get(file.name);
      const same = before && before.size === file.size && before.modifiedMs === file.modifiedMs;
      const sinceMs = same ? before.sinceMs : elapsedMs;
      const firstMs = before?.firstMs ?? elapsedMs;
      seen.set(file.name, { size: file.size, modifiedMs: file.modifiedMs, sinceMs, firstMs });
      // Without a time of change one look can't tell: an upload could have begun just now.
      const known = same === true || file.modifiedMs > 0;
      if (known && elapsedMs - sinceMs >= this.stableMs) stable.push(file);
    }
    this.seen = seen;
    return stable.sort(oldestFirst);
  }

  /** The files that were seen for so long, each time otherwise than shortly before. */
  restless(elapsedMs: number, longMs: number): string[] {
    return [...this.seen]
      .filter(([, { sinceMs, firstMs }]) => elapsedMs - firstMs >= longMs && elapsedMs - sinceMs < this.stableMs)
      .map(([name]) => name);
  }
}

/** Exports are processed in the order in which they were made; the name decides between files of the same second. */
export function oldestFirst(a: ListedFile, b: ListedFile): number {
  return a.modifiedMs - b.modifiedMs || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
