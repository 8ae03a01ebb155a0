import { systemClock, type Clock } from '../core/clock';
import type { makeTransport } from './transport';

/** Time and chance, as arguments, so that tests need not wait. */
export interface ClientDependencies {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** How a request travels. @default makeTransport */
  readonly transport?: typeof makeTransport;
  /** Largest response taken, unpacked. @default 134217728 */
  readonly maxResponseBytes?: number;
}

/** Above the largest metadata and pages of 5,000 wide rows, below what hurts n8n. */
export const MAX_RESPONSE_BYTES = 128 * 1024 * 1024;

export const systemDependencies: ClientDependencies = {
  clock: systemClock,
  random: Math.random,
};
