import type { DumpedRow, Logs, LogRow } from '../control-client';

export const EVENT_KINDS = ['send', 'open', 'click', 'bounce'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** The emulated organization's tables, by what stands in them. */
export const TIMELINE_TABLES: Readonly<Record<EventKind, string>> = {
  send: 'xyz_acxsnd',
  open: 'xyz_acxopn',
  click: 'xyz_acxclk',
  bounce: 'xyz_acxbnc',
};

/** The columns of an activity table that hold what happened; `subject` has its name everywhere. */
export interface TimelineColumns {
  readonly campaign: string;
  readonly delivery: string;
  readonly at: string;
  readonly url: string;
  readonly mirror: string;
}

/** Those of {@link TIMELINE_TABLES}. */
export const TIMELINE_COLUMNS: TimelineColumns = {
  campaign: 'xyz_cname',
  delivery: 'xyz_dname',
  at: 'xyz_when',
  url: 'xyz_url',
  mirror: 'xyz_mirror',
};

export interface EventCount {
  readonly expected: number;
  /** Those of the expected ones that are there. */
  readonly arrived: number;
}
export type EventCounts = Readonly<Record<EventKind, EventCount>>;

export interface TimelineDifference {
  readonly kind: 'missing' | 'surplus';
  /** Kind and ID of the event, `open 1000001`; of a surplus one, the ID of its activity. */
  readonly event: string;
  readonly contactId: string;
}

export interface TimelineComparison {
  readonly counts: EventCounts;
  readonly differences: readonly TimelineDifference[];
}

export interface Expectations {
  /** Opens and clicks this soon after the send are a scanner's, and expected nowhere. @default none are */
  readonly scannerSeconds?: number | undefined;
}

/**
 * Holds the timelines of the contacts that are there against what Campaign's logs say happened to them: each event once, with time,
 * subject and URLs. Written from the meaning of the logs' codes alone, without the product's code.
 */
export function compareTimelines(
  contactIds: ReadonlySet<string>,
  logs: Logs,
  activities: Readonly<Record<EventKind, readonly DumpedRow[]>>,
  expectations: Expectations = {},
): TimelineComparison {
  const differences: TimelineDifference[] = [];
  const counts = EVENT_KINDS.map((kind) => {
    const there = new Map<string, DumpedRow[]>();
    for (const row of activities[kind]) {
      if (!contactIds.has(contactOf(row))) continue;
      const text = activityText(kind, row);
      there.set(text, [...(there.get(text) ?? []), row]);
    }
    let [expected, arrived] = [0, 0];
    for (const { event, contactId, text } of eventsOf(kind, logs, expectations)) {
      if (!contactIds.has(contactId)) continue;
      expected++;
      if (there.get(text)?.pop()) arrived++;
      else differences.push({ kind: 'missing', event, contactId });
    }
    for (const row of [...there.values()].flat()) {
      differences.push({ kind: 'surplus', event: `${kind} ${String(row['activityid'])}`, contactId: contactOf(row) });
    }
    return [kind, { expected, arrived }] as const;
  });
  return { counts: Object.fromEntries(counts) as unknown as EventCounts, differences };
}

interface ExpectedEvent {
  readonly event: string;
  readonly contactId: string;
  readonly text: string;
}

/** A row of a log that is an event, with its time and the URL that was clicked. */
export interface LoggedEvent {
  readonly row: LogRow;
  readonly at: string;
  readonly url: string;
}

/**
 * The events of one kind, in the logs' order, from the meaning of the codes alone. Messages to test addresses and by other channels than
 * e-mail are none, nor are clicks on the unsubscription link or the mirror page, whatever type the log gives them.
 */
export function loggedEvents(kind: EventKind, logs: Logs, { scannerSeconds }: Expectations = {}): LoggedEvent[] {
  const counts = (row: LogRow) => !row.testAddress && (row.deliveryType ?? 'email') === 'email';
  const delivery = logs.delivery.filter(counts);
  const tracking = logs.tracking
    .filter(counts)
    .filter((row) => scannerSeconds === undefined || secondsAfterSend(row) > scannerSeconds);
  switch (kind) {
    case 'send':
      return delivery.filter(({ status }) => status === 1).map((row) => ({ row, at: row.eventDate, url: '' }));
    case 'bounce':
      return delivery
        .filter(({ status, failureType }) => status === 2 && failureType === 2)
        .map((row) => ({ row, at: row.eventDate, url: '' }));
    case 'open':
      return tracking.filter(({ urlType }) => urlType === 2).map((row) => ({ row, at: row.logDate, url: '' }));
    case 'click':
      return tracking
        .filter(({ urlType }) => [1, 10, 11].includes(urlType))
        .filter(
          ({ urlSource, mirrorPageUrl }) =>
            !urlSource.includes('/lp/bl?') && (urlSource === '' || urlSource !== mirrorPageUrl),
        )
        .map((row) => ({ row, at: row.logDate, url: row.urlSource }));
  }
}

function secondsAfterSend({ logDate, contactDate }: Logs['tracking'][number]): number {
  const at = (time: string) => Date.parse(time.replace(' ', 'T'));
  return contactDate ? (at(logDate) - at(contactDate)) / 1000 : Infinity;
}

function eventsOf(kind: EventKind, logs: Logs, expectations: Expectations): ExpectedEvent[] {
  return loggedEvents(kind, logs, expectations).map(({ row, at, url }) => ({
    event: `${kind} ${row.id}`,
    contactId: row.externalId,
    text: entryText(kind, row, at, url),
  }));
}

/** What an event has to look like on the timeline of its contact, as one line that begins with the contact's ID. */
export function entryText(kind: EventKind, row: LogRow, at: string, url = ''): string {
  const { externalId, campaignLabel, deliveryLabel, mirrorPageUrl } = row;
  const subject = `Campaign Name: ${campaignLabel}; Delivery Name: ${deliveryLabel}`;
  // Dynamics 365 keeps whole seconds.
  const time = `${at.replace(' ', 'T').slice(0, 19)}Z`;
  return [externalId, kind, subject, campaignLabel, deliveryLabel, time, url, mirrorPageUrl].join(' | ');
}

/** What an activity looks like, in the words of {@link entryText}. */
export function activityText(kind: EventKind, row: DumpedRow, columns: TimelineColumns = TIMELINE_COLUMNS): string {
  const { campaign, delivery, at, url, mirror } = columns;
  const values = ['subject', campaign, delivery, at, url, mirror].map((column) => String(row[column] ?? ''));
  return [contactOf(row), kind, ...values].join(' | ');
}

function contactOf(row: DumpedRow): string {
  return String(row['_regardingobjectid_value'] ?? '');
}
