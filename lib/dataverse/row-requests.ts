import type { CallOptions } from '../http/call-options';
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

  send({ body, headers, ...request }: RowRequest): Promise<RowResponse> {
    return this.client.call({
      ...request,
      idempotent: true,
      headers: { ...headers, ...(body === undefined ? {} : JSON_CONTENT) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

export const JSON_CONTENT = { 'Content-Type': 'application/json; charset=utf-8' } as const;
