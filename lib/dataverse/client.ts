import { z } from 'zod';
import { baseUrl } from '../http/base-url';
import type { CallOptions } from '../http/call-options';
import { realDependencies, type ClientDependencies } from '../http/dependencies';
import { HttpClient, type HttpAnswer, type HttpRequest } from '../http/http-client';
import { ownLink } from '../http/own-origin';
import { ConfigurationError, FatalError } from '../sync/errors';
import type { Column, Table, TableDescription } from '../sync/metadata';
import { readAttributeTimes, type AttributeTime } from './attribute-times';
import type { DataverseCredential } from './credential';
import { changeTrackingOff, dataverseError, isTransientInDataverse, jsonOf, tableUnknown } from './errors';
import { ATTRIBUTE_SELECT, DETAILS, list, TABLE_SELECT, toColumn, toDetail, toTable, withDetail } from './metadata';
import type { ColumnDetail } from './metadata';
import { deltaTokenOf, isGuid, literal, preferOf, queryOf } from './odata';
import { parsePage } from './page';
import type { DataverseRow, Page } from './rows';
import { dataverseTokens } from './sign-in';

/** What a read needs to know of a table. */
export type TableRef = Pick<Table, 'name' | 'setName' | 'primaryId'>;

/** The first page of a read. */
export interface FirstPageRequest {
  readonly table: TableRef;
  /** Names as in `Column.name`; the primary key is added by itself. */
  readonly columns: readonly string[];
  /** Rows per page, 1-5000. */
  readonly pageSize: number;
  /** With it Dataverse gives a delta link; `filter` and `orderBy` are refused then. */
  readonly trackChanges?: boolean;
  /** OData `$filter`, as it is before URL encoding. */
  readonly filter?: string;
  /** OData `$orderby`. */
  readonly orderBy?: string;
  /** Ask for display labels too. @default true */
  readonly annotations?: boolean;
}

/** A following page, or the changes since a delta link. Give the same values as with the first page. */
export interface LinkedPageRequest {
  readonly table: TableRef;
  readonly link: string;
  readonly pageSize: number;
  readonly trackChanges?: boolean;
  readonly annotations?: boolean;
}

/** Ids in one request: its URL stays below 4,000 characters, far from every limit on the way. */
const IDS_PER_REQUEST = 50;

/** Dataverse stops at 52 requests in flight for one user and web server. */
const MOST_IN_FLIGHT = 52;

/**
 * Reads a Dynamics 365 organization over Dataverse's Web API v9.2.
 *
 * Every call throws ConfigurationError (SIGN_IN_REFUSED, NOT_A_MEMBER, PRIVILEGE_MISSING, REFUSED_BY_DYNAMICS and those of the sign-in),
 * RetriableError (CONNECTION_FAILED, SERVICE_PROTECTION_LIMIT, DATAVERSE_UNAVAILABLE, ABORTED) or FatalError
 * (UNEXPECTED_ANSWER, FOREIGN_LINK), besides what is said with it.
 */
export class DataverseClient {
  private readonly http: HttpClient;
  private readonly root: string;

  constructor(
    readonly credential: DataverseCredential,
    dependencies: Partial<ClientDependencies> = {},
  ) {
    this.root = `${baseUrl(credential.url, 'Organization URL', { keepPath: false })}/api/data/v9.2/`;
    const all = { ...realDependencies, ...dependencies };
    this.http = new HttpClient({
      system: 'Dynamics 365',
      tokens: dataverseTokens(credential, all),
      headers: {
        Accept: 'application/json',
        'OData-Version': '4.0',
        'OData-MaxVersion': '4.0',
        'Accept-Encoding': 'gzip',
      },
      limits: {
        maxConcurrency: Math.min(MOST_IN_FLIGHT, credential.maxConcurrency || 20),
        maxPerSecond: credential.maxRequestsPerSecond ?? 0,
      },
      isTransient: isTransientInDataverse,
      parallelismHeader: 'x-ms-dop-hint',
      dependencies: all,
    });
  }

