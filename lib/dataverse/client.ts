import type { Table, TableDescription } from '../sync/metadata';
import type { CallOptions } from '../http/call-options';
import type { ClientDependencies } from '../http/dependencies';
import type { DataverseCredential } from './credential';
import type { DataverseRow, Page } from './rows';

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

export class DataverseClient {
  constructor(
    readonly credential: DataverseCredential,
    readonly dependencies: Partial<ClientDependencies> = {},
  ) {}

  /** All tables that the Web API serves, sorted by label. */
  listTables(_options: CallOptions = {}): Promise<Table[]> {
    throw new Error('not built yet');
  }

  /** A table with its readable columns. Throws ConfigurationError TABLE_UNKNOWN. */
  describeTable(_name: string, _options: CallOptions = {}): Promise<TableDescription> {
    throw new Error('not built yet');
  }

  /** Throws ConfigurationError CHANGE_TRACKING_OFF, UNKNOWN_COLUMN, and DeltaTokenExpiredError. */
  readPage(_request: FirstPageRequest | LinkedPageRequest, _options: CallOptions = {}): Promise<Page> {
    throw new Error('not built yet');
  }

  /** How many changes wait behind a delta link. */
  countPending(_table: TableRef, _link: string, _options: CallOptions = {}): Promise<number> {
    throw new Error('not built yet');
  }

  /** Rows of a table, from Dataverse's snapshot that is up to 24 hours old. */
  totalCount(_table: Pick<Table, 'name'>, _options: CallOptions = {}): Promise<number> {
    throw new Error('not built yet');
  }

  /** Rows by primary key, in the order of `ids`; ids that no longer exist stand in `missing`. */
  getByIds(
    _table: TableRef,
    _columns: readonly string[],
    _ids: readonly string[],
    _options: CallOptions & { readonly labels?: boolean } = {},
  ): Promise<{ rows: DataverseRow[]; missing: string[] }> {
    throw new Error('not built yet');
  }

  /** A few rows, those changed last where the table says when. */
  sampleRows(
    _table: TableRef,
    _columns: readonly string[],
    _count: number,
    _options: CallOptions = {},
  ): Promise<DataverseRow[]> {
    throw new Error('not built yet');
  }

  /** Who the credential signs in as. */
  whoAmI(_options: CallOptions = {}): Promise<{ userId: string; organizationId: string }> {
    throw new Error('not built yet');
  }
}
