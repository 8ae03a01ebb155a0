import type { MarketingEvent } from './marketing-event';

/**
 * Finds clicks on several links of one message within the same second: no person does that, a scanner of links does.
 *
 * @param events those of one batch; `undefined` where a row is no event
 * @returns their indexes
 */
export function scannerBursts(events: readonly (MarketingEvent | undefined)[]): ReadonlySet<number> {
  const bySecond = new Map<string, { readonly indexes: number[]; readonly urls: Set<string> }>();
  events.forEach((event, index) => {
    if (event?.kind !== 'click') return;
    const { contactId, campaignName, deliveryName, time, clickedUrl = '' } = event;
    const key = JSON.stringify([contactId, campaignName, deliveryName, Math.floor(Date.parse(time) / 1000)]);
    const group = bySecond.get(key) ?? { indexes: [], urls: new Set<string>() };
    group.indexes.push(index);
    group.urls.add(clickedUrl);
    bySecond.set(key, group);
  });
  const bursts = [...bySecond.values()].filter(({ urls }) => urls.size > 1);
  return new Set(bursts.flatMap(({ indexes }) => indexes));
}
