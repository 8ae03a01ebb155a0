import type { Delivery } from '../../core/change';
import type { Clock } from '../../core/clock';
import type { DeliveryRegistry } from './deliveries';
import { RetriableError } from '../../core/errors';

/** How long a write that was under way when the execution was cancelled may still take before it is cut. */
export const CANCEL_GRACE_MS = 10_000;

/**
 * Decides whether a write may start, and ends the repetitions of one that did.
 *
 * A write under way is not cut at once when the execution is cancelled: a request that was cut may still be carried out, and the key's lock
 * would be free by then. It may end by itself within a grace; only then, or when the delivery's time is over, it is cut.
 */
export class WriteFence {
  private readonly writes = new AbortController();
  private readonly timers: (() => void)[] = [];
  private readonly onCancel = () => {
    this.timers.push(this.clock.after(CANCEL_GRACE_MS, () => this.writes.abort()));
  };

  constructor(
    private readonly deliveries: Pick<DeliveryRegistry, 'mayWrite'>,
    private readonly clock: Pick<Clock, 'now' | 'after'>,
    /** Of the execution: aborts when it is cancelled. */
    private readonly cancelled: AbortSignal | undefined,
    delivered: Iterable<Delivery | undefined>,
  ) {
    const until = earliestEnd(delivered);
    if (until !== undefined) {
      this.timers.push(clock.after(Math.max(0, until - clock.now()), () => this.writes.abort()));
    }
    if (cancelled?.aborted) this.onCancel();
    else cancelled?.addEventListener('abort', this.onCancel, { once: true });
  }

  /** For the requests that write. */
  get signal(): AbortSignal {
    return this.writes.signal;
  }

  /** Throws RetriableError ABORTED or DELIVERY_SUPERSEDED when no write for this delivery may start now. */
  check(delivery: Delivery | undefined): void {
    if (this.cancelled?.aborted) {
      throw cancelled();
    }
    if (!this.deliveries.mayWrite(delivery, this.clock.now())) {
      throw new RetriableError(
        'DELIVERY_SUPERSEDED',
        'The time for writing this batch is over, or the trigger has delivered it again since. Nothing more was written.',
        {
          hint: 'The trigger delivers the batch again by itself. If this happens often, use smaller batches or a longer execution timeout.',
        },
      );
    }
  }

  /** Ends all timers. */
  close(): void {
    this.cancelled?.removeEventListener('abort', this.onCancel);
    for (const cancel of this.timers) cancel();
  }
}

function earliestEnd(delivered: Iterable<Delivery | undefined>): number | undefined {
  let earliest: number | undefined;
  let last: string | undefined;
  for (const delivery of delivered) {
    // Nearly always all items are of one delivery: parse its time once.
    if (!delivery || delivery.until === last) continue;
    last = delivery.until;
    const until = Date.parse(delivery.until);
    if (!Number.isNaN(until) && (earliest === undefined || until < earliest)) earliest = until;
  }
  return earliest;
}

/** ABORTED: the execution was cancelled, ran into its timeout, or n8n is shutting down. */
export function cancelled(): RetriableError {
  return new RetriableError('ABORTED', 'The execution was cancelled before all records were written.', {
    hint: 'Run it again where it was started by hand. A trigger delivers the batch again by itself.',
  });
}
