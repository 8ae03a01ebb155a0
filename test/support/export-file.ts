import { Readable } from 'node:stream';
import type { FileFormat } from '../../lib/sftp/file-format';
import { inspectFile, type Inspection } from '../../lib/sftp/inspect-file';
import type { OpenFile } from '../../lib/sftp/parse-file';
import { readBatches } from '../../lib/sftp/read-batches';
import type { Row } from '../../lib/sftp/row-parser';

/** As the nodes have it where nothing is set. */
export const DEFAULT_FORMAT: FileFormat = {
  delimiter: 'auto',
  quotes: 'none',
  encoding: 'auto',
  openEndAllowed: false,
  emptyAllowed: false,
};

/** Gives the content in small pieces, so that every boundary falls into the middle of something. */
export function fileOf(content: Buffer | string, piece = 3): OpenFile {
  const bytes = Buffer.from(content);
  return ({ end } = {}) => {
    const wanted = end === undefined ? bytes : bytes.subarray(0, end + 1);
    const pieces = Array.from({ length: Math.ceil(wanted.length / piece) }, (_, i) =>
      wanted.subarray(i * piece, (i + 1) * piece),
    );
    return Readable.from(pieces, { objectMode: false });
  };
}

export interface ReadFile {
  readonly inspection: Inspection;
  readonly batches: readonly Row[][];
  readonly rows: readonly Row[];
  /** The cells of the rows without a fault. */
  readonly cells: readonly (readonly string[])[];
  /** `<row>:<code>` of the others. */
  readonly faults: readonly string[];
}

/** Checks a file and reads all of it. */
export async function readFile(open: OpenFile, more: Partial<FileFormat> = {}, batchSize = 1000): Promise<ReadFile> {
  const format = { ...DEFAULT_FORMAT, ...more };
  const signal = new AbortController().signal;
  const inspection = await inspectFile(open, format, signal);
  const batches: Row[][] = [];
  for await (const batch of readBatches(open, inspection, format, { done: 0, batchSize, signal })) batches.push(batch);
  const rows = batches.flat();
  return {
    inspection,
    batches,
    rows,
    cells: rows.filter(({ fault }) => fault === undefined).map(({ cells }) => cells),
    faults: rows.flatMap(({ number, fault }) => (fault === undefined ? [] : [`${number}:${fault}`])),
  };
}
