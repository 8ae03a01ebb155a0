import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpClient } from '../../../lib/http/http-client';
import { proxyVariable } from '../../../lib/http/proxy';
import { errorOf } from '../../support/errors';
import { scriptedServer, type Reply } from '../../support/scripted-server';
import { fakeTime } from '../../support/test-clock';

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);
const before = PROXY_VARIABLES.map((name) => [name, process.env[name]] as const);
const open: { close(): unknown }[] = [];

beforeEach(() => PROXY_VARIABLES.forEach((name) => delete process.env[name]));
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
afterAll(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

function clientFor(): HttpClient {
  const client = new HttpClient({
    system: 'Adobe Campaign',
    limits: { maxConcurrency: 4, maxPerSecond: 0 },
    isTransient: ({ status }) => status >= 502,
    dependencies: fakeTime(),
  });
  open.push(client);
  return client;
}

const page = '<html><body>Access denied for jsmith</body></html>';
const squid = { Server: 'squid/5.7', Via: '1.1 gw.corp.example (squid/5.7)', 'Content-Type': 'text/html' };

describe('a proxy that refuses', () => {
  it.each<[string, Reply, 'GET' | 'POST', string]>([
    ['407', { status: 407, headers: { 'Proxy-Authenticate': 'Basic realm="x"' }, body: page }, 'GET', 'PROXY_REFUSED'],
    ['403 with a page', { status: 403, headers: squid, body: page }, 'GET', 'PROXY_REFUSED'],
    ['503 with a page', { status: 503, headers: squid, body: page }, 'GET', 'PROXY_UNAVAILABLE'],
    ['502 with a page, after a write', { status: 502, headers: squid, body: page }, 'POST', 'WRITE_UNCERTAIN'],
  ])('by %s is named as the proxy, and nothing of its page is quoted', async (_name, reply, method, code) => {
    const server = await scriptedServer(reply);
    open.push(server);
    const error = await errorOf(clientFor().send({ method, url: `${server.url}/x`, purpose: 'list "profile"' }));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain('The proxy between n8n and Adobe Campaign');
    expect(`${error.message} ${error.hint}`).not.toMatch(/jsmith|gw\.corp/);
  });

  it.each<[string, Reply]>([
    ['403 of the gateway', { status: 403, body: '{"error_code":"403023"}' }],
    ['503 of the gateway', { status: 503, headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
    ['a page of the server itself', { status: 404, headers: squid, body: page }],
  ])('is not what answers %s', async (_name, reply) => {
    const server = await scriptedServer(reply);
    open.push(server);
    const response = await clientFor().send({ method: 'GET', url: `${server.url}/x`, purpose: 'test' });
    expect(response.status).toBe(typeof reply === 'string' ? 0 : reply.status);
  });

  it.each([407, 403, 503])(
    'a CONNECT with %i is named with its variable, and never with its password',
    async (status) => {
      const proxy = http.createServer();
      proxy.on('connect', (_request, socket) => {
        socket.end(`HTTP/1.1 ${status} No\r\nVia: 1.1 gw\r\nContent-Type: text/html\r\n\r\n<html>jsmith</html>`);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      open.push(proxy);
      const { port } = proxy.address() as AddressInfo;
      process.env['HTTPS_PROXY'] = `http://jsmith:Proxy-Pass-1@127.0.0.1:${port}`;
      const error = await errorOf(
        clientFor().send({ method: 'GET', url: 'https://mc.adobe.io/x', purpose: 'list "profile"' }),
      );
      expect(error).toMatchObject({ code: status < 500 ? 'PROXY_REFUSED' : 'PROXY_UNAVAILABLE' });
      expect(error.message).toContain('The proxy between n8n and Adobe Campaign at mc.adobe.io');
      expect(error.hint).toContain('HTTPS_PROXY');
      expect([error.message, error.hint, error.stack].join()).not.toMatch(/jsmith|Proxy-Pass|127\.0\.0\.1/);
    },
  );

  it('that is away is named with its variable', async () => {
    process.env['HTTP_PROXY'] = 'http://jsmith:Proxy-Pass-1@127.0.0.1:9';
    const error = await errorOf(clientFor().send({ method: 'GET', url: 'http://10.0.0.1/x', purpose: 'test' }));
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
    expect(error.message).toContain('through the proxy of HTTP_PROXY');
    expect([error.message, error.hint, error.stack].join()).not.toMatch(/jsmith|Proxy-Pass/);
  });
});

describe('proxyVariable', () => {
  it.each<[Record<string, string>, string, string | undefined]>([
    [{ HTTPS_PROXY: 'x' }, 'https://mc.adobe.io', 'HTTPS_PROXY'],
    [{ https_proxy: 'x', HTTPS_PROXY: 'y' }, 'https://mc.adobe.io', 'https_proxy'],
    [{ HTTP_PROXY: 'x' }, 'https://mc.adobe.io', undefined],
    [{ ALL_PROXY: 'x' }, 'https://mc.adobe.io', 'ALL_PROXY'],
    [{ HTTPS_PROXY: 'x', NO_PROXY: 'a.example, .adobe.io' }, 'https://mc.adobe.io', undefined],
    [{ HTTPS_PROXY: 'x', NO_PROXY: 'dobe.io' }, 'https://mc.adobe.io', 'HTTPS_PROXY'],
    [{ HTTPS_PROXY: 'x', NO_PROXY: '*' }, 'https://mc.adobe.io', undefined],
    [{ HTTPS_PROXY: '' }, 'https://mc.adobe.io', undefined],
  ])('with %j for %s is %j', (environment, url, expected) => {
    expect(proxyVariable(url, environment)).toBe(expected);
  });
});
