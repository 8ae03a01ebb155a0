import type { Clock } from '../../lib/core/clock';
import type { ClientDependencies } from '../../lib/http/dependencies';

export interface TestClockOptions {
  /** @default 2026-11-21T12:00:00Z */
  readonly start?: string;
  /** Sleeps of this length or longer end only by {@link TestClock.advance} or their signal. 0: no sleep ends by itself. @default Infinity */
  readonly skipsBelowMs?: number;
}

/** So many turns of the event loop without a new sleep before the time moves on: what is settled or about to be goes first, as in life. */
const QUIET_TURNS = 4;

interface Timer {
  readonly atMs: number;
  readonly skipped: boolean;
  readonly fire: () => void;
}

/** The clock of tests: nobody really waits. When nothing else is to be done the time jumps to the end of the sleep that is over first. */
export class TestClock implements Clock {
  /** How long each sleep was to be, in milliseconds, in the order in which they began. */
  readonly slept: number[] = [];
  private nowMs: number;
  private readonly startMs: number;
  private offsetMs = 0;
  private readonly skipsBelowMs: number;
  private readonly timers = new Set<Timer>();
  private quietTurns = 0;
  private watching = false;

  constructor({ start = '2026-11-21T12:00:00Z', skipsBelowMs = Infinity }: TestClockOptions = {}) {
    this.nowMs = Date.parse(start);
    this.startMs = this.nowMs;
    this.skipsBelowMs = skipsBelowMs;
  }

  readonly now = (): number => this.nowMs + this.offsetMs;

  readonly elapsed = (): number => this.nowMs - this.startMs;

  /** Sets the machine's clock forwards or back; no time passes. */
  jump(ms: number): void {
    this.offsetMs += ms;
  }

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    this.slept.push(ms);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        this.timers.delete(timer);
        reject(signal?.reason as Error);
      };
      const timer: Timer = {
        atMs: this.nowMs + ms,
        skipped: ms < this.skipsBelowMs,
        fire: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.timers.add(timer);
      this.watch();
    });
  };

  readonly after = (ms: number, callback: () => void): (() => void) => {
    const timer: Timer = { atMs: this.nowMs + ms, skipped: false, fire: callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  /** How many sleeps and callbacks are waited for. */
  get pending(): number {
    return this.timers.size;
  }

  /** Moves the time on; what is over by then ends, in the order of its time. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.first((timer) => timer.atMs <= untilMs);
      if (!next) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.timers.delete(next);
      next.fire();
    }
    this.nowMs = untilMs;
  }

  private first(which: (timer: Timer) => boolean): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) if (which(timer) && (!first || timer.atMs < first.atMs)) first = timer;
    return first;
  }

  private watch(): void {
    this.quietTurns = 0;
    if (this.watching) return;
    this.watching = true;
    const turn = () => {
      const next = this.first(({ skipped }) => skipped);
      if (next && ++this.quietTurns > QUIET_TURNS) {
        this.quietTurns = 0;
        this.advance(Math.max(0, next.atMs - this.nowMs));
      }
      this.watching = next !== undefined;
      if (next) setImmediate(turn);
    };
    setImmediate(turn);
  }
}

/** Time that jumps over every wait, and no chance: what clients take as their dependencies. */
export function fakeTime(): ClientDependencies & { readonly clock: TestClock } {
  return { clock: new TestClock({ start: '2026-11-21T00:00:00Z' }), random: () => 1 };
}
