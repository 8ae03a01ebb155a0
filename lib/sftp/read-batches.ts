import { RetriableError, SyncError } from '../core/errors';
import { contentId } from '../sync/export/export-state';
import { ContentTap } from './content-tap';
import { decode } from './encodings';
import type { FileFormat } from './file-format';
import { LARGEST_BATCH } from './file-limits';
import type { Inspection } from './inspect-file';
import { readThrough, toBroken, type OpenFile } from './parse-file';
import { RowParser, type Row } from './row-parser';

/** What a cell takes besides its text, in bytes, roughly. */
const CELL_OVERHEAD = 8;

/**
 * Reads the rows of an inspected file in batches, from the row after `done` on. The next batch is read only when it is asked for: the
 * server's stream waits meanwhile. A batch has `batchSize` rows, or fewer where they are long (LARGEST_BATCH).
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
  const collector = new BatchCollector(inspection, options.batchSize);
  const parser = new RowParser({
    delimiter: inspection.delimiter,
    quotes: format.quotes,
    decode: (line) => decode(line, inspection.encoding),
    take: (row, bytes) => {
      if (row.number > inspection.rows) throw changed();
      if (row.number > options.done) collector.add(row, bytes);
    },
  });
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const reading = readThrough(open, inspection.gzip, tap, signal);
  reading.catch(() => undefined);
  try {
    try {
      for await (const chunk of tap as AsyncIterable<Buffer>) {
        parser.push(chunk);
        yield* collector.full();
      }
      parser.end();
    } catch (error) {
      if (error instanceof SyncError) throw error;
      // The pipeline knows the cause; the tap was only destroyed by it.
      await reading;
      throw toBroken(error);
    }
    await reading;
    // The last batch waits for the end of the file: it goes on only if the content is the one that was checked.
    if (contentId(tap.digest(), tap.bytes) !== inspection.id) throw changed();
    yield* collector.rest();
  } finally {
    stop.abort();
    await reading.catch(() => undefined);
  }
}

/** Puts rows into batches. */
class BatchCollector {
  private readonly batches: Row[][] = [];
  private batch: Row[] = [];
  private size = 0;
  /** Each item has all names. */
  private readonly nameBytes: number;

  constructor(
    private readonly inspection: Inspection,
    private readonly batchSize: number,
  ) {
    this.nameBytes = inspection.header.reduce((sum, name) => sum + name.length, 0);
  }

  add(row: Row, bytes: number): void {
    const size = bytes + this.nameBytes + row.cells.length * CELL_OVERHEAD;
    if (this.batch.length > 0 && this.size + size > LARGEST_BATCH) this.close();
    this.batch.push(this.withoutEndCell(row));
    this.size += size;
    if (this.batch.length >= this.batchSize) this.close();
  }

  /** The batches that are complete, without the one that holds the file's last row. */
  *full(): Generator<Row[]> {
    while (
      this.batches.length > 1 ||
      (this.batches.length === 1 && this.lastOf(this.batches[0]) < this.inspection.rows)
    ) {
      yield this.batches.shift() as Row[];
    }
  }

  *rest(): Generator<Row[]> {
    this.close();
    yield* this.batches;
  }

  private lastOf(batch: readonly Row[] | undefined): number {
    return batch?.at(-1)?.number ?? 0;
  }

  private close(): void {
    if (this.batch.length > 0) this.batches.push(this.batch);
    this.batch = [];
    this.size = 0;
  }

  private withoutEndCell(row: Row): Row {
    const width = this.inspection.header.length;
    if (!this.inspection.delimiterAtEnd || row.cells.length !== width + 1 || row.cells[width] !== '') return row;
    return { ...row, cells: row.cells.slice(0, -1) };
  }
}

function changed(): RetriableError {
  return new RetriableError('FILE_CHANGED', 'The export file was changed while it was being read.', {
    hint: 'It is looked at again by itself. If it lasts, let the exporter write under another name and rename the file when it is whole.',
  });
}
