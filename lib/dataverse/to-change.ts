import type { SourceValue, UpsertChange } from '../core/change';
import { entryOf } from '../core/entry-of';
import type { Column, TableDescription } from '../core/metadata';
import { FORMATTED_VALUE } from './odata';
import type { DataverseRow } from './rows';

/** Types whose display label says something that the value does not. */
const LABELLED = new Set<Column['type']>(['choice', 'choices', 'state', 'status', 'boolean', 'lookup']);

interface Plan {
  readonly name: string;
  /** Name of the annotation, for labelled columns. */
  readonly annotation: string | undefined;
  readonly options: ReadonlyMap<string, string> | undefined;
}

/** Worked out once per description, not once per row. */
const plans = new WeakMap<TableDescription, readonly Plan[]>();

/**
 * A row as a change. `record` holds the columns of `description.columns` that the row has (pass a description cut down to the
 * selected columns), `labels` the display labels of choices and lookups: the server's, else those of the metadata.
 */
export function toChange(
  row: DataverseRow,
  description: TableDescription,
  options: { readonly initial: boolean },
): UpsertChange {
  let plan = plans.get(description);
  if (!plan) plans.set(description, (plan = description.columns.map(planOf)));
  const record: Record<string, SourceValue> = {};
  const labels: Record<string, string> = {};
  for (const { name, annotation, options: known } of plan) {
    const value = entryOf(row, name);
    if (value === undefined) continue;
    record[name] = sourceValue(value);
    if (annotation === undefined || value === null) continue;
    const label = row[annotation] ?? labelOf(value, known);
    if (typeof label === 'string') labels[name] = label;
  }
  const { table } = description;
  return {
    change: 'upsert',
    reason: 'changed',
    table: table.name,
    id: String(row[table.primaryId]).toLowerCase(),
    modifiedOn: utc(row['modifiedon']),
    initial: options.initial,
    record,
    labels,
  };
}

function planOf(column: Column): Plan {
  const known = column.options?.map(({ value, label }) => [String(value), label] as const);
  return {
    name: column.name,
    annotation: LABELLED.has(column.type) ? column.name + FORMATTED_VALUE : undefined,
    options: known && new Map(known),
  };
}

function sourceValue(value: unknown): SourceValue {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as SourceValue);
}

/** A multi-select choice's value is `2,3`; its labels are joined as Dataverse does it. */
function labelOf(value: unknown, options: ReadonlyMap<string, string> | undefined): string | undefined {
  if (!options) return undefined;
  if (typeof value === 'boolean') return options.get(value ? '1' : '0');
  if (typeof value !== 'string') return options.get(String(value));
  return value
    .split(',')
    .map((each) => options.get(each.trim()) ?? each.trim())
    .join('; ');
}

function utc(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  if (value.endsWith('Z')) return value;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
