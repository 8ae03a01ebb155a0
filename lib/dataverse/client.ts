import { z } from 'zod';
import { baseUrl } from '../http/base-url';
import type { CallOptions } from '../http/call-options';
import type { ClientDependencies } from '../http/dependencies';
import type { HttpResponse, HttpRequest } from '../http/http-client';
import { sameOriginLink } from '../http/same-origin';
import { linkOfTable } from './link-of-table';
import { ConfigurationError } from '../core/errors';
import { unexpectedResponse } from '../core/unexpected-response';
import { isGuid } from '../core/guid';
import type { Table, TableDescription } from '../core/metadata';
import type { AttributeTime } from '../sync/opt-out/sources';
import { readAttributeTimes } from './attribute-times';
import type { DataverseCredential } from './credential';
import { changeTrackingOff, dataverseError, jsonOf } from './errors';
import { deltaTokenOf, hasLookup, preferOf, queryOf } from './odata';
import { parsePage } from './page';
import { describeTable, listTables } from './read-metadata';
import type { DataverseRow, FirstPageRequest, LinkedPageRequest, Page, TableRef } from './rows';
import { rowsById, type ByIdOptions, type ByIdReads, type RowsById } from './rows-by-id';
import { WebApi } from './web-api';
import { isRowMissing, isRowUnreadable } from './write-errors';

/**
 * Reads a Dynamics 365 organization over Dataverse's Web API v9.2.
 *
 * Every call throws ConfigurationError (SIGN_IN_REFUSED, NOT_A_MEMBER, PRIVILEGE_MISSING, REFUSED_BY_DYNAMICS and those of the sign-in),
 * RetriableError (CONNECTION_FAILED, SERVICE_PROTECTION_LIMIT, DATAVERSE_UNAVAILABLE, ABORTED) or FatalError
 * (UNEXPECTED_RESPONSE, FOREIGN_LINK), besides what is said with it.
 */
export class DataverseClient {
  private readonly api: WebApi;
  /** Tables whose changes come with a delta link only where no annotations are asked for. */
  private readonly withoutAnnotations = new Set<string>();

  /** Its `url` is the organization's origin, however it was entered. */
  readonly credential: DataverseCredential;

  constructor(credential: DataverseCredential, dependencies: Partial<ClientDependencies> = {}) {
    const url = baseUrl(credential.url, 'Organization URL', { keepPath: false });
    this.credential = { ...credential, url };
    this.api = new WebApi(this.credential, dependencies);
  }

  /** All tables that the Web API serves, sorted by label. */
  async listTables(options: CallOptions = {}): Promise<Table[]> {
    return await listTables(this.api, options);
  }

  /** A table with its readable columns. Throws ConfigurationError TABLE_UNKNOWN. */
  async describeTable(name: string, options: CallOptions = {}): Promise<TableDescription> {
    return await describeTable(this.api, name, options);
  }

  /**
   * Throws ConfigurationError CHANGE_TRACKING_OFF, UNKNOWN_COLUMN, TABLE_UNKNOWN, and DeltaTokenExpiredError.
   * A read over several pages that ends with neither link anywhere has no change tracking either: the caller sees that.
   */
  async readPage(request: FirstPageRequest | LinkedPageRequest, options: CallOptions = {}): Promise<Page> {
    const { table, pageSize, trackChanges } = request;
    const first = 'columns' in request;
    const url = first ? this.api.root + firstPagePath(request) : linkOfTable(request, this.api.root);
    const purpose = first || !trackChanges ? `read table "${table.name}"` : `read the changes of table "${table.name}"`;
    const read = async (annotations: boolean) => {
      const lookupTables = annotations && request.lookupTables;
      const prefer = preferOf({ trackChanges, pageSize, annotations, lookupTables });
      return parsePage(await this.api.get(url, { purpose, table: table.name }, options, prefer), table.primaryId);
    };
    const annotations = (request.annotations ?? true) && !(trackChanges && this.withoutAnnotations.has(table.name));
    let page = await read(annotations);
    if (trackChanges && annotations && leadsNowhere(page) && (first || page.rows.length + page.deletions.length > 0)) {
      // Some organizations give a delta link only where no annotations are asked for: labels then come from the metadata.
      // Whether they do shows at the end of a read of several pages only: the next one does without in any case.
      this.withoutAnnotations.add(table.name);
      page = await read(false);
    }
    if (first && trackChanges && leadsNowhere(page)) {
      throw changeTrackingOff(table);
    }
    return page;
  }

