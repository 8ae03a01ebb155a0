import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { describeTotals, totalsOf } from '../../../lib/core/outcome-totals';
import { BatchSender } from '../../../lib/dataverse/batch-sender';
import type { DataverseClient } from '../../../lib/dataverse/client';
import { SingleSender, type RowSender } from '../../../lib/dataverse/row-requests';
import type { BatchDependencies, BatchOptions, BatchReport } from '../../../lib/sync/delivery/keyed-batch';
import { processWide } from '../../shared/process-wide';
import { routeByOutcome } from '../../shared/route-by-outcome';
import type { SendSettings } from './send.settings';

/** The parts of n8n's context that writing operations use. */
export type WriteContext = Pick<
  IExecuteFunctions,
  | 'getNodeParameter'
  | 'evaluateExpression'
  | 'getInputData'
  | 'addExecutionHints'
  | 'getExecutionCancelSignal'
  | 'logger'
>;

/** What every writer of lib/dataverse takes. */
export interface WriterDependencies extends BatchDependencies {
  readonly client: DataverseClient;
  readonly sender: RowSender;
}

export interface WriterOptions extends Required<Pick<BatchOptions, 'onProgress'>> {
  /** Names the organization: two credentials for one organization share its locks. */
  readonly organization: string;
  readonly signal: AbortSignal | undefined;
}

/** Items between two lines of progress in n8n's log. */
const PROGRESS_EVERY = 500;

/**
 * Runs the writer of an operation and puts every item out through one of the four outputs, with its outcome.
 *
 * @param write finds what it needs in the metadata, and writes
 * @throws what stopped the batch before its end
 */
export async function writeBatch(
  context: WriteContext,
  client: DataverseClient,
  { batchSize }: SendSettings,
  write: (deps: WriterDependencies, options: WriterOptions) => Promise<BatchReport>,
): Promise<INodeExecutionData[][]> {
  const { locks, deliveries, clock } = processWide();
  const started = clock.elapsed();
  const sender = batchSize > 0 ? new BatchSender(client, { size: batchSize }) : new SingleSender(client);
  const report = await write(
    { client, sender, locks, deliveries, clock },
    {
      organization: new URL(client.credential.url).origin,
      signal: context.getExecutionCancelSignal(),
      onProgress: (done, all) => {
        if (done % PROGRESS_EVERY === 0) context.logger.debug('Dynamics 365: rows written so far', { done, all });
      },
    },
  );
  const summary = describeTotals(totalsOf(report.outcomes), clock.elapsed() - started, { engineCalls: false });
  if (report.kind === 'stopped') {
    context.logger.warn(`Dynamics 365: stopped before the end of the batch. Until then: ${summary}`);
    throw report.failure;
  }
  context.addExecutionHints({ message: summary, location: 'outputPane', type: 'info' });
  return routeByOutcome(context.getInputData(), report.outcomes);
}
