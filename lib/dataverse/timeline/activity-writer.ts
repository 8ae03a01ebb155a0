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
import type { TimelineTable } from './timeline-tables';

/** The activity that an event becomes. */
export interface Activity {
  readonly id: string;
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
  private readonly present = new Set<number>();
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

  /** CreateMultiple takes all rows or none: those that are there already must not be among them. */
  async prepare(indexes: readonly number[], { stop }: ItemContext): Promise<void> {
    const byTable = new Map<TimelineTable, Map<string, number>>();
    for (const index of indexes) {
      const { id, timeline } = this.activityAt(index);
      if (!this.inMultiples(timeline)) continue;
      const group = byTable.get(timeline);
      if (group) group.set(id, index);
      else byTable.set(timeline, new Map([[id, index]]));
    }
    for (const [{ table }, group] of byTable) {
      const options = { labels: false, signal: stop };
      const { rows } = await this.deps.client.getByIds(table, [], [...group.keys()], options);
      for (const row of rows) {
        const index = group.get(String(row[table.primaryId]).toLowerCase());
        if (index !== undefined) this.present.add(index);
      }
    }
  }

  async work(index: number, { fence }: ItemContext): Promise<Outcome> {
    try {
      if (this.present.has(index)) return ALREADY_THERE;
      const { id, event, timeline, delivery } = this.activityAt(index);
      const body = activityBody(event, timeline, this.options.owner);
      fence.check(delivery);
      const activity = { id, table: timeline.table, body, signal: fence.signal };
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
