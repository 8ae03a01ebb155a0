import { API_BOOLEANS, readBoolean } from '../core/boolean-words';
import { parseDateTime } from '../core/date-time';
import { readGuid } from '../core/guid';
import { isExactNumber } from '../core/numbers';
import type { Column, ColumnType } from '../core/metadata';
import { textOf, unusableCharacterIn } from '../core/text';

/** A row that a lookup points to. */
export interface LookupValue {
  /** Logical name of its table; absent where only the id is known. */
  readonly table?: string;
  /** Lower-case GUID. */
  readonly id: string;
}

/** A value in the one form in which it is compared and sent. Text that is empty is null: Dataverse knows no difference. */
export type RowValue = string | number | boolean | LookupValue | null;

export type ValueProblem =
  'INVALID_CHARACTER' | 'TOO_LONG' | 'TOO_MANY_DIGITS' | 'OUT_OF_RANGE' | 'UNKNOWN_CHOICE' | 'VALUE_NOT_CONVERTIBLE';
export type ReadValue = { readonly value: RowValue } | { readonly problem: ValueProblem };

type Reader = (value: string | number | boolean | object, column: Column) => ReadValue;

const NOT_CONVERTIBLE: ReadValue = { problem: 'VALUE_NOT_CONVERTIBLE' };

/**
 * Reads a value for a column of Dataverse, from an item or from a row of the Web API alike. What is not listed here is a problem.
 *
 * | type                         | taken                                                                      |
 * | ---------------------------- | -------------------------------------------------------------------------- |
 * | string, memo, other          | text, numbers and booleans as text                                         |
 * | integer, bigint              | whole numbers, also as text                                                |
 * | decimal, double, money       | numbers, also as text with a point, as exact as a double carries them      |
 * | boolean                      | true, false, 1, 0, also as text                                            |
 * | choice, state, status        | a value of the options, also as text, or the label of exactly one of them  |
 * | choices                      | a list of those, or values as text with commas                             |
 * | datetime                     | ISO 8601 (without a zone: UTC); compared and sent in whole seconds.        |
 * |                              | Without a zone, or with Z, alone where the column holds times of a clock   |
 * | date                         | `2026-11-21`                                                               |
 * | lookup                       | a GUID, `table(GUID)`, or `{ table, id }`                                  |
 * | uniqueidentifier             | a GUID                                                                     |
 */
export function readValue(value: unknown, column: Column): ReadValue {
  if (value === null || value === undefined || value === '') return { value: null };
  if (
    typeof value !== 'string' &&
    typeof value !== 'number' &&
    typeof value !== 'boolean' &&
    typeof value !== 'object'
  ) {
    return NOT_CONVERTIBLE;
  }
  return READERS[column.type](value, column);
}

/** True when both are the same for Dataverse. A lookup without a table matches by its id alone. */
export function sameValue(a: RowValue, b: RowValue): boolean {
  if (!isLookup(a) || !isLookup(b)) return a === b;
  return a.id === b.id && (a.table === undefined || b.table === undefined || a.table === b.table);
}

export function isLookup(value: RowValue): value is LookupValue {
  return typeof value === 'object' && value !== null;
}

const text: Reader = (value, { maxLength }) => {
  if (typeof value === 'object') return NOT_CONVERTIBLE;
  if (typeof value === 'number' && !Number.isFinite(value)) return NOT_CONVERTIBLE;
  const result = textOf(value);
  if (unusableCharacterIn(result) !== undefined) return { problem: 'INVALID_CHARACTER' };
  return maxLength !== undefined && result.length > maxLength ? { problem: 'TOO_LONG' } : { value: result };
};

const wholeNumber =
  (least: number, most: number): Reader =>
  (value) => {
    const result = numberOf(value);
    if (result === undefined || !Number.isInteger(result)) return NOT_CONVERTIBLE;
    return result < least || result > most ? { problem: 'OUT_OF_RANGE' } : { value: result };
  };

const number: Reader = (value) => {
  const result = numberOf(value);
  if (typeof value === 'string' && result !== undefined && !isExactNumber(value)) return { problem: 'TOO_MANY_DIGITS' };
  return result === undefined ? NOT_CONVERTIBLE : { value: result };
};

