import { entryOf } from './entry-of';
import { RejectedRecordError } from './errors';
import { rejectedOutcome, type Outcome } from './outcome';

/**
 * The outcome of a record that can't be processed as it is.
 *
 * @param lines mapping line by field, where the error names a field but no line
 * @throws the error itself when it is not about one record
 */
export function rejectionOutcome(error: unknown, lines?: Readonly<Record<string, number>>): Outcome {
  if (!(error instanceof RejectedRecordError)) throw error;
  const mappingLine =
    error.mappingLine ?? (error.field === undefined || !lines ? undefined : entryOf(lines, error.field));
  return {
    ...rejectedOutcome(error.code, error.fullText, error.field),
    ...(mappingLine === undefined ? {} : { mappingLine }),
  };
}
