import { bodyOf, readNewValues, type RowBody, type WriteColumn } from '../row-plan';
import { ConfigurationError, RejectedRecordError } from '../../core/errors';
import {
  runKeyedBatch,
  type BatchDependencies,
  type BatchItem,
  type BatchOptions,
  type BatchReport,
  type ItemContext,
} from '../../sync/delivery/keyed-batch';
import type { EventKind, MarketingEvent } from '../../sync/marketing-events/marketing-event';
import { unchangedOutcome, type Outcome } from '../../core/outcome';
import { rejectionOutcome } from '../../core/rejection-outcome';
import type { DataverseClient } from '../client';
import { errorBodyOf } from '../errors';
import { Coalescer, type Soon } from '../coalescer';
import type { RowResponse, RowSender } from '../row-requests';
import { writeError } from '../write-errors';
import { headersOf, withTag, type WriteOptions } from '../write-options';
import { activityId } from './activity-id';
import type { TimelineTable } from './timeline-tables';

/** One event to be put on a timeline. */
export interface TimelineItem extends Pick<BatchItem, 'delivery' | 'outcome'> {
  /** Absent where the item has an outcome already. */
  readonly event?: MarketingEvent | undefined;
}

export interface TimelineWriterDependencies extends BatchDependencies {
  readonly client: Pick<DataverseClient, 'getByIds' | 'call'>;
  readonly sender: RowSender;
  /** See {@link Coalescer}. */
  readonly soon?: Soon;
}

export interface TimelineWriterOptions extends WriteOptions, Omit<BatchOptions, 'windowSize'> {
  /** Names the organization in keys of locks. */
  readonly organization: string;
  /** Those of the kinds that occur. */
  readonly tables: Readonly<Partial<Record<EventKind, TimelineTable>>>;
  /**
   * Use CreateMultiple where a table has it, with as many rows at once (docs/facts/dataverse.md, "Bulk writes"). 0:
   * never.
   */
  readonly rowsAtOnce: number;
  /** Who owns the activities; the application user where it is absent. */
  readonly owner?: { readonly table: 'systemuser' | 'team'; readonly id: string } | undefined;
  /** See {@link activityId}. */
  readonly instance?: string | undefined;
}

/**
 * Makes one activity for each event, and never a second one: its id follows from the event, and it is created only where there is none.
 * A fault of one event (its contact is gone, for example) is its outcome; any other fault stops the batch.
 */
export function writeTimeline(
  items: readonly TimelineItem[],
  deps: TimelineWriterDependencies,
  options: TimelineWriterOptions,
): Promise<BatchReport> {
  const writer = new TimelineWriter(items, deps, options);
  const keyed = items.map(({ delivery, outcome }, index): BatchItem => ({
    key: outcome ? '' : JSON.stringify([options.organization, writer.idOf(index)]),
    delivery,
    outcome,
  }));
  const windowSize = options.rowsAtOnce > 0 ? options.rowsAtOnce : 1;
  return runKeyedBatch(keyed, deps, { ...options, windowSize }, writer);
}

interface NewActivity {
  readonly id: string;
  readonly kind: EventKind;
  readonly body: RowBody;
  readonly signal: AbortSignal;
}

class TimelineWriter {
  private readonly ids: readonly string[];
  private readonly present = new Set<number>();
  private readonly headers: Readonly<Record<string, string>>;
  private readonly coalescers = new Map<EventKind, Coalescer<NewActivity, Outcome>>();

  constructor(
    private readonly items: readonly TimelineItem[],
    private readonly deps: TimelineWriterDependencies,
    private readonly options: TimelineWriterOptions,
  ) {
    this.ids = items.map(({ event }) => (event ? activityId(event, options.instance) : ''));
    this.headers = headersOf(options);
    this.work = this.work.bind(this);
    this.prepare = this.prepare.bind(this);
  }

  idOf(index: number): string {
    return this.ids[index] as string;
  }

  /** CreateMultiple takes all rows or none: those that are there already must not be among them. */
  async prepare(indexes: readonly number[], { stop }: ItemContext): Promise<void> {
    const byKind = new Map<EventKind, number[]>();
    for (const index of indexes) {
      const { kind } = this.eventOf(index);
      if (!this.inGroups(kind)) continue;
      const group = byKind.get(kind);
      if (group) group.push(index);
      else byKind.set(kind, [index]);
    }
    for (const [kind, group] of byKind) {
      const ids = group.map((index) => this.idOf(index));
      const { rows } = await this.deps.client.getByIds(this.tableOf(kind).table, [], ids, {
        labels: false,
        signal: stop,
      });
      const found = new Set(rows.map((row) => String(row[this.tableOf(kind).table.primaryId]).toLowerCase()));
      for (const index of group) if (found.has(this.idOf(index))) this.present.add(index);
    }
  }

