import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { CampaignClient } from '../../../lib/campaign/client';
import { writeBatch } from '../../../lib/campaign/write-batch';
import type { WritableChange } from '../../../lib/campaign/record-writer';
import { describeTotals, totalsOf } from '../../../lib/core/outcome-totals';
import { describeResource } from '../../shared/metadata-cache';
import { processWide } from '../../shared/process-wide';
import { routeByOutcome } from '../../shared/route-by-outcome';
import type { Settings } from '../settings';

/** Records between two lines of progress in n8n's log. */
const PROGRESS_EVERY = 100;

export type WriteContext = Pick<
  IExecuteFunctions,
  'getInputData' | 'getNodeParameter' | 'addExecutionHints' | 'getExecutionCancelSignal' | 'logger'
>;

/**
 * Apply Change, Upsert and Delete: every item leaves through one of the four outputs, with its outcome.
 *
 * @param changesOf one change for each item, in their order
 */
export async function writeChanges(
  context: WriteContext,
  client: CampaignClient,
  settings: Settings,
  changesOf: (items: readonly INodeExecutionData[]) => WritableChange[] | Promise<WritableChange[]>,
): Promise<INodeExecutionData[][]> {
  const { locks, deliveries, clock } = processWide();
  const started = clock.elapsed();
  const items = context.getInputData();
  const signal = context.getExecutionCancelSignal();
  const changes = await changesOf(items);
  const report = await writeBatch(
    changes,
    {
      client,
      locks,
      deliveries,
      clock,
      describe: ({ api, resource }) => describeResource(client, `${api}/${resource}`, { signal }),
    },
    {
      instance: client.instance,
      lookup: settings.lookup,
      concurrency: client.credential.maxConcurrency || 10,
      optedOutProfiles: settings.consent?.optedOutProfiles ?? 'reject',
      otherKeyForms: settings.consent?.otherKeyForms ?? false,
      locationIsFixed: client.credential.product === 'v8',
      signal,
      onProgress: (done, all) => {
        if (done % PROGRESS_EVERY === 0) context.logger.debug('Adobe Campaign: records written so far', { done, all });
      },
    },
  );
  const summary = describeTotals(totalsOf(report.outcomes), clock.elapsed() - started);
  if (report.kind === 'stopped') {
    context.logger.warn(`Adobe Campaign: stopped before the end of the batch. Until then: ${summary}`);
    throw report.failure;
  }
  context.addExecutionHints({ message: summary, location: 'outputPane', type: 'info' });
  return routeByOutcome(items, report.outcomes);
}
