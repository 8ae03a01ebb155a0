import type { INodeExecutionData } from 'n8n-workflow';
import type { WritableChange } from '../../lib/campaign/record-writer';
import type { Target, TargetValue } from '../../lib/core/change';
import { enteredValue, flattenFields } from '../../lib/campaign/entered-value';
import { ConfigurationError } from '../../lib/core/errors';
import type { Field, ResourceDescription } from '../../lib/core/metadata';
import { outputOf } from '../../lib/core/outcome';
import { rejectionOutcome } from '../../lib/core/rejection-outcome';
import type { RecordSettings, UpsertSettings } from './settings';

/** A resource by the name that the panel's locator gives; `refresh`: from Campaign, not from the cache. */
export type Describe = (resource: string, refresh?: boolean) => Promise<ResourceDescription>;

const APPLY_HINT =
  'Apply Change writes items that come from a Field Mapper. Put one before this node, or choose the operation Upsert or Delete.';

/**
 * The items of Apply Change. They come from other nodes and may have been edited on the way, so their shape is looked at, as far as a
 * wrong one would do harm.
 *
 * @throws ConfigurationError NOT_A_CHANGE
 */
export function readChanges(items: readonly INodeExecutionData[]): WritableChange[] {
  return items.map(({ json }, index) => {
    const change = json as unknown as WritableChange;
    if (change.outcome !== undefined) {
      if (outputOf(change.outcome?.status) === undefined) throw notAChange(index, 'its outcome has no known status');
      return change;
    }
    if (change.change !== 'upsert' && change.change !== 'delete') {
      throw notAChange(index, 'its "change" is neither "upsert" nor "delete"');
    }
    const { target } = change;
    if (!target) throw notAChange(index, 'it has no target');
    if (!isText(target.resource) || !isText(target.api) || !isText(target.key?.field)) {
      throw notAChange(index, 'its target names no resource, API or key field');
    }
    if (change.change === 'upsert' && (!isObject(target.fields) || !isObject(target.createOnlyFields))) {
      throw notAChange(index, 'its target has no fields');
    }
    return change;
  });
}

/** An Upsert's change. A value that is not of its field's type is an outcome of that item. */
export async function upsertChange(settings: UpsertSettings, describe: Describe): Promise<WritableChange> {
  const entered = flattenFields(settings.fields);
  let description = await describe(settings.resource);
  // A field that was made a moment ago is not in the cache yet.
  if (lacksAny(description, entered)) description = await describe(settings.resource, true);
  const known = new Map(description.fields.map((field) => [field.name, field]));
  const fields: Record<string, TargetValue> = {};
  try {
    for (const name of Object.keys(entered))
      fields[name] = enteredValue(knownField(known, name, description), entered[name]);
  } catch (error) {
    return { change: 'upsert', initial: false, outcome: rejectionOutcome(error) };
  }
  return { change: 'upsert', initial: false, target: targetOf(settings, description, fields, settings.updateOnly) };
}

/** A Delete's change. */
export async function deleteChange(settings: RecordSettings, describe: Describe): Promise<WritableChange> {
  const description = await describe(settings.resource);
  return { change: 'delete', initial: false, target: targetOf(settings, description, {}, false) };
}

function targetOf(
  settings: RecordSettings,
  { resource }: ResourceDescription,
  fields: Target['fields'],
  updateOnly: boolean,
): Target {
  return {
    resource: resource.name,
    api: resource.api,
    key: { field: settings.keyField, value: settings.keyValue },
    fields,
    createOnlyFields: {},
    ...(updateOnly ? { updateOnly } : {}),
  };
}

function lacksAny({ fields }: ResourceDescription, entered: Readonly<Record<string, unknown>>): boolean {
  const known = new Set(fields.map(({ name }) => name));
  return Object.keys(entered).some((name) => !known.has(name));
}

function knownField(known: ReadonlyMap<string, Field>, name: string, { resource }: ResourceDescription): Field {
  const field = known.get(name);
  if (field) return field;
  throw new ConfigurationError(
    'UNKNOWN_FIELD',
    `The resource "${resource.label}" (${resource.name}) has no field "${name}".`,
    {
      hint: 'It may have been renamed or removed. Open the node and choose the field anew.',
    },
  );
}

function notAChange(index: number, why: string): ConfigurationError {
  return new ConfigurationError('NOT_A_CHANGE', `Item ${index} can't be applied: ${why}.`, { hint: APPLY_HINT });
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
