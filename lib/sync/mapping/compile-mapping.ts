import type { Change, Mapped, MappedChange, Target, TARGET_FIELDS, TargetValue, UpsertChange } from '../../core/change';
import { columnNotRead } from '../../core/column-not-read';
import type { Conversions } from '../../core/conversions';
import { entryOf } from '../../core/entry-of';
import { requirePlain } from '../../core/plain-value';
import { expressionValue } from './expression-value';
import { rejection } from '../../core/line-rejection';
import { ConfigurationError, RejectedRecordError } from '../../core/errors';
import type { Field, ResourceDescription, TableDescription } from '../../core/metadata';
import { skippedOutcome } from '../../core/outcome';
import { Problems } from '../../core/problems';
import { isNameLike } from '../../core/name-like';
import { rejectionOutcome } from '../../core/rejection-outcome';
import { compileRows, type CompiledRow, type Travels } from './compile-rows';
import { resolveKeyField } from './key-field';
import type { MappingSettings } from './mapping-settings';

/** Evaluates the expression of a mapping line for the record at hand. */
export type EvaluateLine = (line: number) => unknown;

export interface Mapping {
  /** Things that may go wrong and need not: for the user to see. */
  readonly warnings: readonly string[];
  /**
   * Maps one change. A value that can't be converted gives an outcome `rejected` with code, message, field and mapping line;
   * a change that has an outcome already comes back as it is.
   * @throws ConfigurationError COLUMN_NOT_READ, TABLE_MISMATCH
   */
  map(change: Change, evaluate: EvaluateLine): Mapped;
}

/**
 * Compiles a mapping for one batch.
 *
 * @param conversions what values become; `lib/sync/conversion/conversions.ts`
 * @throws ConfigurationError that names every wrong line
 */
export function compileMapping(
  settings: MappingSettings,
  table: TableDescription,
  resource: ResourceDescription,
  conversions: Conversions,
): Mapping {
  const problems = new Problems();
  const key = resolveKeyField(settings.keyField, resource, problems);
  const rows = compileRows(settings, table, resource, key, conversions, problems);
  problems.throwIfAny();
  if (!key)
    throw new ConfigurationError('KEY_FIELD_MISSING', 'No Campaign key field is chosen.', {
      hint: 'Choose one in the Field Mapper; for profiles it is externalId.',
    });
  const target = compileTarget(rows, resource, key);
  return {
    warnings: [...mandatoryLeftOut(rows, resource, key), ...securedColumns(rows)],
    map: (change, evaluate) => {
      if (change.outcome) return change;
      requireTable(change, table.table.name);
      if (change.change === 'delete') {
        if (!settings.applyDeletes && change.reason !== 'filtered-out')
          return { ...change, outcome: DELETES_NOT_APPLIED };
        return { ...change, target: target.ofDelete(change.id) };
      }
      const { record, labels, ...rest } = change;
      const base: MappedChange = settings.keepRecord ? { ...rest, record, labels } : rest;
      try {
        return { ...base, target: target.ofUpsert(change, evaluate) };
      } catch (error) {
        return { ...base, outcome: rejectionOutcome(error) };
      }
    },
  };
}

const DELETES_NOT_APPLIED = skippedOutcome(
  'DELETES_NOT_APPLIED',
  'The row was deleted in Dynamics 365; Apply Deletes is off in the Field Mapper.',
);

function compileTarget(
  rows: readonly CompiledRow[],
  { resource }: ResourceDescription,
  key: Field,
): {
  ofDelete: (id: string) => Target;
  ofUpsert: (change: UpsertChange, evaluate: EvaluateLine) => Target;
} {
  const { name, api } = resource;
  const lines: Readonly<Record<string, number>> = Object.freeze(
    Object.fromEntries(rows.map(({ field, place }) => [field, place.line])),
  );
  return {
    ofDelete: (id) => ({ resource: name, api, key: { field: key.name, value: id }, ...noFields() }),
    ofUpsert: (change, evaluate) => {
      const parts = noFields();
      for (const row of rows) {
        const value = convertRow(row, change, evaluate);
        if (value !== undefined) parts[PART_OF[row.travels]][row.field] = value;
      }
      return { resource: name, api, lines, key: { field: key.name, value: change.id }, ...parts };
    },
  };
}

type TargetFields = (typeof TARGET_FIELDS)[number];

const PART_OF: Readonly<Record<Travels, TargetFields>> = {
  always: 'fields',
  onLoadAndCreation: 'loadAndCreationFields',
  onCreation: 'creationFields',
};

function noFields(): Record<TargetFields, Record<string, TargetValue>> {
  return { fields: {}, loadAndCreationFields: {}, creationFields: {} };
}

function convertRow(row: CompiledRow, change: UpsertChange, evaluate: EvaluateLine): TargetValue | undefined {
  if (row.column === undefined) return row.convert(evaluateRow(row, evaluate), undefined);
  const where = `Line ${row.place.line}`;
  const value = entryOf(change.record, row.column);
  if (value === undefined && row.secured) return undefined;
  if (value === undefined) throw columnNotRead(row.column, where);
  const plain = requirePlain(value, { where, name: row.column, line: row.place.line });
  const label: unknown = entryOf(change.labels, row.column);
  return row.convert(plain, typeof label === 'string' ? label : undefined);
}

const EXPRESSION_HINT =
  'Try it with this record in the Field Mapper. Where a value may be missing, write ?. before what is done with it.';

function evaluateRow(row: CompiledRow, evaluate: EvaluateLine): ReturnType<typeof expressionValue> {
  let value: unknown;
  try {
    value = evaluate(row.place.line);
  } catch (error) {
    if (error instanceof RejectedRecordError || error instanceof ConfigurationError) throw error;
    // The error's own text may quote values of the record.
    throw rejection(row.place, 'EXPRESSION_FAILED', 'the expression failed for this record.', EXPRESSION_HINT);
  }
  return expressionValue(value, row.place);
}

function requireTable(change: Change, table: string): void {
  if (change.table === table) return;
  // It comes from the item, which may have been edited on its way.
  const tableName = isNameLike(change.table) ? `table "${change.table}"` : 'table of another name';
  throw new ConfigurationError(
    'TABLE_MISMATCH',
    `The items are of the ${tableName}, and the node is set to "${table}".`,
    { hint: 'Choose the same table as in the Dynamics 365 Trigger, or leave the expression that takes it from there.' },
  );
}

function securedColumns(rows: readonly CompiledRow[]): string[] {
  return rows
    .filter(({ secured }) => secured)
    .map(
      ({ place }) =>
        `Line ${place.line}: the column "${place.source}" has column security, and the user may lack the right to read it. Where it reads as empty, "${place.field}" keeps its value in Campaign.`,
    );
}

function mandatoryLeftOut(rows: readonly CompiledRow[], resource: ResourceDescription, key: Field): string[] {
  const mapped = new Set(rows.map(({ field }) => field));
  return resource.fields
    .filter((field) => field.mandatory && !field.readOnly && field.name !== key.name && !mapped.has(field.name))
    .map(
      (field) => `The Campaign field "${field.name}" is mandatory and not mapped: creating a record may be refused.`,
    );
}
