import type { Change, SourceValue, UpsertChange } from '../../core/change';
import { columnNotRead } from '../../core/column-not-read';
import { entryOf } from '../../core/entry-of';
import { parseNumber } from '../../core/numbers';
import { requirePlain } from '../../core/plain-value';
import { rejectionOutcome } from '../../core/rejection-outcome';
import type { Column, ColumnType, TableDescription } from '../../core/metadata';
import { Problems } from '../../core/problems';
import { resolveColumn } from '../../core/resolve-column';
import { keyMaker, type Likeness } from './lookup';
import type { Replaced, ReplacementRow, ReplacementSettings, ReplacementValue } from './replacement-settings';

interface NewValue {
  readonly value: SourceValue;
  /** Display label that goes with it; undefined: none. */
  readonly label: string | undefined;
}

interface ColumnReplacements {
  readonly column: Column;
  readonly line: number;
  readonly keyOf: (value: SourceValue) => string;
  readonly byKey: ReadonlyMap<string, NewValue>;
}

const LIKENESS: Readonly<Record<ColumnType, Likeness>> = {
  string: 'text',
  memo: 'text',
  other: 'text',
  date: 'text',
  datetime: 'text',
  integer: 'number',
  bigint: 'number',
  decimal: 'number',
  double: 'number',
  money: 'number',
  choice: 'number',
  choices: 'number',
  state: 'number',
  status: 'number',
  boolean: 'boolean',
  lookup: 'id',
  uniqueidentifier: 'id',
};

const LABELLED: ReadonlySet<ColumnType> = new Set(['choice', 'choices', 'state', 'status', 'boolean', 'lookup']);

/**
 * Compiles replacements in the record, before the mapping. A label is replaced together with its value, so that a mapping by
 * technical value and one by label see the same. In a multi-select each of the chosen values is replaced for itself.
 * @throws ConfigurationError that names every wrong row; the replacing itself throws COLUMN_NOT_READ
 */
export function compileRecordReplacements(
  settings: ReplacementSettings,
  table: TableDescription,
): (change: Change) => Replaced<Change> {
  const problems = new Problems();
  const columns = new Map<string, { column: Column; line: number; rows: ReplacementRow[] }>();
  for (const row of settings.rows) {
    const column = resolveColumn(row.name, `Line ${row.line}`, table, problems);
    if (!column) continue;
    if (row.oldValue.empty === false) checkOldValue(row.oldValue.value, column, row.line, problems);
    const known = columns.get(column.name);
    if (known) known.rows.push(row);
    else columns.set(column.name, { column, line: row.line, rows: [row] });
  }
  problems.throwIfAny();
  const compiled = [...columns.values()].map(({ column, line, rows }) =>
    compileColumn(column, line, rows, settings.caseSensitive),
  );
  return (change) => {
    if (change.change === 'delete' || change.outcome) return { change, count: 0 };
    try {
      return replaceIn(change, compiled);
    } catch (error) {
      return { change: { ...change, outcome: rejectionOutcome(error) }, count: 0 };
    }
  };
}

function replaceIn(change: UpsertChange, columns: readonly ColumnReplacements[]): Replaced<Change> {
  let record: Record<string, SourceValue> | undefined;
  let labels: Record<string, string> | undefined;
  let count = 0;
  for (const { column, line, keyOf, byKey } of columns) {
    const where = `Line ${line}`;
    const given = entryOf(change.record, column.name);
    if (given === undefined && column.secured) continue;
    if (given === undefined) throw columnNotRead(column.name, where);
    const value = requirePlain(given, { where, name: column.name });
    const found =
      column.type === 'choices' && value !== null
        ? replaceChoices(value, column, byKey, keyOf)
        : byKey.get(keyOf(value));
    if (!found) continue;
    count++;
    record ??= { ...change.record };
    record[column.name] = found.value;
    if (!LABELLED.has(column.type)) continue;
    labels ??= { ...change.labels };
    if (found.label === undefined) delete labels[column.name];
    else labels[column.name] = found.label;
  }
  return record ? { change: { ...change, record, labels: labels ?? change.labels }, count } : { change, count };
}

function replaceChoices(
  value: Exclude<SourceValue, null>,
  column: Column,
  byKey: ReadonlyMap<string, NewValue>,
  keyOf: (value: SourceValue) => string,
): NewValue | undefined {
  const parts = String(value).split(',');
  let replaced = false;
  const results = parts.map((part): NewValue => {
    const found = byKey.get(keyOf(part));
    if (found) replaced = true;
    return found ?? { value: part.trim(), label: labelOf(column, Number(part)) };
  });
  if (!replaced) return undefined;
  const left = results.filter((result) => result.value !== null);
  if (left.length === 0) return { value: null, label: undefined };
  const labels = left.map(({ label }) => label);
  return {
    value: left.map((result) => String(result.value)).join(','),
    label: labels.includes(undefined) ? undefined : labels.join('; '),
  };
}

function compileColumn(
  column: Column,
  line: number,
  rows: readonly ReplacementRow[],
  caseSensitive: boolean,
): ColumnReplacements {
  const keyOf = keyMaker(LIKENESS[column.type], caseSensitive);
  const byKey = new Map<string, NewValue>();
  for (const row of rows) {
    const key = keyOf(row.oldValue.empty ? null : row.oldValue.value);
    if (!byKey.has(key)) byKey.set(key, newValueOf(row.newValue, column));
  }
  return { column, line, keyOf, byKey };
}

/** A value that the column's type has becomes one of that type; anything else is text (`2` may become `female`). */
function newValueOf(newValue: ReplacementValue, column: Column): NewValue {
  if (newValue.empty) return { value: null, label: undefined };
  const text = newValue.value;
  const asText: NewValue = { value: text, label: text };
  const number = parseNumber(text);
  switch (LIKENESS[column.type]) {
    case 'boolean': {
      if (text !== 'true' && text !== 'false') return asText;
      return { value: text === 'true', label: labelOf(column, text === 'true' ? 1 : 0) ?? text };
    }
    case 'number': {
      if (number === undefined) return asText;
      return { value: number, label: labelOf(column, number) ?? text };
    }
    default:
      return asText;
  }
}

function labelOf(column: Column, value: number): string | undefined {
  return column.options?.find((option) => option.value === value)?.label;
}

function checkOldValue(value: string, column: Column, line: number, problems: Problems): void {
  const where = `Line ${line}`;
  const number = parseNumber(value);
  switch (LIKENESS[column.type]) {
    case 'number':
      if (number === undefined) {
        problems.add({
          where,
          code: 'OLD_VALUE_NOT_VALID',
          message: `the old value is no number, as the column "${column.name}" has.`,
          hint: 'Give a number, with a decimal point and without grouping.',
        });
      } else if (column.options?.length && !column.options.some((option) => option.value === number)) {
        problems.add({
          where,
          code: 'UNKNOWN_CHOICE',
          message: `the column "${column.name}" has no choice ${number} (any more).`,
          hint: 'Choose the old value again from the list.',
        });
      }
      return;
    case 'boolean':
      if (value !== 'true' && value !== 'false') {
        problems.add({
          where,
          code: 'OLD_VALUE_NOT_VALID',
          message: `the old value of the column "${column.name}" must be true or false.`,
          hint: 'Choose true or false as the old value.',
        });
      }
      return;
    default:
  }
}