  /** All tables that the Web API serves, sorted by label. */
  async listTables(options: CallOptions = {}): Promise<Table[]> {
    const body = await this.get(`EntityDefinitions?$select=${TABLE_SELECT}`, { purpose: 'list the tables' }, options);
    return valuesOf(body)
      .map(toTable)
      .filter((table) => table !== undefined)
      .sort((a, b) => a.label.localeCompare(b.label) || a.name.localeCompare(b.name));
  }

  /** A table with its readable columns. Throws ConfigurationError TABLE_UNKNOWN. */
  async describeTable(name: string, options: CallOptions = {}): Promise<TableDescription> {
    const path = `EntityDefinitions(LogicalName=${literal(name)})`;
    const context = { purpose: `read the metadata of table "${name}"`, table: name };
    const [definition, attributes] = await Promise.all([
      this.get(`${path}?$select=${TABLE_SELECT}`, context, options),
      this.get(`${path}/Attributes?$select=${ATTRIBUTE_SELECT}`, context, options),
    ]);
    const table = toTable(isList(definition) ? valuesOf(definition)[0] : definition);
    if (!table) throw tableUnknown(name);
    const columns = valuesOf(attributes)
      .map(toColumn)
      .filter((column) => column !== undefined);
    const details = await this.columnDetails(`${path}/Attributes`, columns, context, options);
    return {
      table,
      columns: columns
        .map((column) => withDetail(column, details.get(column.name)))
        .sort((a, b) => a.label.localeCompare(b.label) || a.name.localeCompare(b.name)),
    };
  }

  /**
   * Throws ConfigurationError CHANGE_TRACKING_OFF, UNKNOWN_COLUMN, TABLE_UNKNOWN, and DeltaTokenExpiredError.
   * A read over several pages that ends with neither link anywhere has no change tracking either: the caller sees that.
   */
  async readPage(request: FirstPageRequest | LinkedPageRequest, options: CallOptions = {}): Promise<Page> {
    const { table, pageSize, trackChanges } = request;
    const prefer = preferOf({ trackChanges, pageSize, annotations: request.annotations ?? true });
    const first = 'columns' in request;
    const url = first ? this.root + firstPagePath(request) : ownLink(request.link, this.root, 'Dynamics 365');
    const purpose = first || !trackChanges ? `read table "${table.name}"` : `read the changes of table "${table.name}"`;
    const body = await this.get(url, { purpose, table: table.name }, options, prefer);
    const page = parsePage(body, table.primaryId);
    if (first && trackChanges && page.nextLink === undefined && page.deltaLink === undefined) {
      throw changeTrackingOff(table.name);
    }
    return page;
  }

  /** How many changes wait behind a delta link. */
  async countPending(table: TableRef, link: string, options: CallOptions = {}): Promise<number> {
    const token = deltaTokenOf(ownLink(link, this.root, 'Dynamics 365'));
    if (token === undefined)
      throw new FatalError('UNEXPECTED_ANSWER', 'A delta link of Dynamics 365 has no delta token');
    const url = `${this.root}${table.setName}/$count?$deltatoken=${token}`;
    const purpose = `count the changes of table "${table.name}"`;
    const answer = await this.send(url, { purpose, table: table.name }, options);
    const count = Number(answer.text.replace(/^[^\d]+/, ''));
    if (!Number.isInteger(count) || !/\d/.test(answer.text)) {
      throw new FatalError('UNEXPECTED_ANSWER', `Dynamics 365 did not answer with a number when asked to ${purpose}`);
    }
    return count;
  }

  /** Rows of a table, from Dataverse's snapshot that is up to 24 hours old. */
  async totalCount(table: Pick<Table, 'name'>, options: CallOptions = {}): Promise<number> {
    const names = encodeURIComponent(JSON.stringify([table.name]));
    const purpose = `count the rows of table "${table.name}"`;
    const body = await this.get(`RetrieveTotalRecordCount(EntityNames=@p1)?@p1=${names}`, { purpose }, options);
    const parsed = z
      .object({ EntityRecordCountCollection: z.object({ Values: z.array(z.number()).min(1) }) })
      .safeParse(body);
    if (!parsed.success)
      throw new FatalError('UNEXPECTED_ANSWER', `Dynamics 365 gave no number when asked to ${purpose}`);
    return parsed.data.EntityRecordCountCollection.Values[0] as number;
  }

