import { isGuid } from '../../core/guid';
import { BrokenFileError } from './broken-file-error';
import type { ExportColumnType } from './column-types';
import type { DateTimeFormat } from '../../core/date-time';

/** What the user says of one column. */
export interface ColumnSetting {
  /** As the header of the file has it. */
  readonly name: string;
  /** The name on the items; the header's name when absent. */
  readonly as?: string;
  readonly type: ExportColumnType;
  /** A file without it is broken. */
  readonly needed: boolean;
  /** Overrides the file's date-time format. */
  readonly dateTimeFormat?: DateTimeFormat;
}

/** What becomes of the cell at one position of a row. */
export interface PlannedColumn {
  readonly position: number;
  readonly name: string;
  readonly type: ExportColumnType;
  readonly dateTimeFormat?: DateTimeFormat;
}

/** Names that the items use for themselves. */
const RESERVED = new Set(['export', 'delivery', 'outcome', 'target', 'change']);

/**
 * Lays the user's columns over a file's header.
 *
 * Names are compared without spaces around them and, where that finds nothing, without regard to upper and lower case and to what nobody
 * sees: kinds of blanks, characters without width, other forms of the same letter. Columns the user
 * did not list come as text when `keepOthers` is set. A column without a name is left out. A column named like a part of the item itself
 * (`export`, `delivery`, ...) gets an underscore at its end.
 *
 * @throws BrokenFileError COLUMN_MISSING (names what is missing and what is there), COLUMN_TWICE
 */
export function planColumns(
  header: readonly string[],
  settings: readonly ColumnSetting[],
  keepOthers: boolean,
): PlannedColumn[] {
  const names = header.map(visibleName);
  const taken = new Map<number, ColumnSetting>();
  const missing: string[] = [];
  const find = finder(names);
  for (const setting of settings) {
    const position = find(visibleName(setting.name));
    if (position >= 0) taken.set(position, setting);
    else if (setting.needed) missing.push(setting.name);
  }
  if (missing.length > 0) {
    throw new BrokenFileError(
      'COLUMN_MISSING',
      `The file lacks ${list(missing.slice(0, 40))}. ${whatIsThere(names, taken.size)}`,
      {
        hint: 'Correct the export, or the columns, the delimiter or the quotes in the settings of this node, and upload the file again.',
      },
    );
  }
  const planned = names.flatMap((name, position): PlannedColumn[] => {
    const setting = taken.get(position);
    if (setting) {
      const format = setting.dateTimeFormat === undefined ? {} : { dateTimeFormat: setting.dateTimeFormat };
      return [{ position, name: free(setting.as ?? visibleName(setting.name)), type: setting.type, ...format }];
    }
    return keepOthers && name !== '' ? [{ position, name: free(name), type: 'text' }] : [];
  });
  const seen = new Map<string, number>();
  for (const { name, position } of planned) {
    const before = seen.get(name);
    // Without its name: in a file without a header that is a value.
    if (before !== undefined) throwTwice(`the same name for the columns ${before + 1} and ${position + 1}`);
    seen.set(name, position);
  }
  return planned;
}

/** What the cells of a header look like, `@email` of Campaign too; e-mail addresses, numbers and dates do not. */
const NAME = /^@?[\p{L}_][^@]*$/u;

/** A first line with none of the columns may be no header but a record, whose values must not be in a message. */
function whatIsThere(names: readonly string[], found: number): string {
  if (found === 0 && names.length > 1 && !names.every((name) => NAME.test(name) && !isGuid(name)))
    return `Its first line has ${names.length} cells, and they are no names of columns.`;
  return `Its first line has ${list(names.slice(0, 40))}.`;
}

/** Blanks, and characters without a width of their own (zero width spaces, marks of direction or byte order). */
const UNSEEN_AT_ENDS = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu;

/** A name without what nobody sees around it, and letters with their accents in one piece, as most keyboards make them. */
function visibleName(name: string): string {
  return name.replace(UNSEEN_AT_ENDS, '').normalize('NFC');
}

/** What two names have in common that look the same, or differ in case alone. */
function looksOf(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .toLowerCase();
}

/** Finds the position of a column, or -1; the header is gone through once, however many columns are looked for. */
function finder(names: readonly string[]): (wanted: string) => number {
  const exact = positions(names);
  const folded = positions(names.map(looksOf));
  return (wanted) => {
    const found = exact.get(wanted) ?? folded.get(looksOf(wanted));
    if (found === TWICE) throwTwice(`the column "${wanted}" more than once`);
    return found ?? -1;
  };
}

const TWICE = -2;

function positions(names: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [position, name] of names.entries()) found.set(name, found.has(name) ? TWICE : position);
  return found;
}

function throwTwice(what: string): never {
  throw new BrokenFileError('COLUMN_TWICE', `The file has ${what}, so its values are not certain.`, {
    hint: 'Correct the export, or give one of the columns another name on the items.',
  });
}

function free(name: string): string {
  return RESERVED.has(name) ? `${name}_` : name;
}

function list(names: readonly string[]): string {
  if (names.length === 0 || (names.length === 1 && names[0] === '')) return 'no columns';
  // A torn or binary file must not fill the log.
  return `the column${names.length === 1 ? '' : 's'} ${names.map((name) => `"${name.slice(0, 60)}"`).join(', ')}`;
}
