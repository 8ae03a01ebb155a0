import { batchBody, BatchSender, parseBatch } from '../../../lib/dataverse/batch-sender';
import type { RowRequest } from '../../../lib/dataverse/row-requests';

const patch = (id: number): RowRequest => ({
  method: 'PATCH',
  path: `contacts(${id})`,
  headers: { 'If-Match': '*' },
  body: { lastname: `Müller ${id}` },
  purpose: 'write',
});
const part = (status: number, body = '', headers: string[] = []) =>
  [
    '--b',
    'Content-Type: application/http',
    '',
    `HTTP/1.1 ${status} X`,
    'OData-Version: 4.0',
    ...headers,
    '',
    body,
    '',
  ].join('\r\n');

/** Answers every `$batch` with these parts, and single requests with 204; counts both. */
function client(answerOf: (paths: readonly string[]) => string, status = 200) {
  const batches: string[][] = [];
  const singles: string[] = [];
  return {
    batches,
    singles,
    apiUrl: 'https://o.example/api/data/v9.2/',
    call: async ({ path, body = '' }: { path: string; body?: string }) => {
      const common = {
        headers: { 'content-type': 'multipart/mixed; boundary=b' },
        retryAfterMs: undefined,
        repeated: false,
      };
      if (path !== '$batch') {
        singles.push(path);
        return { ...common, status: 204, text: '' };
      }
      const paths = [...body.matchAll(/PATCH \/api\/data\/v9\.2\/(\S+) HTTP/g)].map((match) => match[1] as string);
      batches.push(paths);
      return { ...common, status, text: answerOf(paths) };
    },
  };
}

describe('the batch sender', () => {
  it('batches what is sent at the same time, up to its size, and gives each its own response', async () => {
    const server = client((paths) => `${paths.map((path) => part(path.includes('(3)') ? 412 : 204)).join('')}--b--`);
    const sender = new BatchSender(server as never, { size: 3 });
    const responses = await Promise.all([1, 2, 3, 4].map((id) => sender.send(patch(id))));
    expect(responses.map(({ status }) => status)).toEqual([204, 204, 412, 204]);
    expect(server.batches).toEqual([['contacts(1)', 'contacts(2)', 'contacts(3)'], ['contacts(4)']]);
  });

  it.each([429, 500, 503])('sends again by itself what got %i inside a batch', async (status) => {
    const server = client((paths) => `${paths.map((path) => part(path.includes('(2)') ? status : 204)).join('')}--b--`);
    const sender = new BatchSender(server as never, { size: 2 });
    const responses = await Promise.all([1, 2].map((id) => sender.send(patch(id))));
    expect(responses.map((response) => response.status)).toEqual([204, 204]);
    expect(server.singles).toEqual(['contacts(2)']);
  });

  it('takes no row for written when parts of the response are missing', async () => {
    const sender = new BatchSender(client(() => `${part(204)}--b--`) as never, { size: 2 });
    const results = await Promise.allSettled([sender.send(patch(1)), sender.send(patch(2))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('fails all when the batch as a whole is refused', async () => {
    const sender = new BatchSender(client(() => '{}', 503) as never, { size: 2 });
    await expect(Promise.all([sender.send(patch(1)), sender.send(patch(2))])).rejects.toMatchObject({
      code: 'DATAVERSE_UNAVAILABLE',
    });
  });

  it.each([0, -3, 1.7, NaN, 1001])('refuses a size of %p', (size) => {
    expect(() => new BatchSender(client(() => '') as never, { size })).toThrow(RangeError);
  });
});

describe('the body of a batch', () => {
  it('has CRLF line ends, a part with headers and JSON for each request, and a closing boundary', () => {
    const body = batchBody([patch(1)], 'x', '/api/data/v9.2/');
    expect(body.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(body.split('\r\n')).toEqual([
      '--x',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      'PATCH /api/data/v9.2/contacts(1) HTTP/1.1',
      'If-Match: *',
      'Content-Type: application/json; charset=utf-8',
      '',
      '{"lastname":"Müller 1"}',
      '--x--',
      '',
    ]);
  });
});

describe('the response of a batch', () => {
  it.each([
    ['multipart/mixed; boundary=b', '\r\n'],
    ['multipart/mixed; boundary="b"', '\n'],
    [undefined, '\r\n'],
  ])('is read with content type %p', (contentType, lineEnd) => {
    const text = `${part(404, '{"error":{"code":"0x80040217"}}')}${part(429, '', ['Retry-After: 7'])}--b--\r\n`;
    expect(parseBatch(text.replaceAll('\r\n', lineEnd), contentType)).toEqual([
      { status: 404, text: '{"error":{"code":"0x80040217"}}', retryAfterMs: undefined },
      { status: 429, text: '', retryAfterMs: 7000 },
    ]);
  });

  it.each(['', '{}', 'garbage'])('that is none gives no parts: %p', (text) => {
    expect(parseBatch(text, undefined)).toEqual([]);
  });
});
