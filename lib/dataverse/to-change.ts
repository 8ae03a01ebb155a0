import type { SourceValue, UpsertChange } from '../core/change';
import { entryOf } from '../core/entry-of';
import type { Column, TableDescription } from '../core/metadata';
import { FORMATTED_VALUE, LOOKUP_TABLE } from './odata';
import type { DataverseRow } from './rows';
import { rejectedOutcome } from '../core/outcome';

/** Types whose display label says something that the value does not. */
const LABELLED = new Set<Column['type']>(['choice', 'choices', 'state', 'status', 'boolean', 'lookup']);

/** A lookup may point to rows of several tables; which one it is stands among the labels, under the column's name with this end. */
const LOOKUP_TABLE_LABEL = '@table';

interface Plan {
  readonly name: string;
  /** Name of the annotation, for labelled columns. */
  readonly annotation: string | undefined;
  readonly options: ReadonlyMap<string, string> | undefined;
  /** Name of the annotation with the table that a lookup points to. */
  readonly lookupTable: string | undefined;
  readonly secured: boolean;
  readonly clockTime: boolean;
}

/** Worked out once per description, not once per row. */
const plans = new WeakMap<TableDescription, readonly Plan[]>();

/**
 * A row as a change. `record` holds the columns of `description.columns` that the row has (pass a description cut down to the
 * selected columns), `labels` the display labels of choices and lookups: the server's, else those of the metadata; and the table of a
 * lookup's row, under the column's name with `@table`.
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
  for (const { name, annotation, options: known, lookupTable, secured, clockTime } of plan) {
    const value = entryOf(row, name);
    // Of a column that the user may not read, null is no value: left out, it clears nothing.
    if (value === undefined || (secured && value === null)) continue;
    record[name] = clockTime ? withoutZone(value) : sourceValue(value);
    if (annotation === undefined || value === null) continue;
    const label = row[annotation] ?? labelOf(value, known);
    if (typeof label === 'string') labels[name] = label;
    if (lookupTable === undefined) continue;
    const pointsTo = row[lookupTable];
    if (typeof pointsTo === 'string') labels[name + LOOKUP_TABLE_LABEL] = pointsTo;
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

/** A row that is there and that the user may not read: nothing is known of it, so nothing is written or deleted for it. */
export function unreadableChange(table: string, id: string): UpsertChange {
  const outcome = rejectedOutcome(
    'ROW_NOT_READABLE',
    'The row is there, and the application user may not read it. Give the user organization-level read on the table; then send the row again.',
  );
  return {
    change: 'upsert',
    reason: 'changed',
    table,
    id,
    modifiedOn: null,
    initial: false,
    record: {},
    labels: {},
    outcome,
  };
}

function planOf(column: Column): Plan {
  const known = column.options?.map(({ value, label }) => [String(value), label] as const);
  return {
    name: column.name,
    annotation: LABELLED.has(column.type) ? column.name + FORMATTED_VALUE : undefined,
    options: known && new Map(known),
    lookupTable: column.type === 'lookup' ? column.name + LOOKUP_TABLE : undefined,
    secured: column.secured !== undefined,
    clockTime: column.behavior === 'clockTime',
  };
}

/** The Web API writes a `Z` behind times that have no zone; with it they would be moments of UTC. */
function withoutZone(value: unknown): SourceValue {
  return typeof value === 'string' ? value.replace(/Z$/i, '') : sourceValue(value);
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
