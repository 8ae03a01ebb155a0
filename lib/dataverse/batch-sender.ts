import { FatalError } from '../core/errors';
import { dataverseError } from './errors';
import { Gatherer, type Soon } from './coalescer';
import {
  JSON_CONTENT,
  SingleSender,
  type DataverseCalls,
  type RowAnswer,
  type RowRequest,
  type RowSender,
} from './row-requests';

export interface BatchSenderOptions {
  /** Requests in one `$batch`, 1-1000; Microsoft advises to begin with 10 (facts: service protection). */
  readonly size: number;
  readonly soon?: Soon;
}

/**
 * Gathers requests that come at about the same time into `$batch` requests without change sets: each row stands for itself, with a status
 * of its own (`odata.continue-on-error`). What Dataverse answers with 429 or 5xx inside a batch is sent again by itself.
 */
export class BatchSender implements RowSender {
  private readonly gatherer: Gatherer<RowRequest, RowAnswer>;
  private count = 0;

  constructor(
    private readonly client: DataverseCalls,
    options: BatchSenderOptions,
  ) {
    if (options.size > 1000) throw new RangeError(`size must be at most 1000, got ${options.size}`);
    const single = new SingleSender(client);
    this.gatherer = new Gatherer(
      options.size,
      async (requests) => {
        const answers = await this.request(requests);
        return answers.map((answer, index) =>
          answer.status === 429 || answer.status >= 500 ? single.send(requests[index] as RowRequest) : answer,
        );
      },
      options.soon,
    );
  }

  send(request: RowRequest): Promise<RowAnswer> {
    return this.gatherer.add(request);
  }

  private async request(requests: readonly RowRequest[]): Promise<RowAnswer[]> {
    const boundary = `batch_${Date.now().toString(36)}_${(this.count += 1)}`;
    const purpose = `write ${requests.length} rows in a batch`;
    const signal = requests[0]?.signal;
    const answer = await this.client.call({
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
    if (answer.status >= 300) throw dataverseError(answer, { purpose });
    const parts = parseBatch(answer.text, answer.headers['content-type']);
    // A missing part is never taken for a written row.
    if (parts.length !== requests.length) {
      const message = `Dynamics 365 answered ${parts.length} of ${requests.length} requests of a batch`;
      throw new FatalError('UNEXPECTED_ANSWER', message);
    }
    return parts;
  }
}

/** The body of a `$batch`: CRLF everywhere, one part per request, in their order. */
export function batchBody(requests: readonly RowRequest[], boundary: string, apiPath: string): string {
  const parts = requests.map(({ method, path, headers, body }) =>
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
 * The answers in a multipart answer, in their order.
 *
 * @param contentType of the answer, with its boundary; where it names none the first line of the text is taken
 */
export function parseBatch(text: string, contentType: string | undefined): RowAnswer[] {
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
      const retryAfter = Number(/^retry-after:\s*(\d+)/im.exec(headers)?.[1]);
      return {
        status: Number(status[1]),
        text: end ? inner.slice(end.index + end[0].length).trim() : '',
        retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
      };
    });
}
