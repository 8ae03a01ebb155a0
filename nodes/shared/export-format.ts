import { z } from 'zod';
import type { RowSettings } from '../../lib/sftp/watcher-settings';
import { TimeZone } from '../../lib/core/time-zone';
import { EXPORT_BOOLEANS } from '../../lib/core/boolean-words';
import { EXPORT_COLUMN_TYPES } from '../../lib/sync/export/column-types';
import { compilePattern } from '../../lib/core/date-time';

const dateTimeFormat = z
  .string()
  .trim()
  .superRefine((pattern, context) => {
    try {
      if (pattern !== '') compilePattern(pattern);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  })
  .transform((pattern) => (pattern === '' ? 'auto' : pattern));

const words = (standard: ReadonlySet<string>) =>
  z
    .string()
    .default([...standard].join(','))
    .transform(
      (text) =>
        new Set(
          text
            .split(',')
            .map((word) => word.trim().toLowerCase())
            .filter((word) => word !== ''),
        ),
    );

/** The parameters of export-format-properties.ts, typed. */
export const formatShape = z.object({
  columns: z
    .object({
      column: z
        .array(
          z.object({
            name: z.string().trim().min(1, 'a column has no name'),
            type: z.enum(EXPORT_COLUMN_TYPES).default('text'),
            as: z.string().trim().default(''),
            needed: z.boolean().default(true),
            dateTimeFormat: dateTimeFormat.default(''),
          }),
        )
        .default([]),
    })
    .default({}),
  keepOthers: z.boolean(),
  timeZone: z.string().trim().refine(isTimeZone, 'is no time zone, such as UTC or Europe/Berlin'),
  format: z
    .object({
      dateTimeFormat: dateTimeFormat.default(''),
      decimalSeparator: z.enum(['.', ',']).default('.'),
      delimiter: z.enum(['auto', 'tab', 'semicolon', 'comma', 'pipe']).default('auto'),
      empty: z.enum(['broken', 'allowed']).default('broken'),
      encoding: z.enum(['auto', 'utf8', 'latin1']).default('auto'),
      openEnd: z.boolean().default(false),
      // Adobe Campaign writes none, and then a text may begin with a quote.
      quotes: z.enum(['double', 'none']).default('none'),
      unreadable: z.enum(['keepText', 'reject']).default('keepText'),
      trueWords: words(EXPORT_BOOLEANS.trueWords),
      falseWords: words(EXPORT_BOOLEANS.falseWords),
    })
    .default({}),
});

type GetParameter = (name: string, fallback: unknown) => unknown;

/** The raw values of `formatShape`. */
export function formatParameters(get: GetParameter): Record<string, unknown> {
  return {
    columns: get('columns', {}),
    keepOthers: get('keepOthers', true),
    timeZone: get('timeZone', 'UTC'),
    format: get('format', {}),
  };
}

export function toRowSettings({ columns, keepOthers, timeZone, format }: z.infer<typeof formatShape>): RowSettings {
  return {
    file: {
      delimiter: format.delimiter,
      quotes: format.quotes,
      encoding: format.encoding,
      openEndAllowed: format.openEnd,
      emptyAllowed: format.empty === 'allowed',
    },
    cells: {
      timeZone,
      dateTimeFormat: format.dateTimeFormat,
      decimalSeparator: format.decimalSeparator,
      trueWords: format.trueWords,
      falseWords: format.falseWords,
    },
    columns: columns.column.map((column) => ({
      name: column.name,
      type: column.type,
      needed: column.needed,
      ...(column.as === '' ? {} : { as: column.as }),
      ...(column.dateTimeFormat === 'auto' ? {} : { dateTimeFormat: column.dateTimeFormat }),
    })),
    keepOthers,
    unreadable: format.unreadable,
  };
}

function isTimeZone(name: string): boolean {
  try {
    TimeZone.named(name);
    return true;
  } catch {
    return false;
  }
}
