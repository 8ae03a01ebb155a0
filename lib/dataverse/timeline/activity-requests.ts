import { errorFrom, type ErrorTable } from '../../core/error-table';
import type { Table } from '../../core/metadata';
import { unchangedOutcome, type Outcome } from '../../core/outcome';
import { rejectionOutcome } from '../../core/rejection-outcome';
import { isWebPage } from '../../http/web-page';
import type { DataverseClient } from '../client';
import { jsonOf } from '../errors';
import { factsOf, type ResponseFacts } from '../response-facts';
import type { RowBody } from '../row-plan';
import { JSON_CONTENT, type RowResponse, type RowSender } from '../row-requests';
import type { DataverseRow } from '../rows';
import { rowMissing, WRITE_ERRORS, writeError } from '../write-errors';
import { headersOf, withTag, type WriteOptions } from '../write-options';

/** An activity that is to be created. */
export interface NewActivity {
  /** Its id, and the one that it gets where another event has the first one. */
  readonly ids: readonly [string, ...string[]];
  readonly table: Table;
  readonly body: RowBody;
  /** Columns by which {@link isSame} tells an activity that is there already. */
  readonly compared: readonly string[];
  readonly isSame: (row: DataverseRow) => boolean;
  readonly signal: AbortSignal;
}

const CREATED: Outcome = { status: 'created', engineCalls: 0 };
export const ALREADY_THERE = unchangedOutcome('ALREADY_THERE', 'The event is on the timeline already.');

/** What a refused activity means; before what any refused write means. */
const ACTIVITY_ERRORS: ErrorTable<ResponseFacts> = {
  rows: [
    {
      when: (facts) => Boolean(rowMissing(facts)) && /\b(?:systemuser|team)\b/i.test(facts.message),
      consequence: 'configuration',
      code: 'OWNER_UNKNOWN',
      message: 'The owner that is set for the activities does not exist in Dynamics 365.',
      hint: 'Set the ID of a user or team in the options of the node, or leave it empty.',
    },
    {
      when: rowMissing,
      consequence: 'rejected',
      code: 'CONTACT_GONE',
      message: 'The contact of this event is not in Dynamics 365 (any more).',
      hint: 'Nothing has to be done if the contact was deleted. Otherwise see that the external ID of the profile is the ID of the contact.',
    },
    ...WRITE_ERRORS.rows,
  ],
  otherwise: WRITE_ERRORS.otherwise,
};

/** The requests that create activities, each only where there is none of its id. */
export class ActivityRequests {
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly deps: { readonly client: Pick<DataverseClient, 'call'>; readonly sender: RowSender },
    private readonly options: WriteOptions,
  ) {
    this.headers = headersOf(options);
  }

  /** @throws SyncError what {@link ACTIVITY_ERRORS} says; RejectedRecordError is about this activity alone */
  async create(activity: NewActivity): Promise<Outcome> {
    const { ids, table, body, compared, isSame, signal } = activity;
    const purpose = `add an activity to table "${table.name}"`;
    const refused = (response: RowResponse) =>
      errorFrom(ACTIVITY_ERRORS, factsOf(response, { purpose, table: table.name, sent: body }));
    for (const id of ids) {
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
      if (response.status !== 412) throw refused(response);
      const select = [table.primaryId, ...compared].join(',');
      const present = await this.deps.sender.send({
        method: 'GET',
        path: `${path}?$select=${select}`,
        purpose,
        signal,
      });
      // Deleted since, if Dynamics 365 says so: a gateway makes such pages too.
      if (present.status === 404 && !isWebPage(present.text)) throw refused(response);
      if (present.status >= 300) throw writeError(present, { purpose, table: table.name });
      if (isSame(rowIn(jsonOf(present, purpose)))) return ALREADY_THERE;
    }
    // The last id holds contact and day: what has it is this event, whatever somebody made of it.
    return ALREADY_THERE;
  }

  /**
   * Creates activities of one table in one request. Where Dynamics 365 refuses one of them, which rolls back all, each is created for itself.
   *
   * @returns an outcome for each, at its index
   * @throws SyncError what concerns the service, and not one of them
   */
  async createMultiple(activities: readonly NewActivity[]): Promise<readonly (Outcome | Promise<Outcome>)[]> {
    const [{ table, signal }] = activities as readonly [NewActivity];
    const purpose = `add ${activities.length} activities to table "${table.name}"`;
    const type = `Microsoft.Dynamics.CRM.${table.name}`;
    const targets = activities.map(({ ids: [id], body }) => ({ '@odata.type': type, [table.primaryId]: id, ...body }));
    const response = await this.deps.client.call({
      method: 'POST',
      path: withTag(`${table.setName}/Microsoft.Dynamics.CRM.CreateMultiple`, this.options),
      headers: { ...this.headers, ...JSON_CONTENT },
      body: JSON.stringify({ Targets: targets }),
      // All have their id: a second time they are refused as being there.
      idempotent: true,
      purpose,
      signal,
    });
    if (response.status < 300) return activities.map(() => CREATED);
    if ([401, 408, 429].includes(response.status) || response.status >= 500)
      throw writeError(response, { purpose, table: table.name });
    // It does not say which row was refused.
    return activities.map((activity) => this.create(activity).catch((error: unknown) => rejectionOutcome(error)));
  }
}

/** A body that is no row has nothing to compare. */
function rowIn(body: unknown): DataverseRow {
  return typeof body === 'object' && body !== null ? (body as DataverseRow) : {};
}
