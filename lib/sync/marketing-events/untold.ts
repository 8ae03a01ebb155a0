import type { MarketingEvent } from './marketing-event';
import { channelReader } from './message-channel';
import type { LogReaderSettings } from './read-log-row';
import { cellOf, textOf, type LogRow } from './row-cells';

/** What a row that became an event does not say: by which channel the message went, or (where it is asked for) when it was sent. */
export type Untold = 'channel' | 'sendTime';

/** Makes the function that says what a row leaves open, so that somebody can be told; the row itself is an event all the same. */
export function untoldByRow(settings: LogReaderSettings): (row: LogRow, event: MarketingEvent) => readonly Untold[] {
  const { columns, scannerSeconds = 0 } = settings;
  const channelOf = channelReader(columns, settings.labels?.channel);
  return (row, { kind }) => {
    // Opens and clicks are e-mails' and push notifications', and the latter have a link type of their own.
    const untold: Untold[] = isOfDelivery(kind) && channelOf(row) === 'untold' ? ['channel'] : [];
    const isTimed = isOfDelivery(kind) || scannerSeconds === 0 || textOf(cellOf(row, columns.contactTime)) !== '';
    return isTimed ? untold : [...untold, 'sendTime'];
  };
}

function isOfDelivery(kind: MarketingEvent['kind']): boolean {
  return kind === 'send' || kind === 'bounce';
}
