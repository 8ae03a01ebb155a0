import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { FileFormat } from '../../../lib/sftp/file-format';
import { inspectFile } from '../../../lib/sftp/inspect-file';
import type { OpenFile } from '../../../lib/sftp/parse-file';
import { readBatches } from '../../../lib/sftp/read-batches';
import { turns } from '../../support/turn';

const format: FileFormat = {
  delimiter: 'auto',
  quotes: 'double',
  encoding: 'auto',
  openEndAllowed: false,
  emptyAllowed: false,
};
const signal = new AbortController().signal;

/** Gives the content in small pieces, so that every boundary falls into the middle of something. */
function fileOf(content: Buffer | string, piece = 3): OpenFile {
  const bytes = Buffer.from(content);
  return ({ end } = {}) => {
    const wanted = end === undefined ? bytes : bytes.subarray(0, end + 1);
    const pieces = Array.from({ length: Math.ceil(wanted.length / piece) }, (_, i) =>
      wanted.subarray(i * piece, (i + 1) * piece),
    );
    return Readable.from(pieces, { objectMode: false });
  };
}

async function readAll(open: OpenFile, settings: FileFormat = format, done = 0, batchSize = 2) {
  const inspection = await inspectFile(open, settings, signal);
  const batches: { number: number; cells: readonly string[] }[][] = [];
  for await (const batch of readBatches(open, inspection, settings, { done, batchSize, signal })) batches.push(batch);
  return { inspection, batches, cells: batches.flat().map(({ cells }) => cells) };
}

const FOUR = 'id\tname\n1\ta\n2\tb\n3\tc\n4\td\n';

