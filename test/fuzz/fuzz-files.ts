import { gzipSync } from 'node:zlib';
import { SyncError } from '../../lib/core/errors';
import type { FileFormat } from '../../lib/sftp/file-format';
import { inspectFile } from '../../lib/sftp/inspect-file';
import { readBatches } from '../../lib/sftp/read-batches';
import { RowItems } from '../../lib/sftp/row-items';
import { fileOf } from '../support/export-file';
import type { Finding, FuzzPart } from './part';
import { Seeded } from './seeded';

/** Begins every cell of a row; header names never hold it. */
const CELL_MARK = 'qX7';
const CELL = new RegExp(CELL_MARK);

/** Longest time of one file, generously: the largest are some megabytes. */
const LONGEST_MS = 20_000;

const DELIMITERS = ['\t', ',', ';', '|'];

/** Hostile export files, read as the SFTP nodes read them. */
export const filesPart: FuzzPart = {
  name: 'files',
  perCase: 1,
  run: async (seed, index) => {
    const chance = new Seeded(seed, index);
    const bytes = hostileFile(chance);
    const format: FileFormat = {
      delimiter: chance.pick(['auto', 'auto', 'tab', 'comma', 'semicolon']),
      quotes: chance.pick(['none', 'double']),
      encoding: chance.pick(['auto', 'auto', 'utf8', 'latin1']),
      openEndAllowed: chance.chance(0.3),
      emptyAllowed: chance.chance(0.3),
    };
    const piece = bytes.length > 20_000 ? 65_536 : chance.pick([1, 3, 64, 65_536]);
    return await readAll(bytes, format, piece, chance.pick([1, 7, 1000]), chance.chance(0.2));
  },
};

/** Reads a file to its end, or to the error that calls it broken. */
async function readAll(
  bytes: Buffer,
  format: FileFormat,
  piece: number,
  batchSize: number,
  fromTheMiddle: boolean,
): Promise<Finding> {
  const open = fileOf(bytes, piece);
  const started = performance.now();
  const signal = AbortSignal.timeout(LONGEST_MS);
  const seen: number[] = [];
  let messages: string[] = [];
  let rows = 0;
  let done = 0;
  try {
    const inspection = await inspectFile(open, format, signal);
    rows = inspection.rows;
    done = fromTheMiddle ? Math.floor(rows / 2) : 0;
    const items = new RowItems('a.txt', inspection, rowSettings(format), Date.parse('2026-11-22T00:00:00Z'));
    for await (const batch of readBatches(open, inspection, format, { done, batchSize, signal })) {
      if (batch.length === 0 || batch.length > batchSize) return `a batch of ${batch.length} rows`;
      for (const row of batch) {
        const item = items.item(row);
        seen.push(item.export.row);
        const { outcome } = item as { outcome?: { code?: string; message?: string; status?: string } };
        if (row.fault !== undefined && outcome === undefined) return `row ${row.number} has a fault and no outcome`;
        if (outcome) messages.push(outcome.message ?? '');
      }
    }
  } catch (error) {
    if (signal.aborted) return `not done after ${LONGEST_MS} ms`;
    if (!(error instanceof SyncError)) throw error;
    if (error.name !== 'BrokenFileError') return `${error.name} ${error.code}: ${error.message}`;
    messages = [...messages, error.message, error.hint ?? ''];
    if (!/^[A-Z][A-Z0-9_]+$/.test(error.code)) return 'broken without a code';
    seen.length = 0;
    rows = done;
  }
  const told = messages.find((message) => CELL.test(message));
  if (told !== undefined) return `a cell is in a message: ${told.slice(0, 300)}`;
  const ms = performance.now() - started;
  if (ms > LONGEST_MS) return `took ${Math.round(ms)} ms`;
  const expected = rows - done;
  if (seen.length !== expected) return `${expected} rows, and ${seen.length} items`;
  const wrong = seen.findIndex((number, at) => number !== done + at + 1);
  return wrong < 0 ? undefined : `item ${wrong + 1} is of row ${seen[wrong]}`;
}

function rowSettings(file: FileFormat) {
  return {
    file,
    cells: { dateTimeFormat: 'auto', timeZone: 'UTC', decimal: 'auto' },
    columns: [],
    keepOthers: true,
    unreadable: 'reject',
  } as never;
}

function hostileFile(chance: Seeded): Buffer {
  let bytes = encoded(chance, hostileText(chance));
  if (chance.chance(0.2)) bytes = damaged(chance, bytes);
  if (chance.chance(0.25)) bytes = compressed(chance, bytes);
  if (chance.chance(0.15)) bytes = bytes.subarray(0, chance.below(bytes.length + 1));
  return bytes;
}

