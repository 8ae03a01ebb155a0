import { ConfigurationError, RejectedRecordError } from '../../../lib/core/errors';
import { readGuid } from '../../../lib/core/guid';
import { readDelivery, readOutcome, type ItemJson } from '../../../lib/core/item';
import { rejectionOutcome } from '../../../lib/core/rejection-outcome';
import type { TimelineItem } from '../../../lib/dataverse/timeline/timeline-writer';
import { EVENT_KINDS, type EventKind, type MarketingEvent } from '../../../lib/sync/marketing-events/marketing-event';

const HINT = 'Put a Marketing Events node before this operation.';

/**
 * An item of the Marketing Events node. One that has an outcome keeps it; an event that can't be used is rejected.
 *
 * @throws ConfigurationError NOT_AN_EVENT, OUTCOME_UNKNOWN
 */
export function readEventItem(json: ItemJson, index: number): TimelineItem {
  const outcome = readOutcome(json, { index, hint: HINT });
  if (outcome) return { outcome };
  const { event } = json;
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new ConfigurationError('NOT_AN_EVENT', `Item ${index} has no "event" that could be put on a timeline.`, {
      hint: HINT,
    });
  }
  try {
    return { event: readEvent(event as ItemJson), delivery: readDelivery(json) };
  } catch (error) {
    return { outcome: rejectionOutcome(error) };
  }
}

/** Items may have been edited on the way, so the event's shape is looked at. */
function readEvent(given: ItemJson): MarketingEvent {
  const { kind, logId } = given;
  const contactId = readGuid(given['contactId']);
  const time = typeof given['time'] === 'string' ? Date.parse(given['time']) : NaN;
  if (!EVENT_KINDS.includes(kind as EventKind) || typeof logId !== 'string' || logId === '')
    throw eventInvalid('kind" or "logId');
  if (contactId === undefined) throw eventInvalid('contactId');
  if (Number.isNaN(time)) throw eventInvalid('time');
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

function eventInvalid(what: string): RejectedRecordError {
  return new RejectedRecordError(
    'EVENT_INVALID',
    `The event of this item has no usable "${what}". Nothing was written.`,
    { hint: 'Leave "event" as the Marketing Events node made it.' },
  );
}
