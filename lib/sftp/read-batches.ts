import { parse } from 'csv-parse';
import { contentId } from '../sync/export/export-state';
import { RetriableError, SyncError } from '../core/errors';
import { ContentTap } from './content-tap';
import type { FileFormat } from './file-format';
import type { Inspection } from './inspect-file';
import { parserOptions, readThrough, toBroken, type OpenFile } from './parse-file';

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
  const reading = readThrough(open, inspection.gzip, [tap, parser], signal);
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
  return new RetriableError('FILE_CHANGED', 'The export file was changed while it was being read.', {
    hint: 'It is looked at again by itself. If it lasts, let the exporter write under another name and rename the file when it is whole.',
  });
}
