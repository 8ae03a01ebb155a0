import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Settings } from '../settings';
import type { Fault, Faults } from './faults';
import { json, Refusal, type Incoming, type Load, type Reply, type Service } from './service';
import type { Statistics } from './statistics';

/** Everything a request passes on its way to a service and back. */
export interface Surroundings {
  readonly settings: Settings;
  readonly faults: Faults;
  readonly statistics: Statistics;
  /** For the latency's jitter: 0 up to 1. */
  readonly random: () => number;
}

export interface Listener {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves one system on 127.0.0.1.
 *
 * @param port 0 takes a free one.
 */
export async function listen(service: Service, port: number, surroundings: Surroundings): Promise<Listener> {
  // 64 KB of header: Dataverse takes URLs up to 32 KB. Idle connections stay open longer than any client's, so that a
  // client never meets a connection that is just being closed.
  const server = createServer(
    { maxHeaderSize: 65_536, keepAliveTimeout: 120_000, requestTimeout: 0 },
    (request, response) => {
      serve(service, request, response, surroundings).catch(() => response.destroy());
    },
  );
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${actual}`, close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function serve(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  surroundings: Surroundings,
): Promise<void> {
  const incoming = await receive(request);
  if (service.system === 'control')
    return send(response, await respond(service, incoming, { inFlight: 1, waitedMs: 0 }));

  const { settings, faults, statistics, random } = surroundings;
  const { system } = service;
  const kind = service.kind(incoming);
  statistics.begin(system, kind);
  let ended: number | 'dropped' = 'dropped';
  try {
    const struck = faults.strike(system, incoming);
    const pace = settings.latency[system];
    const extra = struck.reduce((sum, fault) => sum + (fault.delayMs ?? 0), 0);
    const wait = pace.ms + (pace.jitterMs > 0 ? random() * pace.jitterMs : 0) + extra;
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));

    const before = struck.find((fault) => fault.kind !== 'delay' && fault.kind !== 'drop-after');
    if (before?.kind === 'drop' || before?.kind === 'refuse-all') {
      request.socket.destroy();
      return;
    }
    if (before?.kind === 'hang') {
      if (!response.destroyed) await once(response, 'close');
      return;
    }
    if (before?.kind === 'expired-token') service.expireToken?.(incoming);
    const load = { inFlight: statistics.inFlight(system), waitedMs: wait };
    const reply =
      before && before.kind !== 'expired-token'
        ? faultReply(service, before, incoming)
        : await respond(service, incoming, load);
    if (struck.some((fault) => fault.kind === 'drop-after')) {
      request.socket.destroy();
      return;
    }
    ended = reply.status;
    await send(response, reply);
  } finally {
    statistics.end(system, kind, ended);
  }
}

async function receive(request: IncomingMessage): Promise<Incoming> {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  let body = '';
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    body = chunks.length === 1 ? (chunks[0] as Buffer).toString('utf8') : Buffer.concat(chunks).toString('utf8');
  }
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: request.headers,
    body,
    origin: `http://${request.headers.host ?? '127.0.0.1'}`,
  };
}

async function respond(service: Service, incoming: Incoming, load: Load): Promise<Reply> {
  try {
    return await service.handle(incoming, load);
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    // A defect of the sandbox: make it visible where it is noticed first.
    process.stderr.write(`sandbox ${service.system} ${incoming.method} ${incoming.path}: ${(error as Error).stack}\n`);
    return { status: 500, body: JSON.stringify({ sandboxDefect: String(error) }) };
  }
}

const CONTACT = 'RST-360011 An error has occurred - please contact your administrator.';

/** Weathers that have a form of their own. */
function specialReply({ kind, status }: Fault, { method, path, query, headers, body }: Incoming): Reply | undefined {
  if (kind === 'database-busy') {
    const message = `${CONTACT} PGS-220000 PostgreSQL error: ERROR:  deadlock detected`;
    return json(500, { error_code: 'RST-360011', message });
  }
  if (kind === 'proxy') {
    return {
      status: status ?? 503,
      headers: {
        ...{ 'Content-Type': 'text/html', Server: 'squid/5.7', Via: '1.1 proxy.corp.example (squid/5.7)' },
        ...(status === 407 ? { 'Proxy-Authenticate': 'Basic realm="proxy"' } : {}),
      },
      body: `<html><head><title>ERROR</title></head><body>The proxy could not get ${path}</body></html>`,
    };
  }
  if (kind !== 'echo') return undefined;
  const sent = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  const message = [`${CONTACT} ${method} ${path}?${query}`, ...sent, body].join('\n');
  return json(status ?? 500, { error_code: '500', message, error: { code: '0x80040203', message } });
}

function faultReply(service: Service, fault: Fault, incoming: Incoming): Reply {
  const special = specialReply(fault, incoming);
  if (special) return special;
  const status = fault.status ?? (fault.kind === 'rate-limit' ? 429 : 503);
  const retryAfter = fault.retryAfter ?? (fault.kind === 'rate-limit' ? 1 : undefined);
  const body =
    fault.body === undefined
      ? service.faultBody(status)
      : typeof fault.body === 'string'
        ? fault.body
        : JSON.stringify(fault.body);
  return {
    status,
    headers: {
      'Content-Type': 'application/json',
      ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
    },
    body,
  };
}

/** Waits until a slow reader has taken what was written, or has gone. */
async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  if (response.destroyed) return;
  if (reply.stream) {
    response.writeHead(reply.status, reply.headers);
    for await (const chunk of reply.stream) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await drained(response);
    }
    response.end();
    return;
  }
  const { body } = reply;
  if (body === undefined) {
    response.writeHead(reply.status, { ...reply.headers, ...(reply.status === 204 ? {} : { 'Content-Length': '0' }) });
    response.end();
    return;
  }
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
