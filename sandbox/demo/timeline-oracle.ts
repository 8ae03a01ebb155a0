import type { DumpedRow, Logs, LogRow } from './sandbox-control';

export const EVENT_KINDS = ['send', 'open', 'click', 'bounce'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** The emulated organization's tables, by what stands in them. */
export const TIMELINE_TABLES: Readonly<Record<EventKind, string>> = {
  send: 'xyz_acxsnd',
  open: 'xyz_acxopn',
  click: 'xyz_acxclk',
  bounce: 'xyz_acxbnc',
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

/**
 * Holds the timelines of the contacts that are there against what Campaign's logs say happened to them: each event once, with time,
 * subject and URLs. Written from the meaning of the logs' codes alone, without the product's code.
 */
export function compareTimelines(
  contactIds: ReadonlySet<string>,
  logs: Logs,
  activities: Readonly<Record<EventKind, readonly DumpedRow[]>>,
): TimelineComparison {
  const differences: TimelineDifference[] = [];
  const counts = EVENT_KINDS.map((kind) => {
    const there = new Map<string, DumpedRow[]>();
    for (const row of activities[kind]) {
      if (!contactIds.has(contactOf(row))) continue;
      const text = activityText(row);
      there.set(text, [...(there.get(text) ?? []), row]);
    }
    let [expected, arrived] = [0, 0];
    for (const { event, contactId, text } of eventsOf(kind, logs)) {
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

/** The events of one kind, in the logs' order. Messages to test addresses are none. */
function eventsOf(kind: EventKind, { delivery, tracking }: Logs): ExpectedEvent[] {
  const of = (row: LogRow, at: string, url = ''): ExpectedEvent => ({
    event: `${kind} ${row.id}`,
    contactId: row.externalId,
    text: textOf(row.externalId, row.campaignLabel, row.deliveryLabel, at, url, row.mirrorPageUrl),
  });
  switch (kind) {
    case 'send':
      return delivery.flatMap((row) => (!row.testAddress && row.status === 1 ? [of(row, row.eventDate)] : []));
    case 'bounce':
      return delivery.flatMap((row) =>
        !row.testAddress && row.status === 2 && row.failureType === 2 ? [of(row, row.eventDate)] : [],
      );
    case 'open':
      return tracking.flatMap((row) => (!row.testAddress && row.urlType === 2 ? [of(row, row.logDate)] : []));
    case 'click':
      return tracking.flatMap((row) =>
        !row.testAddress && [1, 10, 11].includes(row.urlType) ? [of(row, row.logDate, row.urlSource)] : [],
      );
  }
}

function activityText(row: DumpedRow): string {
  const [campaign, delivery, at, url, mirror] = ['cname', 'dname', 'when', 'url', 'mirror'].map((name) =>
    String(row[`xyz_${name}`] ?? ''),
  ) as [string, string, string, string, string];
  const subject = `Campaign Name: ${campaign}; Delivery Name: ${delivery}`;
  // A subject that does not fit makes the activity one that was not expected.
  return textOf(contactOf(row), campaign, row['subject'] === subject ? delivery : '', at, url, mirror);
}

/** Dynamics 365 keeps whole seconds. */
function textOf(...[contact, campaign, delivery, at, url, mirror]: [string, string, string, string, string, string]) {
  return [contact, campaign, delivery, at.replace(' ', 'T').slice(0, 19), url, mirror].join('\n');
}

function contactOf(row: DumpedRow): string {
  return String(row['_regardingobjectid_value'] ?? '');
}
