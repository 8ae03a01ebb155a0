import { backoffMs } from '../core/backoff';

const LONGEST_PAUSE_MS = 3_600_000;

/**
 * What could not be done to files of the server, because the disk is full or a right is missing: when each is to be tried again. The
 * pauses grow from the first one up to an hour. Times are those of a clock that never goes back.
 */
export class DisposalRetries {
  private readonly waiting = new Map<string, { readonly failures: number; readonly dueMs: number }>();

  /** @param firstPauseMs before the first new try, in milliseconds */
  constructor(private readonly firstPauseMs: number) {}

  /** True for what has not failed yet, and for what is to be tried again now. */
  due(key: string, elapsedMs: number): boolean {
    return (this.waiting.get(key)?.dueMs ?? elapsedMs) <= elapsedMs;
  }

  /** Notes a failure. @returns true when it is the first one */
  failed(key: string, elapsedMs: number): boolean {
    const failures = this.waiting.get(key)?.failures ?? 0;
    const pauseMs = backoffMs(failures + 1, { firstMs: this.firstPauseMs, longestMs: LONGEST_PAUSE_MS });
    this.waiting.set(key, { failures: failures + 1, dueMs: elapsedMs + pauseMs });
    return failures === 0;
  }

  /** Forgets it. @returns true when it had failed before */
  done(key: string): boolean {
    return this.waiting.delete(key);
  }

  /** Forgets whatever `present` says no to. @returns what it has forgotten */
  keep(present: (key: string) => boolean): string[] {
    const gone = [...this.waiting.keys()].filter((key) => !present(key));
    for (const key of gone) this.waiting.delete(key);
    return gone;
  }
}
