import { ConfigurationError, RetriableError, SyncError } from '../core/errors';
import { BrokenFileError } from '../sync/export/broken-file-error';
import type { RowItem } from '../sync/export/row-item';
import { LARGEST_READING } from './file-limits';
import { inspectFile } from './inspect-file';
import { readBatches } from './read-batches';
import { splitPath } from './remote-path';
import { RowItems } from './row-items';
import type { ExportServer } from './export-server';
import { toSftpError } from './sftp-errors';
import type { RowSettings } from './watcher-settings';

/** Codes of errors that are wrong with one file alone, besides those of a broken one. */
const OF_ONE_FILE: readonly string[] = [
  'SFTP_NOT_FOUND',
  'SFTP_PERMISSION',
  'FILE_UNREADABLE',
  'TOO_MANY_ROWS',
  'TOO_MUCH_TEXT',
];

/** True for an error of {@link readWholeFile} after which another file may well be read. */
export function concernsOneFile(error: unknown): boolean {
  return error instanceof BrokenFileError || (error instanceof SyncError && OF_ONE_FILE.includes(error.code));
}

/**
 * Checks a whole file and gives its rows at once.
 *
 * @throws ConfigurationError SFTP_NOT_FOUND; TOO_MANY_ROWS past `limit`, TOO_MUCH_TEXT past what fits into memory, both with `whenMore: 'fail'`
 * @throws BrokenFileError when the file is not whole or lacks a column
 * @throws RetriableError FILE_UNREADABLE when the server does not give it
 */
export async function readWholeFile(
  server: ExportServer,
  path: string,
  settings: { readonly rows: RowSettings; readonly limit: number; readonly whenMore: 'fail' | 'first' },
  { signal, nowMs }: { readonly signal: AbortSignal; readonly nowMs: number },
): Promise<RowItem[]> {
  const { rows: format, limit, whenMore } = settings;
  const open = (range?: { readonly end?: number }) => server.read(path, range);
  try {
    const inspection = await inspectFile(open, format.file, signal);
    if (inspection.rows > limit && whenMore === 'fail') {
      throw new ConfigurationError(
        'TOO_MANY_ROWS',
        `The file "${path}" has ${inspection.rows} rows; the limit is ${limit}.`,
        {
          hint: 'Raise the row limit if there is memory for it, or use the SFTP Export Trigger.',
        },
      );
    }
    if (inspection.rows === 0) return [];
    const make = new RowItems(splitPath(path).name, inspection, format, nowMs);
    const items: RowItem[] = [];
    const names = inspection.header.reduce((sum, name) => sum + name.length, 0);
    let length = 0;
    for await (const batch of readBatches(open, inspection, format.file, { done: 0, batchSize: 1000, signal })) {
      for (const row of batch) {
        if (row.number > limit) return items;
        length += row.cells.reduce((sum, cell) => sum + cell.length, names);
        if (length > LARGEST_READING) {
          if (whenMore === 'first') return items;
          throw tooMuchText(path);
        }
        items.push(make.item(row));
      }
    }
    return items;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BrokenFileError) {
      throw new BrokenFileError(error.code, `The file "${path}" was not read. ${error.message}`, { hint: error.hint });
    }
    const fault = toSftpError(error, `read "${path}"`);
    // The connection is there, and the server does not give this file.
    throw server.alive && fault.code === 'SFTP_FAILED' ? unreadable(fault) : fault;
  }
}

function unreadable(fault: SyncError): RetriableError {
  return new RetriableError('FILE_UNREADABLE', fault.message, {
    hint: 'Ask the operator of the server with this reason, or upload the file again.',
    cause: fault,
  });
}

function tooMuchText(path: string): ConfigurationError {
  const message = `The rows of the file "${path}" hold more than ${LARGEST_READING} characters, which is too much for one execution.`;
  return new ConfigurationError('TOO_MUCH_TEXT', message, {
    hint: 'Use the SFTP Export Trigger, which reads files of any size in batches, or lower the row limit and give the first rows.',
  });
}
