import { planRow, readNewValues, bodyOf, type NewValue, type RowBody, type WriteColumn } from './row-plan';
import {
  runKeyedBatch,
  type BatchDependencies,
  type BatchItem,
  type BatchOptions,
  type BatchReport,
  type ItemContext,
} from '../sync/delivery/keyed-batch';
import { isGuid } from '../core/guid';
import { unknownColumns } from '../core/unknown-column';
import type { Table } from '../core/metadata';
import { rejectedOutcome, waitingOutcome, type Outcome } from '../core/outcome';
import { rejectionOutcome } from '../core/rejection-outcome';
import type { DataverseClient } from './client';
import { readIfMatch } from './if-match';
import { Refusals } from './refusals';
import { RowLookUp } from './row-look-up';
import { lockKey, rowPath, type RowAddress } from './row-address';
import type { DataverseRow } from './rows';
import type { RowResponse, RowRequest, RowSender } from './row-requests';
import { isConcurrencyOff, isStale } from './write-errors';
import { headersOf, withTag, type WriteOptions } from './write-options';

/** One row to write. */
export interface RowWrite extends Pick<BatchItem, 'delivery' | 'outcome'> {
  /** Primary key, or an alternate key. */
  readonly address: RowAddress;
  /** New values by column: its name in the Web API or the logical name of a lookup. A column that is undefined is left as it is. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The etag of the row on which these values were decided: another state of the row is not written (outcome `waiting`, CHANGED_MEANWHILE). */
  readonly ifMatch?: string | undefined;
}

export interface RowWriterDependencies extends BatchDependencies {
  readonly client: Pick<DataverseClient, 'getByIds'>;
  readonly sender: RowSender;
}

export interface RowWriterOptions extends WriteOptions, Omit<BatchOptions, 'windowSize'> {
  /** Names the organization in keys of locks. */
  readonly organization: string;
  readonly table: Table;
  /** As `writeColumns` gives them. */
  readonly columns: ReadonlyMap<string, WriteColumn>;
  readonly mode: 'update' | 'upsert';
  /** Read the row before and write only what differs. */
  readonly onlyChanges: boolean;
}

/** Rows that are read in one request. */
const WINDOW = 50;

/** How often a row is read and decided on when it changes under the writer. */
const MAX_ROUNDS = 4;

/**
 * Writes rows of one table with one outcome for each: read, plan, write under the condition that the row is still the one that was read.
 *
 * A fault of one row is its outcome; any other fault stops the batch.
 */
export function writeRows(
  writes: readonly RowWrite[],
  deps: RowWriterDependencies,
  options: RowWriterOptions,
): Promise<BatchReport> {
  const writer = new RowWriter(writes, deps, options);
  const items = writes.map(({ address, delivery, outcome }): BatchItem => ({
    key: outcome ? '' : JSON.stringify([options.organization, options.table.name, lockKey(address)]),
    delivery,
    outcome,
  }));
  return runKeyedBatch(items, deps, { ...options, windowSize: WINDOW }, writer);
}

type BoundTo = 'state' | 'presence' | 'nothing';

class RowWriter {
  private readonly headers: Readonly<Record<string, string>>;
  /** What updates are bound to; less than the state where optimistic concurrency is not enabled for the table. */
  private boundTo: BoundTo = 'state';
  private readonly refusals: Refusals;
  private readonly lookUp: RowLookUp;

  constructor(
    private readonly writes: readonly RowWrite[],
    private readonly deps: RowWriterDependencies,
    private readonly options: RowWriterOptions,
  ) {
    this.headers = headersOf(options);
    this.refusals = new Refusals(deps.sender, options.table.name);
    this.lookUp = new RowLookUp({ ...deps, refusals: this.refusals }, options.table);
    this.work = this.work.bind(this);
    this.prepare = this.prepare.bind(this);
  }

  async prepare(indexes: readonly number[], { stop }: ItemContext): Promise<void> {
    if (!this.options.onlyChanges) return;
    const byId = new Map<string, number>();
    for (const index of indexes) {
      const { address } = this.writes[index] as RowWrite;
      if ('id' in address && isGuid(address.id.trim())) byId.set(address.id.trim().toLowerCase(), index);
    }
    if (byId.size === 0) return;
    await this.lookUp.readAhead(byId, this.columnsOf([...byId.values()]), stop);
  }

  async work(index: number, context: ItemContext): Promise<Outcome> {
    try {
      return await this.write(index, context);
    } catch (error) {
      return rejectionOutcome(error);
    }
  }

