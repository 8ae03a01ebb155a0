import { rejectedOutcome, type Outcome } from '../../core/outcome';
import { readCell, type CellFormat, type CellValue, type ProblemCode } from './column-types';
import type { PlannedColumn } from './column-plan';
import { faultOutcome, type RowFaultCode } from './row-faults';

/** Where a row comes from; part of each item as `export`. */
export interface RowOrigin {
  /** File name without its folder. */
  readonly file: string;
  /** Number of the row from 1, the header not counted. */
  readonly row: number;
  /**
   * Values that could not be read as their column's type; the item then has their text. IN_THE_FUTURE: the time was read, and lies in the
   * future; noticed once for each column of a file.
   */
  readonly problems?: readonly RowProblem[];
}

export interface RowProblem {
  readonly column: string;
  readonly code: ProblemCode | 'IN_THE_FUTURE';
}

/** One row of an export: the `json` of an n8n item. Its columns stand beside `export` and, for a rejected row, `outcome`. */
export interface RowItem {
  readonly [column: string]: CellValue | RowOrigin | Outcome;
  readonly export: RowOrigin;
}

/** What becomes of a row with a value that can't be read: it is rejected, or goes on with the text and the problem named. */
export type UnreadablePolicy = 'reject' | 'keepText';

/** The item of a row that can't be taken as it is. It has none of the row's values: where each begins and ends is not certain. */
export function faultItem(
  code: RowFaultCode,
  where: { readonly file: string; readonly row: number; readonly line?: number | undefined },
): RowItem {
  return { export: { file: where.file, row: where.row }, outcome: faultOutcome(code, where) };
}

/** The item with one more thing said about its values. */
export function withProblems(item: RowItem, problems: readonly RowProblem[]): RowItem {
  return { ...item, export: { ...item.export, problems: [...(item.export.problems ?? []), ...problems] } };
}

/**
 * Makes the item of a row. A row with another number of cells than the header is rejected without its values: which cell belongs to
 * which column is not certain.
 */
export function rowItem(
  cells: readonly string[],
  where: {
    readonly file: string;
    readonly row: number;
    readonly line?: number | undefined;
    /** The header's number of cells. */
    readonly width: number;
  },
  columns: readonly PlannedColumn[],
  format: CellFormat,
  unreadable: UnreadablePolicy,
): RowItem {
  const origin = { file: where.file, row: where.row };
  if (cells.length !== where.width) {
    const oneEmptyMore = cells.length === where.width + 1 && cells[where.width] === '';
    const detail = oneEmptyMore
      ? `ends with a delimiter, and so has ${cells.length} cells, its header has ${where.width}; that is left out only where all rows end so`
      : `has ${cells.length} cells, its header has ${where.width}`;
    return { export: origin, outcome: faultOutcome('ROW_CELLS', where, detail) };
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
