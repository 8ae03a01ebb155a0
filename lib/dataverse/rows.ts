import type { Table } from '../core/metadata';

/** A row as Dataverse's JSON has it: columns by name, and annotations under `<column>@<annotation>`. */
export type DataverseRow = Readonly<Record<string, unknown>>;

/** One page of a table, or of its changes. */
export interface Page {
  /** Present rows, each id once: the last state that the server sent for it. */
  readonly rows: readonly DataverseRow[];
  /** Ids (lower case) of rows that are gone, each once. An id may stand among `rows` too: the row's present state decides then. */
  readonly deletions: readonly string[];
  /** There is more of this read. */
  readonly nextLink?: string;
  /** Where the next read of changes starts. Normally on the last page, but taken wherever it stands. */
  readonly deltaLink?: string;
}

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
  /** Ask which tables lookups point to. @default false */
  readonly lookupTables?: boolean;
}

/** A following page, or the changes since a delta link. Give the same values as with the first page. */
export interface LinkedPageRequest {
  readonly table: TableRef;
  readonly link: string;
  readonly pageSize: number;
  readonly trackChanges?: boolean;
  readonly annotations?: boolean;
  readonly lookupTables?: boolean;
}
