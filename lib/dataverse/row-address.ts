import { readNewValues, type WriteColumn } from './row-plan';
import { RejectedRecordError } from '../core/errors';
import { isGuid } from '../core/guid';
import { literal } from './odata';

/** Names one row: by its primary key, or by an alternate key. */
export type RowAddress =
  { readonly id: string } | { readonly key: readonly { readonly name: string; readonly value: unknown }[] };

/** A row's identity among the locks; an address that is none has a lock all the same, and is rejected under it. */
export function lockKey(address: RowAddress): unknown {
  return 'id' in address ? address.id.trim().toLowerCase() : address.key.map(({ name, value }) => [name, value]);
}

/**
 * The address relative to the Web API, e.g. `contacts(<guid>)`.
 *
 * @param setName of the table
 * @throws RejectedRecordError KEY_NOT_USABLE
 */
export function rowPath(address: RowAddress, setName: string, columnOf: (name: string) => WriteColumn): string {
  if ('id' in address) {
    const id = address.id.trim();
    if (isGuid(id)) return `${setName}(${id.toLowerCase()})`;
    throw new RejectedRecordError(
      'KEY_NOT_USABLE',
      `The ID of the row in "${setName}" is empty or no GUID. Nothing was read or written.`,
      { hint: 'Give the primary key of the row, or find the row by an alternate key.' },
    );
  }
  const parts = address.key.map(({ name, value }) => `${name}=${keyValue(name, value, columnOf)}`);
  return `${setName}(${parts.join(',')})`;
}

function keyValue(name: string, given: unknown, columnOf: (name: string) => WriteColumn): string {
  const read = readNewValues({ [name]: given }, columnOf)[0];
  if (!read || (typeof read.value !== 'string' && typeof read.value !== 'number')) {
    throw new RejectedRecordError('KEY_NOT_USABLE', `The key column "${name}" has no value that names one row.`, {
      field: name,
      hint: 'Give a text, number or date for each column of the alternate key.',
    });
  }
  const plain = typeof read.value === 'number' || ['date', 'datetime', 'uniqueidentifier'].includes(read.column.type);
  return plain ? String(read.value) : literal(String(read.value));
}
