import type { RowResponse, RowRequest, RowSender } from '../../../../lib/dataverse/row-requests';
import { turn } from '../../../support/turn';

type Row = Record<string, unknown>;

/** What a test does in place of, or before, the response to a request. */
export type Intervention = (request: RowRequest, count: number) => RowResponse | Promise<RowResponse | void> | void;

export function refusal(status: number, code: string, message = ''): RowResponse {
  return { status, text: JSON.stringify({ error: { code, message } }), retryAfterMs: undefined };
}

/** Rows of one table behind conditional writes, as the Web API answers them; with the requests that came. */
export class FakeRows implements RowSender {
  readonly rows = new Map<string, Row & { version: number }>();
  readonly requests: RowRequest[] = [];
  intervene: Intervention = () => undefined;
  inFlight = 0;
  largestInFlight = 0;

  constructor(private readonly primaryId = 'contactid') {}

  put(id: string, row: Row): void {
    this.rows.set(id, { ...row, version: (this.rows.get(id)?.version ?? 0) + 1 });
  }

  row(id: string): Row | undefined {
    const row = this.rows.get(id);
    return row && { [this.primaryId]: id, ...row, '@odata.etag': `W/"${row.version}"` };
  }

  /** `DataverseClient.getByIds`. */
  readonly getByIds = (_table: unknown, _columns: readonly string[], ids: readonly string[]) => {
    this.requests.push({ method: 'GET', path: `ids:${ids.length}`, purpose: 'read' });
    const rows = ids.map((id) => this.row(id)).filter((row) => row !== undefined);
    return Promise.resolve({ rows, missing: ids.filter((id) => !this.rows.has(id)) });
  };

  async send(request: RowRequest): Promise<RowResponse> {
    this.requests.push(request);
    this.largestInFlight = Math.max(this.largestInFlight, ++this.inFlight);
    try {
      await turn();
      return (await this.intervene(request, this.requests.length)) ?? this.respond(request);
    } finally {
      this.inFlight--;
    }
  }

  private respond({ method, path, headers = {}, body }: RowRequest): RowResponse {
    const ok = (status: number, value?: object): RowResponse => ({
      status,
      text: value ? JSON.stringify(value) : '',
      retryAfterMs: undefined,
    });
    if (path === 'WhoAmI') return ok(200, { UserId: 'u' });
    const id = /\(([^)]*)\)/.exec(path)?.[1] ?? '';
    const present = this.rows.get(id);
    const gone = refusal(404, '0x80040217', `contact With Id = ${id} Does Not Exist`);
    if (method === 'GET') return present ? ok(200, this.row(id)) : gone;
    if (present && headers['If-None-Match'] === '*')
      return refusal(412, '', 'A record with matching key values already exists.');
    const match = headers['If-Match'];
    if (!present && match !== undefined) return gone;
    if (present && match !== undefined && match !== '*' && match !== `W/"${present.version}"`) {
      return refusal(412, '0x80060882', 'The version does not match');
    }
    this.put(id, { ...present, ...body });
    return ok(headers['Prefer'] ? (present ? 200 : 201) : 204);
  }
}
