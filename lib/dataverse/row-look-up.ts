import { FatalError, RejectedRecordError } from '../core/errors';
import type { Table } from '../core/metadata';
import { unexpectedResponse } from '../core/unexpected-response';
import { ResponseTooLargeError } from '../http/response-too-large';
import type { DataverseClient } from './client';
import { jsonOf } from './errors';
import type { Refusals } from './refusals';
import { etagOf } from './row-plan';
import type { RowSender } from './row-requests';
import type { DataverseRow } from './rows';
import { isRowMissing } from './write-errors';

interface RowLookUpDependencies {
  readonly client: Pick<DataverseClient, 'getByIds'>;
  readonly sender: RowSender;
  readonly refusals: Refusals;
}

/** Reads rows before they are written: many at once ahead, or one by itself. A fault of one row concerns that row alone. */
export class RowLookUp {
  /** Rows that were read for a whole window, by the item's index; each is used once. */
  private readonly ahead = new Map<number, DataverseRow | null>();

  constructor(
    private readonly deps: RowLookUpDependencies,
    private readonly table: Table,
  ) {}

  /** @param byId the item's index by the row's id in lower case */
  async readAhead(byId: ReadonlyMap<string, number>, columns: readonly string[], signal: AbortSignal): Promise<void> {
    const read = await this.deps.client
      .getByIds(this.table, columns, [...byId.keys()], { labels: false, signal })
      .catch((error: unknown) => {
        // Each is then read by itself, and the one that is too large is rejected.
        if (error instanceof FatalError && error.code === 'ROW_TOO_LARGE') return undefined;
        throw error;
      });
    for (const row of read?.rows ?? []) {
      const index = byId.get(String(row[this.table.primaryId]).toLowerCase());
      if (index !== undefined) this.ahead.set(index, row);
    }
    for (const id of read?.missing ?? []) this.ahead.set(byId.get(id) as number, null);
  }

  /** The row of an item that was read ahead, null where there was none; undefined where it was not read, or is taken already. */
  takeAhead(index: number): DataverseRow | null | undefined {
    const row = this.ahead.get(index);
    this.ahead.delete(index);
    return row;
  }

  /**
   * One row with its etag; null where there is none.
   *
   * @param path of the row, relative to the Web API
   * @throws RejectedRecordError KEY_REFUSED, FAILING_IN_DYNAMICS, ROW_TOO_LARGE; what concerns all rows
   */
  async read(path: string, columns: readonly string[], signal: AbortSignal): Promise<DataverseRow | null> {
    const { name, setName, primaryId } = this.table;
    const purpose = `read a row of table "${name}"`;
    const select = [...new Set([primaryId, ...columns])].join(',');
    try {
      const response = await this.deps.sender.send({
        method: 'GET',
        path: `${path}?$select=${select}`,
        purpose,
        signal,
      });
      if (isRowMissing(response)) return null;
      if (response.status >= 300) throw await this.deps.refusals.toLookUpError(response, setName, purpose, signal);
      const row = jsonOf(response, purpose);
      if (typeof row === 'object' && row !== null && etagOf(row as DataverseRow) !== undefined)
        return row as DataverseRow;
    } catch (error) {
      throw error instanceof ResponseTooLargeError ? rowTooLargeToWrite(name) : error;
    }
    throw unexpectedResponse(`Dynamics 365 gave no row when asked to ${purpose}.`);
  }
}

function rowTooLargeToWrite(table: string): RejectedRecordError {
  return new RejectedRecordError(
    'ROW_TOO_LARGE',
    `The row of table "${table}" is too large to be read before it is written. Nothing was written.`,
    { hint: 'Write columns with long texts, files or images in a step of their own, without reading the row first.' },
  );
}