  /**
   * Rows by primary key, in the order of `ids`; ids that no longer exist stand in `missing`. Both without repetition.
   * Throws ConfigurationError ID_NOT_A_GUID, UNKNOWN_COLUMN.
   */
  async getByIds(
    table: TableRef,
    columns: readonly string[],
    ids: readonly string[],
    options: CallOptions & { readonly labels?: boolean } = {},
  ): Promise<{ rows: DataverseRow[]; missing: string[] }> {
    const wanted = [...new Set(ids.map((id) => id.trim().toLowerCase()))];
    const wrong = wanted.findIndex((id) => !isGuid(id));
    if (wrong >= 0) {
      throw new ConfigurationError('ID_NOT_A_GUID', `Id number ${wrong + 1} for table "${table.name}" is not a GUID`, {
        hint: 'Rows of Dynamics 365 are read by their primary key, e.g. {{ $json.id }} of an item of the trigger.',
      });
    }
    const found = new Map<string, DataverseRow>();
    const batches = [];
    for (let start = 0; start < wanted.length; start += IDS_PER_REQUEST) {
      batches.push(this.readAll(table, columns, wanted.slice(start, start + IDS_PER_REQUEST), options, found));
    }
    await Promise.all(batches);
    const rows = [];
    const missing = [];
    for (const id of wanted) {
      const row = found.get(id);
      if (row) rows.push(row);
      else missing.push(id);
    }
    return { rows, missing };
  }

  /**
   * When columns of a row were changed last, from the audit log; see {@link readAttributeTimes}. Costs a call, and one for each entry
   * that is looked at. Throws ConfigurationError PRIVILEGE_MISSING where the user may not read the log.
   */
  async getAttributeTimes(
    table: TableRef,
    id: string,
    columns: readonly string[],
    options: CallOptions = {},
  ): Promise<Record<string, AttributeTime>> {
    if (!isGuid(id)) throw new RangeError('The id of a row must be a GUID');
    const context = { purpose: `read the audit log of table "${table.name}"`, table: 'audit' };
    return await readAttributeTimes(id, columns, {
      entries: async (rowId, most) => {
        const query = queryOf({
          select: 'auditid,createdon',
          filter: `_objectid_value eq ${rowId} and (operation eq 1 or operation eq 2)`,
          orderby: 'createdon desc',
          top: most,
        });
        return parsePage(await this.get(`audits?${query}`, context, options), 'auditid').rows;
      },
      details: async (auditId) => {
        const path = `audits(${encodeURIComponent(auditId)})/Microsoft.Dynamics.CRM.RetrieveAuditDetails`;
        return await this.get(path, context, options);
      },
    });
  }

  /** A few rows with labels: those changed last if `modifiedon` is among the columns. */
  async sampleRows(
    table: TableRef,
    columns: readonly string[],
    count: number,
    options: CallOptions = {},
  ): Promise<DataverseRow[]> {
    const query = queryOf({
      select: selected(table, columns),
      orderby: columns.includes('modifiedon') ? 'modifiedon desc' : undefined,
      top: count,
    });
    const context = { purpose: `read table "${table.name}"`, table: table.name };
    const body = await this.get(`${table.setName}?${query}`, context, options, preferOf({ annotations: true }));
    return [...parsePage(body, table.primaryId).rows];
  }

  /** Who the credential signs in as. */
  async whoAmI(options: CallOptions = {}): Promise<{ userId: string; organizationId: string }> {
    const body = await this.get('WhoAmI', { purpose: 'ask who is signed in' }, options);
    const parsed = z.object({ UserId: z.string(), OrganizationId: z.string() }).safeParse(body);
    if (!parsed.success) {
      throw new ConfigurationError('NOT_DATAVERSE', 'The organization URL does not answer as Dynamics 365 does', {
        hint: 'Check the organization URL of the credential, e.g. https://contoso.crm4.dynamics.com.',
      });
    }
    return { userId: parsed.data.UserId, organizationId: parsed.data.OrganizationId };
  }