  /** How many changes wait behind a delta link. */
  async countPending(table: TableRef, link: string, options: CallOptions = {}): Promise<number> {
    const token = deltaTokenOf(sameOriginLink(link, this.api.root, 'Dynamics 365'));
    if (token === undefined) throw unexpectedResponse('A delta link of Dynamics 365 has no delta token.');
    const url = `${this.api.root}${table.setName}/$count?$deltatoken=${token}`;
    const purpose = `count the changes of table "${table.name}"`;
    const response = await this.api.read(url, { purpose, table: table.name }, options);
    const count = Number(response.text.replace(/^[^\d]+/, ''));
    if (!Number.isInteger(count) || !/\d/.test(response.text)) {
      throw unexpectedResponse(`Dynamics 365 did not answer with a number when asked to ${purpose}.`);
    }
    return count;
  }

  /** Rows of a table, from Dataverse's snapshot that is up to 24 hours old. */
  async totalCount(table: Pick<Table, 'name'>, options: CallOptions = {}): Promise<number> {
    const names = encodeURIComponent(JSON.stringify([table.name]));
    const purpose = `count the rows of table "${table.name}"`;
    const body = await this.api.get(`RetrieveTotalRecordCount(EntityNames=@p1)?@p1=${names}`, { purpose }, options);
    const parsed = z
      .object({ EntityRecordCountCollection: z.object({ Values: z.array(z.number()).min(1) }) })
      .safeParse(body);
    if (!parsed.success) throw unexpectedResponse(`Dynamics 365 gave no number when asked to ${purpose}.`);
    return parsed.data.EntityRecordCountCollection.Values[0] as number;
  }

  /**
   * Rows by primary key, in the order of `ids`; ids that are not among the rows that the user sees stand in `missing`. All without
   * repetition. Throws ConfigurationError ID_NOT_A_GUID, UNKNOWN_COLUMN.
   *
   * @param options `confirmMissing`: ask for each missing row by itself, since a list also leaves out what the user may not read. Those
   *   stand in `unreadable` then, and `missing` holds what Dataverse says is not there.
   */
  async getByIds(
    table: TableRef,
    columns: readonly string[],
    ids: readonly string[],
    options: ByIdOptions = {},
  ): Promise<RowsById> {
    const reads: ByIdReads = {
      page: (request) => this.readPage(request, options),
      one: (id) => this.readOne(table, columns, id, options),
    };
    return await rowsById(table, columns, ids, reads, options);
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
        return parsePage(await this.api.get(`audits?${query}`, context, options), 'auditid').rows;
      },
      details: async (auditId) => {
        const path = `audits(${encodeURIComponent(auditId)})/Microsoft.Dynamics.CRM.RetrieveAuditDetails`;
        return await this.api.get(path, context, options);
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
    const body = await this.api.get(`${table.setName}?${query}`, context, options, preferOf({ annotations: true }));
    return [...parsePage(body, table.primaryId).rows];
  }

  /** Who the credential signs in as. */
  async whoAmI(options: CallOptions = {}): Promise<{ userId: string; organizationId: string }> {
    const body = await this.api.get('WhoAmI', { purpose: 'ask who is signed in' }, options);
    const parsed = z.object({ UserId: z.string(), OrganizationId: z.string() }).safeParse(body);
    if (!parsed.success) {
      throw new ConfigurationError('NOT_DATAVERSE', 'The organization URL does not answer as Dynamics 365 does.', {
        hint: 'Check the organization URL of the credential, e.g. https://contoso.crm4.dynamics.com.',
      });
    }
    return { userId: parsed.data.UserId, organizationId: parsed.data.OrganizationId };
  }

  /** Address of the Web API, with a slash at its end. */
  get apiUrl(): string {
    return this.api.root;
  }

  /**
   * Sends a request and gives the response whatever its status is: the ground on which the writes of this folder stand.
   *
   * @param request `path` is relative to {@link apiUrl}
   */
  call(request: Omit<HttpRequest, 'url'> & { readonly path: string }): Promise<HttpResponse> {
    return this.api.call(request);
  }

  /** Closes idle connections. */
  close(): void {
    this.api.close();
  }

  /** One row; undefined where there is none. */
  private async readOne(
    table: TableRef,
    columns: readonly string[],
    id: string,
    options: ByIdOptions,
  ): Promise<DataverseRow | 'unreadable' | undefined> {
    const labels = options.labels ?? true;
    const prefer = preferOf({ annotations: labels, lookupTables: labels && hasLookup(columns) });
    const context = { purpose: `read a row of table "${table.name}"`, table: table.name };
    const path = `${table.setName}(${id})?${queryOf({ select: selected(table, columns) })}`;
    const response = await this.api.tryRead(path, context, options, prefer);
    if (isRowMissing(response)) return undefined;
    if (isRowUnreadable(response)) return 'unreadable';
    if (response.status >= 300) throw dataverseError(response, context);
    return parsePage({ value: [jsonOf(response, context.purpose)] }, table.primaryId).rows[0];
  }
}

function leadsNowhere({ nextLink, deltaLink }: Page): boolean {
  return nextLink === undefined && deltaLink === undefined;
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
