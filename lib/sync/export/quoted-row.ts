/** What a line makes of a row: it is whole, a quoted cell is still open at its end, or no quoted cells can be read in it. */
export type QuotedState = 'whole' | 'open' | 'bad';

/**
 * Cells of a row in which a cell may stand in double quotes (RFC 4180), line after line. A cell that begins with a quote ends with a quote
 * before the next delimiter or the end of the line, and a quote inside it is doubled; in any other cell a quote is a character like others.
 */
export class QuotedRow {
  readonly cells: string[] = [];
  /** What was read of the quoted cell that is open. */
  private open: string[] | undefined;

  constructor(private readonly delimiter: string) {}

  /** Goes on with a line. @param lineEnd the end of the line before it, which is part of the open cell */
  add(line: string, lineEnd = ''): QuotedState {
    let at = 0;
    let closed = false;
    if (this.open) {
      this.open.push(lineEnd);
      at = this.readQuoted(line, 0);
      if (at < 0) return 'open';
      closed = true;
    }
    for (;;) {
      if (closed) {
        if (at === line.length) return 'whole';
        if (!line.startsWith(this.delimiter, at)) return 'bad';
        at += this.delimiter.length;
      }
      closed = line[at] === '"';
      if (closed) {
        this.open = [];
        at = this.readQuoted(line, at + 1);
        if (at < 0) return 'open';
        continue;
      }
      const next = line.indexOf(this.delimiter, at);
      this.cells.push(line.slice(at, next < 0 ? undefined : next));
      if (next < 0) return 'whole';
      at = next + this.delimiter.length;
    }
  }

  /** @returns the position behind the closing quote, or -1 when the cell is open at the end of the line */
  private readQuoted(line: string, from: number): number {
    const parts = this.open ?? [];
    for (;;) {
      const quote = line.indexOf('"', from);
      parts.push(line.slice(from, quote < 0 ? undefined : quote));
      if (quote < 0) return -1;
      if (line[quote + 1] !== '"') {
        this.cells.push(parts.join(''));
        this.open = undefined;
        return quote + 1;
      }
      parts.push('"');
      from = quote + 2;
    }
  }
}
