import { backoffMs } from '../../core/backoff';
import type { DeliveryRegistry } from './deliveries';
import type { Delivery } from '../../core/change';
import type { Clock } from '../../core/clock';

/** How the run of a delivery ended, as far as it can be known. */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly status: string }
  /** n8n gave the run up (timeout, cancelled); its code may still be at work where it runs. */
  | { readonly kind: 'given-up' }
  /** No response in time: the run may still be at work somewhere until the delivery's time is over. */
  | { readonly kind: 'no-response' };

export interface DeliveryLoopDeps {
  /**
   * Hands the batch to n8n; settles with the run's status, rejects when n8n gives the run up (docs/facts/n8n.md, "A
   * trigger's delivery").
   */
  emit(delivery: Delivery): Promise<string | undefined>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly registry: DeliveryRegistry;
  /** Called after each delivery that was not done, before the pause. */
  onFailure(failure: { attempt: number; verdict: Verdict; pauseMs: number }): void;
}

export interface DeliveryLoopOptions {
  /** `<workflow id>:<node id>`. */
  readonly trigger: string;
  readonly number: number;
  /** How long the run of one delivery may write, in milliseconds: the workflow's execution timeout. */
  readonly runMs: number;
  /** True when runs are at work in other processes (queue mode), which the registry of this one does not reach. */
  readonly runsElsewhere: boolean;
  /** Pauses after failures grow from 1 s to this, in milliseconds. */
  readonly longestPauseMs: number;
  readonly signal: AbortSignal;
}

/** What clocks of different machines may be apart, and a cancelled request may still take to arrive. */
export const GRACE_MS = 10_000;

/** The pause after the first failure in a row. */
export const FIRST_PAUSE_MS = 1000;

/**
 * Delivers one batch until its run succeeded, however often it takes; only `success` counts. Resolves with the number of attempts.
 *
 * A run without a verdict (queue mode can leave one forever) is waited for until the delivery's time is over, plus a grace: from then on it
 * can't write any more, so the next attempt can't be overtaken by it.
 *
 * @throws the reason of `signal` when it aborts
 */
export async function deliverUntilDone(options: DeliveryLoopOptions, deps: DeliveryLoopDeps): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    options.signal.throwIfAborted();
    const untilMs = deps.clock.now() + options.runMs;
    const delivery: Delivery = {
      trigger: options.trigger,
      number: options.number,
      attempt,
      until: new Date(untilMs).toISOString(),
    };
    deps.registry.begin(delivery);
    const overMs = untilMs + GRACE_MS;
    const verdict = await verdictOf(deps, delivery, overMs, options.signal);
    if (verdict.kind === 'done') return attempt;
    if (verdict.kind === 'given-up' && options.runsElsewhere) {
      // Never longer than a run may take: the clock may have been set back meanwhile.
      const leftMs = Math.min(options.runMs + GRACE_MS, overMs - deps.clock.now());
      await deps.clock.sleep(Math.max(0, leftMs), options.signal);
    }
    const pauseMs = backoffMs(attempt, { firstMs: FIRST_PAUSE_MS, longestMs: options.longestPauseMs });
    deps.onFailure({ attempt, verdict, pauseMs });
    await deps.clock.sleep(pauseMs, options.signal);
  }
}

async function verdictOf(
  deps: DeliveryLoopDeps,
  delivery: Delivery,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Verdict> {
  const waiting = new AbortController();
  const stop = () => waiting.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const deadline = deps.clock
      .sleep(Math.max(0, deadlineMs - deps.clock.now()), waiting.signal)
      .then((): Verdict => ({ kind: 'no-response' }));
    deadline.catch(() => undefined);
    const run = deps.emit(delivery).then(
      (status): Verdict => (status === 'success' ? { kind: 'done' } : { kind: 'failed', status: status ?? 'not run' }),
      // n8n rejects when the run was cancelled or timed out. In this process the registry keeps its code from writing.
      (): Verdict => ({ kind: 'given-up' }),
    );
    return await Promise.race([run, deadline]);
  } finally {
    signal.removeEventListener('abort', stop);
    waiting.abort();
  }
}
