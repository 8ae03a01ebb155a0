import type { SourceValue } from '../../core/change';
import { rejection, type ConversionPlace } from '../../core/line-rejection';

/**
 * The plain value of what an expression gave: dates (JavaScript's, and n8n's DateTime) become ISO texts in UTC.
 * @throws RejectedRecordError for undefined, lists and objects. Undefined is most often a misspelt name; to take it for
 * empty would clear the field of every profile.
 */
export function expressionValue(value: unknown, place: ConversionPlace): SourceValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw rejection(
      place,
      'NOT_A_NUMBER',
      'the expression calculated something that is no number (NaN or infinite).',
      'Look for a value that is missing or no number in the expression, or for a division by zero.',
    );
  }
  if (value === undefined) {
    throw rejection(
      place,
      'EXPRESSION_WITHOUT_VALUE',
      'the expression gave no value (undefined).',
      'Check the names in the expression. To clear the field on purpose let it end in: ?? null.',
    );
  }
  const date = isoText(value);
  if (date !== undefined) return date;
  throw rejection(
    place,
    'NOT_CONVERTIBLE',
    'the expression gave a list or an object; a text, number, boolean or date is needed.',
    'Pick one value of the list or object in the expression, or join a list to a text.',
  );
}

function isoText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('toMillis' in value && typeof value.toMillis === 'function') return isoOf(value.toMillis());
  return value instanceof Date ? isoOf(value.getTime()) : undefined;
}

function isoOf(ms: unknown): string | undefined {
  return typeof ms === 'number' && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : undefined;
}
