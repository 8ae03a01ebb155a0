import type { Delivery } from '../../core/change';
import type { Clock } from '../../core/clock';
import type { DeliveryRegistry } from './deliveries';
import { FatalError } from '../../core/errors';
import type { KeyLocks } from './key-locks';
import { runConcurrently } from '../../core/run-concurrently';
import type { Outcome } from '../../core/outcome';
import { cancelled, WriteFence } from './write-fence';

/** The part of an item that every writer reads. */
export interface BatchItem {
  /** What is locked while the item is worked on; items of one key are done one after the other, in their order. */
  readonly key: string;
  readonly delivery?: Delivery | undefined;
  /** Set already: the item keeps it and nothing is written for it. */
  readonly outcome?: Outcome | undefined;
}

export interface BatchDependencies {
  /** Shared by all executions of the process. */
  readonly locks: KeyLocks;
  readonly deliveries: Pick<DeliveryRegistry, 'mayWrite'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
}

export interface BatchOptions {
  /** Windows at work at once, at least 1. */
  readonly concurrency: number;
  /** Keys in a window: locked together, prepared together (read in one request, for example), and then worked on side by side. @default 1 */
  readonly windowSize?: number;
  /** Aborts when the execution is cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each item with the number done and the number of all to be written. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** What one item's work may use. */
export interface ItemContext {
  readonly fence: WriteFence;
  /** For reading: aborts when nothing more is to be looked up. */
  readonly stop: AbortSignal;
}

/** Outcomes stand at the index of their item. */
export type BatchReport =
  | { readonly kind: 'complete'; readonly outcomes: readonly Outcome[] }
  /** Something that concerns all items: those without an outcome may or may not have been written, and have to come again. */
  | { readonly kind: 'stopped'; readonly outcomes: readonly (Outcome | undefined)[]; readonly failure: unknown };

/** The work itself. What it throws stops the batch: no further item is started, those in progress end. */
export interface BatchWork {
  /** The outcome of one item. The lock of its key is held. */
  work(index: number, context: ItemContext): Promise<Outcome>;
  /** Called once for a window, with the first item of each of its keys, while all their locks are held. */
  prepare?(indexes: readonly number[], context: ItemContext): Promise<void>;
}

interface KeyGroup {
  readonly key: string;
  readonly indexes: readonly number[];
}

/** Works through items, several at once but never two of the same key, under the process-wide locks and the delivery fence. */
export async function runKeyedBatch(
  items: readonly BatchItem[],
  deps: BatchDependencies,
  options: BatchOptions,
  { work, prepare }: BatchWork,
): Promise<BatchReport> {
  const outcomes: (Outcome | undefined)[] = items.map((item) => item.outcome);
  const all = outcomes.reduce((count, outcome) => (outcome ? count : count + 1), 0);
  let done = 0;
  const stop = new AbortController();
  const onCancel = () => stop.abort(cancelled());
  if (options.signal?.aborted) onCancel();
  else options.signal?.addEventListener('abort', onCancel, { once: true });
  const deliveries = items.map((item) => item.delivery);
  const fence = new WriteFence(deps.deliveries, deps.clock, options.signal, deliveries);
  const context: ItemContext = { fence, stop: stop.signal };
  const workOnGroup = async ({ indexes }: KeyGroup) => {
    for (const index of indexes) {
      stop.signal.throwIfAborted();
      outcomes[index] = await work(index, context);
      options.onProgress?.(++done, all);
    }
  };
  const workOnWindow = async (groups: readonly KeyGroup[]) => {
    const held: string[] = [];
    try {
      // All take locks in the same order, so that two windows never wait for each other.
      for (const key of groups.map((group) => group.key).sort()) {
        const waiting = deps.locks.acquire(key, stop.signal);
        if (waiting) await waiting;
        held.push(key);
      }
      stop.signal.throwIfAborted();
      await prepare?.(
        groups.map(({ indexes }) => indexes[0] as number),
        context,
      );
      const results = await Promise.allSettled(
        groups.map((group) =>
          workOnGroup(group).catch((error: unknown) => {
            // What only reads ends too; what is being written is left to end by itself, and keeps its lock until then.
            stop.abort(error);
            throw error;
          }),
        ),
      );
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw stop.signal.reason ?? failed.reason;
    } catch (error) {
      stop.abort(error);
      throw error;
    } finally {
      for (const key of held) deps.locks.release(key);
    }
  };
  try {
    await runConcurrently(windowsOf(items, options.windowSize ?? 1), options.concurrency, workOnWindow, stop.signal);
    if (options.signal?.aborted) throw cancelled();
    return { kind: 'complete', outcomes: complete(outcomes) };
  } catch (failure) {
    return { kind: 'stopped', outcomes, failure };
  } finally {
    fence.close();
    options.signal?.removeEventListener('abort', onCancel);
  }
}

function windowsOf(items: readonly BatchItem[], size: number): KeyGroup[][] {
  const groups = new Map<string, number[]>();
  items.forEach(({ key, outcome }, index) => {
    if (outcome) return;
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  });
  const windows: KeyGroup[][] = [];
  for (const [key, indexes] of groups) {
    const last = windows.at(-1);
    if (last && last.length < size) last.push({ key, indexes });
    else windows.push([{ key, indexes }]);
  }
  return windows;
}

/** Every item that came in has an outcome: whatever else went wrong, none may vanish. */
function complete(outcomes: readonly (Outcome | undefined)[]): readonly Outcome[] {
  const missing = outcomes.findIndex((outcome) => outcome === undefined);
  if (missing >= 0) {
    const message = `Item ${missing} was neither written nor rejected. This is a defect of the node.`;
    throw new FatalError('ITEM_WITHOUT_OUTCOME', message, {
      hint: 'Report it with the settings of the node. The whole batch fails, so that no record is lost: a trigger delivers it again.',
    });
  }
  return outcomes as readonly Outcome[];
}
