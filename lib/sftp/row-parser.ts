import { QuotedRow } from '../sync/export/quoted-row';
import { LONGEST_CELL, type RowFaultCode } from '../sync/export/row-faults';
import { BOM } from './content-tap';
import { broken } from './broken';
import { LONGEST_ROW, MOST_LINES_OF_A_ROW } from './file-limits';

/** A quoted cell that was followed over more lines than these and is none has cost a reading of them in vain. */
const FEW_LINES = 20;

/**
 * So many readings in vain, and a cell is followed over a few lines only: a file that leaves a quote open in each line would be read
 * thousands of times.
 */
const MOST_IN_VAIN = 100;

/** A row of a file. */
export interface Row {
  /** From 1; the header and empty lines are not counted. */
  readonly number: number;
  /** Where it is not the one after the row's number. */
  readonly line?: number;
  /** None where there is a fault. */
  readonly cells: readonly string[];
  readonly fault?: RowFaultCode;
}

export interface ParserOptions {
  readonly delimiter: string;
  readonly quotes: 'double' | 'none';
  /** The text of a line without its end; undefined where its bytes are none. Delimiters, quotes and ends are single bytes. */
  readonly decode: (line: Buffer) => string | undefined;
  /** Takes the rows in their order. @param bytes of the row in the file */
  readonly take: (row: Row, bytes: number) => void;
}

interface Line {
  readonly number: number;
  readonly bytes: Buffer;
  readonly text: string;
  readonly valid: boolean;
  readonly end: '\r\n' | '\n';
}

/**
 * Cuts a file into its rows, line by line, and gives each with its number.
 *
 * With quotes, a row may go over several lines only where that is certain: where it then has the header's number of cells, and none of its
 * lines could be a row by itself. (A line end inside the quotes that is not the file's own one counts as certain.) Everything else that
 * begins with a quote and does not fit is a fault of its line, so that no two rows ever become one.
 */
export class RowParser {
  header: readonly string[] | undefined;
  headerBytes: Buffer = Buffer.alloc(0);
  private fileEnd: Line['end'] = '\n';
  /** Pieces of the line that has not ended yet. */
  private pieces: Buffer[] = [];
  private length = 0;
  private lineNumber = 0;
  private rowNumber = 0;
  /** A quoted cell is open; its lines up to now. */
  private pending: { readonly row: QuotedRow; readonly lines: Line[]; bytes: number; doubtful: boolean } | undefined;
  /** Rows were refused where quotes can not have been meant as such. */
  private plainQuotesSeen = false;
  private inVain = 0;

  constructor(private readonly options: ParserOptions) {}

