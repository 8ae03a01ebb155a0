import { isGuid } from '../core/guid';
import type { Table } from '../core/metadata';
import { unexpectedResponse } from '../core/unexpected-response';
import type { DataverseClient } from './client';
import { dataverseError, jsonOf } from './errors';
import type { RowAddress } from './row-address';
import { etagOf, type NewValue, type WriteColumn } from './row-plan';
import type { RowSender } from './row-requests';
import type { DataverseRow } from './rows';
import { isRowMissing } from './write-errors';

/** What is read of a row: where it stands, and the columns that would be written. */
interface Wanted {
  readonly address: RowAddress;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Rows as they are before a write: read for a whole window at once where their IDs are known, and singly after that. */
export class PresentRows {
  /** Rows that were read for a window, by the item's index; null where there is none. Each is used once. */
  private readonly prepared = new Map<number, DataverseRow | null>();

  constructor(
    private readonly deps: { readonly client: Pick<DataverseClient, 'getByIds'>; readonly sender: RowSender },
    private readonly table: Table,
    private readonly columnOf: (name: string) => WriteColumn,
  ) {}

  /**
   * Reads the rows of a window; one whose address is an alternate key is left for {@link read}.
   *
   * @param wanted by the item's index
   * @throws SyncError: it concerns the whole batch
   */
  async prepare(wanted: readonly (readonly [index: number, wanted: Wanted])[], stop: AbortSignal): Promise<void> {
    const byId = new Map<string, readonly [index: number, wanted: Wanted]>();
    for (const entry of wanted) {
      const { address } = entry[1];
      if ('id' in address && isGuid(address.id.trim())) byId.set(address.id.trim().toLowerCase(), entry);
    }
    if (byId.size === 0) return;
    const columns = this.columnsOf([...byId.values()].map(([, { values }]) => values));
    const { rows, missing } = await this.deps.client.getByIds(this.table, columns, [...byId.keys()], {
      labels: false,
      signal: stop,
    });
    for (const row of rows) {
      const entry = byId.get(String(row[this.table.primaryId]).toLowerCase());
      if (entry) this.prepared.set(entry[0], row);
    }
    for (const id of missing) {
      const entry = byId.get(id);
      if (entry) this.prepared.set(entry[0], null);
    }
  }

  /**
   * One row with its etag; null where there is none. The first time it is the one that was prepared.
   *
   * @param path of the row, as `rowPath` gives it
   * @throws SyncError of the read; FatalError UNEXPECTED_RESPONSE
   */
  async read(
    index: number,
    path: string,
    values: readonly NewValue[],
    stop: AbortSignal,
  ): Promise<DataverseRow | null> {
    const prepared = this.prepared.get(index);
    if (prepared !== undefined) {
      this.prepared.delete(index);
      return prepared;
    }
    const { primaryId, name } = this.table;
    const select = [...new Set([primaryId, ...values.map(({ column }) => column.name)])].join(',');
    const purpose = `read a row of table "${name}"`;
    const response = await this.deps.sender.send({
      method: 'GET',
      path: `${path}?$select=${select}`,
      purpose,
      signal: stop,
    });
    if (isRowMissing(response)) return null;
    if (response.status >= 300) throw dataverseError(response, { purpose, table: name });
    const row = jsonOf(response, purpose);
    if (typeof row !== 'object' || row === null || etagOf(row as DataverseRow) === undefined) {
      throw unexpectedResponse(`Dynamics 365 gave no row when asked to ${purpose}.`);
    }
    return row as DataverseRow;
  }

  /** Every column that one of these items writes. Values that are wrong are found later, item by item. */
  private columnsOf(items: readonly Readonly<Record<string, unknown>>[]): string[] {
    const names = new Set<string>();
    for (const values of items) {
      for (const [name, value] of Object.entries(values)) {
        if (value !== undefined) names.add(this.columnOf(name).name);
      }
    }
    return [...names];
  }
}
