import type { MarketingEvent } from '../../sync/marketing-events/marketing-event';
import type { DataverseRow } from '../rows';
import { subjectOf } from './activity-body';
import type { TimelineTable } from './timeline-tables';

const REGARDING = '_regardingobjectid_value';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * How far the times of one event may lie apart in two exports: a status that was written anew, another zone, another precision. Campaign
 * keeps logs for months, so an id that stands for something else does so much later (docs/facts/campaign.md, "Logs").
 */
const SAME_CONTACT_MS = 30 * DAY_MS;
/** The same where the activity has moved to another contact, as a merge of the two does it. A date without a time is a day off. */
const SAME_SUBJECT_MS = 2 * DAY_MS;

/** The columns by which {@link isSameEvent} compares. */
export function comparedColumns({ subject, columns }: TimelineTable): string[] {
  return [REGARDING, subject.name, ...(columns.date ? [columns.date.name] : [])];
}

/**
 * Whether the activity that has an event's id is of this event, or of an older one: Campaign uses the ids of its logs again. What can't be
 * told apart is taken for the same, so that nothing is doubled.
 *
 * @param row with the columns of {@link comparedColumns}
 */
export function isSameEvent(row: DataverseRow, event: MarketingEvent, timeline: TimelineTable): boolean {
  const contact = textIn(row, REGARDING)?.toLowerCase();
  const subject = textIn(row, timeline.subject.name);
  const isSameContact = contact === event.contactId;
  const isSameSubject = subject === subjectOf(event, timeline.subject.maxLength);
  const at = Date.parse((timeline.columns.date && textIn(row, timeline.columns.date.name)) ?? '');
  if (Number.isNaN(at)) {
    if (contact === undefined && subject === undefined) return true;
    return isSameContact || isSameSubject;
  }
  const apartMs = Math.abs(at - Date.parse(event.time));
  if (apartMs <= MINUTE_MS) return true;
  return (isSameContact && apartMs <= SAME_CONTACT_MS) || (isSameSubject && apartMs <= SAME_SUBJECT_MS);
}

function textIn(row: DataverseRow, column: string): string | undefined {
  const value = Object.hasOwn(row, column) ? row[column] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