function hostileText(chance: Seeded): string {
  const delimiter = chance.pick(DELIMITERS);
  const lineEnd = chance.pick(['\n', '\n', '\r\n', '\r', '\n\r', '\u2028']);
  const width = chance.chance(0.02) ? chance.pick([0, 1000, 10_000]) : 1 + chance.below(6);
  const names = Array.from({ length: width }, (_, index) =>
    chance.chance(0.03)
      ? chance.pick(['', '__proto__', 'constructor', 'export', 'outcome', 'name0', '"', ' '])
      : `name${index}`,
  );
  const header = names.join(delimiter);
  const lines = [header];
  const count = chance.chance(0.02) ? 3000 : chance.below(40);
  for (let row = 0; row < count && (width < 1000 || row < 3); row++) {
    if (chance.chance(0.03))
      lines.push(chance.pick([header, '', [...names].reverse().join(delimiter), `${header}${delimiter}more`]));
    else
      lines.push(
        Array.from({ length: widthOf(chance, width) }, () => cell(chance, delimiter, count < 100 && width < 1000)).join(
          delimiter,
        ),
      );
  }
  if (chance.chance(0.1)) return lines.map((line) => line + delimiter).join(lineEnd) + lineEnd;
  return lines.join(lineEnd) + (chance.chance(0.8) ? lineEnd : '');
}

function widthOf(chance: Seeded, width: number): number {
  return chance.chance(0.05) ? chance.below(width + 3) : width;
}

/** @param mayBeLong not in files of many cells: the making of the text would take longer than the reading */
function cell(chance: Seeded, delimiter: string, mayBeLong: boolean): string {
  const text = `${CELL_MARK}${chance.below(1000)}`;
  switch (chance.below(14)) {
    case 0:
      return `"${text}"`;
    case 1:
      return `"${text}`;
    case 2:
      return `${text}"`;
    case 3:
      return `"${text} "Best" ${text}"`;
    case 4:
      return `"${text}${delimiter}${text}\n${text}"`;
    case 5:
      return `""${text}""`;
    case 6:
      return text + chance.pick(['\u0000', '\r', '\u0007', '\u0085', '😀', 'é', '€', '\ufeff', '\u202e', '\ud800']);
    case 7:
      return '';
    case 8:
      return mayBeLong && chance.chance(0.05) ? text + 'x'.repeat(chance.pick([300_000, 1_200_000])) : `=${text}`;
    default:
      return text;
  }
}

function encoded(chance: Seeded, text: string): Buffer {
  switch (chance.below(12)) {
    case 0:
      return Buffer.from(text, 'utf16le');
    case 1:
      return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    case 2:
      return Buffer.from(text, 'utf16le').swap16();
    case 3:
    case 4:
      return Buffer.from(text, 'latin1');
    case 5:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]);
    default:
      return Buffer.from(text);
  }
}

/** Some bytes replaced, put in or left out. */
function damaged(chance: Seeded, bytes: Buffer): Buffer {
  const result = [...bytes.subarray(0, 100_000)];
  for (let count = 1 + chance.below(4); count > 0; count--) {
    const at = chance.below(result.length + 1);
    const byte = chance.pick([0, 0x80, 0xff, 0xc3, 0x0a, 0x0d, 0x22, chance.below(256)]);
    result.splice(at, chance.below(3), ...chance.pick([[byte], [byte, byte], []]));
  }
  return Buffer.concat([Buffer.from(result), bytes.subarray(100_000)]);
}

function compressed(chance: Seeded, bytes: Buffer): Buffer {
  const half = chance.below(bytes.length + 1);
  switch (chance.below(7)) {
    case 0:
      return Buffer.concat([gzipSync(bytes.subarray(0, half)), gzipSync(bytes.subarray(half))]);
    case 1:
      return Buffer.concat([gzipSync(bytes.subarray(0, half)), Buffer.alloc(1), gzipSync(bytes.subarray(half))]);
    case 2:
      return Buffer.concat([gzipSync(bytes), Buffer.from(chance.pick(['\u0000', 'x', '\u001f', '\n\n']), 'latin1')]);
    case 3:
      return gzipSync(bytes).subarray(0, Math.max(2, chance.below(gzipSync(bytes).length)));
    case 4: {
      const packed = gzipSync(bytes);
      packed[chance.below(packed.length)] = chance.below(256);
      return packed;
    }
    case 5:
      return Buffer.concat([gzipSync(Buffer.alloc(0)), gzipSync(bytes), gzipSync(Buffer.alloc(0))]);
    default:
      return gzipSync(bytes);
  }
}