  /** Address of the Web API, with a slash at its end. */
  get apiUrl(): string {
    return this.root;
  }

  /**
   * Sends a request and gives the answer whatever its status is: the ground on which the writes of this folder stand.
   *
   * @param request `path` is relative to {@link apiUrl}
   */
  call({ path, ...request }: Omit<HttpRequest, 'url'> & { readonly path: string }): Promise<HttpAnswer> {
    return this.http.send({ ...request, url: this.root + path });
  }

  /** Closes idle connections. */
  close(): void {
    this.http.close();
  }

  private async readAll(
    table: TableRef,
    columns: readonly string[],
    ids: readonly string[],
    options: CallOptions & { readonly labels?: boolean },
    found: Map<string, DataverseRow>,
  ): Promise<void> {
    const common = { table, pageSize: IDS_PER_REQUEST, annotations: options.labels ?? true };
    const filter = ids.map((id) => `${table.primaryId} eq ${id}`).join(' or ');
    let page = await this.readPage({ ...common, columns, filter }, options);
    for (;;) {
      for (const row of page.rows) found.set(String(row[table.primaryId]).toLowerCase(), row);
      if (page.nextLink === undefined) return;
      page = await this.readPage({ ...common, link: page.nextLink }, options);
    }
  }

  private async columnDetails(
    path: string,
    columns: readonly Column[],
    context: { purpose: string; table: string },
    options: CallOptions,
  ): Promise<Map<string, ColumnDetail>> {
    const present = new Set(columns.map((column) => column.type));
    const answers = await Promise.all(
      DETAILS.filter(({ type }) => present.has(type)).map(async ({ cast, query }) => {
        const answer = await this.request(`${path}/Microsoft.Dynamics.CRM.${cast}?${query}`, context, options);
        // An organization that does not know the cast still has the columns; what it would tell is missing then.
        if (answer.status === 400 || answer.status === 404 || answer.status === 501) return [];
        if (answer.status >= 400) throw dataverseError(answer, context);
        return valuesOf(jsonOf(answer, context.purpose));
      }),
    );
    const details = answers.flat().map(toDetail);
    return new Map(details.filter((each) => each !== undefined).map((each) => [each.name, each]));
  }

  private async get(
    url: string,
    context: { purpose: string; table?: string },
    options: CallOptions,
    prefer?: string,
  ): Promise<unknown> {
    return jsonOf(await this.send(url, context, options, prefer), context.purpose);
  }

  private async send(
    url: string,
    context: { purpose: string; table?: string },
    options: CallOptions,
    prefer?: string,
  ): Promise<HttpAnswer> {
    const answer = await this.request(url, context, options, prefer);
    if (answer.status >= 300) throw dataverseError(answer, context);
    return answer;
  }

  private request(
    url: string,
    { purpose }: { purpose: string },
    { signal }: CallOptions,
    prefer?: string,
  ): Promise<HttpAnswer> {
    return this.http.send({
      method: 'GET',
      url: /^https?:\/\//.test(url) ? url : this.root + url,
      purpose,
      signal,
      ...(prefer === undefined ? {} : { headers: { Prefer: prefer } }),
    });
  }
}

function firstPagePath(request: FirstPageRequest): string {
  const { table, columns, filter, orderBy, pageSize } = request;
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 5000) {
    throw new RangeError(`pageSize must be a whole number from 1 to 5000, got ${pageSize}`);
  }
  return `${table.setName}?${queryOf({ select: selected(table, columns), filter, orderby: orderBy })}`;
}

function selected(table: TableRef, columns: readonly string[]): string {
  return [...new Set([table.primaryId, ...columns])].join(',');
}

function isList(body: unknown): boolean {
  return list.safeParse(body).success;
}

function valuesOf(body: unknown): unknown[] {
  const parsed = list.safeParse(body);
  if (!parsed.success) throw new FatalError('UNEXPECTED_ANSWER', 'Dynamics 365 did not answer with a list');
  return parsed.data.value;
}
