import { readNewValues, type WriteColumn } from './row-plan';
import { RejectedRecordError } from '../core/errors';
import { isGuid } from '../core/guid';
import { plainDecimal } from '../core/numbers';
import { unusableCharacterIn } from '../core/text';
import { literal } from './odata';

/** Names one row: by its primary key, or by an alternate key. */
export type RowAddress =
  { readonly id: string } | { readonly key: readonly { readonly name: string; readonly value: unknown }[] };

/** Characters that an alternate key must not hold to be used in a URL (docs/facts/dataverse.md, "Writes"). */
const NOT_IN_KEYS = /[/\\#<>*%&:?+]/;

/** The longest text of a key: more than the 1,700 bytes that an index of SQL Server takes are in no alternate key. */
const LONGEST_KEY = 850;

/**
 * A row's identity among the locks, in lower case as Dataverse compares keys; an address that is none has a lock all the same, and is
 * rejected under it.
 */
export function lockKey(address: RowAddress): unknown {
  if ('id' in address) return address.id.trim().toLowerCase();
  return address.key.map(({ name, value }) => [name, isScalar(value) ? String(value).toLowerCase() : '']);
}

/**
 * The address relative to the Web API, e.g. `contacts(<guid>)`.
 *
 * @param setName of the table
 * @throws RejectedRecordError KEY_NOT_USABLE, and those of {@link readNewValues}
 */
export function rowPath(address: RowAddress, setName: string, columnOf: (name: string) => WriteColumn): string {
  if ('id' in address) {
    const id = address.id.trim();
    if (isGuid(id)) return `${setName}(${id.toLowerCase()})`;
    throw new RejectedRecordError(
      'KEY_NOT_USABLE',
      'The ID of this row is empty or no GUID. Nothing was read or written.',
      { hint: 'Give the primary key of the row, for example {{ $json.id }} of an item of the trigger.' },
    );
  }
  if (address.key.length === 0) {
    throw new RejectedRecordError('KEY_NOT_USABLE', 'The alternate key has no columns. Nothing was read or written.', {
      hint: 'Add the columns of the alternate key and their values.',
    });
  }
  const parts = address.key.map(({ name, value }) => `${name}=${keyValue(name, value, columnOf)}`);
  return `${setName}(${parts.join(',')})`;
}

function keyValue(name: string, given: unknown, columnOf: (name: string) => WriteColumn): string {
  // An empty key would be found in any row that lacks one, and an object has no text of its own.
  if (!isScalar(given) || (typeof given === 'string' && given.trim() === '')) {
    throw keyNotUsable(name, 'has no value that names one row', 'Give a text or number of the alternate key.');
  }
  const unusable =
    typeof given !== 'string' ? undefined : /[\t\r\n]/.test(given) ? 'a tab or line break' : unusableCharacterIn(given);
  if (unusable !== undefined) throw keyNotUsable(name, `holds ${unusable}`, 'Correct the text where it comes from.');
  const read = readNewValues({ [name]: given }, columnOf)[0];
  if (!read || (typeof read.value !== 'string' && typeof read.value !== 'number')) {
    throw keyNotUsable(name, 'has no value that names one row', 'Give a text or number of the alternate key.');
  }
  if (typeof read.value === 'number') return plainDecimal(read.value);
  if (['date', 'datetime', 'uniqueidentifier'].includes(read.column.type)) return read.value;
  if (NOT_IN_KEYS.test(read.value)) {
    throw keyNotUsable(
      name,
      'holds one of the characters / \\ # < > * % & : ? +, with which Dynamics 365 finds no row by an alternate key',
      'Find the row by its ID instead, or make the alternate key of a column without such characters.',
    );
  }
  if (read.value.length > LONGEST_KEY || read.value === '.' || read.value === '..') {
    throw keyNotUsable(name, 'is no text that an address can hold', 'Find the row by its ID instead.');
  }
  return literal(read.value);
}

function isScalar(value: unknown): value is string | number | boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  );
}

function keyNotUsable(name: string, why: string, hint: string): RejectedRecordError {
  return new RejectedRecordError('KEY_NOT_USABLE', `The key column "${name}" ${why}. Nothing was read or written.`, {
    field: name,
    hint,
  });
}
