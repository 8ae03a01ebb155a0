import type { Target } from '../sync/change';
import type { DeliveryRegistry } from '../sync/deliveries';
import { ConfigurationError, FatalError, RetriableError } from '../sync/errors';
import type { KeyLocks } from '../sync/key-locks';
import { runLanes } from '../sync/lanes';
import type { Field, ResourceDescription } from '../sync/metadata';
import type { Outcome } from '../sync/outcome';
import type { Lookup } from './client';
import { WriteFence, type FenceClock } from '../sync/write-fence';
import { RecordWriter, type CampaignWrites, type TargetedChange, type WritableChange } from './writer-record';

export interface WriterDependencies {
  readonly client: CampaignWrites;
  /** Shared by all executions of the process. */
  readonly locks: KeyLocks;
  readonly deliveries: Pick<DeliveryRegistry, 'mayWrite'>;
  readonly clock: FenceClock;
  /** The resource with its fields, from the metadata cache. */
  describe(resource: Pick<Target, 'resource' | 'api'>): Promise<ResourceDescription>;
  /** Waits; ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface WriterOptions {
  /** Names the Campaign instance in keys of locks: two credentials for one instance have the same. */
  readonly instance: string;
  readonly lookup: Lookup;
  /** Records at work at once, at least 1. */
  readonly concurrency: number;
  /** Campaign v8: `location` can't be patched. */
  readonly locationIsFixed: boolean;
  /** Aborts when the execution is cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each record with the number done and the number of all to be written. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** Outcomes stand at the index of their item. */
export type WriteReport =
  | { readonly kind: 'complete'; readonly outcomes: readonly Outcome[] }
  /** Something that concerns all records: those without an outcome may or may not have been written, and have to come again. */
  | { readonly kind: 'stopped'; readonly outcomes: readonly (Outcome | undefined)[]; readonly failure: unknown };

/** The records of one key, as indexes into the batch, in their order. */
interface KeyGroup {
  readonly key: string;
  readonly indexes: number[];
}

/**
 * Writes a batch to Campaign: look up, plan, write, record by record, several at once, but never two of the same key.
 *
 * An item that has an outcome already keeps it. A fault of one record is its outcome; any other fault stops the batch: no further record
 * is started, those in progress end.
 */
export async function writeBatch(
  changes: readonly WritableChange[],
  deps: WriterDependencies,
  options: WriterOptions,
): Promise<WriteReport> {
  const outcomes: (Outcome | undefined)[] = changes.map((change) => change.outcome);
  const stop = new AbortController();
  const onCancel = () => stop.abort(cancelled());
  if (options.signal?.aborted) onCancel();
  else options.signal?.addEventListener('abort', onCancel, { once: true });
  const fence = new WriteFence(deps.deliveries, deps.clock, options.signal, deliveriesOf(changes));
  try {
    const groups = groupByKey(changes, options.instance);
    const fields = await describeTargets(changes, deps);
    const writer = new RecordWriter({
      client: deps.client,
      lookup: options.lookup,
      fence,
      stop: stop.signal,
      locationIsFixed: options.locationIsFixed,
      fieldsOf: (target) => fields.get(resourceKey(target)) as ReadonlyMap<string, Field>,
      sleep: deps.sleep,
    });
    const all = outcomes.reduce((count, outcome) => (outcome ? count : count + 1), 0);
    let done = 0;
    const writeGroup = async ({ key, indexes }: KeyGroup) => {
      for (const index of indexes) {
        stop.signal.throwIfAborted();
        const waiting = deps.locks.acquire(key, stop.signal);
        if (waiting) await waiting;
        try {
          outcomes[index] = await writer.write(changes[index] as TargetedChange);
        } finally {
          deps.locks.release(key);
        }
        options.onProgress?.(++done, all);
      }
    };
    await runLanes(
      groups,
      options.concurrency,
      async (group) => {
        try {
          await writeGroup(group);
        } catch (error) {
          // Look-ups of other lanes end too; what is being written is left to end by itself.
          stop.abort(error);
          throw error;
        }
      },
      stop.signal,
    );
    if (options.signal?.aborted) throw cancelled();
    return { kind: 'complete', outcomes: complete(outcomes) };
  } catch (failure) {
    return { kind: 'stopped', outcomes, failure };
  } finally {
    fence.close();
    options.signal?.removeEventListener('abort', onCancel);
  }
}

function cancelled(): RetriableError {
  return new RetriableError('ABORTED', 'The execution was cancelled before all records were written.');
}

function* deliveriesOf(changes: readonly WritableChange[]) {
  for (const change of changes) yield change.delivery;
}

function groupByKey(changes: readonly WritableChange[], instance: string): KeyGroup[] {
  const groups = new Map<string, KeyGroup>();
  changes.forEach((change, index) => {
    if (change.outcome) return;
    const { target } = change;
    if (!target) {
      throw new ConfigurationError('TARGET_MISSING', `Item ${index} does not say what to write where.`, {
        hint: 'Apply Change writes items that come from a Field Mapper. Put one before this node, or choose the operation Upsert or Delete.',
      });
    }
    // Without the API: the same record may be reached through two of them.
    const key = JSON.stringify([instance, target.resource, target.key.field, target.key.value]);
    const group = groups.get(key);
    if (group) group.indexes.push(index);
    else groups.set(key, { key, indexes: [index] });
  });
  return [...groups.values()];
}

function resourceKey(target: Pick<Target, 'resource' | 'api'>): string {
  return `${target.api}/${target.resource}`;
}

/** The fields of each resource that the batch writes to, by name. */
async function describeTargets(
  changes: readonly WritableChange[],
  deps: WriterDependencies,
): Promise<Map<string, ReadonlyMap<string, Field>>> {
  const fields = new Map<string, ReadonlyMap<string, Field>>();
  for (const { target, outcome } of changes) {
    if (outcome || !target || fields.has(resourceKey(target))) continue;
    const description = await deps.describe(target);
    fields.set(resourceKey(target), new Map(description.fields.map((field) => [field.name, field])));
  }
  return fields;
}

/** Every item that came in has an outcome: whatever else went wrong, none may vanish. */
function complete(outcomes: readonly (Outcome | undefined)[]): readonly Outcome[] {
  const missing = outcomes.findIndex((outcome) => outcome === undefined);
  if (missing >= 0) {
    throw new FatalError(
      'ITEM_WITHOUT_OUTCOME',
      `Item ${missing} was neither written nor rejected. This is a defect of the node.`,
    );
  }
  return outcomes as readonly Outcome[];
}
