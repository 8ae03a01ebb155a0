import { TYPED_BOOLEANS, wordToBoolean } from '../core/boolean-words';
import type { TargetValue } from '../core/change';
import { RejectedRecordError } from '../core/errors';
import type { Field, FieldType } from '../core/metadata';

type Reader = (text: string) => TargetValue | undefined;

const asNumber: Reader = (text) => (text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined);
const asText: Reader = (text) => text;

/** What was typed into a panel, per type of field; `undefined` means that it is no value of that type. */
const READERS: Readonly<Record<FieldType, Reader>> = {
  string: asText,
  other: asText,
  enumeration: asText,
  link: asText,
  date: asText,
  datetime: asText,
  integer: (text) => (/^[+-]?\d+$/.test(text) ? asNumber(text) : undefined),
  float: asNumber,
  double: asNumber,
  boolean: (text) => wordToBoolean(text, TYPED_BOOLEANS),
};

/**
 * A value as a person typed it, or as an expression gave it, in the type of its field. A number or boolean for a text
 * field becomes text; an empty text for any other field is null, which empties the field.
 *
 * @throws RejectedRecordError INVALID_VALUE, without the value in its message
 */
export function enteredValue(field: Pick<Field, 'name' | 'type'>, value: unknown): TargetValue {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') throw invalid(field);
  const isText = READERS[field.type] === asText;
  const text = isText ? String(value) : String(value).trim();
  if (text === '' && !isText) return null;
  const read = READERS[field.type](text);
  if (read === undefined) throw invalid(field);
  return read;
}

function invalid(field: Pick<Field, 'name' | 'type'>): RejectedRecordError {
  return new RejectedRecordError('INVALID_VALUE', `The value for "${field.name}" is not of its type, ${field.type}.`, {
    field: field.name,
    hint: 'Correct the value in the node, or the expression that gives it.',
  });
}
