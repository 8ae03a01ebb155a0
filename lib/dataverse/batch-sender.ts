import { unexpectedResponse } from '../core/unexpected-response';
import { parseRetryAfter } from '../http/retry';
import { dataverseError } from './errors';
import { Coalescer, type Soon } from './coalescer';
import {
  JSON_CONTENT,
  requireSendable,
  SingleSender,
  type DataverseCalls,
  type RowResponse,
  type RowRequest,
  type RowSender,
} from './row-requests';

export interface BatchSenderOptions {
  /**
   * Requests in one `$batch`, 1-1000; Microsoft advises to begin with 10 (docs/facts/dataverse.md, "Service
   * protection").
   */
  readonly size: number;
  readonly soon?: Soon;
}

/**
 * Coalesces requests that come at about the same time into `$batch` requests without change sets: each row stands for itself, with a status
 * of its own (`odata.continue-on-error`). What Dataverse answers with 429 or 5xx inside a batch is sent again by itself.
 */
export class BatchSender implements RowSender {
  private readonly coalescer: Coalescer<RowRequest, RowResponse>;
  private count = 0;

  constructor(
    private readonly client: DataverseCalls,
    options: BatchSenderOptions,
  ) {
    if (options.size > 1000) throw new RangeError(`size must be at most 1000, got ${options.size}`);
    const single = new SingleSender(client);
    this.coalescer = new Coalescer(
      options.size,
      async (requests) => {
        const responses = await this.request(requests);
        return responses.map((response, index) =>
          response.status === 429 || response.status >= 500 ? single.send(requests[index] as RowRequest) : response,
        );
      },
      options.soon,
    );
  }

  async send(request: RowRequest): Promise<RowResponse> {
    return await this.coalescer.add(requireSendable(request));
  }

  private async request(requests: readonly RowRequest[]): Promise<RowResponse[]> {
    const boundary = `batch_${Date.now().toString(36)}_${(this.count += 1)}`;
    const purpose = `write ${requests.length} rows in a batch`;
    const signal = requests[0]?.signal;
    const response = await this.client.call({
      method: 'POST',
      path: '$batch',
      headers: {
        Prefer: 'odata.continue-on-error',
        'Content-Type': `multipart/mixed; boundary=${boundary}`,
      },
      body: batchBody(requests, boundary, new URL(this.client.apiUrl).pathname),
      idempotent: true,
      purpose,
      signal,
    });
    if (response.status >= 300) throw dataverseError(response, { purpose });
    const parts = parseBatch(response.text, response.headers['content-type']);
    // A missing part is never taken for a written row.
    if (parts.length !== requests.length) {
      const message = `Dynamics 365 answered ${parts.length} of ${requests.length} requests of a batch.`;
      throw unexpectedResponse(message);
    }
    return parts;
  }
}

/** The body of a `$batch`: CRLF everywhere, one part per request, in their order. */
export function batchBody(requests: readonly RowRequest[], boundary: string, apiPath: string): string {
  const parts = requests
    .map(requireSendable)
    .map(({ method, path, headers, body }) =>
      [
        `--${boundary}`,
        'Content-Type: application/http',
        'Content-Transfer-Encoding: binary',
        '',
        `${method} ${apiPath}${path} HTTP/1.1`,
        ...Object.entries({ ...headers, ...(body === undefined ? {} : JSON_CONTENT) }).map(
          ([name, value]) => `${name}: ${value}`,
        ),
        '',
        body === undefined ? '' : JSON.stringify(body),
        '',
      ].join('\r\n'),
    );
  return `${parts.join('')}--${boundary}--\r\n`;
}

/**
 * The responses in a multipart response, in their order.
 *
 * @param contentType of the response, with its boundary; where it names none the first line of the text is taken
 */
export function parseBatch(text: string, contentType: string | undefined): RowResponse[] {
  const named = /boundary="?([^";]+)"?/i.exec(contentType ?? '')?.[1];
  const delimiter = named === undefined ? /^\s*(--\S+)/.exec(text)?.[1] : `--${named}`;
  if (delimiter === undefined) return [];
  return `\n${text}`
    .split(`\n${delimiter}`)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .flatMap((part) => {
      const status = /^HTTP\/1\.\d (\d{3})[^\n]*\n/m.exec(part);
      if (!status) return [];
      const inner = part.slice(status.index + status[0].length);
      const end = /\r?\n\r?\n/.exec(inner);
      const headers = end ? inner.slice(0, end.index) : inner;
      return {
        status: Number(status[1]),
        text: end ? inner.slice(end.index + end[0].length).trim() : '',
        retryAfterMs: parseRetryAfter(/^retry-after:\s*(\d{1,9})\s*$/im.exec(headers)?.[1], undefined, 0),
      };
    });
}
