import { rejectedOutcome, skippedOutcome, type Outcome } from '../../core/outcome';

/** Longest value of a row, in characters; Dynamics 365 and Campaign take no longer ones. */
export const LONGEST_CELL = 1024 * 256;

/** What can be wrong with a row as a whole: what is said after "Row 7 of the file ...", and after "Correct the export". */
const FAULTS = {
  ROW_CELLS: ['has another number of cells than the header', ''],
  ROW_QUOTES: [
    'has quotes that do not fit, so where its cells end is not certain',
    ', or set Quotes to None where the exporter puts no cells in quotes, as Adobe Campaign does',
  ],
  ROW_ENCODING: ['has bytes that are no character of the encoding of the file', ', or the encoding in the node'],
  ROW_CONTROL_CHARACTER: ['has a NUL character, or a carriage return inside a line', ''],
  CELL_TOO_LONG: [`has a value of more than ${LONGEST_CELL} characters`, ', or leave the column out'],
  HEADER_AGAIN: ['is the header once more and was left out', ''],
} as const;

export type RowFaultCode = keyof typeof FAULTS;

/** Where a row stands. */
export interface RowPlace {
  /** File name without its folder. */
  readonly file: string;
  /** Number of the row from 1, the header not counted. */
  readonly row: number;
  /** Line of the file from 1, where it is not the one after the row's number. */
  readonly line?: number | undefined;
}

/** The outcome of a row that can't be taken as it is. @param detail instead of what is said of the code, without a full stop */
export function faultOutcome(code: RowFaultCode, where: RowPlace, detail?: string): Outcome {
  const [what, more] = FAULTS[code];
  const line = where.line === undefined ? '' : ` (line ${where.line})`;
  const place = `Row ${where.row} of the file "${where.file}"${line}`;
  if (code === 'HEADER_AGAIN') return skippedOutcome(code, `${place} ${what}. Nothing has to be done.`);
  return rejectedOutcome(code, `${place} ${detail ?? what}. Correct the export${more}.`);
}
