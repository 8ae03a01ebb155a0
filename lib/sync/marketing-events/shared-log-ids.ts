import type { MarketingEvent } from './marketing-event';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Rows of one id that lie further apart are of an id that Campaign used again, which the timeline tells by itself. */
const OTHER_CONTACT_MS = 2 * DAY_MS;
const SAME_CONTACT_MS = 30 * DAY_MS;

/**
 * Finds events whose ID is not the log row's own: several people, or several messages to one person, have it at about the same time. That
 * is so where another column is taken for the ID (the delivery's, the person's), or digits of the ID were lost; the timeline would take
 * all of them for the first one.
 *
 * @param events those of one batch; `undefined` where a row is no event
 * @returns their indexes
 */
export function sharedLogIds(events: readonly (MarketingEvent | undefined)[]): ReadonlySet<number> {
  const byId = new Map<string, Indexed[]>();
  events.forEach((event, index) => {
    if (!event) return;
    const key = JSON.stringify([event.kind, event.logId]);
    const group = byId.get(key);
    const indexed = { index, event, ms: Date.parse(event.time) };
    if (group) group.push(indexed);
    else byId.set(key, [indexed]);
  });
  const shared = new Set<number>();
  for (const group of byId.values()) {
    if (group.length > 1 && isShared(group)) for (const { index } of group) shared.add(index);
  }
  return shared;
}

interface Indexed {
  readonly index: number;
  readonly event: MarketingEvent;
  readonly ms: number;
}

/** Whether neighbours in time are of different people or messages. */
function isShared(group: Indexed[]): boolean {
  group.sort((a, b) => a.ms - b.ms);
  return group.some((later, place) => {
    const earlier = group[place - 1];
    if (!earlier) return false;
    const apartMs = later.ms - earlier.ms;
    if (later.event.contactId !== earlier.event.contactId) return apartMs <= OTHER_CONTACT_MS;
    // The same row in two exports has the same time, and may have a label that was changed in between.
    const isOtherMessage = later.event.deliveryName !== earlier.event.deliveryName && apartMs > MINUTE_MS;
    return isOtherMessage && apartMs <= SAME_CONTACT_MS;
  });
}
