import type { IncomingHttpHeaders } from 'node:http';

/** The emulated systems, each with an origin of its own. `control` is the sandbox's own interface. */
export const SYSTEMS = ['entra', 'dataverse', 'ims', 'campaign'] as const;
export type SystemName = (typeof SYSTEMS)[number];

/** A request as a service sees it. */
export interface Incoming {
  readonly method: string;
  /** Path as it was sent, still percent-encoded. */
  readonly path: string;
  /** Text after the `?`, still percent-encoded; empty without one. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `http://<Host of the request>`: links in replies begin with it. */
  readonly origin: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent chunk by chunk instead of `body`. */
  readonly stream?: Iterable<string> | AsyncIterable<string>;
}

/** How busy a system is while it answers a request. */
export interface Load {
  /** Requests in flight, this one among them. */
  readonly inFlight: number;
  /** Milliseconds that this request was made to wait. */
  readonly waitedMs: number;
}

/** What every emulated system is: it classifies a request for the statistics, and answers it. */
export interface Service {
  readonly system: SystemName | 'control';
  /** Name of the request's kind in the statistics, without the system, e.g. `profile.POST`. */
  kind(incoming: Incoming): string;
  handle(incoming: Incoming, load: Load): Reply | Promise<Reply>;
  /** The body with which this system reports a fault of the infrastructure. */
  faultBody(status: number): string;
  /** Makes the token of this request expire now. */
  expireToken?(incoming: Incoming): void;
}

/** A response that ends the handling of a request; thrown from wherever the refusal is noticed. */
export class Refusal extends Error {
  constructor(readonly reply: Reply) {
    super(`refused with ${reply.status}`);
  }
}

export const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' } as const;

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(value) };
}

/**
 * Splits a query text into decoded parameters; a later one of the same name wins.
 *
 * @throws Refusal (400) when the percent-encoding is broken.
 */
export function parseQuery(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  if (query === '') return parameters;
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    parameters.set(decode(name), decode(value));
  }
  return parameters;
}

/** Decodes one part of a URL. @throws Refusal (400) when the percent-encoding is broken. */
export function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Refusal(json(400, { error: { code: '', message: 'The URL is not well-formed.' } }));
  }
}

/** Decodes a path segment, where a `+` stands for itself. @throws Refusal (400) when the percent-encoding is broken. */
export function decodeSegment(text: string): string {
  return decode(text.replaceAll('+', '%2B'));
}

/** Parameters of a form body (`application/x-www-form-urlencoded`). */
export function parseForm(incoming: Incoming): Map<string, string> {
  const type = incoming.headers['content-type'] ?? '';
  return type.startsWith('application/x-www-form-urlencoded') ? parseQuery(incoming.body) : new Map();
}
