import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sandboxCredentials } from '../../sandbox/n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../../sandbox/n8n-host/start-n8n';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { nodeByWebhook, type NodeByWebhook } from './support/node-by-webhook';

jest.setTimeout(600_000);

const TABLE = [
  ['externalId', 'lastName', 'blackListEmail', 'changed'],
  ['a-1', 'Müller; "Größe", Söhne', '1', '2026-11-21 10:00:00.304Z'],
  ['b-2', 'Ñandú', '0', '2026-11-21T11:00:00+01:00'],
  ['c-3', '', '1', ''],
];
const ROWS = [
  { externalId: 'a-1', lastName: 'Müller; "Größe", Söhne', optedOut: true, changed: '2026-11-21T10:00:00.304Z' },
  { externalId: 'b-2', lastName: 'Ñandú', optedOut: false, changed: '2026-11-21T10:00:00.000Z' },
  { externalId: 'c-3', lastName: '', optedOut: true, changed: null },
];

const plain = (delimiter: string, end = '\n') => TABLE.map((row) => row.join(delimiter) + end).join('');
const quoted = (delimiter: string, end = '\n') =>
  TABLE.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter) + end).join('');

const FILES: Readonly<Record<string, Buffer>> = {
  'tab, LF, UTF-8': Buffer.from(plain('\t')),
  'semicolon, quoted, CRLF': Buffer.from(quoted(';', '\r\n')),
  'comma, quoted, with a byte order mark': Buffer.from(`\uFEFF${quoted(',')}`),
  'tab, Latin-1': Buffer.from(plain('\t'), 'latin1'),
  'quoted, gzip, named so': gzipSync(quoted(',')),
  'gzip, not named so': gzipSync(plain('\t')),
};

describe('The SFTP Export Reader and its credential in a real n8n', () => {
  let sandbox: SandboxHandle;
  let n8n: N8nHandle;
  let reader: NodeByWebhook;
  beforeAll(async () => {
    sandbox = await startSandbox({ sftp: true });
    n8n = await startN8n({ credentials: sandboxCredentials(sandbox) });
    reader = await nodeByWebhook(n8n, {
      type: 'n8n-nodes-dynamics-campaign.sftpExportReader',
      parameters: {
        path: '={{ $json.query.path }}',
        format: { quotes: '={{ $json.query.quotes ?? "none" }}' },
        columns: {
          column: [
            { name: 'externalId', type: 'text', needed: true },
            { name: 'blackListEmail', type: 'boolean', as: 'optedOut', needed: true },
            { name: 'changed', type: 'dateTime', needed: true },
          ],
        },
      },
      credentials: { campaignSftpApi: { id: null, name: 'Campaign SFTP' } },
    });
  });
  afterAll(async () => {
    await n8n?.close();
    await sandbox?.close();
  });

  function put(name: string, content: Buffer | string): string {
    const { localFolder = '', folder = '' } = sandbox.sftp ?? {};
    mkdirSync(localFolder, { recursive: true });
    writeFileSync(join(localFolder, name), content);
    return `${folder}/${name}`;
  }

  /** What the last failed execution says. */
  async function failure(): Promise<string> {
    const [failed] = await n8n.rest.executions({ workflowId: reader.workflowId, status: ['error'] }, 1);
    if (!failed) return '';
    const error = (await n8n.rest.execution(failed.id)).data.resultData?.error as
      { readonly message?: string; readonly description?: string } | undefined;
    return `${error?.message ?? ''} ${error?.description ?? ''}`;
  }

  it.each(Object.keys(FILES))('reads the same rows of a file: %s', async (format) => {
    const path = put(format === 'quoted, gzip, named so' ? 'optouts_1.txt.gz' : 'optouts_1.txt', FILES[format] ?? '');
    const quotes = format.includes('quoted') ? 'double' : 'none';
    const rows = await reader.call({ path, quotes });
    expect(rows?.map(({ export: _from, ...row }) => row)).toEqual(ROWS);
  });

  it.each([
    ['is not there', undefined, /nowhere\.txt/],
    ['ends in the middle of a line', plain('\t').slice(0, -10), /last line|cut off|complete/i],
    ['lacks a needed column', 'externalId\tchanged\na-1\t\n', /blackListEmail/],
  ])('fails with the reason when the file %s', async (_what, content, reason) => {
    const path = content === undefined ? 'd365_loads/exports/nowhere.txt' : put('optouts_2.txt', content);
    expect(await reader.call({ path })).toBeUndefined();
    expect(await failure()).toMatch(reason);
  });

  it("has a credential whose test shows the server's fingerprint at first, passes with it, and refuses another one", async () => {
    const given = sandboxCredentials(sandbox).find(({ type }) => type === 'campaignSftpApi');
    const { hostKeyFingerprint = '' } = sandbox.sftp ?? {};
    const test = async (fingerprint: string) => {
      const data = { ...given?.data, hostKeyFingerprint: fingerprint };
      return await n8n.rest.testCredential(
        await n8n.rest.createCredential({ name: `SFTP ${fingerprint}`, type: 'campaignSftpApi', data }),
      );
    };
    const first = await test('');
    expect(first).toMatchObject({ status: 'Error', message: expect.stringContaining(hostKeyFingerprint) as string });
    expect(await test(hostKeyFingerprint)).toMatchObject({ status: 'OK' });
    const other = await test(`SHA256:${'A'.repeat(43)}`);
    expect(other).toMatchObject({ status: 'Error', message: expect.stringContaining(hostKeyFingerprint) as string });
    await n8n.rest.waitFor('no open connection', () => Promise.resolve(sandbox.sftpServer?.connections.open === 0));
  });
});
