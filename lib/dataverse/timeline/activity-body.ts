import { cutToUnits } from '../../core/text';
import type { MarketingEvent } from '../../sync/marketing-events/marketing-event';
import { bodyOf, readNewValues, type RowBody, type WriteColumn } from '../row-plan';
import type { TimelineTable } from './timeline-tables';

/** The user or team that owns activities. */
export interface ActivityOwner {
  readonly table: 'systemuser' | 'team';
  readonly id: string;
}

/**
 * The columns of the activity for an event, bound to its contact and its owner.
 *
 * @throws RejectedRecordError TOO_LONG and others of {@link readNewValues}
 */
export function activityBody(
  event: MarketingEvent,
  timeline: TimelineTable,
  owner: ActivityOwner | undefined,
): RowBody {
  const { subject, columns, regarding } = timeline;
  const given: readonly (readonly [WriteColumn | undefined, string | undefined])[] = [
    [subject, subjectOf(event, subject.maxLength)],
    [columns.campaignName, event.campaignName],
    [columns.deliveryName, event.deliveryName],
    [columns.date, event.time],
    [columns.trackingUrl, event.clickedUrl],
    [columns.mirrorPageUrl, event.mirrorPageUrl],
  ];
  const values = given.flatMap(([column, value]) =>
    column && value ? readNewValues({ [column.name]: value }, () => column) : [],
  );
  return {
    ...bodyOf(values),
    [`${regarding.navigation}@odata.bind`]: `/${regarding.setName}(${event.contactId})`,
    ...(owner ? ownerBinding(owner, timeline) : {}),
  };
}

/** As Adobe writes it; cut where the column is shorter, since both names stand in columns of their own. */
export function subjectOf({ campaignName, deliveryName }: MarketingEvent, maxLength = 200): string {
  const subject = `Campaign Name: ${campaignName}; Delivery Name: ${deliveryName}`;
  return subject.length <= maxLength ? subject : `${cutToUnits(subject, maxLength - 1)}…`;
}

function ownerBinding({ table, id }: ActivityOwner, { owners }: TimelineTable): RowBody {
  // Where the metadata names the owner's general table only, users and teams are bound by the column's own name.
  const target = owners.find((each) => each.table === table);
  const setName = table === 'team' ? 'teams' : 'systemusers';
  return { [`${target?.navigation ?? 'ownerid'}@odata.bind`]: `/${target?.setName ?? setName}(${id})` };
}