  private async write(index: number, context: ItemContext): Promise<Outcome> {
    const given = this.writes[index] as RowWrite;
    const row: RowWrite = { ...given, ifMatch: readIfMatch(given.ifMatch) };
    const path = rowPath(row.address, this.options.table.setName, this.columnOf);
    const values = readNewValues(row.values, this.columnOf);
    let refusal: Error | undefined;
    if (!this.options.onlyChanges) {
      const outcome = await this.writeUnseen(row, path, values, context);
      if (outcome) return outcome;
    }
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      const present = await this.read(index, path, values, context);
      const plan = planRow(values, present, { upsert: this.options.mode === 'upsert', ifMatch: row.ifMatch });
      switch (plan.kind) {
        case 'nothing':
          return { status: 'unchanged', engineCalls: 0 };
        case 'absent':
          return this.notFound();
        case 'changedSince':
          return CHANGED_MEANWHILE;
        case 'create': {
          // Refused as a duplicate, and yet there is none at this address: it is another key that exists already.
          if (refusal) throw refusal;
          const response = await this.patch(row, path, plan.body, { 'If-None-Match': '*' }, context);
          if (response.status < 300) return { status: 'created', engineCalls: 0 };
          refusal = await this.refused(response, plan.body, context);
          if (response.status !== 412) throw refusal;
          break;
        }
        case 'update': {
          const { boundTo } = this;
          const response = await this.patch(row, path, plan.body, this.condition(plan.ifMatch), context);
          if (response.status < 300) return { status: 'updated', engineCalls: 0 };
          // The row is read anew, right before it is written without the condition.
          if (isConcurrencyOff(response) && this.asksForLess(boundTo)) break;
          if (!isStale(response)) throw await this.refused(response, plan.body, context);
          if (response.status !== 404) break;
          // The row was there: if it still is, a row that a lookup points to is missing.
          if (refusal) throw refusal;
          refusal = await this.refused(response, plan.body, context);
        }
      }
    }
    return ROW_BUSY;
  }

  /** Writes without looking. Undefined when the row turned out to be another one than the item was decided on. */
  private async writeUnseen(
    row: RowWrite,
    path: string,
    values: readonly NewValue[],
    context: ItemContext,
  ): Promise<Outcome | undefined> {
    const body = bodyOf(values);
    if (this.options.mode === 'update' || row.ifMatch !== undefined) {
      const response = await this.patch(row, path, body, { 'If-Match': row.ifMatch ?? '*' }, context);
      if (response.status < 300) return { status: 'updated', engineCalls: 0 };
      if (row.ifMatch !== undefined && (isStale(response) || isConcurrencyOff(response))) return undefined;
      throw await this.refused(response, body, context);
    }
    // The response's status tells whether the row is new only where a representation is asked for; one column is enough.
    const { primaryId } = this.options.table;
    const response = await this.patch(row, path, body, { Prefer: 'return=representation' }, context, primaryId);
    if (response.status >= 300) throw await this.refused(response, body, context);
    return { status: response.status === 201 ? 'created' : 'updated', engineCalls: 0 };
  }

  /** The header that binds an update to a state of the row, or where the table takes none, to there being a row. */
  private condition(etag: string): Readonly<Record<string, string>> {
    if (this.boundTo === 'nothing') return {};
    return { 'If-Match': this.boundTo === 'presence' ? '*' : etag };
  }

  /**
   * Asks for less from now on, unless another row's refusal has brought that about already.
   *
   * @param refused what the refused write was bound to
   * @returns false where nothing less would do: without any condition an update may create the row
   */
  private asksForLess(refused: BoundTo): boolean {
    if (this.boundTo !== refused) return true;
    if (refused === 'state') this.boundTo = 'presence';
    else if (refused === 'presence' && this.options.mode === 'upsert') this.boundTo = 'nothing';
    return this.boundTo !== refused;
  }

  private patch(
    row: RowWrite,
    path: string,
    body: RowBody,
    condition: Readonly<Record<string, string>>,
    { fence }: ItemContext,
    select?: string,
  ): Promise<RowResponse> {
    fence.check(row.delivery);
    const tagged = withTag(path, this.options);
    const request: RowRequest = {
      method: 'PATCH',
      path: select === undefined ? tagged : `${tagged}${tagged.includes('?') ? '&' : '?'}$select=${select}`,
      headers: { ...this.headers, ...condition },
      body,
      purpose: this.purpose,
      signal: fence.signal,
    };
    return this.deps.sender.send(request);
  }

  private async read(
    index: number,
    path: string,
    values: readonly NewValue[],
    { stop }: ItemContext,
  ): Promise<DataverseRow | null> {
    const ahead = this.lookUp.takeAhead(index);
    // Where a write can't be bound to what was read, what was read a moment ago is too old.
    if (ahead !== undefined && this.boundTo === 'state') return ahead;
    const columns = values.map(({ column }) => column.name);
    return await this.lookUp.read(path, columns, stop);
  }

  private refused(response: RowResponse, sent: object, { stop }: ItemContext): Promise<Error> {
    return this.refusals.toError(response, sent, this.purpose, stop);
  }

  private notFound(): Outcome {
    const message = `The row is not in the table "${this.options.table.name}" (any more). Nothing was written. For a new row choose Upsert; otherwise correct the ID.`;
    return rejectedOutcome('ROW_NOT_FOUND', message);
  }

  private readonly columnOf = (name: string): WriteColumn => {
    const column = this.options.columns.get(name);
    if (column) return column;
    const candidates = this.options.columns.values();
    throw unknownColumns(this.options.table, [name], { candidates, then: 'Choose the columns anew.' });
  };

  /** Every column that one of these items writes. Values that are wrong are found later, item by item. */
  private columnsOf(indexes: readonly number[]): string[] {
    const names = new Set<string>();
    for (const index of indexes) {
      for (const [name, value] of Object.entries((this.writes[index] as RowWrite).values)) {
        if (value !== undefined) names.add(this.columnOf(name).name);
      }
    }
    return [...names];
  }

  private get purpose(): string {
    return `write a row of table "${this.options.table.name}"`;
  }
}

const CHANGED_MEANWHILE = waitingOutcome(
  'CHANGED_MEANWHILE',
  'The row has changed in Dynamics 365 since these values were decided. Decide again on the present row; nothing was written.',
);

const ROW_BUSY = waitingOutcome(
  'ROW_BUSY',
  'The row changed in Dynamics 365 again and again while it was to be written. Try again later; nothing was written.',
);
