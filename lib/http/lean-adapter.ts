import http from 'node:http';
import https from 'node:https';
import { brotliDecompressSync, unzipSync } from 'node:zlib';
import { AxiosError, AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';

/** A request as the adapter takes it, in the field `call` of the config. A class, so that axios leaves it as it is. */
export class LeanCall {
  constructor(
    readonly method: string,
    readonly headers: Readonly<Record<string, string>>,
    readonly body: string | undefined,
    readonly signal: AbortSignal | undefined,
  ) {}
}

/** What the adapter gives as `data`. */
export interface LeanResponse {
  readonly text: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Stands where axios would copy the headers of each response. */
const HEADERS_ARE_IN_DATA = new AxiosHeaders();

/**
 * An axios adapter over node:http that does what the clients need and nothing else.
 * It also sends the URL's path and query byte for byte, which delta links need.
 *
 * Not supported: redirects (the response is returned), proxies (see {@link makeTransport}), streams. Reads from the config: url (absolute),
 * call ({@link LeanCall}), timeout (for the whole request), maxContentLength (after decompression too), httpAgent, httpsAgent.
 *
 * Errors are AxiosErrors with a `code`; `request` of an error is set when the request may have reached the server.
 */
export function leanAdapter(config: InternalAxiosRequestConfig): Promise<AxiosResponse<LeanResponse>> {
  return new Promise((resolve, reject) => {
    const { call } = config as InternalAxiosRequestConfig & { call: LeanCall };
    const { body, signal } = call;
    const url = config.url ?? '';
    const secure = url.startsWith('https:');
    const slash = url.indexOf('/', secure ? 8 : 7);
    const origin = slash < 0 ? url : url.slice(0, slash);
    const { hostname, port } = parseOrigin(origin);
    const headers = body === undefined ? call.headers : { ...call.headers, 'Content-Length': Buffer.byteLength(body) };
    const limit = config.maxContentLength && config.maxContentLength > 0 ? config.maxContentLength : Infinity;

    let settled = false;
    const finish = () => {
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (code: string, message: string, syscall?: string) => {
      if (settled) return;
      finish();
      // Only what certainly never left counts as not sent.
      const sent = syscall !== 'connect' && syscall !== 'getaddrinfo' && request.socket?.connecting !== true;
      request.destroy();
      // Neither config nor cause: they hold the token and the data.
      reject(new AxiosError(message, code, undefined, sent ? request : undefined));
    };
    const onAbort = () => fail(AxiosError.ERR_CANCELED, 'aborted');

    const request = (secure ? https : http).request({
      hostname,
      port,
      path: slash < 0 ? '/' : url.slice(slash),
      method: call.method,
      headers,
      agent: secure ? config.httpsAgent : config.httpAgent,
    });
    const timer = config.timeout ? setTimeout(() => fail('ETIMEDOUT', 'timeout'), config.timeout) : undefined;
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });

    request.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code ?? 'ECONNRESET', error.message, error.syscall),
    );
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limit) return fail('ERR_TOO_LARGE', `response above ${limit} bytes`);
        chunks.push(chunk);
      });
      response.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'ECONNRESET', error.message));
      response.on('close', () => fail('ECONNRESET', 'the response was cut off'));
      response.on('end', () => {
        if (settled) return;
        if (!response.complete) return fail('ECONNRESET', 'the response was cut off');
        let text: string;
        try {
          const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
          text = decoded(whole, response.headers['content-encoding'], limit).toString('utf8');
        } catch (error) {
          const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
          return tooLarge
            ? fail('ERR_TOO_LARGE', `response above ${limit} bytes when unpacked`)
            : fail('ERR_BAD_ENCODING', 'the response could not be unpacked');
        }
        finish();
        resolve({
          data: {
            text: text.charCodeAt(0) === 0xfeff ? text.slice(1) : text,
            headers: response.headers as LeanResponse['headers'],
          },
          status: response.statusCode ?? 0,
          statusText: response.statusMessage ?? '',
          headers: HEADERS_ARE_IN_DATA,
          config,
        });
      });
    });
    request.end(body);
  });
}

function decoded(body: Buffer, encoding: string | undefined, limit: number): Buffer {
  if (!encoding || encoding === 'identity' || body.length === 0) return body;
  const options = limit === Infinity ? {} : { maxOutputLength: limit };
  return encoding === 'br' ? brotliDecompressSync(body, options) : unzipSync(body, options);
}

const origins = new Map<string, { hostname: string; port: string | undefined }>();

function parseOrigin(origin: string): { hostname: string; port: string | undefined } {
  let parsed = origins.get(origin);
  if (!parsed) {
    const url = new URL(origin);
    parsed = { hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port || undefined };
    // Few servers are ever spoken to; should there be many all the same, the memory stays bounded.
    if (origins.size > 100) origins.clear();
    origins.set(origin, parsed);
  }
  return parsed;
}
