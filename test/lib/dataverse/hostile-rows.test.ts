import { batchBody, BatchSender } from '../../../lib/dataverse/batch-sender';
import { rowTooLarge } from '../../../lib/dataverse/rows-by-id';
import { ResponseTooLargeError } from '../../../lib/http/response-too-large';
import { writeRows, type RowWrite, type RowWriterOptions } from '../../../lib/dataverse/row-writer';
import { SingleSender } from '../../../lib/dataverse/row-requests';
import { DeliveryRegistry } from '../../../lib/sync/delivery/deliveries';
import { KeyLocks } from '../../../lib/sync/delivery/key-locks';
import { byName, column, CONTACT } from '../../support/builders';
import { TestClock } from '../../support/test-clock';
import { FakeRows, refusal } from './support/fake-rows';

const A = '00000000-0000-4000-8000-000000000001';
const B = '00000000-0000-4000-8000-000000000002';
const columns = byName(
  column('donotemail', 'boolean'),
  column('lastname', 'string'),
  column('creditlimit', 'money'),
  column('number', 'integer'),
  column('interests', 'choices'),
  column('born', 'date'),
  column('seen', 'datetime'),
  column('_owner_value', 'lookup'),
);

async function outcomes(server: FakeRows, writes: readonly RowWrite[], options: Partial<RowWriterOptions> = {}) {
  const report = await writeRows(
    writes,
    {
      client: server as never,
      sender: server,
      locks: new KeyLocks(),
      deliveries: new DeliveryRegistry(),
      clock: new TestClock({ start: '1970-01-01T00:00:00Z' }),
    },
    { organization: 'o', table: CONTACT, columns, mode: 'update', onlyChanges: true, concurrency: 2, ...options },
  );
  if (report.kind === 'stopped') throw report.failure;
  return report.outcomes.map(({ status, code }) => (code === undefined ? status : `${status} ${code}`));
}

const patches = (server: FakeRows) => server.requests.filter(({ method }) => method === 'PATCH');
const good: RowWrite = { address: { id: B }, values: { donotemail: true } };
function withGood(): FakeRows {
  const server = new FakeRows();
  server.put(A, { lastname: 'x', donotemail: false });
  server.put(B, { donotemail: false });
  return server;
}

let deep: unknown = 1;
for (let depth = 0; depth < 20_000; depth++) deep = [deep];

