import type { DataverseClient } from '../../../lib/dataverse/client';
import { liveTimelineMetadata, type TimelineMetadata } from '../../../lib/dataverse/timeline/timeline-metadata';
import { findTimelineTable } from '../../../lib/dataverse/timeline/timeline-tables';
import type { TimelineItem, TimelineWriterOptions } from '../../../lib/dataverse/timeline/timeline-writer';
import { EVENT_KINDS } from '../../../lib/sync/marketing-events/marketing-event';
import { cached, describeTable, listTables, type MetadataOptions } from '../../shared/metadata-cache';
import { withFreshMetadata } from '../../shared/with-fresh-metadata';
import type { TimelineSettings } from './add-timeline-activity.settings';

/**
 * The activity tables of the kinds of events that are to be written, from the cached metadata where it still holds.
 *
 * @throws ConfigurationError what {@link findTimelineTable} throws
 */
export async function findTimelineTables(
  client: DataverseClient,
  items: readonly TimelineItem[],
  overrides: TimelineSettings['overrides'],
  signal: AbortSignal | undefined,
): Promise<TimelineWriterOptions['tables']> {
  const kinds = EVENT_KINDS.filter((kind) => items.some(({ event, outcome }) => !outcome && event?.kind === kind));
  return await withFreshMetadata(async (refresh) => {
    const metadata = cachedMetadata(client, { refresh, signal });
    const found = kinds.map(async (kind) => [kind, await findTimelineTable(kind, overrides[kind], metadata)] as const);
    return Object.fromEntries(await Promise.all(found));
  });
}

function cachedMetadata(client: DataverseClient, options: MetadataOptions): TimelineMetadata {
  const live = liveTimelineMetadata(client, { signal: options.signal });
  return {
    listTables: () => listTables(client, options),
    describeTable: (table) => describeTable(client, table, options),
    lookupTargets: (table, tables) =>
      cached(client, `lookups ${table}`, options, () => live.lookupTargets(table, tables)),
    hasCreateMultiple: (table) =>
      cached(client, `createMultiple ${table}`, options, () => live.hasCreateMultiple(table)),
  };
}
