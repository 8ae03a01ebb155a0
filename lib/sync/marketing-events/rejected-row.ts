import { rejectedOutcome, type Outcome } from '../../core/outcome';

/**
 * A row that can't be understood.
 *
 * @param field the column
 * @param hint what the user can do about it
 */
export function rejectedRow(code: string, message: string, field: string, hint: string): Outcome {
  return rejectedOutcome(code, `${message} ${hint}`, field);
}
