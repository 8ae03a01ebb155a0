import type { INodeExecutionData } from 'n8n-workflow';
import type { DataverseClient } from '../../../lib/dataverse/client';
import { SINGLE_WINDOW, writeTimeline, type TimelineItem } from '../../../lib/dataverse/timeline/timeline-writer';
import { readEach } from '../../../lib/core/read-each';
import { readTimelineSettings, type TimelineSettings } from './add-timeline-activity.settings';
import { findTimelineTables } from './find-timeline-tables';
import { readEventItem } from './read-event-item';
import { writeBatch, type WriteContext } from './write-batch';

/** Groups of rows at work at once. */
const GROUPS = 3;

/** Puts each event on its contact's timeline, once. */
export async function addTimelineActivity(
  context: WriteContext,
  client: DataverseClient,
): Promise<INodeExecutionData[][]> {
  const settings = readTimelineSettings(context);
  const items = readEach(
    context.getInputData(),
    ({ json }, index) => readEventItem(json, index),
    (outcome): TimelineItem => ({ outcome }),
  );
  return await writeBatch(context, client, settings, async (deps, options) => {
    const tables = await findTimelineTables(client, items, settings.overrides, options.signal);
    const concurrency = concurrencyOf(client, settings);
    return await writeTimeline(items, deps, { ...settings, ...options, tables, concurrency });
  });
}

/** Where rows travel one by one, as many are at work as fill the requests that there may be at once, each with its batch. */
function concurrencyOf(client: DataverseClient, { rowsAtOnce, batchSize }: TimelineSettings): number {
  if (rowsAtOnce > 0) return GROUPS;
  const rows = (client.credential.maxConcurrency || 20) * Math.max(1, batchSize);
  return Math.max(GROUPS, Math.ceil(rows / SINGLE_WINDOW));
}
