import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { BatchSender } from '../../../lib/dataverse/batch-sender';
import type { DataverseClient } from '../../../lib/dataverse/client';
import { lookupTargets, writeColumns } from '../../../lib/dataverse/lookup-targets';
import { SingleSender, type RowSender } from '../../../lib/dataverse/row-requests';
import { writeRows, type RowWrite } from '../../../lib/dataverse/row-writer';
import type { Delivery } from '../../../lib/core/change';
import type { WriteColumn } from '../../../lib/dataverse/row-plan';
import { systemClock } from '../../../lib/core/clock';
import { deliveries } from '../../../lib/sync/delivery/deliveries';
import { ConfigurationError } from '../../../lib/core/errors';
import type { BatchReport } from '../../../lib/sync/delivery/keyed-batch';
import type { TableDescription } from '../../../lib/core/metadata';
import { outputOf, rejectedOutcome, type Outcome } from '../../../lib/core/outcome';
import { describeTotals, totalsOf } from '../../../lib/core/outcome-totals';
import { unknownColumns } from '../../../lib/core/unknown-column';
import { cached, describeTable, listTables } from '../../shared/metadata-cache';
import { processLocks } from '../../shared/process-wide';
import { routeByOutcome } from '../../shared/route-by-outcome';
import { withFreshMetadata } from '../../shared/with-fresh-metadata';
import { readWriteItem, readWriteSettings, type SendSettings, type WriteSettings } from '../write-settings';

export type WriteContext = Pick<
  IExecuteFunctions,
  | 'getNodeParameter'
  | 'evaluateExpression'
  | 'getInputData'
  | 'addExecutionHints'
  | 'getExecutionCancelSignal'
  | 'logger'
>;

/** Items between two lines of progress in n8n's log. */
const PROGRESS_EVERY = 500;

/** Windows of rows (50 each) at work at once: enough that one is read while another is written. */
const WINDOWS = 2;

/** Update and Upsert: every item leaves through one of the four outputs, with its outcome. */
export async function writeItems(
  context: WriteContext,
  client: DataverseClient,
  mode: 'update' | 'upsert',
): Promise<INodeExecutionData[][]> {
  const started = Date.now();
  const items = context.getInputData();
  const signal = context.getExecutionCancelSignal();
  const settings = readWriteSettings(context);
  const writes = items.map((item, index) => readWrite(context, item, index, settings));
  const { description, columns } = await withFreshMetadata((refresh) =>
    describeColumns(client, settings.table, namesOf(writes), { refresh, signal }),
  );
  const report = await writeRows(
    writes,
    { client, sender: senderOf(client, settings), locks: processLocks, deliveries, clock: systemClock },
    {
      ...settings,
      organization: organizationOf(client),
      table: description.table,
      columns,
      mode,
      concurrency: WINDOWS,
      signal,
      onProgress: progress(context),
    },
  );
  return finish(context, items, report, started);
}

/** The outputs of a batch that ended; throws what stopped one that did not. */
export function finish(
  context: Pick<WriteContext, 'logger' | 'addExecutionHints'>,
  items: readonly INodeExecutionData[],
  report: BatchReport,
  started: number,
): INodeExecutionData[][] {
  const summary = describeTotals(totalsOf(report.outcomes), Date.now() - started, { engineCalls: false });
  if (report.kind === 'stopped') {
    context.logger.warn(`Dynamics 365: stopped before the end of the batch. Until then: ${summary}`);
    throw report.failure;
  }
  context.addExecutionHints({ message: summary, location: 'outputPane', type: 'info' });
  return routeByOutcome(items, report.outcomes);
}

export function progress({ logger }: Pick<WriteContext, 'logger'>): (done: number, all: number) => void {
  return (done, all) => {
    if (done % PROGRESS_EVERY === 0) logger.debug('Dynamics 365: rows written so far', { done, all });
  };
}

export function senderOf(client: DataverseClient, { batchSize }: SendSettings): RowSender {
  return batchSize > 0 ? new BatchSender(client, { size: batchSize }) : new SingleSender(client);
}

/** Two credentials for one organization share its locks. */
export function organizationOf(client: DataverseClient): string {
  return new URL(client.credential.url).origin;
}

/** An outcome of an earlier node; it decides about the output. Throws for one that has no known status. */
export function earlierOutcome(json: INodeExecutionData['json'], index: number): Outcome | undefined {
  const outcome = json['outcome'] as unknown as Outcome | undefined;
  if (outcome !== undefined && outputOf(outcome?.status) === undefined) {
    throw new ConfigurationError('OUTCOME_UNKNOWN', `Item ${index} has an "outcome" without a known status.`, {
      hint: 'Do not change "outcome" in the flow; the nodes of this package set it.',
    });
  }
  return outcome;
}

function readWrite(context: WriteContext, item: INodeExecutionData, index: number, settings: WriteSettings): RowWrite {
  const { json } = item;
  const outcome = earlierOutcome(json, index);
  const delivery = json['delivery'] as unknown as Delivery | undefined;
  if (outcome) return { address: { id: '' }, values: {}, outcome };
  if (settings.valuesFrom !== 'item') return { ...readWriteItem(context, index, settings), delivery };
  const { id, columns, ifMatch, table } = json;
  if (typeof columns !== 'object' || columns === null || Array.isArray(columns)) {
    throw new ConfigurationError('NOT_A_WRITE', `Item ${index} does not say what to write: it has no "columns".`, {
      hint: 'Items of the Opt-Out Resolver have them. For other items set "Values" to List of Columns or JSON.',
    });
  }
  const write = {
    address: { id: typeof id === 'string' ? id : '' },
    values: columns as Record<string, unknown>,
    delivery,
  };
  if (table !== undefined && table !== settings.table) {
    const message = `The item is for another table than "${settings.table}", which is set in the node. Nothing was written.`;
    return { ...write, outcome: rejectedOutcome('OTHER_TABLE', message) };
  }
  return { ...write, ...(typeof ifMatch === 'string' && ifMatch !== '' ? { ifMatch } : {}) };
}

/** Every column that is named anywhere in the batch, so that an unknown one is found before the first write. */
function namesOf(writes: readonly RowWrite[]): Set<string> {
  const names = new Set<string>();
  for (const { address, values, outcome } of writes) {
    if (outcome) continue;
    for (const name in values) names.add(name);
    if ('key' in address) for (const { name } of address.key) names.add(name);
  }
  return names;
}

async function describeColumns(
  client: DataverseClient,
  table: string,
  names: ReadonlySet<string>,
  options: { readonly refresh: boolean; readonly signal: AbortSignal | undefined },
): Promise<{ description: TableDescription; columns: ReadonlyMap<string, WriteColumn> }> {
  const description = await describeTable(client, table, options);
  const lookups = description.columns.some(
    ({ type, name }) => type === 'lookup' && (names.has(name) || names.has(name.slice(1, -6))),
  );
  const targets = lookups
    ? await cached(client, `lookups ${table}`, options, async () =>
        lookupTargets(client, table, await listTables(client, options)),
      )
    : new Map<string, never>();
  const columns = writeColumns(description, targets);
  const unknown = [...names].filter((name) => !columns.has(name));
  if (unknown.length === 0) return { description, columns };
  throw unknownColumns(description.table, unknown, {
    candidates: description.columns,
    then: 'Open the node and choose the columns anew.',
  });
}
