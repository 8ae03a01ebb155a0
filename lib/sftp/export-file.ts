import { createHash } from 'node:crypto';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, parse, type Options } from 'csv-parse';
import { BrokenFileError } from '../sync/export/broken-file-error';
import { DELIMITERS, detectDelimiter, type DelimiterName } from '../sync/export/delimiter';
import { contentId } from '../sync/export/export-state';
import { RetriableError, SyncError } from '../sync/errors';
import { BOM, ContentTap } from './content-tap';

/** How the files are written. */
export interface FileFormat {
  readonly delimiter: DelimiterName | 'auto';
  /** `double`: values may stand in double quotes. `none`: a quote is a character like any other. */
  readonly quotes: 'double' | 'none';
  /** `auto`: UTF-8 when the whole file is valid UTF-8, else Latin-1. */
  readonly encoding: 'auto' | 'utf8' | 'latin1';
  /** The last line may lack its line end. Then a file that was cut off inside its last value can't be told from a whole one. */
  readonly openEndAllowed: boolean;
  /** A file of no bytes is an export without rows; otherwise it is broken (a full disk leaves such files). */
  readonly emptyAllowed: boolean;
}

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

/** Opens the file from its beginning; `end` is the last byte wanted. */
export type OpenFile = (options?: { readonly end?: number }) => Readable;

const HEAD_BYTES = 64 * 1024;
/** Longest row, in characters: past it the quotes or the line ends are not what was set. */
const LONGEST_ROW = 1024 * 1024;

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
  await run(open, gzip, [tap, parser], signal);
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

/** A row's number (from 1) and its cells. */
export interface Row {
  readonly number: number;
  readonly cells: readonly string[];
}

/**
 * Reads the rows of an inspected file in batches, from the row after `done` on. The next batch is read only when it is asked for: the
 * server's stream waits meanwhile.
 *
 * @throws RetriableError FILE_CHANGED when the file is not the one that was inspected; errors of the connection as they come
 */
export async function* readBatches(
  open: OpenFile,
  inspection: Inspection,
  format: FileFormat,
  options: { readonly done: number; readonly batchSize: number; readonly signal: AbortSignal },
): AsyncGenerator<Row[], void, undefined> {
  if (inspection.rows === 0) return;
  const tap = new ContentTap();
  let number = -1;
  const parser = parse({
    ...parserOptions(format, inspection.delimiter),
    encoding: inspection.encoding,
    on_record: (cells: string[]) => {
      number++;
      return number > options.done ? cells : null;
    },
  });
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const reading = run(open, inspection.gzip, [tap, parser], signal);
  reading.catch(() => undefined);
  try {
    let next = options.done;
    let batch: Row[] = [];
    try {
      for await (const cells of parser as AsyncIterable<string[]>) {
        if (next >= inspection.rows) throw changed();
        batch.push({ number: ++next, cells });
        if (batch.length < options.batchSize || next >= inspection.rows) continue;
        yield batch;
        batch = [];
      }
    } catch (error) {
      if (error instanceof SyncError) throw error;
      // The pipeline knows the cause; the parser was only destroyed by it.
      await reading;
      throw toBroken(error);
    }
    await reading;
    // The last batch waits for the end of the file: it goes on only if the content is the one that was checked.
    if (contentId(tap.digest(), tap.bytes) !== inspection.id) {
      throw changed();
    }
    if (batch.length > 0) yield batch;
  } finally {
    stop.abort();
    await reading.catch(() => undefined);
  }
}

function changed(): RetriableError {
  return new RetriableError('FILE_CHANGED', 'The file was changed while it was being read.');
}

function parserOptions(format: FileFormat, delimiter: string): Options {
  return {
    delimiter,
    quote: format.quotes === 'double' ? '"' : false,
    ...(format.quotes === 'double' ? {} : { escape: null as never }),
    relax_quotes: format.quotes === 'double',
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: LONGEST_ROW,
  };
}

async function run(open: OpenFile, gzip: boolean, rest: [ContentTap, Transform], signal: AbortSignal): Promise<void> {
  const source = open();
  let raw = 0;
  source.on('data', (chunk: Buffer) => (raw += chunk.length));
  // The listener must not set the stream flowing before the pipeline is there.
  source.pause();
  try {
    await (gzip
      ? pipeline(source, createGunzip(), rest[0], rest[1], { signal })
      : pipeline(source, rest[0], rest[1], { signal }));
    rest[0].rawBytes = raw;
  } catch (error) {
    signal.throwIfAborted();
    throw toBroken(error);
  }
}

/** Faults of the file's content become BrokenFileError; whatever else (the connection's) stays as it is. */
function toBroken(error: unknown): unknown {
  if (error instanceof SyncError) return error;
  if (error instanceof CsvError) {
    const line = typeof error['lines'] === 'number' ? `, near line ${error['lines']}` : '';
    if (error.code === 'CSV_QUOTE_NOT_CLOSED')
      return broken('LAST_LINE_TORN', `A quote is not closed up to the end of the file${line}`);
    if (error.code === 'CSV_MAX_RECORD_SIZE') {
      return broken(
        'ROW_TOO_LONG',
        `A row is longer than ${LONGEST_ROW} characters${line}: the quotes or line ends are not as set`,
      );
    }
    // The library's message quotes the row.
    return broken('NOT_CSV', `The rows can not be told apart (${error.code})${line}`);
  }
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return broken('GZIP_TORN', 'The compressed file was cut off');
  if (code.startsWith('Z_')) return broken('GZIP_BROKEN', `The compressed file can not be read (${code})`);
  return error;
}

function broken(code: string, message: string): BrokenFileError {
  return new BrokenFileError(code, `${message}.`, { hint: 'Check the export and upload the file again.' });
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

async function isGzip(open: OpenFile): Promise<boolean> {
  const source = open({ end: 1 });
  const parts: Buffer[] = [];
  for await (const chunk of source) parts.push(chunk as Buffer);
  const magic = Buffer.concat(parts);
  return magic[0] === 0x1f && magic[1] === 0x8b;
}

/** The first bytes of the content, to the end of the first line or HEAD_BYTES. */
async function readHead(open: OpenFile, gzip: boolean): Promise<Buffer> {
  return await readStart(open, gzip, (chunk, length) => length >= HEAD_BYTES || chunk.includes(0x0a));
}

/** The first bytes of a file's content, without its compression: all of it, or exactly `bytes`. */
export async function readContentStart(open: OpenFile, bytes: number): Promise<Buffer> {
  const start = await readStart(open, await isGzip(open), (_, length) => length >= bytes);
  return start.subarray(0, bytes);
}

async function readStart(
  open: OpenFile,
  gzip: boolean,
  enough: (chunk: Buffer, length: number) => boolean,
): Promise<Buffer> {
  const source = open();
  const content: Readable = gzip ? source.pipe(createGunzip()) : source;
  if (gzip) source.once('error', (error) => content.destroy(error));
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of content) {
      const chunk = part as Buffer;
      parts.push(chunk);
      length += chunk.length;
      if (enough(chunk, length)) break;
    }
  } catch (error) {
    throw toBroken(error);
  } finally {
    source.destroy();
  }
  return Buffer.concat(parts);
}
