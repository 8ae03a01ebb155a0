import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';
import type { DataverseClient } from '../../../lib/dataverse/client';
import { liveTimelineMetadata, type TimelineMetadata } from '../../../lib/dataverse/timeline/timeline-metadata';
import { findTimelineTable } from '../../../lib/dataverse/timeline/timeline-tables';
import {
  writeTimeline,
  type TimelineItem,
  type TimelineWriterOptions,
} from '../../../lib/dataverse/timeline/timeline-writer';
import type { Delivery } from '../../../lib/core/change';
import { systemClock } from '../../../lib/core/clock';
import { deliveries } from '../../../lib/sync/delivery/deliveries';
import { ConfigurationError } from '../../../lib/core/errors';
import { EVENT_KINDS, type EventKind, type MarketingEvent } from '../../../lib/sync/marketing-events/marketing-event';
import { readGuid } from '../../../lib/core/guid';
import { rejectedOutcome, type Outcome } from '../../../lib/core/outcome';
import { cached, describeTable, listTables, type MetadataOptions } from '../../shared/metadata-cache';
import { processLocks } from '../../shared/process-wide';
import { withFreshMetadata } from '../../shared/with-fresh-metadata';
import { readTimelineSettings, type TimelineSettings } from '../timeline-settings';
import { IN_BATCHES, sendMethod, sendOptions } from './write-properties';
import { earlierOutcome, finish, organizationOf, progress, senderOf, type WriteContext } from './write-rows';

const DOCS = 'https://github.com/n8n-nodes-dynamics-campaign/n8n-nodes-dynamics-campaign/blob/main/docs/timeline.md';

const byHand = (displayName: string, name: string, description: string): INodeProperties => ({
  displayName,
  name,
  type: 'string',
  default: '',
  description,
});
const COLUMN = 'Logical name of the column; - leaves it out. Empty: found by its display name.';

export const timelineProperties: INodeProperties[] = [
  {
    displayName: `For items of the Marketing Events node. Each event becomes one activity on its contact's timeline, however often its export is read. The tables of the app "Adobe Campaign for Microsoft Dynamics 365" are found by their display names. <a href="${DOCS}" target="_blank">More</a>`,
    name: 'timelineNotice',
    type: 'notice',
    default: '',
  },
  {
    displayName: 'Tables and Columns Set by Hand',
    name: 'overrides',
    type: 'fixedCollection',
    typeOptions: { multipleValues: true },
    placeholder: 'Set names for a kind of event',
    default: {},
    description: 'Only where the display names of your tables or columns are others than those of the app',
    options: [
      {
        displayName: 'Kind of Event',
        name: 'table',
        values: [
          {
            displayName: 'Kind',
            name: 'kind',
            type: 'options',
            options: [
              { name: 'Bounce', value: 'bounce' },
              { name: 'Click', value: 'click' },
              { name: 'Open', value: 'open' },
              { name: 'Send', value: 'send' },
            ],
            default: 'send',
            description: 'The kind of event whose names are set',
          },
          byHand('Table', 'table', 'Logical name of the activity table. Empty: found by its display name.'),
          byHand('Campaign Name Column', 'campaignName', COLUMN),
          byHand('Date Column', 'date', COLUMN),
          byHand('Delivery Name Column', 'deliveryName', COLUMN),
          byHand('Mirror Page URL Column', 'mirrorPageUrl', COLUMN),
          byHand('Tracking URL Column', 'trackingUrl', COLUMN),
        ],
      },
    ],
  },
  {
    displayName: 'Options',
    name: 'options',
    type: 'collection',
    placeholder: 'Add option',
    default: {},
    options: [
      ...sendOptions.filter(({ name }) => name !== 'method'),
      {
        displayName: 'Campaign Instance',
        name: 'instance',
        type: 'string',
        default: '',
        description:
          'Any name, only where several Campaign instances write into one organization: their logs have the same IDs. It is part of what makes an event the same one, so do not change it later.',
      },
      {
        displayName: 'Owner ID',
        name: 'owner',
        type: 'string',
        default: '',
        description: 'The ID of the user or team that owns the activities. Empty: the application user.',
      },
      {
        displayName: 'Owner Is a',
        name: 'ownerType',
        type: 'options',
        options: [
          { name: 'Team', value: 'team' },
          { name: 'User', value: 'systemuser' },
        ],
        default: 'systemuser',
        description: 'Whether the owner is a user or a team',
      },
      {
        displayName: 'Rows at Once',
        name: 'rowsAtOnce',
        type: 'number',
        typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
        default: 100,
        description:
          'How many activities are created in one CreateMultiple request. Microsoft advises to begin with 100.',
      },
      sendMethod(
        [
          {
            name: 'Automatic',
            value: 'auto',
            description: 'Many rows at once where the table has CreateMultiple, else each row on its own',
          },
          { name: 'Each Row on Its Own', value: 'single', description: 'Several requests at once' },
          IN_BATCHES,
        ],
        'auto',
      ),
    ],
  },
];

