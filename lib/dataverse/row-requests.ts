import type { CallOptions } from '../http/call-options';
import { RejectedRecordError } from '../core/errors';
import type { DataverseClient } from './client';

/** One write (or read) of one row. */
export interface RowRequest extends CallOptions {
  readonly method: 'GET' | 'PATCH' | 'POST';
  /** Relative to the Web API, e.g. `contacts(<guid>)`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** `update a row of table "contact"`: in errors; never a key or value. */
  readonly purpose: string;
}

export interface RowResponse {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}

/**
 * Carries requests to Dataverse, one by one or batched in `$batch`. Any status comes back; what concerns the connection or the sign-in
 * is thrown, as HttpClient says.
 */
export interface RowSender {
  send(request: RowRequest): Promise<RowResponse>;
}

/** What the senders need of the client. */
export type DataverseCalls = Pick<DataverseClient, 'call' | 'apiUrl'>;

/**
 * Each request on its own: what Microsoft recommends for throughput, several in flight at once
 * (docs/facts/dataverse.md, "Service protection").
 *
 * All requests of this folder may be repeated: they write a row by its key under a condition, so that a second time
 * changes nothing.
 */
export class SingleSender implements RowSender {
  constructor(private readonly client: Pick<DataverseCalls, 'call'>) {}

  async send(given: RowRequest): Promise<RowResponse> {
    const { body, headers, ...request } = requireSendable(given);
    return await this.client.call({
      ...request,
      idempotent: true,
      headers: { ...headers, ...(body === undefined ? {} : JSON_CONTENT) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/** Printable ASCII without blanks: what an encoded path is made of. */
const PATH = /^[\x21-\x7e]+$/;
/** What a header may hold; above all no line break, behind which a request in a batch would have headers of its own. */
const HEADER = /^[\x20-\x7e]*$/;

/**
 * The request, if its path and headers can go over the wire as they are. Whoever makes them checks what comes from an item; this is the
 * last place where a request could become another one.
 *
 * @throws RejectedRecordError REQUEST_NOT_SENDABLE
 */
export function requireSendable(request: RowRequest): RowRequest {
  const { path, headers } = request;
  if (PATH.test(path) && Object.values(headers ?? {}).every((value) => HEADER.test(value))) return request;
  throw new RejectedRecordError(
    'REQUEST_NOT_SENDABLE',
    `The request to ${request.purpose} was not sent: its address or a header holds characters that may not stand there.`,
    {
      hint: 'Look at the ID, the alternate key and the ETag of this item: one of them holds line breaks or other such characters.',
    },
  );
}

export const JSON_CONTENT = { 'Content-Type': 'application/json; charset=utf-8' } as const;
