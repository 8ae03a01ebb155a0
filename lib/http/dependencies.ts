import { systemClock, type Clock } from '../core/clock';

/** Time and chance, as arguments, so that tests need not wait. */
export interface ClientDependencies {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

export const systemDependencies: ClientDependencies = { clock: systemClock, random: Math.random };
