import type { Delivery } from '../../core/change';

/**
 * Keeps the run of an earlier delivery from writing over what a later one wrote.
 *
 * Within one process the registry knows the latest delivery of each trigger. Across processes (queue mode) the time limit that each
 * delivery carries serves: a trigger delivers again only after that time, or once the run has ended.
 * docs/delivery-guarantees.md has the whole argument.
 */
export class DeliveryRegistry {
  private readonly latest = new Map<string, { number: number; attempt: number }>();

  /** The trigger says which delivery is now in force. */
  begin(delivery: Pick<Delivery, 'trigger' | 'number' | 'attempt'>): void {
    this.latest.set(delivery.trigger, { number: delivery.number, attempt: delivery.attempt });
  }

  /** True when a write for this delivery may start now (`nowMs`: milliseconds since the epoch). */
  mayWrite(delivery: Delivery | undefined, nowMs: number): boolean {
    if (!delivery) return true;
    // Not the other way round: a time that can't be read is over.
    if (!(nowMs < Date.parse(delivery.until))) return false;
    const latest = this.latest.get(delivery.trigger);
    return !latest || (latest.number === delivery.number && latest.attempt === delivery.attempt);
  }
}
