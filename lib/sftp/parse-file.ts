import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, type Options } from 'csv-parse';
import { BrokenFileError } from '../sync/export/broken-file-error';
import { SyncError } from '../core/errors';
import type { ContentTap } from './content-tap';
import type { FileFormat } from './file-format';

/** Opens the file from its beginning; `end` is the last byte wanted. */
export type OpenFile = (options?: { readonly end?: number }) => Readable;

/** Longest row, in characters: past it the quotes or the line ends are not what was set. */
const LONGEST_ROW = 1024 * 1024;

/** Options of the parser of rows. */
export function parserOptions(format: FileFormat, delimiter: string): Options {
  return {
    delimiter,
    quote: format.quotes === 'double' ? '"' : false,
    ...(format.quotes === 'double' ? {} : { escape: null }),
    relax_quotes: format.quotes === 'double',
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n'],
    max_record_size: LONGEST_ROW,
  };
}

/** Reads the whole file through the tap into the parser, and notes the size of the file as it lies on the server. */
export async function readThrough(
  open: OpenFile,
  gzip: boolean,
  [tap, parser]: readonly [ContentTap, Transform],
  signal: AbortSignal,
): Promise<void> {
  const source = open();
  let raw = 0;
  source.on('data', (chunk: Buffer) => (raw += chunk.length));
  // The listener must not set the stream flowing before the pipeline is there.
  source.pause();
  try {
    await (gzip
      ? pipeline(source, createGunzip(), tap, parser, { signal })
      : pipeline(source, tap, parser, { signal }));
    tap.rawBytes = raw;
  } catch (error) {
    signal.throwIfAborted();
    throw toBroken(error);
  }
}

/** Faults of the file's content become BrokenFileError; whatever else (the connection's) stays as it is. */
export function toBroken(error: unknown): unknown {
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

/** @param message without its full stop */
export function broken(code: string, message: string): BrokenFileError {
  return new BrokenFileError(code, `${message}.`, { hint: 'Check the export and upload the file again.' });
}
