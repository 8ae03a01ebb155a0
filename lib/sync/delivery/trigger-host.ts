import type { Clock } from '../../core/clock';

/** What one execution gets. */
export interface Batch {
  readonly number: number;
  /** Each becomes an item. */
  readonly records: readonly object[];
  /**
   * Comes directly before each handing over to n8n, which saves the trigger's state then.
   *
   * @param untilIso the time until which the run may write
   */
  onEmit(untilIso: string): void;
}

/** What the loop of a trigger needs of the program that runs it. `State` is what it keeps to go on from after a stop. */
export interface TriggerHost<State> {
  readonly clock: Pick<Clock, 'now' | 'elapsed' | 'sleep'>;
  /**
   * Delivers a batch until its run succeeded, however often it takes.
   *
   * @throws the reason of the trigger's signal when the trigger is stopped
   */
  deliver(batch: Batch): Promise<void>;
  /** Keeps a state. It is durable with the next delivery (docs/checkpoint.md). */
  save(state: State): void;
  /** Tells the people in charge what went wrong. The trigger goes on. */
  report(error: unknown): void;
  /** Tells them that it is over. */
  allClear(text: string): void;
  log(level: 'info' | 'warn' | 'error', message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** Thrown where a loop has to be begun anew from its stored state, since what it was begun with is no longer so. Nothing is wrong. */
export class BeginAgain extends Error {}
