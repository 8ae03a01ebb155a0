import { writeRows, type RowWrite, type RowWriterOptions } from '../../../lib/dataverse/row-writer';
import { DeliveryRegistry } from '../../../lib/sync/delivery/deliveries';
import type { SyncError } from '../../../lib/core/errors';
import { ConfigurationError, RetriableError } from '../../../lib/core/errors';
import { KeyLocks } from '../../../lib/sync/delivery/key-locks';
import { FakeRows, refusal } from './support/fake-rows';
import { byName, column, CONTACT } from '../../support/builders';
import { TestClock } from '../../support/test-clock';
import { turn } from '../../support/turn';

const ids = Array.from({ length: 120 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
const A = ids[0] as string;
const B = ids[1] as string;
const columns = byName(
  column('donotemail', 'boolean'),
  column('donotphone', 'boolean'),
  column('lastname', 'string', { maxLength: 5 }),
);
const delivery = { trigger: 't', number: 1, attempt: 1, until: '2030-01-01T00:00:00Z' };

function run(
  server: FakeRows,
  writes: readonly RowWrite[],
  options: Partial<RowWriterOptions> = {},
  deps: object = {},
) {
  return writeRows(
    writes,
    {
      client: server as never,
      sender: server,
      locks: new KeyLocks(),
      deliveries: new DeliveryRegistry(),
      clock: new TestClock({ start: '1970-01-01T00:00:00Z' }),
      ...deps,
    },
    { organization: 'o', table: CONTACT, columns, mode: 'update', onlyChanges: true, concurrency: 2, ...options },
  );
}
async function outcomes(...args: Parameters<typeof run>) {
  const report = await run(...args);
  if (report.kind === 'stopped') throw report.failure;
  return report.outcomes.map(({ status, code }) => (code === undefined ? status : `${status} ${code}`));
}
const optOut = (id: string, extra: Partial<RowWrite> = {}): RowWrite => ({
  address: { id },
  values: { donotemail: true },
  ...extra,
});
const patches = (server: FakeRows) => server.requests.filter(({ method }) => method === 'PATCH');

describe('the row writer', () => {
  it('sends only the columns that differ, bound to the row that was read', async () => {
    const server = new FakeRows();
    server.put(A, { donotemail: false, donotphone: true });
    expect(await outcomes(server, [{ address: { id: A }, values: { donotemail: true, donotphone: true } }])).toEqual([
      'updated',
    ]);
    expect(patches(server)).toMatchObject([{ body: { donotemail: true }, headers: { 'If-Match': 'W/"1"' } }]);
    expect(Object.keys(patches(server)[0]?.body ?? {})).toEqual(['donotemail']);
  });

  it('writes nothing where the row has the values already', async () => {
    const server = new FakeRows();
    server.put(A, { donotemail: true });
    expect(await outcomes(server, [optOut(A)])).toEqual(['unchanged']);
    expect(patches(server)).toHaveLength(0);
  });

  it('reads and decides again when the row changed in between', async () => {
    const server = new FakeRows();
    server.put(A, { donotemail: false, donotphone: false });
    let raced = false;
    server.intervene = ({ method }) => {
      if (method === 'PATCH' && !raced) {
        raced = true;
        server.put(A, { donotemail: true, donotphone: false });
      }
    };
    expect(await outcomes(server, [optOut(A)])).toEqual(['unchanged']);
    expect(server.row(A)).toMatchObject({ version: 2 });
  });

  it('gives up waiting on a row that changes all the time, without writing it', async () => {
    const server = new FakeRows();
    server.put(A, { donotemail: false });
    server.intervene = ({ method }) => {
      if (method === 'PATCH') server.put(A, { donotemail: false });
    };
    expect(await outcomes(server, [optOut(A)])).toEqual(['waiting ROW_BUSY']);
  });

  describe.each([true, false])('with a decision bound to an etag (reading first: %p)', (onlyChanges) => {
    it('writes the row that it was decided on', async () => {
      const server = new FakeRows();
      server.put(A, { donotemail: false });
      expect(await outcomes(server, [optOut(A, { ifMatch: 'W/"1"' })], { onlyChanges })).toEqual(['updated']);
    });
    it.each([' W/"1" ', 'W/"1"\n'])('takes off what stands around the etag: %j', async (ifMatch) => {
      const server = new FakeRows();
      server.put(A, { donotemail: false });
      expect(await outcomes(server, [optOut(A, { ifMatch })], { onlyChanges })).toEqual(['updated']);
    });
    it('never writes another state of the row, and says so', async () => {
      const server = new FakeRows();
      server.put(A, { donotemail: false });
      server.put(A, { donotemail: false, donotphone: true });
      expect(await outcomes(server, [optOut(A, { ifMatch: 'W/"1"' })], { onlyChanges })).toEqual([
        'waiting CHANGED_MEANWHILE',
      ]);
      expect(server.row(A)).toMatchObject({ donotemail: false, version: 2 });
    });
    it('is done where another state has the values already', async () => {
      const server = new FakeRows();
      server.put(A, { donotemail: false });
      server.put(A, { donotemail: true });
      expect(await outcomes(server, [optOut(A, { ifMatch: 'W/"1"' })], { onlyChanges })).toEqual(['unchanged']);
    });
    it('never creates the row', async () => {
      const server = new FakeRows();
      const write = optOut(A, { ifMatch: 'W/"1"' });
      expect(await outcomes(server, [write], { onlyChanges, mode: 'upsert' })).toEqual(['rejected ROW_NOT_FOUND']);
      expect(server.rows.size).toBe(0);
    });
  });

  it.each([true, false])('creates what is missing with upsert only (reading first: %p)', async (onlyChanges) => {
    const server = new FakeRows();
    expect(await outcomes(server, [optOut(A)], { onlyChanges })).toEqual(['rejected ROW_NOT_FOUND']);
    expect(await outcomes(server, [optOut(A), optOut(B)], { onlyChanges, mode: 'upsert' })).toEqual([
      'created',
      'created',
    ]);
    expect(server.row(A)).toMatchObject({ donotemail: true });
  });

  it('turns a create that another writer forestalled into an update', async () => {
    const server = new FakeRows();
    server.intervene = ({ headers }) => {
      if (headers?.['If-None-Match'] && !server.rows.has(A)) server.put(A, { donotemail: false, lastname: 'X' });
    };
    expect(await outcomes(server, [optOut(A)], { mode: 'upsert' })).toEqual(['updated']);
    expect(server.row(A)).toMatchObject({ donotemail: true, lastname: 'X' });
  });

  it('rejects a create whose other key is taken', async () => {
    const server = new FakeRows();
    server.intervene = ({ method }) => (method === 'PATCH' ? refusal(412, '0x80060892') : undefined);
    expect(await outcomes(server, [optOut(A)], { mode: 'upsert' })).toEqual(['rejected DUPLICATE_KEY']);
  });

  it.each([
    [refusal(400, '0x80040265'), 'rejected PLUG_IN_REFUSED'],
    [refusal(400, '0x80048408'), 'rejected STATUS_NOT_ALLOWED'],
    [refusal(400, '-2147187895'), 'rejected REFUSED_BY_DYNAMICS'],
    [refusal(403, '0x80040220', 'SecLib::AccessCheckEx failed'), 'rejected ACCESS_DENIED'],
    [refusal(404, '0x80040217', 'account With Id = x Does Not Exist'), 'rejected ROW_NOT_FOUND'],
    [refusal(500, '0x80040216'), 'rejected FAILING_IN_DYNAMICS'],
  ])('rejects one refused row (%j) and goes on', async (response, expected) => {
    const server = new FakeRows();
    server.put(A, { donotemail: false });
    server.put(B, { donotemail: false });
    server.intervene = ({ method, path }) => (method === 'PATCH' && path.includes(A) ? response : undefined);
    expect(await outcomes(server, [optOut(A), optOut(B)])).toEqual([expected, 'updated']);
  });

  it.each([
    [refusal(403, '0x80040220', 'is missing prvWriteContact privilege'), 'PRIVILEGE_MISSING'],
    [
      refusal(400, '0x0', "An undeclared property 'x@odata.bind' which only has property annotations"),
      'BIND_NAME_UNKNOWN',
    ],
    [refusal(400, '0x80060888', "Could not find a property named 'donotemail' on type 'x'"), 'UNKNOWN_COLUMN'],
    [
      refusal(400, '0x80048d19', "The property 'donotemail' does not exist on type 'Microsoft.Dynamics.CRM.contact'"),
      'UNKNOWN_COLUMN',
    ],
    [refusal(429, '0x80072322'), 'SERVICE_PROTECTION_LIMIT'],
    [refusal(503, ''), 'DATAVERSE_UNAVAILABLE'],
  ])('stops at what concerns all rows (%j)', async (response, code) => {
    const server = new FakeRows();
    for (const id of ids) server.put(id, { donotemail: false });
    server.intervene = ({ method }) => (method === 'PATCH' ? response : undefined);
    const report = await run(
      server,
      ids.map((id) => optOut(id)),
      { concurrency: 1 },
    );
    expect(report).toMatchObject({ kind: 'stopped' });
    expect((report as { failure: SyncError }).failure.code).toBe(code);
    expect(patches(server).length).toBeLessThanOrEqual(50);
  });

  it('fails the batch when Dynamics 365 as a whole answers 500', async () => {
    const server = new FakeRows();
    server.put(A, { donotemail: false });
    server.intervene = ({ path }) => (path === 'WhoAmI' || path.includes(A) ? refusal(500, '') : undefined);
    await expect(outcomes(server, [optOut(A)])).rejects.toThrow(RetriableError);
  });

  it('rejects values that do not fit and ids that are none, before anything is sent', async () => {
    const server = new FakeRows();
    server.put(A, { lastname: 'x' });
    const writes = [
      { address: { id: A }, values: { lastname: 'too long' } },
      { address: { id: A }, values: { donotemail: 'perhaps' } },
      optOut('0'),
      optOut(''),
    ];
    expect(await outcomes(server, writes)).toEqual([
      'rejected TOO_LONG',
      'rejected VALUE_NOT_CONVERTIBLE',
      'rejected KEY_NOT_USABLE',
      'rejected KEY_NOT_USABLE',
    ]);
    expect(patches(server)).toHaveLength(0);
  });

  it('names an unknown column and writes nothing', async () => {
    const server = new FakeRows();
    await expect(outcomes(server, [{ address: { id: A }, values: { nope: 1 } }])).rejects.toThrow(ConfigurationError);
    expect(server.requests).toHaveLength(0);
  });

  it('leaves a column alone whose value is undefined, and empties it for null', async () => {
    const server = new FakeRows();
    server.put(A, { lastname: 'x', donotemail: false });
    await outcomes(server, [{ address: { id: A }, values: { lastname: null, donotemail: undefined } }]);
    expect(patches(server)[0]?.body).toEqual({ lastname: null });
  });

  it('keeps an outcome that was set before and writes the rest', async () => {
    const server = new FakeRows();
    server.put(A, { donotemail: false });
    const done = { status: 'rejected', code: 'EARLIER', engineCalls: 0 } as const;
    expect(await outcomes(server, [optOut(B, { outcome: done }), optOut(A)])).toEqual(['rejected EARLIER', 'updated']);
  });

  it('writes one row in the order of its items, and many rows at once', async () => {
    const server = new FakeRows();
    for (const id of ids) server.put(id, { lastname: '' });
    const writes = ['a', 'b', 'c'].flatMap((lastname) =>
      ids.map((id): RowWrite => ({ address: { id }, values: { lastname } })),
    );
    expect(new Set(await outcomes(server, writes))).toEqual(new Set(['updated']));
    for (const id of ids) {
      const sent = patches(server).filter(({ path }) => path.includes(id));
      expect(sent.map(({ body }) => body)).toEqual([{ lastname: 'a' }, { lastname: 'b' }, { lastname: 'c' }]);
    }
    expect(server.largestInFlight).toBeGreaterThan(10);
  });

  it('reads rows fifty at a time', async () => {
    const server = new FakeRows();
    for (const id of ids) server.put(id, { donotemail: true });
    await outcomes(
      server,
      ids.map((id) => optOut(id)),
    );
    expect(server.requests.map(({ path }) => path)).toEqual(['ids:50', 'ids:50', 'ids:20']);
  });

  it('lets no two executions work on one row at the same time', async () => {
    const server = new FakeRows();
    for (const id of ids) server.put(id, { lastname: '' });
    const locks = new KeyLocks();
    const one = ids.map((id): RowWrite => ({ address: { id }, values: { lastname: '1' } }));
    const two = [...ids].reverse().map((id): RowWrite => ({ address: { id }, values: { lastname: '2' } }));
    const busy = new Set<string>();
    server.intervene = async ({ path }) => {
      expect(busy.has(path)).toBe(false);
      busy.add(path);
      await turn();
      busy.delete(path);
    };
    await Promise.all([outcomes(server, one, {}, { locks }), outcomes(server, two, {}, { locks })]);
    expect(locks.size).toBe(0);
  });

  it('writes nothing for a delivery that was superseded', async () => {
    const server = new FakeRows();
    server.put(A, { donotemail: false });
    const deliveries = new DeliveryRegistry();
    deliveries.begin({ ...delivery, attempt: 2 });
    const report = await run(server, [optOut(A, { delivery })], {}, { deliveries });
    expect(report).toMatchObject({ kind: 'stopped', failure: { code: 'DELIVERY_SUPERSEDED' } });
    expect(patches(server)).toHaveLength(0);
  });

  it('starts nothing once the execution is cancelled', async () => {
    const server = new FakeRows();
    const report = await run(server, [optOut(A)], { signal: AbortSignal.abort() });
    expect(report).toMatchObject({ kind: 'stopped', failure: { code: 'ABORTED' } });
    expect(server.requests).toHaveLength(0);
  });

  it('carries the mark and the options of plug-ins and flows with every write', async () => {
    const server = new FakeRows();
    server.put(A, { donotemail: false });
    await outcomes(server, [optOut(A)], { tag: 'a b', bypassPlugIns: true, bypassFlows: true, detectDuplicates: true });
    expect(patches(server)).toMatchObject([
      {
        path: `contacts(${A})?tag=a%20b`,
        headers: {
          'MSCRM.BypassCustomPluginExecution': 'true',
          'MSCRM.SuppressCallbackRegistrationExpanderJob': 'true',
          'MSCRM.SuppressDuplicateDetection': 'false',
        },
      },
    ]);
  });

  it('addresses a row by an alternate key, with quotes made safe', async () => {
    const server = new FakeRows();
    const write = { address: { key: [{ name: 'lastname', value: "O'B" }] }, values: { donotemail: true } };
    expect(await outcomes(server, [write], { mode: 'upsert' })).toEqual(['created']);
    expect(patches(server)[0]?.path).toBe("contacts(lastname='O''B')");
  });
});