  /** @throws BrokenFileError ROW_TOO_LONG, HEADER_UNREADABLE */
  push(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(0x0a, from);
      const piece = chunk.subarray(from, at < 0 ? undefined : at);
      this.length += piece.length;
      if (this.length > LONGEST_ROW) {
        const where = `near line ${this.lineNumber + 1}`;
        throw broken(
          'ROW_TOO_LONG',
          `A row is longer than ${LONGEST_ROW} bytes, ${where}: the line ends are not as set`,
        );
      }
      if (at < 0) {
        if (piece.length > 0) this.pieces.push(piece);
        return;
      }
      this.line(this.pieces.length === 0 ? piece : Buffer.concat([...this.pieces, piece]), true);
      this.pieces = [];
      this.length = 0;
      from = at + 1;
    }
  }

  /** The file ends here. @throws BrokenFileError LAST_LINE_TORN where a quote is not closed up to the end */
  end(): void {
    if (this.length > 0) this.line(Buffer.concat(this.pieces), false);
    while (this.pending) {
      const [first, ...rest] = this.pending.lines;
      if (rest.length > 0 && !this.plainQuotesSeen) {
        throw broken(
          'LAST_LINE_TORN',
          `A quote in line ${first?.number} is not closed up to the end of the file; if the exporter puts no cells in quotes, set Quotes to None`,
        );
      }
      this.work(this.refuse(1));
    }
  }

  private line(raw: Buffer, ended: boolean): void {
    const crlf = ended && raw.length > 0 && raw[raw.length - 1] === 0x0d;
    // Files that were put together may have a byte order mark in the middle.
    const bytes = withoutMark(crlf ? raw.subarray(0, -1) : raw);
    const text = this.options.decode(bytes);
    const number = ++this.lineNumber;
    const valid = text !== undefined;
    this.work([{ number, bytes, text: text ?? bytes.toString('latin1'), valid, end: crlf ? '\r\n' : '\n' }]);
  }

  /** Without recursion: what is refused may be lines of which each has its own quotes. */
  private work(lines: readonly Line[]): void {
    const left = [...lines].reverse();
    for (let line = left.pop(); line; line = left.pop()) {
      const again = this.pending ? this.goOn(line) : this.begin(line);
      for (let at = again.length - 1; at >= 0; at--) left.push(again[at] as Line);
    }
  }

  private begin(line: Line): readonly Line[] {
    if (line.bytes.length === 0) return [];
    if (!this.header) this.takeHeader(line);
    else if (this.options.quotes === 'none' || !line.text.includes('"')) {
      if (line.text.includes('\r')) this.fault(line, 'ROW_CONTROL_CHARACTER');
      else this.give([line], line.text.split(this.options.delimiter));
    } else {
      const row = new QuotedRow(this.options.delimiter);
      const state = row.add(line.text);
      if (state === 'open') {
        this.pending = { row, lines: [line], bytes: line.bytes.length, doubtful: false };
      } else if (state === 'bad' || (!this.fits(row.cells) && this.standsAlone(line))) {
        this.plainQuotesSeen ||= state === 'bad';
        this.fault(line, 'ROW_QUOTES');
      } else this.give([line], row.cells);
    }
    return [];
  }

  /** Goes on with the open cell. @returns lines that are to be looked at again, each for itself */
  private goOn(line: Line): readonly Line[] {
    const pending = this.pending as NonNullable<typeof this.pending>;
    const { row, lines } = pending;
    const before = lines[lines.length - 1] as Line;
    // An end that is not the file's own one does not end a row.
    pending.doubtful ||= before.end === this.fileEnd && (this.couldBeRow(before) || this.couldBeRow(line));
    lines.push(line);
    pending.bytes += line.bytes.length + before.end.length;
    const state = row.add(line.text, before.end);
    const most = this.inVain < MOST_IN_VAIN ? MOST_LINES_OF_A_ROW : FEW_LINES;
    const tooLong = pending.bytes > LONGEST_ROW || lines.length > most;
    if (state === 'open' && !tooLong) return [];
    if (state === 'whole') {
      if (pending.doubtful || !this.fits(row.cells) || line.end !== this.fileEnd) return this.refuse(lines.length);
      this.pending = undefined;
      this.give(lines, row.cells);
      return [];
    }
    // No quoted cell after all. Where the first line is a row without quotes, the others are rows of their own.
    this.plainQuotesSeen = true;
    if (lines.length > FEW_LINES) this.inVain++;
    return this.refuse(this.standsAlone(lines[0] as Line) ? 1 : lines.length);
  }

  /** Makes the first lines of the open row faults. @returns the others */
  private refuse(count: number): readonly Line[] {
    const lines = this.pending?.lines ?? [];
    this.pending = undefined;
    for (const line of lines.slice(0, count)) if (line.bytes.length > 0) this.fault(line, 'ROW_QUOTES');
    return lines.slice(count);
  }

  /** True when the line has the cells of a row, or more, as they are where values hold delimiters. */
  private couldBeRow(line: Line): boolean {
    return line.text.split(this.options.delimiter).length >= (this.header?.length ?? 0) || this.standsAlone(line);
  }

  /** True when the line would be a row by itself, with its quotes or with quotes that are characters like others. */
  private standsAlone({ text }: Line): boolean {
    const { delimiter } = this.options;
    if (this.fits(text.split(delimiter))) return true;
    const row = new QuotedRow(delimiter);
    return row.add(text) === 'whole' && this.fits(row.cells);
  }

  /** A delimiter at the end of each row makes one empty cell more. */
  private fits(cells: readonly string[]): boolean {
    const width = this.header?.length ?? 0;
    return cells.length === width || (cells.length === width + 1 && cells[width] === '');
  }

  /** The names of the columns in their places, in whatever upper and lower case. */
  private isHeader(cells: readonly string[]): boolean {
    const header = this.header ?? [];
    return (
      cells[0]?.length === header[0]?.length &&
      this.fits(cells) &&
      header.every((name, at) => cells[at]?.toLowerCase() === name.toLowerCase())
    );
  }

  private takeHeader(line: Line): void {
    this.headerBytes = Buffer.from(line.bytes);
    this.fileEnd = line.end;
    const row = new QuotedRow(this.options.delimiter);
    const quoted = this.options.quotes === 'double' && line.text.includes('"');
    if (quoted && row.add(line.text) !== 'whole') {
      throw broken('HEADER_UNREADABLE', 'The quotes in the header line do not fit');
    }
    this.header = quoted ? row.cells : line.text.split(this.options.delimiter);
  }

  private give(lines: readonly Line[], cells: readonly string[]): void {
    const first = lines[0] as Line;
    const bytes = lines.reduce((sum, line) => sum + line.bytes.length + line.end.length, 0);
    if (this.isHeader(cells)) return this.fault(first, 'HEADER_AGAIN');
    const fault = !lines.every(({ valid }) => valid)
      ? 'ROW_ENCODING'
      : lines.some(({ text }) => text.includes('\0'))
        ? 'ROW_CONTROL_CHARACTER'
        : bytes > LONGEST_CELL && cells.some((cell) => cell.length > LONGEST_CELL)
          ? 'CELL_TOO_LONG'
          : undefined;
    if (fault) return this.fault(first, fault);
    const number = ++this.rowNumber;
    this.options.take({ number, ...lineOf(first, number), cells }, bytes);
  }

  private fault(line: Line, fault: RowFaultCode): void {
    const number = ++this.rowNumber;
    this.options.take({ number, ...lineOf(line, number), cells: [], fault }, line.bytes.length);
  }
}

function lineOf({ number: line }: Line, row: number): { readonly line?: number } {
  return line === row + 1 ? {} : { line };
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.length > BOM.length && bytes.subarray(0, BOM.length).equals(BOM) ? bytes.subarray(BOM.length) : bytes;
}
