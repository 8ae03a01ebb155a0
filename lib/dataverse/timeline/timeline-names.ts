import type { EventKind } from '../../sync/marketing-events/marketing-event';
import type { ColumnType } from '../../core/metadata';

/** What an activity shows besides its subject. */
export const TIMELINE_COLUMNS = ['campaignName', 'deliveryName', 'date', 'trackingUrl', 'mirrorPageUrl'] as const;
export type TimelineColumn = (typeof TIMELINE_COLUMNS)[number];

export interface TimelineColumnName {
  /** Display name, as the AppSource app has it. */
  readonly label: string;
  /** Logical name without the publisher's prefix, for tables that are made here. */
  readonly name: string;
  readonly type: Extract<ColumnType, 'string' | 'datetime'>;
  readonly maxLength?: number;
  readonly format?: 'Url';
}

export interface TimelineTableName {
  readonly label: string;
  readonly pluralLabel: string;
  readonly name: string;
  readonly columns: Readonly<Partial<Record<TimelineColumn, TimelineColumnName>>>;
}

const campaignName: TimelineColumnName = {
  label: 'Campaign Name',
  name: 'campaignname',
  type: 'string',
  maxLength: 200,
};
const deliveryName: TimelineColumnName = {
  label: 'Delivery Name',
  name: 'deliveryname',
  type: 'string',
  maxLength: 200,
};
const mirrorPageUrl: TimelineColumnName = url('Mirror Page URL', 'mirrorpageurl');
const trackingUrl: TimelineColumnName = url('Tracking URL', 'trackingurl');

function url(label: string, name: string): TimelineColumnName {
  return { label, name, type: 'string', maxLength: 2000, format: 'Url' };
}

function table(
  event: string,
  name: string,
  date: string,
  extra: Partial<TimelineTableName['columns']> = {},
): TimelineTableName {
  const label = `Adobe Campaign Email ${event}`;
  const dated: TimelineColumnName = { label: `Date ${date}`, name: `date${date.toLowerCase()}`, type: 'datetime' };
  return {
    label,
    pluralLabel: `${label}s`,
    name,
    columns: { campaignName, deliveryName, date: dated, ...extra, mirrorPageUrl },
  };
}

/**
 * The activities of the AppSource app "Adobe Campaign for Microsoft Dynamics 365", by their display names
 * (docs/facts/campaign.md, "The AppSource app"). Its logical names are not public; so tables are found by what people
 * see, or set by hand.
 */
export const TIMELINE_TABLES: Readonly<Record<EventKind, TimelineTableName>> = {
  send: table('Send', 'campaignemailsend', 'Sent'),
  open: table('Open', 'campaignemailopen', 'Opened'),
  click: table('URL Click', 'campaignemailurlclick', 'Clicked', { trackingUrl }),
  bounce: table('Bounce', 'campaignemailbounce', 'Bounced'),
};
