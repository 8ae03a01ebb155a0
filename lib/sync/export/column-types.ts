import { wordToBoolean, type BooleanWords } from '../../core/boolean-words';
import { isExactNumber } from '../../core/numbers';
import { parseDateTime, type DateTimeFormat } from '../../core/date-time';

export const EXPORT_COLUMN_TYPES = ['text', 'integer', 'number', 'boolean', 'dateTime'] as const;
export type ExportColumnType = (typeof EXPORT_COLUMN_TYPES)[number];

/** How cells are written in the files. */
export interface CellFormat extends BooleanWords {
  /** IANA name for date-times that name no zone. */
  readonly timeZone: string;
  readonly dateTimeFormat: DateTimeFormat;
  readonly decimalSeparator: '.' | ',';
}

export type CellValue = string | number | boolean | null;
export type ProblemCode = 'NOT_AN_INTEGER' | 'NOT_A_NUMBER' | 'TOO_MANY_DIGITS' | 'NOT_A_BOOLEAN' | 'NOT_A_DATE_TIME';
export type Cell = { readonly value: CellValue } | { readonly problem: ProblemCode };

/**
 * A cell's text as a value of its column's type. An empty cell is null for every type but text; spaces around it count for text only.
 * A value that can't be read for certain is a problem, never a guess.
 */
export function readCell(text: string, type: ExportColumnType, format: CellFormat): Cell {
  if (type === 'text') return { value: text };
  const trimmed = text.trim();
  if (trimmed === '') return { value: null };
  return READERS[type](trimmed, format);
}

const READERS: Readonly<Record<Exclude<ExportColumnType, 'text'>, (text: string, format: CellFormat) => Cell>> = {
  integer: (text) => {
    const value = Number(text);
    return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(value)
      ? { value: value + 0 }
      : { problem: 'NOT_AN_INTEGER' };
  },
  number: (text, { decimalSeparator }) => {
    const plain = decimalSeparator === ',' ? text.replace(',', '.') : text;
    const shape = decimalSeparator === ',' ? /^[+-]?\d+(,\d+)?$/ : /^[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d{1,3})?$/;
    const value = Number(plain);
    if (!shape.test(text) || !Number.isFinite(value)) return { problem: 'NOT_A_NUMBER' };
    return isExactNumber(plain) ? { value } : { problem: 'TOO_MANY_DIGITS' };
  },
  boolean: (text, words) => {
    const value = wordToBoolean(text, words);
    return value === undefined ? { problem: 'NOT_A_BOOLEAN' } : { value };
  },
  dateTime: (text, { dateTimeFormat, timeZone }) => {
    const value = parseDateTime(text, dateTimeFormat, timeZone);
    return value === undefined ? { problem: 'NOT_A_DATE_TIME' } : { value };
  },
};
