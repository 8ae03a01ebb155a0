import { Readable } from 'node:stream';
import type { RowItem } from '../sync/export/row-item';
import { readContentStart } from './file-start';
import { inspectFile } from './inspect-file';
import type { OpenFile } from './parse-file';
import { readBatches } from './read-batches';
import { RowItems } from './row-items';
import type { RowSettings } from './watcher-settings';

/** So much of a file is read for a sample, in bytes of its content. */
const SAMPLE_BYTES = 256 * 1024;

/**
 * The first rows of a file, from its first bytes alone: a sample of a very large file comes at once. The rest of the file is not
 * checked.
 *
 * @throws BrokenFileError when the beginning shows already that the file can't be used
 */
export async function sampleRows(
  open: OpenFile,
  file: string,
  count: number,
  settings: RowSettings,
  { signal, nowMs }: { readonly signal: AbortSignal; readonly nowMs: number },
): Promise<RowItem[]> {
  const start = await readContentStart(open, SAMPLE_BYTES);
  const whole = start.length < SAMPLE_BYTES;
  const content = whole ? start : start.subarray(0, start.lastIndexOf(0x0a) + 1);
  // The sample is a small file of its own; it is allowed to be torn, since it was cut here or may still be written.
  const format = { ...settings.file, openEndAllowed: true };
  const memory: OpenFile = ({ end } = {}) =>
    Readable.from([end === undefined ? content : content.subarray(0, end + 1)]);
  const inspection = await inspectFile(memory, format, signal);
  if (inspection.header.length === 0) return [];
  const items = new RowItems(file, inspection, settings, nowMs);
  const batches = readBatches(memory, inspection, format, { done: 0, batchSize: count, signal });
  const first = (await batches.next()).value ?? [];
  await batches.return();
  return first.map((row) => items.item(row));
}
