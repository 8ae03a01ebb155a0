import { rejectedOutcome, type Outcome } from '../../core/outcome';
import { readCell, type CellFormat, type CellValue, type ProblemCode } from './column-types';
import type { PlannedColumn } from './column-plan';

/** Where a row comes from; part of each item as `export`. */
export interface RowOrigin {
  /** File name without its folder. */
  readonly file: string;
  /** Number of the row from 1, the header not counted. */
  readonly row: number;
  /** Values that could not be read as their column's type; the item then has their text. */
  readonly problems?: readonly { readonly column: string; readonly code: ProblemCode }[];
}

/** One row of an export: the `json` of an n8n item. Its columns stand beside `export` and, for a rejected row, `outcome`. */
export interface RowItem {
  readonly [column: string]: CellValue | RowOrigin | Outcome;
  readonly export: RowOrigin;
}

/** What becomes of a row with a value that can't be read: it is rejected, or goes on with the text and the problem named. */
export type UnreadablePolicy = 'reject' | 'keepText';

/**
 * Makes the item of a row. A row with another number of cells than the header is rejected without its values: which cell belongs to
 * which column is not certain.
 */
export function rowItem(
  cells: readonly string[],
  where: { readonly file: string; readonly row: number; readonly width: number },
  columns: readonly PlannedColumn[],
  format: CellFormat,
  unreadable: UnreadablePolicy,
): RowItem {
  const origin = { file: where.file, row: where.row };
  if (cells.length !== where.width) {
    const message = `Row ${where.row} of the file "${where.file}" has ${cells.length} cells, its header has ${where.width}. Correct the export; most often a value holds the delimiter and is not quoted.`;
    return { export: origin, outcome: rejectedOutcome('ROW_CELLS', message) };
  }
  const problems: { column: string; code: ProblemCode }[] = [];
  const entries = columns.map(({ position, name, type, dateTimeFormat }): [string, CellValue] => {
    const text = cells[position] ?? '';
    const cell = readCell(text, type, dateTimeFormat === undefined ? format : { ...format, dateTimeFormat });
    if ('value' in cell) return [name, cell.value];
    problems.push({ column: name, code: cell.problem });
    return [name, text];
  });
  const first = problems[0];
  // fromEntries, since a column may be called __proto__.
  const values = Object.fromEntries(entries);
  if (!first) return { ...values, export: origin };
  const withProblems = { ...values, export: { ...origin, problems } };
  if (unreadable === 'keepText') return withProblems;
  const message = `Row ${where.row} of the file "${where.file}": the value of "${first.column}" can't be read (${first.code}). Correct the type of the column or its format in the node, or let the text pass (Values That Can't Be Read).`;
  return { ...withProblems, outcome: rejectedOutcome('UNREADABLE_VALUE', message, first.column) };
}