describe('one record never stops a batch', () => {
  const keys = ['a/b', 'a#b', 'a<b', 'a>b', 'a*b', 'a%b', 'a&b', 'a:b', 'a\\b', 'a?b', 'a+b', '..', '%2F', ' ', ''];
  const damaged = [
    '\ud800',
    'x\udc00y',
    'a\r\nb',
    'a\0b',
    'a\u007fb',
    {},
    [],
    { toString: 1 },
    deep,
    NaN,
    Infinity,
    null,
  ];
  it.each([...keys, ...damaged, 'x'.repeat(3000)])('whatever its alternate key is: case %#', async (value) => {
    const server = withGood();
    const bad = { address: { key: [{ name: 'lastname', value }] }, values: { donotemail: true } };
    expect(await outcomes(server, [bad, good], { mode: 'upsert' })).toEqual(['rejected KEY_NOT_USABLE', 'updated']);
    expect(patches(server)).toHaveLength(1);
  });

  it('and a key without columns names no row', async () => {
    const bad = { address: { key: [] }, values: { donotemail: true } };
    expect(await outcomes(withGood(), [bad, good])).toEqual(['rejected KEY_NOT_USABLE', 'updated']);
  });

  it.each<unknown>([
    '*',
    'W/"1"\r\nX: y',
    'W/"1\n"',
    '1',
    'W/"ü"',
    ' W/"1"x',
    {},
    [],
    7,
    { toString: 1 },
    'W/"' + '1'.repeat(999) + '"',
  ])('whatever its ifMatch is: case %#', async (ifMatch) => {
    const server = withGood();
    const bad = { address: { id: A }, values: { donotemail: true }, ifMatch: ifMatch as string };
    expect(await outcomes(server, [bad, good])).toEqual(['rejected IF_MATCH_NOT_USABLE', 'updated']);
    expect(server.rows.get(A)).toMatchObject({ donotemail: false });
  });

  const values: readonly unknown[] = [
    {},
    { toString: 1 },
    [[1]],
    deep,
    NaN,
    Infinity,
    -Infinity,
    () => 1,
    Symbol('x'),
    1n,
  ];
  it.each([...columns.keys()].flatMap((name) => values.map((value, at) => [name, at, value] as const)))(
    'whatever stands in a column (%s, value %i)',
    async (name, _at, value) => {
      const server = withGood();
      expect(await outcomes(server, [{ address: { id: A }, values: { [name]: value } }, good])).toEqual([
        'rejected VALUE_NOT_CONVERTIBLE',
        'updated',
      ]);
      expect(patches(server)).toHaveLength(1);
    },
  );

  it.each([
    ['half of a surrogate pair', 'lastname', 'a\ud83d', 'INVALID_CHARACTER'],
    ['NUL', 'lastname', 'a\0', 'INVALID_CHARACTER'],
    ['a control character', 'lastname', 'a\u0008', 'INVALID_CHARACTER'],
    ['17 digits', 'creditlimit', '922337203685477.58', 'TOO_MANY_DIGITS'],
  ])('is rejected for %s, with column and hint', async (_name, column, value, code) => {
    expect(await outcomes(withGood(), [{ address: { id: A }, values: { [column]: value } }, good])).toEqual([
      `rejected ${code}`,
      'updated',
    ]);
  });

  it.each(['tab\t, line\n and return\r', '😀', '20000.0000000000000'])('takes what is no damage: %j', async (text) => {
    const server = withGood();
    const column = text.startsWith('2') ? 'creditlimit' : 'lastname';
    expect(await outcomes(server, [{ address: { id: A }, values: { [column]: text } }])).toEqual(['updated']);
  });

  it.each([
    [400, '0x80060888', 'The key in the request URI is not valid for resource.'],
    [400, '', ''],
    [404, '0x8006088a', "Resource not found for the segment 'b'."],
    [404, '', 'Not Found'],
  ])('when its look-up is refused with %i %s', async (status, code, message) => {
    const server = withGood();
    server.intervene = ({ method, path }) =>
      method === 'GET' && path.includes('lastname=') ? refusal(status, code, message) : undefined;
    const bad = { address: { key: [{ name: 'lastname', value: 'x' }] }, values: { donotemail: true } };
    expect(await outcomes(server, [bad, good], { mode: 'upsert' })).toEqual(['rejected KEY_REFUSED', 'updated']);
  });

  it('when its look-up fails and all others work', async () => {
    const server = withGood();
    server.intervene = ({ method, path }) =>
      method === 'GET' && path.includes('lastname=') ? refusal(500, '', 'x') : undefined;
    const bad = { address: { key: [{ name: 'lastname', value: 'x' }] }, values: { donotemail: true } };
    expect(await outcomes(server, [bad, good], { mode: 'upsert' })).toEqual([
      'rejected FAILING_IN_DYNAMICS',
      'updated',
    ]);
  });

  it('when its row is too large to be read', async () => {
    const server = withGood();
    const tooLarge = new ResponseTooLargeError('Dynamics 365', 'read', 'is larger than 128 MB');
    server.intervene = ({ method, path }) =>
      method === 'GET' && path.includes(A) ? Promise.reject(tooLarge) : undefined;
    Object.assign(server, { getByIds: () => Promise.reject(rowTooLarge(CONTACT)) });
    const bad = { address: { id: A }, values: { donotemail: true } };
    expect(await outcomes(server, [bad, good])).toEqual(['rejected ROW_TOO_LARGE', 'updated']);
  });

  it('but a table that is not served, or a column that is not there, concerns all rows', async () => {
    const server = withGood();
    const row = { address: { key: [{ name: 'lastname', value: 'x' }] }, values: { donotemail: true } };
    server.intervene = () => refusal(404, '0x8006088a', "Resource not found for the segment 'contacts'.");
    await expect(outcomes(server, [row])).rejects.toMatchObject({ code: 'TABLE_UNKNOWN' });
    server.intervene = () => refusal(400, '0x80060888', "Could not find a property named 'x' on type 'y'.");
    await expect(outcomes(server, [row])).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
  });
});