const choice: Reader = (value, column) => {
  const { options } = column;
  const asNumber = numberOf(value);
  if (asNumber !== undefined) {
    if (!Number.isInteger(asNumber)) return NOT_CONVERTIBLE;
    const known = options === undefined || options.some((option) => option.value === asNumber);
    return known ? { value: asNumber } : { problem: 'UNKNOWN_CHOICE' };
  }
  if (typeof value !== 'string') return NOT_CONVERTIBLE;
  const folded = value.trim().toLowerCase();
  const matches = options?.filter((option) => option.label.trim().toLowerCase() === folded) ?? [];
  const [match] = matches;
  return match && matches.length === 1 ? { value: match.value } : { problem: 'UNKNOWN_CHOICE' };
};

const choices: Reader = (value, column) => {
  const parts = Array.isArray(value) ? (value as unknown[]) : typeof value === 'string' ? value.split(',') : [value];
  const values = new Set<number>();
  for (const part of parts) {
    if (typeof part !== 'string' && typeof part !== 'number') return NOT_CONVERTIBLE;
    const read = choice(part, column);
    if ('problem' in read) return read;
    values.add(read.value as number);
  }
  // Sorted, so that the same choices in another order are the same value.
  return { value: values.size === 0 ? null : [...values].sort((a, b) => a - b).join(',') };
};

const READERS: Readonly<Record<ColumnType, Reader>> = {
  string: text,
  memo: text,
  other: text,
  integer: wholeNumber(-2_147_483_648, 2_147_483_647),
  // JSON carries no more digits than these safely.
  bigint: wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  decimal: number,
  double: number,
  money: number,
  boolean: (value) => {
    const result = readBoolean(value, API_BOOLEANS);
    return result === undefined ? NOT_CONVERTIBLE : { value: result };
  },
  choice,
  state: choice,
  status: choice,
  choices,
  datetime: (value, { behavior }) => {
    // A time of a clock has no zone: a moment, or a time with an offset, would be another time than someone meant.
    if (behavior === 'clockTime' && (typeof value !== 'string' || /[+-]\d\d(?::?\d\d)?$/.test(value.trim().slice(10))))
      return NOT_CONVERTIBLE;
    const iso = isoOf(value);
    return iso === undefined ? NOT_CONVERTIBLE : { value: `${iso.slice(0, 19)}Z` };
  },
  date: (value) => {
    // A moment has no day without a time zone: only what says midnight by itself is taken.
    const iso = typeof value === 'string' ? isoOf(value) : undefined;
    return iso?.endsWith('T00:00:00.000Z') && /^\d{4}-\d\d-\d\d(?:T00:00(?::00(?:\.0+)?)?Z?)?$/.test(String(value))
      ? { value: iso.slice(0, 10) }
      : NOT_CONVERTIBLE;
  },
  lookup: (value) => {
    const lookup = lookupOf(value);
    return lookup ? { value: lookup } : NOT_CONVERTIBLE;
  },
  uniqueidentifier: (value) => {
    const id = readGuid(value);
    return id === undefined ? NOT_CONVERTIBLE : { value: id };
  },
};

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/.test(value)) return undefined;
  const result = Number(value);
  return Number.isFinite(result) ? result : undefined;
}

function isoOf(value: unknown): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString();
  return typeof value === 'string' ? parseDateTime(value.trim(), 'auto', 'UTC') : undefined;
}

const REFERENCE = /^\/?([A-Za-z_]\w*)\(([^)]*)\)$/;

function lookupOf(value: unknown): LookupValue | undefined {
  if (typeof value === 'object' && value !== null) {
    const { table, id } = value as { table?: unknown; id?: unknown };
    const guid = readGuid(id);
    if (guid === undefined) return undefined;
    return typeof table === 'string' && table !== '' ? { table, id: guid } : { id: guid };
  }
  const alone = readGuid(value);
  if (alone !== undefined) return { id: alone };
  const reference = typeof value === 'string' ? REFERENCE.exec(value.trim()) : null;
  const guid = readGuid(reference?.[2]);
  return reference?.[1] && guid !== undefined ? { table: reference[1], id: guid } : undefined;
}
