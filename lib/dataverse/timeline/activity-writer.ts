import type { Delivery } from '../../core/change';
import type { Outcome } from '../../core/outcome';
import { rejectionOutcome } from '../../core/rejection-outcome';
import type { BatchWork, ItemContext } from '../../sync/delivery/keyed-batch';
import type { MarketingEvent } from '../../sync/marketing-events/marketing-event';
import type { DataverseClient } from '../client';
import { Coalescer, type Soon } from '../coalescer';
import type { RowSender } from '../row-requests';
import type { WriteOptions } from '../write-options';
import { activityBody, type ActivityOwner } from './activity-body';
import { ActivityRequests, ALREADY_THERE, type NewActivity } from './activity-requests';
import { comparedColumns, isSameEvent } from './same-event';
import type { TimelineTable } from './timeline-tables';

/** The activity that an event becomes. */
export interface Activity {
  readonly id: string;
  /** See {@link laterActivityId}. */
  readonly laterId: string;
  readonly event: MarketingEvent;
  readonly timeline: TimelineTable;
  readonly delivery: Delivery | undefined;
}

export interface ActivityWriterDependencies {
  readonly client: Pick<DataverseClient, 'getByIds' | 'call'>;
  readonly sender: RowSender;
  /** See {@link Coalescer}. */
  readonly soon?: Soon;
}

export interface ActivityWriterOptions extends WriteOptions {
  /**
   * Use CreateMultiple where a table has it, with as many rows at once (docs/facts/dataverse.md, "Bulk writes"). 0:
   * never.
   */
  readonly rowsAtOnce: number;
  /** Who owns the activities; the application user where it is absent. */
  readonly owner?: ActivityOwner | undefined;
}

/** Writes activities whose keys are locked: looks which of them are there, plans the body of each other one, and sends it. */
export class ActivityWriter implements BatchWork {
  /** The event is there, under the first id or the later one. */
  private readonly present = new Set<number>();
  /** Another event has the first id. */
  private readonly reused = new Set<number>();
  private readonly requests: ActivityRequests;
  private readonly coalescers = new Map<TimelineTable, Coalescer<NewActivity, Outcome>>();

  constructor(
    /** By the item's index; absent where the item has an outcome already. */
    private readonly activities: readonly (Activity | undefined)[],
    private readonly deps: ActivityWriterDependencies,
    private readonly options: ActivityWriterOptions,
  ) {
    this.requests = new ActivityRequests(deps, options);
    this.work = this.work.bind(this);
    this.prepare = this.prepare.bind(this);
  }

  /**
   * CreateMultiple takes all rows or none: those that are there already must not be among them. And an event may be there under its later
   * id while nothing has the first one any more.
   */
  async prepare(indexes: readonly number[], { stop }: ItemContext): Promise<void> {
    const byTable = new Map<TimelineTable, Map<string, number>>();
    for (const index of indexes) {
      const { id, laterId, timeline } = this.activityAt(index);
      const group = byTable.get(timeline) ?? new Map<string, number>();
      byTable.set(timeline, group.set(id, index).set(laterId, index));
    }
    for (const [timeline, group] of byTable) {
      const { table } = timeline;
      const options = { labels: false, signal: stop };
      const { rows } = await this.deps.client.getByIds(table, comparedColumns(timeline), [...group.keys()], options);
      for (const row of rows) {
        const id = String(row[table.primaryId]).toLowerCase();
        const index = group.get(id);
        if (index === undefined) continue;
        const activity = this.activityAt(index);
        const isThere = id === activity.laterId || isSameEvent(row, activity.event, timeline);
        (isThere ? this.present : this.reused).add(index);
      }
    }
  }

  async work(index: number, { fence }: ItemContext): Promise<Outcome> {
    try {
      if (this.present.has(index)) return ALREADY_THERE;
      const { id, laterId, event, timeline, delivery } = this.activityAt(index);
      const body = activityBody(event, timeline, this.options.owner);
      fence.check(delivery);
      const activity: NewActivity = {
        ids: this.reused.has(index) ? [laterId] : [id, laterId],
        table: timeline.table,
        body,
        compared: comparedColumns(timeline),
        isSame: (row) => isSameEvent(row, event, timeline),
        signal: fence.signal,
      };
      return await (this.inMultiples(timeline)
        ? this.coalescerOf(timeline).add(activity)
        : this.requests.create(activity));
    } catch (error) {
      return rejectionOutcome(error);
    }
  }

  private inMultiples({ createMultiple }: TimelineTable): boolean {
    return createMultiple && this.options.rowsAtOnce > 0;
  }

  private coalescerOf(timeline: TimelineTable): Coalescer<NewActivity, Outcome> {
    let coalescer = this.coalescers.get(timeline);
    if (!coalescer) {
      const { requests, deps, options } = this;
      coalescer = new Coalescer(options.rowsAtOnce, (activities) => requests.createMultiple(activities), deps.soon);
      this.coalescers.set(timeline, coalescer);
    }
    return coalescer;
  }

  private activityAt(index: number): Activity {
    return this.activities[index] as Activity;
  }
}
