import { createHash } from 'node:crypto';
import { parse } from 'csv-parse';
import { BrokenFileError } from '../sync/export/broken-file-error';
import { DELIMITERS, detectDelimiter } from '../sync/export/delimiter';
import { contentId } from '../sync/export/export-state';
import { BOM, ContentTap } from './content-tap';
import type { FileFormat } from './file-format';
import { isGzip, readHead } from './file-start';
import { broken, parserOptions, readThrough, type OpenFile } from './parse-file';

/** What a first reading of the whole file has found. */
export interface Inspection {
  /** See contentId. */
  readonly id: string;
  readonly header: readonly string[];
  /** Rows, the header not counted. */
  readonly rows: number;
  /** Rows with another number of cells than the header. */
  readonly oddRows: number;
  readonly encoding: 'utf8' | 'latin1';
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
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new BrokenFileError('UTF_16', 'The file is encoded in UTF-16.', { hint: 'Export it in UTF-8 or Latin-1.' });
  }
  const bom = head.subarray(0, 3).equals(BOM);
  const firstLine = head.toString('latin1', bom ? 3 : 0).split(/\r?\n/, 1)[0] ?? '';
  const delimiter = format.delimiter === 'auto' ? detectDelimiter(firstLine) : DELIMITERS[format.delimiter];
  const tap = new ContentTap();
  let header: string[] | undefined;
  let rows = 0;
  let oddRows = 0;
  let lastWidth = 0;
  const parser = parse({
    ...parserOptions(format, delimiter),
    // Bytes as they are: which encoding it is shows at the end of the file.
    encoding: 'latin1',
    on_record: (cells: string[]) => {
      if (header === undefined) header = cells;
      else {
        rows++;
        lastWidth = cells.length;
        if (cells.length !== header.length) oddRows++;
      }
      return null;
    },
  });
  parser.resume();
  await readThrough(open, gzip, [tap, parser], signal);
  if (!header) throw broken('HEADER_MISSING', 'The file has no header line');
  if (!tap.endsWithNewline && !format.openEndAllowed) {
    throw new BrokenFileError(
      'LAST_LINE_TORN',
      'The last line of the file has no line end: the file was probably cut off.',
      {
        hint: 'Upload it again. If the exporter never ends its last line, allow this in the options of the node.',
      },
    );
  }
  if (rows > 0 && lastWidth !== header.length) throw broken('LAST_LINE_TORN', 'The last line of the file is not whole');
  const encoding = encodingOf(format, tap, bom);
  return {
    id: contentId(tap.digest(), tap.bytes),
    header: header.map((name) => Buffer.from(name, 'latin1').toString(encoding)),
    rows,
    oddRows,
    encoding,
    delimiter,
    gzip,
    rawBytes: tap.rawBytes ?? tap.bytes,
  };
}

function encodingOf(format: FileFormat, tap: ContentTap, bom: boolean): 'utf8' | 'latin1' {
  if (bom || format.encoding === 'utf8') {
    if (tap.validUtf8) return 'utf8';
    throw broken('NOT_UTF8', 'The file is not valid UTF-8');
  }
  if (format.encoding === 'latin1') return 'latin1';
  return tap.validUtf8 ? 'utf8' : 'latin1';
}

function inspectEmpty(format: FileFormat, gzip: boolean): Inspection {
  if (!format.emptyAllowed) {
    throw new BrokenFileError('FILE_EMPTY', 'The file is empty: not even a header line.', {
      hint: 'A full disk leaves such files. If the exporter writes them when there is nothing to export, allow this in the options of the node.',
    });
  }
  const none = contentId(createHash('sha256').digest(), 0);
  return { id: none, header: [], rows: 0, oddRows: 0, encoding: 'utf8', delimiter: '\t', gzip, rawBytes: 0 };
}
