import type { EventKind, MarketingEvent } from '../../sync/marketing-events/marketing-event';
import {
  runKeyedBatch,
  type BatchDependencies,
  type BatchItem,
  type BatchOptions,
  type BatchReport,
} from '../../sync/delivery/keyed-batch';
import { activityId, laterActivityId } from './activity-id';
import {
  ActivityWriter,
  type Activity,
  type ActivityWriterDependencies,
  type ActivityWriterOptions,
} from './activity-writer';
import type { TimelineTable } from './timeline-tables';

/** One event to be put on a timeline. */
export interface TimelineItem extends Pick<BatchItem, 'delivery' | 'outcome'> {
  /** Absent where the item has an outcome already. */
  readonly event?: MarketingEvent | undefined;
}

export interface TimelineWriterDependencies extends BatchDependencies, ActivityWriterDependencies {}

export interface TimelineWriterOptions extends ActivityWriterOptions, Omit<BatchOptions, 'windowSize'> {
  /** Names the organization in keys of locks. */
  readonly organization: string;
  /** Those of the kinds that occur. */
  readonly tables: Readonly<Partial<Record<EventKind, TimelineTable>>>;
  /** See {@link activityId}. */
  readonly instance?: string | undefined;
}

/** Activities that are looked up together where they are created one by one: as many as the client asks for in a request. */
export const SINGLE_WINDOW = 50;

/**
 * Makes one activity for each event, and never a second one: its id follows from the event, and it is created only where there is none.
 * Where another event has the id, because Campaign used the id of the log's row again, it gets a second one that follows from the event.
 * A fault of one event (its contact is gone, for example) is its outcome; any other fault stops the batch.
 */
export function writeTimeline(
  items: readonly TimelineItem[],
  deps: TimelineWriterDependencies,
  options: TimelineWriterOptions,
): Promise<BatchReport> {
  const activities = items.map((item) => activityOf(item, options));
  const keyed = items.map(({ delivery, outcome }, index): BatchItem => ({
    key: outcome ? '' : JSON.stringify([options.organization, activities[index]?.id]),
    delivery,
    outcome,
  }));
  const windowSize = options.rowsAtOnce > 0 ? options.rowsAtOnce : SINGLE_WINDOW;
  return runKeyedBatch(keyed, deps, { ...options, windowSize }, new ActivityWriter(activities, deps, options));
}

function activityOf(
  { event, delivery }: TimelineItem,
  { tables, instance }: TimelineWriterOptions,
): Activity | undefined {
  if (!event) return undefined;
  const timeline = tables[event.kind] as TimelineTable;
  return { id: activityId(event, instance), laterId: laterActivityId(event, instance), event, timeline, delivery };
}