/** Groups of rows at work at once. */
const GROUPS = 3;

/** Puts each event on its contact's timeline, once. */
export async function addTimelineActivity(
  context: WriteContext,
  client: DataverseClient,
): Promise<INodeExecutionData[][]> {
  const started = Date.now();
  const items = context.getInputData();
  const signal = context.getExecutionCancelSignal();
  const settings = readTimelineSettings(context);
  const events = items.map(({ json }, index) => readItem(json, index));
  const tables = await withFreshMetadata((refresh) => findTables(client, events, settings, { refresh, signal }));
  const report = await writeTimeline(
    events,
    { client, sender: senderOf(client, settings), locks: processLocks, deliveries, clock: systemClock },
    {
      ...settings,
      organization: organizationOf(client),
      tables,
      concurrency: settings.rowsAtOnce > 0 ? GROUPS : lanes(client, settings),
      signal,
      onProgress: progress(context),
    },
  );
  return finish(context, items, report, started);
}

function lanes(client: DataverseClient, { batchSize }: TimelineSettings): number {
  return (client.credential.maxConcurrency || 20) * Math.max(1, batchSize);
}

async function findTables(
  client: DataverseClient,
  items: readonly TimelineItem[],
  { overrides }: TimelineSettings,
  options: MetadataOptions,
): Promise<TimelineWriterOptions['tables']> {
  const kinds = EVENT_KINDS.filter((kind) => items.some(({ event, outcome }) => !outcome && event?.kind === kind));
  const metadata = cachedMetadata(client, options);
  const found = await Promise.all(
    kinds.map(async (kind) => [kind, await findTimelineTable(kind, overrides[kind], metadata)] as const),
  );
  return Object.fromEntries(found);
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

function readItem(json: INodeExecutionData['json'], index: number): TimelineItem {
  const outcome = earlierOutcome(json, index);
  if (outcome) return { outcome };
  const delivery = json['delivery'] as unknown as Delivery | undefined;
  const given = json['event'];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigurationError('NOT_AN_EVENT', `Item ${index} has no "event" that could be put on a timeline.`, {
      hint: 'Put a Marketing Events node before this operation.',
    });
  }
  const event = readEvent(given as Readonly<Record<string, unknown>>);
  return 'status' in event ? { outcome: event } : { event, delivery };
}

/** The event of an item; items may have been edited on the way, so its shape is looked at. */
function readEvent(given: Readonly<Record<string, unknown>>): MarketingEvent | Outcome {
  const { kind, logId } = given;
  const contactId = readGuid(given['contactId']);
  const time = typeof given['time'] === 'string' ? Date.parse(given['time']) : NaN;
  if (!EVENT_KINDS.includes(kind as EventKind) || typeof logId !== 'string' || logId === '')
    return eventInvalid('kind" or "logId');
  if (contactId === undefined) return eventInvalid('contactId');
  if (Number.isNaN(time)) return eventInvalid('time');
  const text = (name: string) => (typeof given[name] === 'string' ? given[name] : '');
  const optional = (name: 'mirrorPageUrl' | 'clickedUrl') => (text(name) === '' ? {} : { [name]: text(name) });
  return {
    kind: kind as EventKind,
    logId,
    contactId,
    campaignName: text('campaignName'),
    deliveryName: text('deliveryName'),
    time: new Date(time).toISOString(),
    ...optional('mirrorPageUrl'),
    ...optional('clickedUrl'),
  };
}

function eventInvalid(what: string): Outcome {
  const message = `The event of this item has no usable "${what}". Nothing was written.`;
  return rejectedOutcome('EVENT_INVALID', message);
}
