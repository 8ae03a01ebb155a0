import { isLookup, readValue, sameValue, type LookupValue, type RowValue, type ValueProblem } from './row-values';
import { RejectedRecordError } from '../core/errors';
import type { Column } from '../core/metadata';
import { isEtag } from './if-match';
import { LOOKUP_TABLE } from './odata';
import type { DataverseRow } from './rows';

/** A table that a lookup column may point to. */
export interface LookupTarget {
  /** Logical name. */
  readonly table: string;
  /** Name in URLs. */
  readonly setName: string;
  /** The name before `@odata.bind`, case-sensitive (`ReferencingEntityNavigationPropertyName`). */
  readonly navigation: string;
}

/** A column that is to be written. */
export interface WriteColumn extends Column {
  /** Of a lookup: where it may point. */
  readonly targets?: readonly LookupTarget[];
}

/** One column's new value, read and checked. */
export interface NewValue {
  readonly column: WriteColumn;
  readonly value: RowValue;
}

/** The body of a write. */
export type RowBody = Readonly<Record<string, string | number | boolean | null>>;

/** What is to be done with one row. */
export type RowPlan =
  | { readonly kind: 'create'; readonly body: RowBody }
  | {
      readonly kind: 'update';
      readonly body: RowBody;
      /** Names of the columns that differ. */
      readonly changed: readonly string[];
      /** For `If-Match`. */
      readonly ifMatch: string;
    }
  | { readonly kind: 'nothing' }
  /** An update of a row that is not there. */
  | { readonly kind: 'absent' }
  /** The row is another one than the item was decided on, and would have to be written. */
  | { readonly kind: 'changedSince' };

export interface RowPlanOptions {
  /** Create the row where there is none. */
  readonly upsert: boolean;
  /** The etag on which the item was decided. */
  readonly ifMatch?: string | undefined;
}

const PROBLEMS: Readonly<Record<ValueProblem, string>> = {
  INVALID_CHARACTER: 'holds a control character or half of a surrogate pair',
  TOO_LONG: 'is longer than the column takes',
  TOO_MANY_DIGITS: 'has more digits than JSON carries exactly (about 15)',
  OUT_OF_RANGE: 'is out of the range of the column',
  UNKNOWN_CHOICE: 'is none of the options of the column',
  VALUE_NOT_CONVERTIBLE: 'does not fit the type of the column',
};

const HINTS: Readonly<Record<ValueProblem, string>> = {
  INVALID_CHARACTER:
    'Correct the text where it comes from: such characters are damage, most often of a wrong encoding.',
  TOO_LONG: 'Shorten the text, or make the column longer in Dynamics 365.',
  TOO_MANY_DIGITS: 'Give the number with at most 15 digits; more would be rounded without a word.',
  OUT_OF_RANGE: 'Correct the number, or choose a column that takes it.',
  UNKNOWN_CHOICE: 'Give a value of the options, or the label of exactly one of them.',
  VALUE_NOT_CONVERTIBLE: 'Give one plain value of the type of the column; a list or an object is none.',
};

/**
 * Reads an item's new values.
 *
 * @param columnOf the column of a name; throws ConfigurationError where there is none
 * @throws RejectedRecordError INVALID_CHARACTER, TOO_LONG, TOO_MANY_DIGITS, OUT_OF_RANGE, UNKNOWN_CHOICE, VALUE_NOT_CONVERTIBLE, LOOKUP_TABLE_UNCLEAR
 */
export function readNewValues(
  values: Readonly<Record<string, unknown>>,
  columnOf: (name: string) => WriteColumn,
): NewValue[] {
  return Object.entries(values).flatMap(([name, given]): NewValue[] => {
    // An expression that gave nothing says nothing about the column; null empties it.
    if (given === undefined) return [];
    const column = columnOf(name);
    const read = readValue(given, column);
    if ('problem' in read) {
      throw new RejectedRecordError(
        read.problem,
        `The value for the column "${column.label}" (${column.name}, ${column.type}) ${PROBLEMS[read.problem]}.`,
        { field: column.name, hint: HINTS[read.problem] },
      );
    }
    if (isLookup(read.value)) targetOf(column, read.value);
    return [{ column, value: read.value }];
  });
}