describe('an export file', () => {
  it.each([
    ['tab and LF', FOUR],
    ['CRLF', FOUR.replaceAll('\n', '\r\n')],
    ['semicolons', FOUR.replaceAll('\t', ';')],
    ['commas', FOUR.replaceAll('\t', ',')],
    ['quotes', FOUR.replaceAll(/[^\t\n]+/g, '"$&"')],
    ['a byte order mark', `\ufeff${FOUR}`],
    ['a byte order mark and quotes', `\ufeff${FOUR.replaceAll(/[^\t\n]+/g, '"$&"')}`],
    ['compression', gzipSync(FOUR)],
    ['two compressed parts', Buffer.concat([gzipSync(FOUR.slice(0, 9)), gzipSync(FOUR.slice(9))])],
    ['empty lines at its end', `${FOUR}\n\n`],
  ])('with %s gives the same rows in batches', async (_, content) => {
    const { inspection, batches } = await readAll(fileOf(content));
    expect(inspection).toMatchObject({ header: ['id', 'name'], rows: 4, oddRows: 0 });
    expect(batches).toEqual([
      [
        { number: 1, cells: ['1', 'a'] },
        { number: 2, cells: ['2', 'b'] },
      ],
      [
        { number: 3, cells: ['3', 'c'] },
        { number: 4, cells: ['4', 'd'] },
      ],
    ]);
  });

  it.each([1, 2, 3, 5])('goes on after row %d', async (done) => {
    const { batches } = await readAll(fileOf(FOUR), format, done);
    expect(batches.flat().map(({ number }) => number)).toEqual([1, 2, 3, 4].filter((number) => number > done));
  });

  it('is the same content under compression, and another one with one other byte', async () => {
    const ids = await Promise.all(
      [FOUR, gzipSync(FOUR), gzipSync(FOUR, { level: 1 }), FOUR.replace('a\n', 'x\n')].map(async (content) => {
        return (await inspectFile(fileOf(content), format, signal)).id;
      }),
    );
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).toBe(ids[0]);
    expect(ids[3]).not.toBe(ids[0]);
  });

  it.each([
    ['utf8', 'Zoë\t日本\n', 'Zoë'],
    ['latin1', Buffer.from('Zoë\tx\n', 'latin1'), 'Zoë'],
  ])('shows its encoding by itself: %s', async (encoding, row, name) => {
    const { inspection, cells } = await readAll(
      fileOf(Buffer.concat([Buffer.from('nàme\tb\n', encoding as 'utf8'), Buffer.from(row)])),
    );
    expect(inspection.encoding).toBe(encoding);
    expect(inspection.header[0]).toBe('nàme');
    expect(cells[0]?.[0]).toBe(name);
  });

  it('keeps line ends, delimiters and doubled quotes inside quotes', async () => {
    const { cells } = await readAll(fileOf('a;b\n"x;1\r\ny";"say ""hi"""\n'));
    expect(cells).toEqual([['x;1\r\ny', 'say "hi"']]);
  });

  it('takes quotes as they are where none are used', async () => {
    const { cells } = await readAll(fileOf('a\tb\n"Bob\t12" pipe\n'), { ...format, quotes: 'none' });
    expect(cells).toEqual([['"Bob', '12" pipe']]);
  });

  it('counts a row of another width and gives it as it is', async () => {
    const { inspection, cells } = await readAll(fileOf('a;b\n1\n2;3\n'));
    expect(inspection).toMatchObject({ rows: 2, oddRows: 1 });
    expect(cells).toEqual([['1'], ['2', '3']]);
  });

  it('may have a header and no row', async () => {
    const { inspection, batches } = await readAll(fileOf('a;b\n'));
    expect(inspection.rows).toBe(0);
    expect(batches).toEqual([]);
  });

  it.each([
    ['without a line end', FOUR.slice(0, -1), 'LAST_LINE_TORN'],
    ['cut off inside a row', FOUR.slice(0, -3), 'LAST_LINE_TORN'],
    ['with a last row too short', `${FOUR}5\n`, 'LAST_LINE_TORN'],
    ['with a quote left open', 'a;b\n1;"2\n3;4\n', 'LAST_LINE_TORN'],
    ['cut off in its compression', gzipSync(FOUR).subarray(0, -6), 'GZIP_TORN'],
    ['with a wrong checksum', spoil(gzipSync(FOUR), -6), 'GZIP_BROKEN'],
    ['with spoiled compression', spoil(gzipSync(FOUR), 14), 'GZIP_BROKEN'],
    ['of no bytes', '', 'FILE_EMPTY'],
    ['of compressed nothing', gzipSync(''), 'FILE_EMPTY'],
    ['of line ends alone', '\n\n', 'HEADER_MISSING'],
    ['in UTF-16', Buffer.from('\ufeffa;b\n', 'utf16le'), 'UTF_16'],
    ['with one endless row', `a;b\n"${'x'.repeat(1_100_000)}`, 'ROW_TOO_LONG'],
  ])('%s is broken before a row goes on', async (_, content, code) => {
    await expect(inspectFile(fileOf(content, 4096), format, signal)).rejects.toMatchObject({
      name: 'BrokenFileError',
      code,
    });
  });

  it('that is not UTF-8 is broken where UTF-8 is set', async () => {
    const content = Buffer.from('ä;b\n1;2\n', 'latin1');
    await expect(inspectFile(fileOf(content), { ...format, encoding: 'utf8' }, signal)).rejects.toMatchObject({
      code: 'NOT_UTF8',
    });
  });

  it('may lack its last line end, or be empty, where the user allows it', async () => {
    const open = await readAll(fileOf(FOUR.slice(0, -1)), { ...format, openEndAllowed: true });
    expect(open.inspection.rows).toBe(4);
    const empty = await readAll(fileOf(''), { ...format, emptyAllowed: true });
    expect(empty.inspection).toMatchObject({ rows: 0, header: [] });
  });

  it.each([
    ['grew', `${FOUR}5\te\n`],
    ['shrank', FOUR.slice(0, -4)],
    ['has another value', FOUR.replace('4\td', '4\tx')],
  ])('that %s after the check does not get its last batch through', async (_, changed) => {
    const inspection = await inspectFile(fileOf(FOUR), format, signal);
    const given: number[] = [];
    const reading = (async () => {
      for await (const batch of readBatches(fileOf(changed), inspection, format, { done: 0, batchSize: 2, signal })) {
        given.push(...batch.map(({ number }) => number));
      }
    })();
    await expect(reading).rejects.toMatchObject({ name: 'RetriableError', code: 'FILE_CHANGED' });
    expect(given).not.toContain(4);
  });

  it('passes on what the connection says when it breaks', async () => {
    const lost = new Error('lost');
    const open: OpenFile = ({ end } = {}) => {
      if (end !== undefined) return Readable.from([Buffer.from('id')]);
      return Readable.from(
        (async function* () {
          yield Buffer.from(FOUR);
          await Promise.resolve();
          throw lost;
        })(),
      );
    };
    await expect(inspectFile(open, format, signal)).rejects.toBe(lost);
  });

  it('is read no faster than its rows are taken', async () => {
    let given = 0;
    const chunk = Buffer.from('12345678;abcdefgh\n'.repeat(4000));
    const chunks = 25;
    const open: OpenFile = ({ end } = {}) =>
      end !== undefined
        ? Readable.from([Buffer.from('id')])
        : Readable.from(
            (function* () {
              given = 0;
              yield Buffer.from('id;name\n');
              for (let i = 0; i < chunks; i++) {
                given++;
                yield chunk;
              }
            })(),
            { highWaterMark: 1 },
          );
    const inspection = await inspectFile(open, format, signal);
    expect(inspection.rows).toBe(4000 * chunks);
    const batches = readBatches(open, inspection, format, { done: 0, batchSize: 100, signal });
    await batches.next();
    await turns(50);
    expect(given).toBeLessThan(10);
    await batches.return();
  }, 30_000);
});

function spoil(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}
