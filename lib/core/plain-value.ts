import { TARGET_FIELDS, type SourceValue, type Target } from './change';
import { entryOf } from './entry-of';
import { RejectedRecordError } from './errors';
import { isNameLike } from './name-like';

/** Where a value of an item is used, for the rejection. */
export interface PlainValuePlace {
  /** As the panel shows it: `Line 3`, `Condition 2`. */
  readonly where: string;
  /** Column or field. */
  readonly name: string;
  /** The line of the mapping, from 1. */
  readonly line?: number | undefined;
}

/**
 * A value of an item that may have been edited on its way through the flow, as one that columns and fields hold: a text, a finite
 * number, a boolean, or null. A list or an object has no text of its own: JavaScript would write `[object Object]`.
 *
 * @throws RejectedRecordError VALUE_NOT_PLAIN
 */
export function requirePlain(value: unknown, { where, name, line }: PlainValuePlace): SourceValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      break;
    default:
      if (value === null) return value;
  }
  const what = typeof value === 'number' ? 'a number without a value (NaN or infinite)' : 'a list or an object';
  throw new RejectedRecordError(
    'VALUE_NOT_PLAIN',
    `${where}: the value of "${name}" is ${what}, where a text, a number, true, false or null is needed.`,
    {
      field: name,
      mappingLine: line,
      hint: 'Leave "record" as the trigger gives it, or take one plain value out of the list or object by an expression.',
    },
  );
}

/**
 * The same for every value of a target, which may have been edited behind the Field Mapper. The message names the line of the mapping where
 * the target knows it.
 *
 * @throws RejectedRecordError VALUE_NOT_PLAIN
 */
export function requirePlainTarget(target: Target): void {
  for (const part of TARGET_FIELDS) {
    for (const [name, value] of Object.entries(target[part])) {
      const line = entryOf(target.lines ?? {}, name);
      // What is no name may be a value that stands in its place.
      const known = isNameLike(name) ? name : '…';
      requirePlain(value, { where: line === undefined ? 'The target' : `Line ${line}`, name: known, line });
    }
  }
}
