import { createHash } from 'node:crypto';
import { BrokenFileError } from '../sync/export/broken-file-error';
import { checkHeader, isOtherHeader } from '../sync/export/check-header';
import { DELIMITERS, detectDelimiter } from '../sync/export/delimiter';
import { contentId } from '../sync/export/export-state';
import { broken } from './broken';
import { checkHead, firstLineOf } from './check-head';
import { BOM, ContentTap } from './content-tap';
import { decode, EncodingEvidence, type Encoding } from './encodings';
import type { FileFormat } from './file-format';
import { isGzip, readHead } from './file-start';
import { readThrough, type OpenFile } from './parse-file';
import { RowParser, type Row } from './row-parser';

/** What a first reading of the whole file has found. */
export interface Inspection {
  /** See contentId. */
  readonly id: string;
  readonly header: readonly string[];
  /** Rows, the header not counted. */
  readonly rows: number;
  /** Rows that can't be taken as they are: another number of cells than the header, quotes or bytes that do not fit. */
  readonly oddRows: number;
  /** Every row ends with a delimiter, and so has one empty cell more than the header; that cell is left out. */
  readonly delimiterAtEnd: boolean;
  readonly encoding: Encoding;
  readonly delimiter: string;
  readonly gzip: boolean;
  /** Bytes of the file as it lies on the server. */
  readonly rawBytes: number;
}

/**
 * Reads a whole file once, keeping none of it, and checks that it is whole: its compression, quotes, last line, and encoding.
 *
 * @throws BrokenFileError with what is wrong; errors of the connection as they come
 */
export async function inspectFile(open: OpenFile, format: FileFormat, signal: AbortSignal): Promise<Inspection> {
  const gzip = await isGzip(open);
  const head = await readHead(open, gzip);
  if (head.length === 0) return inspectEmpty(format, gzip);
  checkHead(head);
  const bom = head.subarray(0, 3).equals(BOM);
  const delimiter = format.delimiter === 'auto' ? detectDelimiter(firstLineOf(head)) : DELIMITERS[format.delimiter];
  const tap = new ContentTap();
  const evidence = new EncodingEvidence();
  const count = new RowCount(format.quotes === 'double');
  const parser: RowParser = new RowParser({
    delimiter,
    quotes: format.quotes,
    // Bytes as they are: which encoding it is shows at the end of the file.
    decode: (line) => {
      evidence.see(line);
      return line.toString('latin1');
    },
    take: (row) => count.take(row, parser.header ?? []),
  });
  try {
    await readThrough(open, gzip, tap, signal, async (content) => {
      for await (const chunk of content) parser.push(chunk);
      parser.end();
    });
    return found(parser, count, tap, evidence, format, { bom, delimiter, gzip });
  } catch (error) {
    if (error instanceof BrokenFileError) error.bytes = tap.bytes;
    throw error;
  }
}

/** What a whole reading has found. @throws BrokenFileError with what is wrong */
function found(
  parser: RowParser,
  count: RowCount,
  tap: ContentTap,
  evidence: EncodingEvidence,
  format: FileFormat,
  { bom, delimiter, gzip }: { readonly bom: boolean; readonly delimiter: string; readonly gzip: boolean },
): Inspection {
  if (!parser.header) throw broken('HEADER_MISSING', 'The file has no header line');
  if (!tap.endsWithNewline && !format.openEndAllowed) {
    throw new BrokenFileError(
      'LAST_LINE_TORN',
      'The last line of the file has no line end: the file was probably cut off.',
      {
        hint: 'Upload it again. If the exporter never ends its last line, set Last Line May Lack Its End in File Format.',
      },
    );
  }
  if (count.lastWidth < parser.header.length) throw broken('LAST_LINE_TORN', 'The last line of the file is not whole');
  const encoding = bom ? 'utf8' : format.encoding === 'auto' ? evidence.detected : format.encoding;
  const header = readHeader(parser, encoding, format);
  const delimiterAtEnd = count.oneMore > 0 && count.oneMore === count.ordinary;
  const width = delimiterAtEnd ? count.oneMore : count.fitting;
  const undecodable = encoding === 'utf8' ? evidence.notUtf8 : evidence.notLatin1;
  return {
    id: contentId(tap.digest(), tap.bytes),
    header,
    rows: count.rows,
    oddRows: Math.min(count.rows, count.rows - width + undecodable),
    delimiterAtEnd,
    encoding,
    delimiter,
    gzip,
    rawBytes: tap.rawBytes ?? tap.bytes,
  };
}

/** Counts rows by what they are. */
class RowCount {
  rows = 0;
  /** Rows without a fault. */
  ordinary = 0;
  /** ... with the header's number of cells. */
  fitting = 0;
  /** ... with one empty cell more. */
  oneMore = 0;
  /** Cells of the last row, where they are known. */
  lastWidth = Infinity;
  private names: ReadonlySet<string> | undefined;

  constructor(private readonly quotesAreRead: boolean) {}

  take({ number, cells, fault }: Row, header: readonly string[]): void {
    if (!this.names) {
      checkHeader(header, this.quotesAreRead);
      this.names = new Set(header.map((name) => name.toLowerCase()));
    }
    this.rows = number;
    this.lastWidth = fault ? Infinity : cells.length;
    if (fault) return;
    this.ordinary++;
    if (cells.length === header.length) {
      this.fitting++;
      if (isOtherHeader(cells, this.names)) {
        throw broken(
          'OTHER_HEADER',
          `Row ${number} of the file is a header line with other columns than the first line`,
        );
      }
    } else if (cells.length === header.length + 1 && cells[header.length] === '') this.oneMore++;
  }
}

/** The header's names in the file's encoding. @throws BrokenFileError NOT_UTF8, and as checkHeader */
function readHeader(parser: RowParser, encoding: Encoding, format: FileFormat): readonly string[] {
  const text = decode(parser.headerBytes, encoding);
  if (text === undefined) {
    throw broken(
      encoding === 'utf8' ? 'NOT_UTF8' : 'NOT_LATIN1',
      `The header line of the file is not valid ${encoding === 'utf8' ? 'UTF-8' : 'Windows-1252 (Latin-1)'}`,
      'Correct the encoding in the file format of the node, or the export, and upload the file again.',
    );
  }
  const names = (parser.header ?? []).map((name) => decode(Buffer.from(name, 'latin1'), encoding) ?? name);
  checkHeader(names, format.quotes === 'double');
  return names;
}

function inspectEmpty(format: FileFormat, gzip: boolean): Inspection {
  if (!format.emptyAllowed) {
    throw new BrokenFileError('FILE_EMPTY', 'The file is empty: not even a header line.', {
      hint: 'A full disk leaves such files. If the exporter writes them when there is nothing to export, allow Empty Files in File Format.',
    });
  }
  const id = contentId(createHash('sha256').digest(), 0);
  const none = { rows: 0, oddRows: 0, delimiterAtEnd: false, rawBytes: 0 };
  return { id, header: [], encoding: 'utf8', delimiter: '\t', gzip, ...none };
}
