import http from 'node:http';
import https from 'node:https';
import { AxiosError } from 'axios';
import { ConfigurationError, RetriableError } from '../core/errors';
import { keepSecret } from '../core/secrets';
import { aborted, expectManyListeners, orAborted } from './abort';
import type { CallOptions } from './call-options';
import { MAX_RESPONSE_BYTES, systemDependencies, type ClientDependencies } from './dependencies';
import { Limiter, type LimiterOptions } from './limiter';
import { isFromProxy, proxyError, proxyHint, proxyVariable } from './proxy';
import {
  parseRetryAfter,
  pauseBeforeRetry,
  RETRY_LIMITS,
  type Failure,
  type IsTransient,
  type RetryContext,
  type RetryLimits,
} from './retry';
import { ResponseTooLargeError } from './response-too-large';
import type { TokenSource } from './token-source';
import { makeTransport, type Transport } from './transport';

export type HttpMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface HttpRequest extends CallOptions {
  readonly method: HttpMethod;
  /** Absolute, and sent as it is. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it goes over the wire. */
  readonly body?: string;
  /** What the call is for, in errors: `read table "contact"`. Never a key or value. */
  readonly purpose: string;
  /** Doing it twice is as good as once. @default true for every method but POST */
  readonly idempotent?: boolean;
}

/** A response of any status; those that were worth another try are the last of several. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
  /** An earlier try of the same call may have reached the server without our knowing its result. */
  readonly repeated: boolean;
}

export interface HttpClientOptions {
  /** The system's name in errors. */
  readonly system: string;
  /** Bearer tokens; none for the token endpoints themselves. */
  readonly tokens?: TokenSource;
  readonly headers?: Readonly<Record<string, string>>;
  /** What must never stand in a message, besides the tokens: client ID, secret, key. */
  readonly secrets?: readonly string[];
  readonly limits: LimiterOptions;
  /** Which responses are worth another try, besides 429. */
  readonly isTransient: IsTransient;
  readonly retry?: Partial<RetryLimits>;
  /** Header with the recommended parallelism, in lower case. */
  readonly parallelismHeader?: string;
  /** Milliseconds for one try, from start to the end of the response. @default 120000 */
  readonly timeoutMs?: number;
  readonly dependencies?: Partial<ClientDependencies>;
}

/** So much of an error's text is kept: the largest that a system sends has a stack trace of some ten thousand characters. */
const MAX_ERROR_TEXT = 256 * 1024;

/** Errors of a connection that never came about: the server has not seen the request. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Errors of a connection that another try does not change. */
const PERMANENT = new Set(['ERR_TOO_LARGE', 'ERR_BAD_ENCODING', 'ERR_INVALID_URL']);
/** The lean adapter's code, and axios' own words. */
const isTooLarge = ({ code, message }: AxiosError) =>
  code === 'ERR_TOO_LARGE' || /^maxContentLength size of \d+ exceeded/.test(message);
const isCertificateError = (code: string) => /CERT|^ERR_TLS|SELF_SIGNED|UNABLE_TO_VERIFY|^EPROTO$/.test(code);

/**
 * Sends requests: waits for a turn, signs in, repeats what is worth it, and gives the response whatever its status is.
 * One per credential and process; it owns the connections.
 */
export class HttpClient {
  readonly limiter: Limiter;
  private readonly exchange: Transport;
  private readonly dependencies: ClientDependencies;
  private readonly retry: RetryLimits;
  private readonly maxResponseBytes: number;
  private readonly agents: readonly [http.Agent, https.Agent];
  private lastToken: string | undefined;

  constructor(private readonly options: HttpClientOptions) {
    options.secrets?.forEach(keepSecret);
    this.dependencies = { ...systemDependencies, ...options.dependencies };
    this.maxResponseBytes = this.dependencies.maxResponseBytes ?? MAX_RESPONSE_BYTES;
    this.retry = { ...RETRY_LIMITS, ...options.retry };
    this.limiter = new Limiter(options.limits, this.dependencies.clock);
    // Last used first: the server closes the connections that are not needed. (An agent's own timeout costs a timer per request.)
    const agent = { keepAlive: true, maxSockets: options.limits.maxConcurrency + 4, scheduling: 'lifo' } as const;
    this.agents = [new http.Agent(agent), new https.Agent(agent)];
    this.exchange = (this.dependencies.transport ?? makeTransport)({
      agents: this.agents,
      timeoutMs: options.timeoutMs ?? 120_000,
      maxResponseBytes: this.maxResponseBytes,
    });
  }

