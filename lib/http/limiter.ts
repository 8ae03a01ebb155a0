import type { Clock } from '../core/clock';
import { aborted } from './abort';

export interface LimiterOptions {
  /** Requests in flight at most; at least 1. */
  readonly maxConcurrency: number;
  /** Requests started per second at most; 0 means no limit. */
  readonly maxPerSecond: number;
}

/** Requests that ended well before a lowered parallelism is raised by one again, per request allowed in flight. */
const SUCCESSES_PER_STEP_UP = 5;
/** Several 429 that come together are one sign of overload, not many. */
const ONE_SIGN_OF_OVERLOAD_MS = 1000;

interface Waiting {
  readonly start: () => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Rate and parallelism of one credential; all nodes of the process that use the credential share it. First come, first served.
 *
 * Adapts by itself: a 429 halves the parallelism and holds everything back for as long as the server asked, success raises it step
 * by step up to the setting or to what the server recommends.
 */
export class Limiter {
  private readonly queue: Waiting[] = [];
  private inFlight = 0;
  private allowed: number;
  private recommended = Infinity;
  private successes = 0;
  private nextStart = 0;
  private heldUntil = 0;
  private lastOverload = -Infinity;
  private wakeUp: { readonly at: number; readonly cancel: AbortController } | undefined;
  private readonly interval: number;

  constructor(
    private readonly options: LimiterOptions,
    private readonly clock: Pick<Clock, 'elapsed' | 'sleep'>,
  ) {
    if (!(options.maxConcurrency >= 1)) {
      throw new RangeError(`maxConcurrency must be at least 1, got ${options.maxConcurrency}`);
    }
    this.allowed = Math.floor(options.maxConcurrency);
    this.interval = options.maxPerSecond > 0 ? 1000 / options.maxPerSecond : 0;
  }

  /** Requests that may be in flight now. */
  get parallelism(): number {
    return Math.max(1, Math.min(this.allowed, this.recommended));
  }

  /** Waits for a turn; every one that was given must be given back with {@link release}. Throws RetriableError ABORTED. */
  acquire(signal?: AbortSignal): Promise<void> | undefined {
    if (signal?.aborted) return Promise.reject(aborted());
    if (this.queue.length === 0 && this.mayStart(this.clock.elapsed())) {
      this.begin(this.clock.elapsed());
      return undefined;
    }
    return new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        const index = this.queue.indexOf(waiting);
        if (index >= 0) this.queue.splice(index, 1);
        reject(aborted());
      };
      const waiting: Waiting = {
        signal,
        start: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.queue.push(waiting);
      this.startWaiting();
    });
  }

  /** Gives a turn back. */
  release(): void {
    this.inFlight -= 1;
    this.startWaiting();
  }

  /** A request ended well. */
  succeeded(): void {
    if (this.allowed >= this.options.maxConcurrency) return;
    this.successes += 1;
    if (this.successes < this.allowed * SUCCESSES_PER_STEP_UP) return;
    this.successes = 0;
    this.allowed += 1;
    this.startWaiting();
  }

  /** The server said 429: nothing starts for `holdMs`, and fewer requests are in flight afterwards. */
  overloaded(holdMs: number): void {
    const now = this.clock.elapsed();
    this.heldUntil = Math.max(this.heldUntil, now + holdMs);
    this.successes = 0;
    if (now - this.lastOverload < ONE_SIGN_OF_OVERLOAD_MS) return;
    this.lastOverload = now;
    this.allowed = Math.max(1, Math.floor(this.allowed / 2));
  }

  /** What the server recommends (Dataverse's `x-ms-dop-hint`): followed downwards, never above the setting. */
  recommend(parallelism: number): void {
    if (Number.isInteger(parallelism) && parallelism >= 1) this.recommended = parallelism;
  }

  private mayStart(now: number): boolean {
    return this.inFlight < this.parallelism && now >= this.heldUntil && now >= this.nextStart;
  }

  private begin(now: number): void {
    this.inFlight += 1;
    if (this.interval > 0) this.nextStart = Math.max(this.nextStart, now) + this.interval;
  }

  private startWaiting(): void {
    for (;;) {
      const next = this.queue[0];
      if (!next || this.inFlight >= this.parallelism) return;
      const now = this.clock.elapsed();
      if (!this.mayStart(now)) {
        this.wakeAt(Math.max(this.heldUntil, this.nextStart), now);
        return;
      }
      this.queue.shift();
      this.begin(now);
      next.start();
    }
  }

  private wakeAt(at: number, now: number): void {
    if (this.wakeUp && this.wakeUp.at <= at) return;
    this.wakeUp?.cancel.abort();
    const cancel = new AbortController();
    this.wakeUp = { at, cancel };
    void this.clock.sleep(at - now, cancel.signal).then(
      () => {
        if (this.wakeUp?.cancel !== cancel) return;
        this.wakeUp = undefined;
        this.startWaiting();
      },
      // Another time to wake up has taken its place.
      () => undefined,
    );
  }
}
