import { gzipSync } from 'node:zlib';
import { z } from 'zod';

/** How a file is written: as Campaign does when nothing is said, or with what other exporters and operators do. */
export const habitsShape = {
  /** `where-needed`: a cell with a quote, a delimiter or a line end stands in double quotes; `all`: every cell does. */
  quotes: z.enum(['none', 'where-needed', 'all']).default('none'),
  /** `one-bad-byte`: UTF-8 with a byte more in the last cell of the first row that is none. `utf16le`: without a mark. */
  encoding: z.enum(['utf8', 'windows-1252', 'utf16le', 'one-bad-byte']).default('utf8'),
  lineEnds: z.enum(['lf', 'crlf', 'cr']).default('lf'),
  delimiter: z.enum(['tab', 'semicolon', 'comma']).default('tab'),
  /** Each row, but not the header, ends with a delimiter. */
  delimiterAtEnd: z.boolean().default(false),
  /** The header stands once more in the middle of the rows. */
  headerAgain: z.boolean().default(false),
  /** Times are written as Campaign's workflows do in an operator's zone (IANA), which the text does not name. */
  zone: z.string().min(1).optional(),
};
export type FileHabits = z.output<z.ZodObject<typeof habitsShape>>;

/** gzip: with `.gz` at the end of the name, or (`unnamed`) without, or (`zero-byte`) in two parts with a zero byte between them. */
export const compressShape = z.union([z.boolean(), z.enum(['unnamed', 'zero-byte'])]).default(false);

const DELIMITERS = { tab: '\t', semicolon: ';', comma: ',' } as const;
const LINE_ENDS = { lf: '\n', crlf: '\r\n', cr: '\r' } as const;

/** Characters that Windows-1252 has and Latin-1 does not, and their bytes. */
const WINDOWS: Readonly<Record<string, number>> = {
  ...{ '€': 0x80, '‚': 0x82, ƒ: 0x83, '„': 0x84, '…': 0x85, '†': 0x86, '‡': 0x87, ˆ: 0x88, '‰': 0x89, Š: 0x8a },
  ...{ '‹': 0x8b, Œ: 0x8c, Ž: 0x8e, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '–': 0x96, '—': 0x97 },
  ...{ '˜': 0x98, '™': 0x99, š: 0x9a, '›': 0x9b, œ: 0x9c, ž: 0x9e, Ÿ: 0x9f },
};

export type Cell = string | number | boolean | undefined;

/** Writes rows as text and encodes it. @returns the bytes, and how long the last line is in bytes */
export function encodeRows(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  habits: FileHabits,
): { readonly content: Buffer; readonly lastLine: number } {
  const delimiter = DELIMITERS[habits.delimiter];
  const lineEnd = LINE_ENDS[habits.lineEnds];
  const first = header.map((name) => quoted(name, delimiter, habits.quotes)).join(delimiter);
  const lines = rows.map(
    (row) =>
      row.map((value) => quoted(textOf(value, habits), delimiter, habits.quotes)).join(delimiter) +
      (habits.delimiterAtEnd ? delimiter : ''),
  );
  if (habits.headerAgain) lines.splice(Math.ceil(lines.length / 2), 0, first);
  const encoded = [first, ...lines].map((line) => encode(line, habits.encoding));
  if (habits.encoding === 'one-bad-byte' && encoded[1]) encoded[1] = Buffer.concat([encoded[1], Buffer.from([0xe9])]);
  const end = encode(lineEnd, habits.encoding);
  return {
    content: Buffer.concat(encoded.flatMap((line) => [line, end])),
    lastLine: encoded.at(-1)?.length ?? 0,
  };
}

/** Compresses as asked for. */
export function compressed(content: Buffer, how: z.output<typeof compressShape>): Buffer {
  if (how === false) return content;
  if (how !== 'zero-byte') return gzipSync(content);
  const middle = content.indexOf(0x0a, Math.floor(content.length / 2)) + 1;
  return Buffer.concat([gzipSync(content.subarray(0, middle)), Buffer.alloc(1), gzipSync(content.subarray(middle))]);
}

const CAMPAIGN_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/;

function textOf(value: Cell, { zone }: FileHabits): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  const text = String(value ?? '');
  if (zone === undefined || !CAMPAIGN_TIME.test(text)) return text;
  const moment = new Date(text.replace(' ', 'T'));
  return moment.toLocaleString('sv-SE', { timeZone: zone }).replaceAll('-', '/');
}

function quoted(text: string, delimiter: string, quotes: FileHabits['quotes']): string {
  // Extracts of Campaign know no quotes: what would end a cell becomes a blank, and a quote stays.
  if (quotes === 'none') return text.replace(/[\r\n]/g, ' ').replaceAll(delimiter, ' ');
  const needed = /["\r\n]/.test(text) || text.includes(delimiter);
  return quotes === 'all' || needed ? `"${text.replaceAll('"', '""')}"` : text;
}

function encode(text: string, encoding: FileHabits['encoding']): Buffer {
  if (encoding === 'utf16le') return Buffer.from(text, 'utf16le');
  if (encoding !== 'windows-1252') return Buffer.from(text, 'utf8');
  return Buffer.from(
    [...text].map((character) => WINDOWS[character] ?? (character < '\u0100' ? character.charCodeAt(0) : 0x3f)),
  );
}
