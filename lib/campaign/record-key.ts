import { readField } from './dotted-fields';
import type { CampaignRecord } from './records';

/** Why a key can't be used: the form of a plan that rejects its record. */
export interface KeyProblem {
  readonly kind: 'reject';
  readonly code: 'KEY_NOT_USABLE';
  readonly message: string;
}

/** After a look-up that gave a record with another key. */
export const KEY_MISMATCH_HINT =
  'Look the key up in Adobe Campaign, and see that the key field, or the filter, compares exactly, upper and lower case included.';

/**
 * A key that names no single record, or that would turn a record's URL into its collection's.
 * Returns the rejection, or undefined when the key is fit for use.
 */
export function keyProblem(
  value: unknown,
  { resource, field }: { readonly resource: string; readonly field: string },
): KeyProblem | undefined {
  if (typeof value === 'string' && value.trim() !== '' && value !== '.' && value !== '..') return undefined;
  return {
    kind: 'reject',
    code: 'KEY_NOT_USABLE',
    message: `The key for "${field}" of ${resource} is empty or not fit to name one record. Nothing was looked up or written. Correct the key where it comes from.`,
  };
}

/**
 * True when a record carries exactly this key. A look-up may give a record whose key differs, in case alone for
 * example, and that may be another person's: who asks for a record by its key checks it before using what came. A
 * number counts as its digits.
 *
 * @param keyField dotted for a nested one
 */
export function hasKey(record: CampaignRecord, keyField: string, keyValue: string): boolean {
  const value = readField(record, keyField);
  return (typeof value === 'string' || typeof value === 'number') && String(value) === keyValue;
}
