import { readWholeFile } from '../../lib/sftp/read-whole-file';
import { openSftp, type SftpConnection } from '../../lib/sftp/sftp-connection';
import type { FileFormat } from '../../lib/sftp/file-format';
import type { RowItem } from '../../lib/sync/export/row-item';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { DEFAULT_FORMAT } from '../support/export-file';
import { settings } from '../support/watcher-harness';
import { settingsOf } from './sftp-servers';

jest.setTimeout(60_000);

const EARLY = '"Early bird';
const FRENCH = 'Café “d’été” – 20 €';

describe('exports with the habits of other exporters and operators', () => {
  let sandbox: SandboxHandle;
  let server: SftpConnection;
  beforeAll(async () => {
    sandbox = await startSandbox({ contacts: 12, sftp: true });
    server = await openSftp(settingsOf(sandbox.sftpServer!));
    await order('/seed', { table: 'profile', count: 12, profilesFrom: 'contact' });
    for (const label of ['News', EARLY, FRENCH, 'TV 42"', EARLY]) await order('/deliver', { label, contacts: 4 });
  });
  afterAll(async () => {
    await server?.close();
    await sandbox?.close();
  });

  async function order(path: string, body: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(sandbox.controlUrl + path, { method: 'POST', body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Exports the whole delivery log and reads it. */
  async function read(habits: object, format: Partial<FileFormat> = {}, timeZone = 'UTC'): Promise<readonly RowItem[]> {
    const { file } = await order('/export', { kind: 'delivery-logs', overlap: true, ...habits });
    const columns = [
      { name: 'eventDate', type: 'dateTime' as const, needed: true },
      { name: 'status', type: 'integer' as const, needed: true },
    ];
    const cells = { ...settings.rows.cells, timeZone };
    const rows = { ...settings.rows, cells, columns, file: { ...DEFAULT_FORMAT, ...format } };
    const clocked = { signal: new AbortController().signal, nowMs: Date.now() };
    const path = `${sandbox.sftp?.folder ?? ''}/${String(file)}`;
    return await readWholeFile(server, path, { rows, limit: 1000, whenMore: 'fail' }, clocked);
  }

  async function log(): Promise<readonly Record<string, unknown>[]> {
    const logs = (await (await fetch(`${sandbox.controlUrl}/logs`)).json()) as { delivery: Record<string, unknown>[] };
    return logs.delivery;
  }

  const facts = (row: Readonly<Record<string, unknown>>) =>
    [row['id'], row['externalId'], row['deliveryLabel']].map(String);
  const good = (rows: readonly RowItem[]) => rows.filter((row) => row['outcome'] === undefined);
  const faults = (rows: readonly RowItem[]) =>
    rows.flatMap(({ outcome, export: { row } }) => (outcome ? [[row, (outcome as { code: string }).code]] : []));

  it.each([
    ['as Campaign writes them', {}, {}],
    ['with CR LF', { lineEnds: 'crlf' }, {}],
    ['with semicolons', { delimiter: 'semicolon' }, {}],
    ['in Windows-1252', { encoding: 'windows-1252' }, {}],
    ['with quotes where needed', { quotes: 'where-needed', delimiter: 'comma' }, { quotes: 'double' }],
    ['with quotes everywhere', { quotes: 'all', delimiter: 'semicolon' }, { quotes: 'double' }],
    ['with a delimiter at the end of each row', { delimiterAtEnd: true }, {}],
  ] as const)('%s are read to the last character', async (_what, habits, format) => {
    const rows = await read(habits, format);
    expect(faults(rows)).toEqual([]);
    expect(rows.map(facts)).toEqual((await log()).map(facts));
    expect(rows.map((row) => row['eventDate'])).toEqual(
      (await log()).map((row) => new Date(String(row['eventDate']).replace(' ', 'T')).toISOString()),
    );
  });

  it('without quotes around cells, read by a node that expects them, give no person the event of another', async () => {
    const [rows, all] = [await read({}, { quotes: 'double' }), await log()];
    expect(rows).toHaveLength(all.length);
    const byId = new Map(all.map((row) => [String(row['id']), facts(row)]));
    for (const row of good(rows)) expect(facts(row)).toEqual(byId.get(String(row['id'])));
    const quoted = all.flatMap(({ deliveryLabel }, at) => (deliveryLabel === EARLY ? [at + 1] : []));
    const refused = faults(rows);
    expect(refused.map(([row]) => row)).toEqual(expect.arrayContaining(quoted));
    expect(new Set(refused.map(([, code]) => code))).toEqual(new Set(['ROW_QUOTES']));
  });

  it('lose the row with a byte that is no UTF-8, and the row that is the header again, and no other', async () => {
    const all = await log();
    const spoiled = await read({ encoding: 'one-bad-byte' });
    expect(faults(spoiled)).toEqual([[1, 'ROW_ENCODING']]);
    expect(good(spoiled).map(facts)).toEqual(all.slice(1).map(facts));
    const again = await read({ headerAgain: true });
    expect(faults(again)).toEqual([[Math.ceil(all.length / 2) + 1, 'HEADER_AGAIN']]);
    expect(good(again).map(facts)).toEqual(all.map(facts));
  });

  it.each([
    ['UTF_16', { encoding: 'utf16le' }],
    ['CARRIAGE_RETURNS', { lineEnds: 'cr' }],
    ['GZIP_BROKEN', { compress: 'zero-byte' }],
    ['HEADER_QUOTED', { quotes: 'all' }],
  ])('that can not be read for certain are told as what they are: %s', async (code, habits) => {
    await expect(read(habits)).rejects.toMatchObject({ name: 'BrokenFileError', code });
  });

  it('with times in the zone of their operator are right where the node names it, and told where it does not', async () => {
    const inZone = await read({ zone: 'Pacific/Kiritimati' }, {}, 'Pacific/Kiritimati');
    const seconds = (row: Readonly<Record<string, unknown>>) => String(row['eventDate']).replace(' ', 'T').slice(0, 19);
    expect(inZone.map(seconds)).toEqual((await log()).map(seconds));
    expect(inZone.every((row) => row.export.problems === undefined)).toBe(true);
    const wrong = await read({ zone: 'Pacific/Kiritimati' });
    expect(wrong.flatMap((row) => row.export.problems ?? [])).toEqual([{ column: 'eventDate', code: 'IN_THE_FUTURE' }]);
  });
});
