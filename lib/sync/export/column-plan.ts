import { BrokenFileError } from './broken-file-error';
import type { ExportColumnType } from './column-types';
import type { DateTimeFormat } from '../../core/date-time';
import { isGuid } from '../../core/guid';

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
 * Names are compared without spaces around them and, where that finds nothing, without regard to upper and lower case. Columns the user
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
  const names = header.map((name) => name.trim());
  const taken = new Map<number, ColumnSetting>();
  const missing: string[] = [];
  for (const setting of settings) {
    const position = find(names, setting.name.trim());
    if (position >= 0) taken.set(position, setting);
    else if (setting.needed) missing.push(setting.name);
  }
  if (missing.length > 0) {
    throw new BrokenFileError('COLUMN_MISSING', `The file lacks ${list(missing)}. ${whatIsThere(names, taken.size)}`, {
      hint: 'Correct the export, or the columns, the delimiter or the quotes in the settings of this node, and upload the file again.',
    });
  }
  const planned = names.flatMap((name, position): PlannedColumn[] => {
    const setting = taken.get(position);
    if (setting) {
      const format = setting.dateTimeFormat === undefined ? {} : { dateTimeFormat: setting.dateTimeFormat };
      return [{ position, name: free(setting.as ?? setting.name.trim()), type: setting.type, ...format }];
    }
    return keepOthers && name !== '' ? [{ position, name: free(name), type: 'text' }] : [];
  });
  const twice = planned.find((column, at) => planned.findIndex((other) => other.name === column.name) !== at);
  if (twice) {
    throw new BrokenFileError(
      'COLUMN_TWICE',
      `The file has the column "${twice.name}" more than once, so its values are not certain.`,
      {
        hint: 'Correct the export, or give one of the columns another name on the items.',
      },
    );
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

function find(names: readonly string[], wanted: string): number {
  const exact = names.indexOf(wanted);
  if (exact >= 0) {
    if (names.lastIndexOf(wanted) !== exact) throwTwice(wanted);
    return exact;
  }
  const folded = names.map((name) => name.toLowerCase());
  const position = folded.indexOf(wanted.toLowerCase());
  if (position >= 0 && folded.lastIndexOf(wanted.toLowerCase()) !== position) throwTwice(wanted);
  return position;
}

function throwTwice(name: string): never {
  throw new BrokenFileError(
    'COLUMN_TWICE',
    `The file has the column "${name}" more than once, so its values are not certain.`,
    {
      hint: 'Correct the export.',
    },
  );
}

function free(name: string): string {
  return RESERVED.has(name) ? `${name}_` : name;
}

function list(names: readonly string[]): string {
  if (names.length === 0 || (names.length === 1 && names[0] === '')) return 'no columns';
  // A torn or binary file must not fill the log.
  return `the column${names.length === 1 ? '' : 's'} ${names.map((name) => `"${name.slice(0, 60)}"`).join(', ')}`;
}
