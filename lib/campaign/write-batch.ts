import type { Clock } from '../core/clock';
import type { Target } from '../core/change';
import { ConfigurationError } from '../core/errors';
import {
  runKeyedBatch,
  type BatchDependencies,
  type BatchItem,
  type BatchOptions,
  type BatchReport,
  type ItemContext,
} from '../sync/delivery/keyed-batch';
import type { Field, ResourceDescription } from '../core/metadata';
import type { OptedOutProfiles } from './kept-opt-outs';
import type { Lookup } from './records';
import { RecordWriter, type CampaignWrites, type TargetedChange, type WritableChange } from './record-writer';

export interface WriterDependencies extends BatchDependencies {
  readonly clock: Clock;
  readonly client: CampaignWrites;
  /** The resource with its fields, from the metadata cache. */
  describe(resource: Pick<Target, 'resource' | 'api'>): Promise<ResourceDescription>;
}

export interface WriterOptions extends BatchOptions {
  /** Names the Campaign instance in keys of locks: two credentials for one instance have the same. */
  readonly instance: string;
  readonly lookup: Lookup;
  /** Campaign v8: `location` can't be patched. */
  readonly locationIsFixed: boolean;
  /** What becomes of a profile with an opt-out that is to be deleted. @default 'delete' */
  readonly optedOutProfiles?: OptedOutProfiles;
  /** Before a profile is made, look for one whose key is the same GUID in another form. @default false */
  readonly otherKeyForms?: boolean;
}

/**
 * Writes a batch to Campaign: look up, plan, write, record by record, several at once, but never two of the same key.
 *
 * An item that has an outcome already keeps it. A fault of one record is its outcome; any other fault stops the batch:
 * no further record is started, those in progress end.
 */
export async function writeBatch(
  changes: readonly WritableChange[],
  deps: WriterDependencies,
  options: WriterOptions,
): Promise<BatchReport> {
  let items: BatchItem[];
  let fields: Map<string, ReadonlyMap<string, Field>>;
  try {
    items = changes.map((change, index) => batchItem(change, index, options.instance));
    fields = await describeTargets(changes, deps);
  } catch (failure) {
    return { kind: 'stopped', outcomes: changes.map(({ outcome }) => outcome), failure };
  }
  let writer: RecordWriter | undefined;
  const work = (index: number, context: ItemContext) => {
    writer ??= new RecordWriter({
      ...context,
      client: deps.client,
      lookup: options.lookup,
      locationIsFixed: options.locationIsFixed,
      optedOutProfiles: options.optedOutProfiles ?? 'delete',
      otherKeyForms: options.otherKeyForms ?? false,
      fieldsOf: (target) => fields.get(resourceKey(target)) as ReadonlyMap<string, Field>,
      clock: deps.clock,
    });
    return writer.write(changes[index] as TargetedChange);
  };
  return await runKeyedBatch(items, deps, options, { work });
}

function batchItem({ outcome, target, delivery }: WritableChange, index: number, instance: string): BatchItem {
  if (outcome) return { key: '', outcome };
  if (!target) {
    throw new ConfigurationError('TARGET_MISSING', `Item ${index} does not say what to write where.`, {
      hint: 'Apply Change writes items that come from a Field Mapper. Put one before this node, or choose the operation Upsert or Delete.',
    });
  }
  // Without the API: the same record may be reached through two of them.
  const { field, value } = target.key;
  // What is no text is no key, and its record is rejected; an object may not even have a form in JSON.
  const known = typeof value === 'string' ? value : '';
  return { key: JSON.stringify([instance, target.resource, field, known]), delivery };
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
