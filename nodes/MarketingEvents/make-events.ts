import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { readOutcome } from '../../lib/core/item';
import type { Clock } from '../../lib/core/clock';
import { EVENT_KINDS } from '../../lib/sync/marketing-events/marketing-event';
import {
  logIdNotUnique,
  logReader,
  SCANNER_BURST,
  type LogReaderSettings,
  type LogRowResult,
} from '../../lib/sync/marketing-events/read-log-row';
import { scannerBursts } from '../../lib/sync/marketing-events/scanner-bursts';
import { sharedLogIds } from '../../lib/sync/marketing-events/shared-log-ids';
import { untoldByRow, type Untold } from '../../lib/sync/marketing-events/untold';
import type { Outcome } from '../../lib/core/outcome';
import { readEach } from '../../lib/core/read-each';
import { requireAllOut } from '../shared/require-all-out';

const FROM_AN_EXPORT = 'Connect this node behind an SFTP Export Trigger or an SFTP Export Reader.';

export interface EventSettings extends LogReaderSettings {
  /** Clicks on several links of a message within one second are left out. */
  readonly leaveOutBursts: boolean;
}

export interface MadeEvents {
  /** Events, and what was left out; every item that came in is on one of the two, once. */
  readonly outputs: [events: INodeExecutionData[], leftOut: INodeExecutionData[]];
  /** How many of which, and what somebody should look at, for a person. */
  readonly summary: string;
  /** Something was rejected, or was taken for an event without knowing enough of it. */
  readonly isWarning: boolean;
}

/**
 * Makes events of export rows. An event's item holds the event, and from which row and delivery it comes; a row that is left out
 * stays as it is and gets an outcome that says why. An item that had an outcome keeps it.
 *
 * @throws ConfigurationError OUTCOME_UNKNOWN
 */
export function makeEvents(
  items: readonly INodeExecutionData[],
  settings: EventSettings,
  clock?: Pick<Clock, 'now'>,
): MadeEvents {
  const read = logReader(settings, clock);
  const untoldBy = untoldByRow(settings);
  const earlier = readEach(
    items,
    ({ json }, index) => readOutcome(json, { index, hint: FROM_AN_EXPORT }),
    (outcome) => outcome,
  );
  const results = items.map(({ json }, index): LogRowResult => {
    const outcome = earlier[index];
    return outcome ? { kind: 'leftOut', outcome } : read(json);
  });
  const events = results.map((result) => (result.kind === 'event' ? result.event : undefined));
  const bursts = settings.leaveOutBursts ? scannerBursts(events) : new Set<number>();
  const shared = sharedLogIds(events);

  const outputs: MadeEvents['outputs'] = [[], []];
  const counts = new Map<string, number>(EVENT_KINDS.map((kind) => [kind, 0]));
  const untold = new Map<Untold, number>();
  let rejected = 0;
  const count = <K>(counted: Map<K, number>, what: K) => counted.set(what, (counted.get(what) ?? 0) + 1);
  const leaveOut = (item: number, json: IDataObject, outcome: Outcome) => {
    if (outcome.status === 'rejected') rejected++;
    count(counts, outcome.code ?? outcome.status);
    outputs[1].push({ json: { ...json, outcome }, pairedItem: { item } });
  };
  items.forEach(({ json }, item) => {
    const result = results[item] as LogRowResult;
    if (result.kind === 'leftOut') return leaveOut(item, json, result.outcome);
    if (shared.has(item)) return leaveOut(item, json, logIdNotUnique(settings.columns.id));
    if (bursts.has(item)) return leaveOut(item, json, SCANNER_BURST);
    const { event } = result;
    count(counts, event.kind);
    for (const each of untoldBy(json, event)) count(untold, each);
    const origin = Object.fromEntries(CARRIED.filter((name) => name in json).map((name) => [name, json[name]]));
    outputs[0].push({ json: { event, ...origin }, pairedItem: { item } });
  });
  requireAllOut(items, outputs);
  const parts = [...counts].map(([what, number]) => `${number} ${NAMES.get(what) ?? what}`).join(', ');
  const future = counts.get('TIME_IN_FUTURE') ?? 0;
  const warnings = [
    ...(future > 0 ? [`${future} rows lie in the future: ${WRONG_ZONE}`] : []),
    ...[...untold].map(([what, number]) => `${number} events ${UNTOLD[what]}`),
  ];
  return {
    outputs,
    summary: [parts, ...warnings].join('. '),
    isWarning: rejected > 0 || warnings.length > 0,
  };
}

/** What the export reader put beside the row's columns. */
const CARRIED = ['export', 'delivery'] as const;

const NAMES: ReadonlyMap<string, string> = new Map([
  ['send', 'sends'],
  ['open', 'opens'],
  ['click', 'clicks'],
  ['bounce', 'bounces'],
]);

const WRONG_ZONE = "set the zone of the export's times where the file is read.";
const UNTOLD: Readonly<Record<Untold, string>> = {
  channel: 'come from rows that name no channel, and were taken for e-mails: add the channel to the export.',
  sendTime: 'come from rows without the time of the send, and may be those of scanners: add it to the export.',
};
