import { brotliCompressSync, gzipSync } from 'node:zlib';
import { HttpClient, type HttpClientOptions } from '../../../lib/http/http-client';
import { TokenSource } from '../../../lib/http/token-source';
import { errorOf } from '../../support/errors';
import { fakeTime } from '../../support/test-clock';
import { scriptedServer, type Reply } from '../../support/scripted-server';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function setUp(replies: Reply[], options: Partial<HttpClientOptions> = {}) {
  const server = await scriptedServer(...replies);
  const time = fakeTime();
  let tokens = 0;
  const client = new HttpClient({
    system: 'System',
    limits: { maxConcurrency: 4, maxPerSecond: 0 },
    tokens: new TokenSource(async () => ({ value: `token${++tokens}`, expiresInSeconds: 3600 }), time.clock),
    isTransient: ({ status }) => status >= 502,
    dependencies: time,
    ...options,
  });
  open.push(client, server);
  const send = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path = '/x',
    rest: { body?: string; signal?: AbortSignal } = {},
  ) => client.send({ method, url: server.url + path, purpose: 'test', ...rest });
  return { server, time, client, send };
}

const ok: Reply = { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"a":"ä"}' };

describe('HttpClient', () => {
  it('sends method, headers, token and body, and gives the response', async () => {
    const { server, send } = await setUp([ok], { headers: { 'X-Api-Key': 'key' } });
    const response = await send('POST', '/path?a=b', { body: '{"ü":1}' });
    expect(response).toMatchObject({ status: 200, text: '{"a":"ä"}', repeated: false });
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/path?a=b', body: '{"ü":1}' });
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer token1',
      'x-api-key': 'key',
      'content-length': '8',
    });
  });

  it("sends a link's path and query byte for byte", async () => {
    const { server, send } = await setUp([ok]);
    const path = "/contacts?$deltatoken=919042%2108%2f22%2f2017%2008%3a10'!()|";
    await send('GET', path);
    expect(server.seen[0]?.url).toBe(path);
  });

  it.each([
    ['gzip', gzipSync('{"a":1}')],
    ['br', brotliCompressSync('{"a":1}')],
  ])('unpacks %s', async (encoding, body) => {
    const { send } = await setUp([{ status: 200, headers: { 'Content-Encoding': encoding }, body }]);
    expect((await send('GET')).text).toBe('{"a":1}');
  });

  it('takes a byte order mark away', async () => {
    const { send } = await setUp([{ status: 200, body: '\ufeff12' }]);
    expect((await send('GET')).text).toBe('12');
  });

  it('gives redirects back instead of following them', async () => {
    const { server, send } = await setUp([{ status: 302, headers: { Location: 'https://evil.example/' } }]);
    expect((await send('GET')).status).toBe(302);
    expect(server.seen).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ['a dropped connection', 'drop'],
    ['a response that is cut off', 'cut off'],
    ['503', { status: 503 }],
    ['429', { status: 429, headers: { 'Retry-After': '2' } }],
  ])('repeats a PATCH after %s', async (_name, failure) => {
    const { server, send } = await setUp([failure, ok]);
    expect((await send('PATCH')).status).toBe(200);
    expect(server.seen).toHaveLength(2);
  });

  it('tells when an earlier try may have reached the server', async () => {
    const first = await setUp(['drop', { status: 404 }]);
    expect(await first.send('DELETE')).toMatchObject({ status: 404, repeated: true });
    const second = await setUp([{ status: 429 }, { status: 404 }]);
    expect(await second.send('DELETE')).toMatchObject({ status: 404, repeated: false });
  });

  it.each<[string, Reply]>([
    ['is dropped', 'drop'],
    ['is cut off', 'cut off'],
  ])('never repeats a POST whose connection %s: the write is uncertain', async (_name, failure) => {
    const { server, send } = await setUp([failure, ok]);
    expect(await errorOf(send('POST'))).toMatchObject({ name: 'RetriableError', code: 'WRITE_UNCERTAIN' });
    expect(server.seen).toHaveLength(1);
  });

  it('repeats a POST on 429, which was not carried out', async () => {
    const { server, send } = await setUp([{ status: 429 }, ok]);
    expect((await send('POST')).status).toBe(200);
    expect(server.seen).toHaveLength(2);
  });

  it('gives a POST that got a gateway error back at once', async () => {
    const { server, send } = await setUp([{ status: 502 }, ok]);
    expect((await send('POST')).status).toBe(502);
    expect(server.seen).toHaveLength(1);
  });

  it('repeats a POST where no connection came about, and says so in the end', async () => {
    const { server, time, send } = await setUp([ok]);
    await server.close();
    const error = await errorOf(send('POST'));
    expect(error).toMatchObject({ name: 'RetriableError', code: 'CONNECTION_FAILED' });
    expect(error.message).toContain('System at 127.0.0.1');
    expect(time.clock.slept).toHaveLength(5);
  });

  it('waits for as long as the server asks', async () => {
    const { time, send } = await setUp([{ status: 429, headers: { 'Retry-After': '13' } }, ok]);
    await send('GET');
    expect(time.clock.slept).toContain(13_000);
  });

  it('does not wait for an hour: the response comes back with what was asked', async () => {
    const { time, send } = await setUp([{ status: 429, headers: { 'Retry-After': '600' } }, ok]);
    expect(await send('GET')).toMatchObject({ status: 429, retryAfterMs: 600_000 });
    expect(time.clock.slept).toEqual([]);
  });

  it('renews the token once on 401', async () => {
    const { server, send } = await setUp([{ status: 401 }, ok]);
    expect((await send('POST')).status).toBe(200);
    expect(server.seen.map((each) => each.headers.authorization)).toEqual(['Bearer token1', 'Bearer token2']);
  });

  it('gives a second 401 back', async () => {
    const { server, send } = await setUp([{ status: 401 }]);
    expect((await send('GET')).status).toBe(401);
    expect(server.seen).toHaveLength(2);
  });

  it('lowers the parallelism as the server recommends', async () => {
    const { client, send } = await setUp([{ status: 200, headers: { 'x-ms-dop-hint': '2' } }], {
      parallelismHeader: 'x-ms-dop-hint',
    });
    await send('GET');
    expect(client.limiter.parallelism).toBe(2);
  });

  it('ends at once when its signal aborts, and gives its turn back', async () => {
    const { client, send } = await setUp(['silence'], { limits: { maxConcurrency: 1, maxPerSecond: 0 } });
    const controller = new AbortController();
    const waiting = send('GET', '/x', { signal: controller.signal });
    setImmediate(() => controller.abort());
    expect(await errorOf(waiting)).toMatchObject({ code: 'ABORTED' });
    expect(client.limiter.acquire()).toBeUndefined();
  });

  it('does not start with a signal that has aborted', async () => {
    const { server, send } = await setUp([ok]);
    expect(await errorOf(send('GET', '/x', { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' });
    expect(server.seen).toHaveLength(0);
  });

  it('gives up on a server that does not answer', async () => {
    const { send } = await setUp(['silence'], { timeoutMs: 20, retry: { attempts: 2 } });
    expect(await errorOf(send('GET'))).toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining('ETIMEDOUT'),
    });
  });

  it('refuses a response that unpacks to more than it takes, without repeating', async () => {
    const body = gzipSync(Buffer.alloc(130 * 1024 * 1024));
    const { server, send } = await setUp([{ status: 200, headers: { 'Content-Encoding': 'gzip' }, body }]);
    expect(await errorOf(send('GET'))).toMatchObject({ code: 'RESPONSE_TOO_LARGE' });
    expect(server.seen).toHaveLength(1);
  });

  it('keeps tokens, bodies and queries out of its errors', async () => {
    const { send } = await setUp(['drop'], { retry: { attempts: 1 } });
    const error = await errorOf(send('PATCH', '/x?email=ada@example.org', { body: '{"n":"Lovelace"}' }));
    const everything = JSON.stringify([error.message, error.hint, error.stack, error.cause, { ...error }]);
    expect(everything).not.toMatch(/token1|ada@|Lovelace/);
  });

  it('uses connections again', async () => {
    const { client, send } = await setUp([ok]);
    for (let i = 0; i < 5; i++) await send('GET');
    const agents = client as unknown as { agents: [{ freeSockets: Record<string, unknown[]> }] };
    expect(Object.values(agents.agents[0].freeSockets).flat()).toHaveLength(1);
  });
});