/**
 * Plans the write of one row.
 *
 * @param present the row as it is, with its etag; null where there is none
 *
 * - An update holds what differs and nothing else: unchanged columns would still start flows and fill the audit log.
 * - An update is bound to the row that was read, so that a change that came in between is seen and decided anew.
 * - An item that was decided on another state of the row is not written, unless the row has the values already.
 */
export function planRow(values: readonly NewValue[], present: DataverseRow | null, options: RowPlanOptions): RowPlan {
  if (present === null) {
    if (!options.upsert) return { kind: 'absent' };
    return options.ifMatch === undefined ? { kind: 'create', body: bodyOf(values) } : { kind: 'absent' };
  }
  const differing = values.filter(({ column, value }) => !hasValue(present, column, value));
  if (differing.length === 0) return { kind: 'nothing' };
  const etag = etagOf(present);
  if (options.ifMatch !== undefined && etag !== undefined && etag !== options.ifMatch) return { kind: 'changedSince' };
  return {
    kind: 'update',
    body: bodyOf(differing),
    changed: differing.map(({ column }) => column.name),
    ifMatch: options.ifMatch ?? etag ?? '*',
  };
}

/** The body for writing these values: lookups as `@odata.bind`, everything else by its name. */
export function bodyOf(values: readonly NewValue[]): RowBody {
  const body: Record<string, string | number | boolean | null> = {};
  for (const { column, value } of values) {
    if (column.type !== 'lookup') {
      body[column.name] = value as string | number | boolean | null;
    } else if (isLookup(value)) {
      const target = targetOf(column, value);
      body[`${target.navigation}@odata.bind`] = `/${target.setName}(${value.id})`;
    } else {
      // Any of the lookup's names empties it.
      const [first] = column.targets ?? [];
      body[`${(first ?? noTarget(column)).navigation}@odata.bind`] = null;
    }
  }
  return body;
}

/** The etag of a row, as `If-Match` takes it. */
export function etagOf(row: DataverseRow): string | undefined {
  const etag = row['@odata.etag'];
  return isEtag(etag) ? etag : undefined;
}

function hasValue(present: DataverseRow, column: Column, value: RowValue): boolean {
  const raw = present[column.name];
  // Of a secured column null says nothing about its value: it is written rather than taken for the same.
  if (column.secured && (raw === null || raw === undefined)) return false;
  const read = readValue(raw, unlimited(column));
  if ('problem' in read) return false;
  if (column.type !== 'lookup' || !isLookup(read.value)) return sameValue(read.value, value);
  const table = present[column.name + LOOKUP_TABLE];
  return sameValue(typeof table === 'string' ? { table, id: read.value.id } : read.value, value);
}

/** What stands in a row is not judged by the limits for new values. */
function unlimited({ name, label, type, updatable }: Column): Column {
  return { name, label, type, updatable };
}

function targetOf(column: WriteColumn, { table }: LookupValue): LookupTarget {
  const targets = column.targets ?? [];
  const matches =
    table === undefined ? targets : targets.filter((target) => target.table === table || target.setName === table);
  const [match] = matches;
  if (match && matches.length === 1) return match;
  if (targets.length === 0) return noTarget(column);
  throw new RejectedRecordError(
    'LOOKUP_TABLE_UNCLEAR',
    `The lookup "${column.label}" (${column.name}) may point to ${targets.map((target) => target.table).join(', ')}, and the value does not name one of them.`,
    {
      field: column.name,
      hint: 'Give the value as table(id), for example account(1c2d…), or as an object with table and id.',
    },
  );
}

function noTarget(column: Column): never {
  throw new RejectedRecordError(
    'LOOKUP_NOT_WRITABLE',
    `Dynamics 365 names no table for the lookup "${column.label}" (${column.name}), so it can't be written.`,
    { field: column.name, hint: 'Take the column out of the values that are written.' },
  );
}
