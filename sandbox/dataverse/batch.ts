import { Refusal, type Incoming, type Reply } from '../http/service';
import { refuse } from './errors';
import { preferences } from './request';
import type { Organization } from './state';

const MAXIMUM_REQUESTS = 1_000;

interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string;
}

/**
 * `$batch`: single requests and change sets. A change set is all or nothing. Without `Prefer: odata.continue-on-error` the
 * first failure ends the batch with 400 and only the failing part in the reply.
 *
 * @param perform answers one request as if it had come by itself; throws Refusal
 */
export function runBatch(organization: Organization, incoming: Incoming, perform: (part: Incoming) => Reply): Reply {
  const boundary = boundaryOf(String(incoming.headers['content-type'] ?? ''));
  if (!boundary)
    throw refuse(400, '0x80048d19', 'The content type of a batch must be multipart/mixed with a boundary.');
  const parts = split(incoming.body, boundary);
  const continueOnError = preferences(incoming).continueOnError;
  const outer = 'batchresponse_0a1b2c3d';
  const sections: string[] = [];
  let requests = 0;
  const count = (): void => {
    if (++requests > MAXIMUM_REQUESTS) {
      throw refuse(400, '0x80060882', `The maximum number of requests in a batch is ${MAXIMUM_REQUESTS}.`);
    }
  };
  // Counted before anything is written.
  const jobs = parts.map((part) => {
    const inner = boundaryOf(part.headers['content-type'] ?? '');
    if (inner === undefined) {
      count();
      return { single: part };
    }
    const changes = split(part.content, inner);
    changes.forEach(count);
    return { changes };
  });

  for (const job of jobs) {
    const { text, failed } = job.single
      ? single(job.single, incoming, perform)
      : changeSet(organization, job.changes ?? [], incoming, perform);
    if (failed && !continueOnError) return multipart(400, outer, [text]);
    sections.push(text);
  }
  return multipart(200, outer, sections);
}

function single(part: Part, incoming: Incoming, perform: (part: Incoming) => Reply): { text: string; failed: boolean } {
  const request = toRequest(part, incoming);
  const reply = request.path.endsWith('/$batch')
    ? refuse(400, '0x80060888', 'A batch can not hold a batch.').reply
    : attempt(() => perform(request));
  return { text: section(reply, part.headers['content-id']), failed: reply.status >= 400 };
}

function changeSet(
  organization: Organization,
  parts: readonly Part[],
  incoming: Incoming,
  perform: (part: Incoming) => Reply,
): { text: string; failed: boolean } {
  const replies: string[] = [];
  const created = new Map<string, string>();
  try {
    organization.transaction(() => {
      for (const part of parts) {
        const id = part.headers['content-id'];
        if (id === undefined)
          throw new Refusal(refuse(400, '0x80048d19', 'A change set needs a Content-ID for each request.').reply);
        const request = toRequest({ ...part, content: withReferences(part.content, created) }, incoming);
        if (request.method === 'GET') throw refuse(400, '0x80048d19', 'A change set can not hold a GET request.');
        const reply = perform(request);
        const entity = reply.headers?.['OData-EntityId'];
        if (entity) created.set(id, entity);
        replies.push(section(reply, id));
      }
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const failing = parts[replies.length]?.headers['content-id'];
    return { text: section(error.reply, failing), failed: true };
  }
  const boundary = 'changesetresponse_0a1b2c3d';
  const inner = replies.map((reply) => `--${boundary}\r\n${reply}`).join('');
  return {
    text: `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n${inner}--${boundary}--\r\n`,
    failed: false,
  };
}

function attempt(work: () => Reply): Reply {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}

/** `$1` in a URL or a bind means what the request with Content-ID 1 made. */
function withReferences(content: string, created: ReadonlyMap<string, string>): string {
  let text = content;
  for (const [id, entity] of created) {
    text = text.replace(new RegExp(`(["' /])\\$${id}(?=["' /])`, 'g'), `$1${entity}`);
  }
  return text;
}

function toRequest(part: Part, outer: Incoming): Incoming {
  const lineEnd = part.content.search(/\r?\n/);
  const line = /^(GET|POST|PATCH|PUT|DELETE) (\S+)(?: HTTP\/1\.1)?$/.exec(
    part.content.slice(0, lineEnd < 0 ? undefined : lineEnd).trim(),
  );
  if (!line) throw refuse(400, '0x80048d19', 'A part of the batch has no request line.');
  const rest = lineEnd < 0 ? '' : part.content.slice(lineEnd).replace(/^\r?\n/, '');
  const { headers, content } = parsePart(rest);
  let url = line[2] ?? '';
  if (/^https?:/.test(url)) url = url.replace(/^https?:\/\/[^/]+/, '');
  else if (!url.startsWith('/')) url = `/api/data/v9.2/${url}`;
  const mark = url.indexOf('?');
  return {
    method: line[1] ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers: { ...headers, authorization: outer.headers.authorization },
    body: content.trim(),
    origin: outer.origin,
  };
}

function boundaryOf(contentType: string): string | undefined {
  const found = /^multipart\/mixed\s*;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  return found?.[1] ?? found?.[2];
}

function split(body: string, boundary: string): Part[] {
  return body
    .split(`--${boundary}`)
    .slice(1)
    .filter((text) => !text.startsWith('--'))
    .map((text) => parsePart(text.replace(/^\r?\n/, '')));
}

function parsePart(text: string): Part {
  const end = /^\r?\n|\r?\n\r?\n/.exec(text);
  const head = end ? text.slice(0, end.index) : text;
  const headers: Record<string, string> = {};
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, content: end ? text.slice(end.index + end[0].length) : '' };
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  400: 'Bad Request',
  404: 'Not Found',
  412: 'Precondition Failed',
};

function section(reply: Reply, contentId: string | undefined): string {
  const head = ['Content-Type: application/http', 'Content-Transfer-Encoding: binary'];
  if (contentId !== undefined) head.push(`Content-ID: ${contentId}`);
  const inner = [
    `HTTP/1.1 ${reply.status} ${REASONS[reply.status] ?? 'Error'}`,
    ...Object.entries(reply.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${head.join('\r\n')}\r\n\r\n${inner.join('\r\n')}\r\n\r\n${reply.body ?? ''}\r\n`;
}

function multipart(status: number, boundary: string, sections: readonly string[]): Reply {
  const body = `${sections.map((text) => `--${boundary}\r\n${text}`).join('')}--${boundary}--\r\n`;
  return {
    status,
    headers: { 'Content-Type': `multipart/mixed; boundary=${boundary}`, 'OData-Version': '4.0' },
    body,
  };
}
