import { BrokenFileError } from './broken-file-error';

/** Each column costs each row; Dynamics 365 has tables of 1,024 columns at most. */
const MOST_COLUMNS = 2000;
const LONGEST_NAME = 500;

/**
 * Looks whether a header line can be one.
 *
 * @param quotesAreRead cells in quotes lose them
 * @throws BrokenFileError TOO_MANY_COLUMNS, HEADER_UNREADABLE, HEADER_QUOTED
 */
export function checkHeader(header: readonly string[], quotesAreRead: boolean): void {
  if (header.length > MOST_COLUMNS) {
    throw new BrokenFileError(
      'TOO_MANY_COLUMNS',
      `The header line of the file has ${header.length} columns; the limit is ${MOST_COLUMNS}.`,
      { hint: 'Check the delimiter, and export the columns that are needed.' },
    );
  }
  const hint = 'Check that it is a text file with a header line, and its encoding and line ends.';
  if (header.every((name) => name.trim() === '')) {
    const message = 'The first line of the file has no names of columns, so it is no header.';
    throw new BrokenFileError('HEADER_UNREADABLE', message, { hint });
  }
  for (const [at, name] of header.entries()) {
    if (name.length > LONGEST_NAME) {
      const message = `The name of column ${at + 1} is longer than ${LONGEST_NAME} characters, so the first line is no header.`;
      throw new BrokenFileError('HEADER_UNREADABLE', message, { hint });
    }
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(name)) {
      const message = `The name of column ${at + 1} has a control character, so the first line is no header.`;
      throw new BrokenFileError('HEADER_UNREADABLE', message, { hint });
    }
  }
  const quoted = (name: string) => name.length > 1 && name.startsWith('"') && name.endsWith('"');
  if (!quotesAreRead && header.some(quoted)) {
    throw new BrokenFileError('HEADER_QUOTED', 'Column names of the file stand in quotes, and quotes are not read.', {
      hint: 'Set Quotes to "Double Quotes Where Needed" in the file format of the node, or export without quotes.',
    });
  }
}

/**
 * True for a row that is another header: most of its cells are names of columns, and not in their places. What follows it belongs to other
 * columns than the first line says.
 *
 * @param names in lower case
 */
export function isOtherHeader(cells: readonly string[], names: ReadonlySet<string>): boolean {
  const isName = (cell: string | undefined) => cell !== undefined && cell !== '' && names.has(cell.toLowerCase());
  if (cells.length < 2 || !(isName(cells[0]) || isName(cells[1]))) return false;
  const known = cells.filter(isName).length;
  return known >= 2 && known * 2 >= cells.filter((cell) => cell !== '').length;
}
