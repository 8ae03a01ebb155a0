import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { readOutcome } from '../../lib/core/item';
import { EVENT_KINDS } from '../../lib/sync/marketing-events/marketing-event';
import { logReader, type LogReaderSettings } from '../../lib/sync/marketing-events/read-log-row';
import type { Outcome } from '../../lib/core/outcome';
import { readEach } from '../../lib/core/read-each';
import { requireAllOut } from '../shared/require-all-out';

const FROM_AN_EXPORT = 'Connect this node behind an SFTP Export Trigger or an SFTP Export Reader.';

export interface MadeEvents {
  /** Events, and what was left out; every item that came in is on one of the two, once. */
  readonly outputs: [events: INodeExecutionData[], leftOut: INodeExecutionData[]];
  /** How many of which, for a person. */
  readonly summary: string;
  readonly rejected: number;
}

/**
 * Makes events of export rows. An event's item holds the event, and from which row and delivery it comes; a row that is left out
 * stays as it is and gets an outcome that says why. An item that had an outcome keeps it.
 *
 * @throws ConfigurationError OUTCOME_UNKNOWN
 */
export function makeEvents(items: readonly INodeExecutionData[], settings: LogReaderSettings): MadeEvents {
  const read = logReader(settings);
  const outputs: MadeEvents['outputs'] = [[], []];
  const counts = new Map<string, number>(EVENT_KINDS.map((kind) => [kind, 0]));
  let rejected = 0;
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const leaveOut = (item: number, json: IDataObject, outcome: Outcome) => {
    if (outcome.status === 'rejected') rejected++;
    count(outcome.code ?? outcome.status);
    outputs[1].push({ json: { ...json, outcome }, pairedItem: { item } });
  };
  const outcomes = readEach(
    items,
    ({ json }, index) => readOutcome(json, { index, hint: FROM_AN_EXPORT }),
    (outcome) => outcome,
  );
  items.forEach(({ json }, item) => {
    const earlier = outcomes[item];
    if (earlier) return leaveOut(item, json, earlier);
    const result = read(json);
    if (result.kind === 'leftOut') return leaveOut(item, json, result.outcome);
    count(result.event.kind);
    const origin = Object.fromEntries(CARRIED.filter((name) => name in json).map((name) => [name, json[name]]));
    outputs[0].push({ json: { event: result.event, ...origin }, pairedItem: { item } });
  });
  requireAllOut(items, outputs);
  const parts = [...counts].map(([what, number]) => `${number} ${NAMES.get(what) ?? what}`);
  return { outputs, rejected, summary: parts.join(', ') };
}

/** What the export reader put beside the row's columns. */
const CARRIED = ['export', 'delivery'] as const;

const NAMES: ReadonlyMap<string, string> = new Map([
  ['send', 'sends'],
  ['open', 'opens'],
  ['click', 'clicks'],
  ['bounce', 'bounces'],
]);