  async work(index: number, { fence }: ItemContext): Promise<Outcome> {
    try {
      if (this.present.has(index)) return ALREADY_THERE;
      const event = this.eventOf(index);
      const activity = { id: this.idOf(index), kind: event.kind, body: this.body(event), signal: fence.signal };
      fence.check(this.items[index]?.delivery);
      return await (this.inGroups(event.kind) ? this.coalescerOf(event.kind).add(activity) : this.create(activity));
    } catch (error) {
      return rejectionOutcome(error);
    }
  }

  private async create({ id, kind, body, signal }: NewActivity): Promise<Outcome> {
    const { table } = this.tableOf(kind);
    const purpose = `add an activity to table "${table.name}"`;
    const path = `${table.setName}(${id})`;
    const response = await this.deps.sender.send({
      method: 'PATCH',
      path: withTag(path, this.options),
      headers: { ...this.headers, 'If-None-Match': '*' },
      body,
      purpose,
      signal,
    });
    if (response.status < 300) return CREATED;
    if (response.status === 412) {
      const read = { method: 'GET', path: `${path}?$select=${table.primaryId}`, purpose, signal } as const;
      const { status } = await this.deps.sender.send(read);
      if (status < 300) return ALREADY_THERE;
    }
    throw activityError(response, { purpose, table: table.name, sent: body });
  }

  private async createMultiple(activities: readonly NewActivity[]): Promise<readonly (Outcome | Promise<Outcome>)[]> {
    const [first] = activities as [NewActivity];
    const { table } = this.tableOf(first.kind);
    const purpose = `add ${activities.length} activities to table "${table.name}"`;
    const type = `Microsoft.Dynamics.CRM.${table.name}`;
    const targets = activities.map(({ id, body }) => ({ '@odata.type': type, [table.primaryId]: id, ...body }));
    const response = await this.deps.client.call({
      method: 'POST',
      path: withTag(`${table.setName}/Microsoft.Dynamics.CRM.CreateMultiple`, this.options),
      headers: { ...this.headers, 'Content-Type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ Targets: targets }),
      // All have their id: a second time they are refused as being there.
      idempotent: true,
      purpose,
      signal: first.signal,
    });
    if (response.status < 300) return activities.map(() => CREATED);
    if ([401, 408, 429].includes(response.status) || response.status >= 500)
      throw writeError(response, { purpose, table: table.name });
    // One row was refused and all were rolled back, without word of which: each for itself.
    return activities.map((activity) => this.create(activity).catch((error: unknown) => rejectionOutcome(error)));
  }

  private body(event: MarketingEvent): RowBody {
    const timeline = this.tableOf(event.kind);
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
      ...this.ownerOf(timeline),
    };
  }

  private ownerOf({ owners }: TimelineTable): RowBody {
    const { owner } = this.options;
    if (!owner) return {};
    // Where the metadata names the owner's general table only, users and teams are bound by the column's own name.
    const target = owners.find((each) => each.table === owner.table);
    const setName = owner.table === 'team' ? 'teams' : 'systemusers';
    return { [`${target?.navigation ?? 'ownerid'}@odata.bind`]: `/${target?.setName ?? setName}(${owner.id})` };
  }

  private inGroups(kind: EventKind): boolean {
    return this.options.rowsAtOnce > 0 && this.tableOf(kind).createMultiple;
  }

  private coalescerOf(kind: EventKind): Coalescer<NewActivity, Outcome> {
    let coalescer = this.coalescers.get(kind);
    if (!coalescer) {
      coalescer = new Coalescer(
        this.options.rowsAtOnce,
        (activities) => this.createMultiple(activities),
        this.deps.soon,
      );
      this.coalescers.set(kind, coalescer);
    }
    return coalescer;
  }

  private eventOf(index: number): MarketingEvent {
    return this.items[index]?.event as MarketingEvent;
  }

  private tableOf(kind: EventKind): TimelineTable {
    return this.options.tables[kind] as TimelineTable;
  }
}

const CREATED: Outcome = { status: 'created', engineCalls: 0 };
const ALREADY_THERE = unchangedOutcome('ALREADY_THERE', 'The event is on the timeline already.');

/** As Adobe writes it; cut where the column is shorter, since both names stand in columns of their own. */
export function subjectOf({ campaignName, deliveryName }: MarketingEvent, maxLength = 200): string {
  const subject = `Campaign Name: ${campaignName}; Delivery Name: ${deliveryName}`;
  return subject.length <= maxLength ? subject : `${subject.slice(0, maxLength - 1)}…`;
}

function activityError(response: RowResponse, context: { purpose: string; table: string; sent: object }): Error {
  const { code, message } = errorBodyOf(response.text);
  if (response.status === 404 && (code === '80040217' || /does not exist/i.test(message))) {
    if (/\b(systemuser|team)\b/i.test(message)) {
      return new ConfigurationError(
        'OWNER_UNKNOWN',
        'The owner that is set for the activities does not exist in Dynamics 365.',
        {
          hint: 'Set the ID of a user or team in the options of the node, or leave it empty.',
        },
      );
    }
    return new RejectedRecordError('CONTACT_GONE', 'The contact of this event is not in Dynamics 365 (any more).');
  }
  return writeError(response, context);
}