describe('a table without optimistic concurrency', () => {
  /** Refuses every condition on the state of a row; with `all` every condition at all. */
  const off = (server: FakeRows, status: number, all = false) => {
    server.intervene = ({ method, headers = {} }) => {
      const match = headers['If-Match'];
      return method === 'PATCH' && match !== undefined && (all || match !== '*')
        ? refusal(status, '0x8006088D', "Optimistic concurrency isn't enabled for entity type contact.")
        : undefined;
    };
  };

  it.each([412, 400, 500])('is written without the condition, read right before (HTTP %i)', async (status) => {
    const server = withGood();
    off(server, status);
    expect(await outcomes(server, [{ ...good, address: { id: A } }, good])).toEqual(['updated', 'updated']);
    const lastPatch =
      server.requests.length - 1 - [...server.requests].reverse().findIndex(({ method }) => method === 'PATCH');
    expect(server.requests[lastPatch]?.headers?.['If-Match']).toBe('*');
    expect(
      server.requests
        .slice(0, lastPatch)
        .filter(({ method, path }) => method === 'GET' && path.startsWith('contacts(')),
    ).toHaveLength(2);
  });

  it('still does not write another state than the item was decided on', async () => {
    const server = withGood();
    off(server, 412);
    server.put(A, { donotemail: false });
    const write = (ifMatch: string) =>
      outcomes(server, [{ address: { id: A }, values: { donotemail: true }, ifMatch }]);
    expect(await write('W/"1"')).toEqual(['waiting CHANGED_MEANWHILE']);
    expect(await write('W/"2"')).toEqual(['updated']);
    server.put(A, { donotemail: false });
    expect(
      await outcomes(server, [{ address: { id: A }, values: { donotemail: true }, ifMatch: 'W/"2"' }], {
        onlyChanges: false,
      }),
    ).toEqual(['waiting CHANGED_MEANWHILE']);
  });

  it('that takes no condition at all is written by Upsert, and rejected by Update, which must create nothing', async () => {
    const server = withGood();
    off(server, 400, true);
    expect(await outcomes(server, [good], { mode: 'upsert' })).toEqual(['updated']);
    server.put(B, { donotemail: false });
    expect(await outcomes(server, [good])).toEqual(['rejected CONCURRENCY_OFF']);
  });

  it.each([
    ['80040265', 'PLUG_IN_REFUSED'],
    ['80049999', 'REFUSED_BY_DYNAMICS'],
  ])('differs from a 412 for another reason: %s is no stale etag', async (code, outcome) => {
    const server = withGood();
    server.intervene = ({ method }) => (method === 'PATCH' ? refusal(412, `0x${code}`, 'No.') : undefined);
    expect(await outcomes(server, [good])).toEqual([`rejected ${outcome}`]);
    expect(patches(server)).toHaveLength(1);
  });
});

describe('what goes over the wire', () => {
  const calls: string[] = [];
  const client = {
    apiUrl: 'https://o.crm4.dynamics.com/api/data/v9.2/',
    call: ({ path }: { path: string }) => {
      calls.push(path);
      return Promise.reject(new Error('sent'));
    },
  } as never;
  const request = { method: 'PATCH', path: 'contacts(1)', body: {}, purpose: 'write', signal: undefined } as const;

  it.each([
    { ...request, headers: { 'If-Match': 'W/"1"\r\n\r\n--batch' } },
    { ...request, headers: { 'If-Match': 'a\0b' } },
    { ...request, path: 'contacts(1) HTTP/1.1\r\nX: y\r\n\r\nPATCH /x' },
    { ...request, path: 'contacts(a b)' },
    { ...request, path: 'contacts(ü)' },
  ])('holds no line of another request: case %#', async (bad) => {
    const rejected = { code: 'REQUEST_NOT_SENDABLE' };
    await expect(new BatchSender(client, { size: 1 }).send(bad)).rejects.toMatchObject(rejected);
    await expect(new SingleSender(client).send(bad)).rejects.toMatchObject(rejected);
    expect(() => batchBody([bad], 'b', '/')).toThrow(expect.objectContaining(rejected));
    expect(calls).toEqual([]);
  });
});
