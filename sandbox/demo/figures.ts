import type { N8nHandle } from '../n8n-host/start-n8n';
import { compareOptOuts, type OptOutDifference, type OptOutPair } from '../oracles/opt-outs';
import { compare, type Difference, type Pair } from '../oracles/contacts';
import type { SandboxControl } from '../control-client';
import { compareTimelines, TIMELINE_TABLES, type EventCounts, type TimelineDifference } from '../oracles/timeline';

/** What the demo shows; counts of records unless said otherwise. */
export interface Figures {
  readonly contacts: number;
  readonly profiles: number;
  /** Records that differ between the two sides, waiting to be written; without those that were rejected. */
  readonly backlog: number;
  /** Rows of the Data table of rejected records, of all workflows. */
  readonly rejected: number;
  readonly engineCalls: number;
  /** Executions of n8n that failed; the templates keep no others. */
  readonly runsFailed: number;
  readonly optOuts: {
    readonly onBothSides: number;
    /** On one side only, or still to be decided again. */
    readonly waiting: number;
  };
  /** Undefined before the first campaign. */
  readonly timeline: EventCounts | undefined;
}

/** The figures with what stands behind them. */
export interface Measured extends Figures {
  readonly differences: readonly Difference[];
  readonly optOutDifferences: readonly OptOutDifference[];
  readonly timelineDifferences: readonly TimelineDifference[];
  /** Events that are not on their timelines, without those that were rejected. */
  readonly eventsWaiting: number;
}

export interface RejectedRow {
  /** `contact`, `opt-out` or `timeline`. */
  readonly recordTable: string;
  readonly recordId: string;
  readonly code: string;
}

/** Everything that is not where it should be has been rejected: nothing more will come by itself. */
export function isSettled({ backlog, optOuts, eventsWaiting }: Measured): boolean {
  return backlog === 0 && optOuts.waiting === 0 && eventsWaiting === 0;
}

/** Both sides are equal, and so are logs and timelines. */
export function isComplete(measured: Measured): boolean {
  const { differences, optOutDifferences, timelineDifferences } = measured;
  return isSettled(measured) && !differences.length && !optOutDifferences.length && !timelineDifferences.length;
}

/** Those of the records that were not rejected. `table`: the name under which rejected ones are kept. */
export function notRejected<R>(
  records: readonly R[],
  idOf: (record: R) => string,
  rejected: readonly RejectedRow[],
  table: string,
): R[] {
  const ids = new Set(rejected.flatMap((row) => (row.recordTable === table ? [row.recordId] : [])));
  return records.filter((record) => !ids.has(idOf(record)));
}

/** Looks at both systems and at n8n. `campaignIsOut`: look at the timelines too. */
export async function measure(
  control: SandboxControl,
  n8n: N8nHandle,
  pairs: { readonly fields: readonly Pair[]; readonly optOuts: readonly OptOutPair[] },
  campaignIsOut: boolean,
): Promise<Measured> {
  const [contacts, profiles, engineCalls, failed, rejected] = await Promise.all([
    control.dump('dataverse', 'contact'),
    control.dump('campaign', 'profile'),
    control.engineCalls(),
    n8n.rest.executions({ status: ['error', 'crashed'] }, 250),
    n8n.rest.dataTableRows<RejectedRow>('dynamics_campaign_rejected'),
  ]);
  const ids = new Set(contacts.map((contact) => String(contact['contactid'])));
  const differences = compare(contacts, profiles, pairs.fields);
  const optOuts = compareOptOuts(contacts, profiles, pairs.optOuts);
  const timeline = campaignIsOut ? await timelines(control, ids) : undefined;
  const missing = timeline?.differences.filter(({ kind }) => kind === 'missing') ?? [];
  return {
    contacts: contacts.length,
    profiles: profiles.length,
    backlog: notRejected(differences, ({ id }) => id, rejected, 'contact').length,
    rejected: rejected.length,
    engineCalls,
    runsFailed: failed.length,
    optOuts: {
      onBothSides: optOuts.onBothSides,
      // A rejected opt-out is decided again until it passes.
      waiting: Math.max(
        optOuts.differences.length,
        rejected.filter(({ recordTable }) => recordTable === 'opt-out').length,
      ),
    },
    timeline: timeline?.counts,
    differences,
    optOutDifferences: optOuts.differences,
    timelineDifferences: timeline?.differences ?? [],
    eventsWaiting: notRejected(missing, ({ event }) => event, rejected, 'timeline').length,
  };
}

async function timelines(control: SandboxControl, contactIds: ReadonlySet<string>) {
  const { send, open, click, bounce } = TIMELINE_TABLES;
  const [logs, ...activities] = await Promise.all([
    control.logs(),
    ...[send, open, click, bounce].map(async (table) => await control.dump('dataverse', table)),
  ]);
  const [sends = [], opens = [], clicks = [], bounces = []] = activities;
  return compareTimelines(contactIds, logs, { send: sends, open: opens, click: clicks, bounce: bounces });
}
