import { RejectedRecordError } from './errors';

/** Where a value comes from and goes to: named in every rejection. */
export interface ConversionPlace {
  /** Line of the mapping, from 1. */
  readonly line: number;
  /** Column, or `expression`. */
  readonly source: string;
  /** Campaign field. */
  readonly field: string;
}

/** Builds the rejection of one value. The message names line, source and field, never the value. */
export function rejection(place: ConversionPlace, code: string, what: string, hint?: string): RejectedRecordError {
  return new RejectedRecordError(code, `Line ${place.line} (${place.source} to ${place.field}): ${what}`, {
    field: place.field,
    mappingLine: place.line,
    hint,
  });
}