  /**
   * @throws RetriableError ABORTED, CONNECTION_FAILED, WRITE_UNCERTAIN (not idempotent, and the server may have done it);
   *   PROXY_UNAVAILABLE; ConfigurationError SIGN_IN_REFUSED after a second 401, CERTIFICATE_REFUSED, PROXY_REFUSED; and
   *   what the token source throws; ResponseTooLargeError
   */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const idempotent = request.idempotent ?? request.method !== 'POST';
    if (request.signal) expectManyListeners(request.signal);
    let repeated = false;
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      const { result, token } = await this.attempt(request, repeated);
      if ('status' in result && result.status < 400) return result;
      if ('status' in result && result.status === 401 && token !== undefined && !renewed) {
        // Renewing is no repetition of a failure: it costs no try, and happens once.
        this.options.tokens?.reject(token);
        renewed = true;
        attempt -= 1;
        continue;
      }
      const failure: Failure = 'status' in result ? { kind: 'status', ...result } : result;
      const pause = this.pause({ failure, attempt, idempotent });
      if (pause === undefined) {
        if ('status' in result) return this.passedOn(result, request, idempotent);
        throw this.connectionError(request, result, idempotent);
      }
      repeated ||= failure.kind === 'connection' ? failure.sent : failure.status !== 429;
      await this.dependencies.clock.sleep(pause, request.signal).catch(() => {
        throw aborted();
      });
    }
  }

  /** Closes idle connections; the client can still be used. */
  close(): void {
    for (const agent of this.agents) agent.destroy();
  }

  private pause(context: RetryContext): number | undefined {
    const { failure } = context;
    if (failure.kind === 'connection' && (PERMANENT.has(failure.code) || isCertificateError(failure.code))) {
      return undefined;
    }
    return pauseBeforeRetry(context, this.options.isTransient, this.dependencies.random, this.retry);
  }

  private passedOn(response: HttpResponse, request: HttpRequest, idempotent: boolean): HttpResponse {
    if (!isFromProxy(response, request.url)) return response;
    const { system } = this.options;
    throw proxyError(response, { system, url: request.url, purpose: request.purpose, idempotent });
  }

  private async attempt(request: HttpRequest, repeated: boolean): Promise<Attempt> {
    const { tokens } = this.options;
    const turn = this.limiter.acquire(request.signal);
    if (turn) await turn;
    try {
      let token: string | undefined;
      if (tokens) {
        const given = tokens.get();
        token = typeof given === 'string' ? given : await orAborted(given, request.signal);
        if (token !== this.lastToken) keepSecret((this.lastToken = token));
      }
      const { status, headers, text } = await this.exchange({
        method: request.method,
        url: request.url,
        headers: {
          ...this.options.headers,
          ...request.headers,
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        },
        body: request.body,
        signal: request.signal,
      });
      const retryAfterMs = parseRetryAfter(headers['retry-after'], headers['date'], this.dependencies.clock.now());
      const bounded = status < 400 ? text : text.slice(0, MAX_ERROR_TEXT);
      const result: HttpResponse = { status, headers, text: bounded, retryAfterMs, repeated };
      this.learn(result);
      return { result, token };
    } catch (error) {
      if (!(error instanceof AxiosError)) throw error;
      if (request.signal?.aborted || error.code === AxiosError.ERR_CANCELED) throw aborted();
      const code = isTooLarge(error) ? 'ERR_TOO_LARGE' : (error.code ?? 'UNKNOWN');
      const sent = error.request !== undefined && !NEVER_CONNECTED.has(code);
      return { result: { kind: 'connection', code, sent }, token: undefined };
    } finally {
      this.limiter.release();
    }
  }

  private learn({ status, headers, retryAfterMs }: HttpResponse): void {
    const { parallelismHeader } = this.options;
    const hint = parallelismHeader === undefined ? undefined : headers[parallelismHeader];
    if (hint !== undefined) this.limiter.recommend(Number(hint));
    // What one call may not wait for holds for the others of the credential all the same.
    if (status === 429) this.limiter.overloaded(retryAfterMs ?? 0);
    else if (status < 400) this.limiter.succeeded();
  }

  private connectionError(request: HttpRequest, failure: ConnectionFailure, idempotent: boolean): Error {
    const { system } = this.options;
    const { host } = new URL(request.url);
    if (isCertificateError(failure.code)) {
      return new ConfigurationError(
        'CERTIFICATE_REFUSED',
        `${system} at ${host} has a certificate that is not trusted (${failure.code}).`,
        {
          hint: 'Check the URL in the credential. For a private certificate authority set NODE_EXTRA_CA_CERTS for n8n.',
        },
      );
    }
    const variable = proxyVariable(request.url);
    const through = variable === undefined ? '' : ` through the proxy of ${variable}`;
    const message = `${system} at ${host} could not be reached${through} to ${request.purpose} (${failure.code})`;
    if (failure.code === 'ERR_TOO_LARGE' && idempotent) {
      return new ResponseTooLargeError(
        system,
        request.purpose,
        `is larger than ${Math.round(this.maxResponseBytes / 1024 / 1024)} MB when unpacked`,
      );
    }
    if (failure.sent && !idempotent) {
      return new RetriableError('WRITE_UNCERTAIN', `${message}; it is not known whether the write was done.`, {
        hint: 'Wait, as for an outage: before the next write it is looked up whether this one was done, so that nothing is created twice.',
      });
    }
    return new RetriableError('CONNECTION_FAILED', `${message}.`, {
      hint: through
        ? proxyHint(request.url)
        : 'Check the URL in the credential, and that the machine of n8n may open connections to this host. Interruptions pass by themselves.',
    });
  }
}

type ConnectionFailure = Extract<Failure, { kind: 'connection' }>;
interface Attempt {
  readonly result: HttpResponse | ConnectionFailure;
  readonly token: string | undefined;
}
