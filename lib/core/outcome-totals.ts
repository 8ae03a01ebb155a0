import { isOutcomeStatus, type Outcome, type OutcomeStatus } from './outcome';

/** How many items ended how; `engineCalls` as Adobe Campaign counts them. */
export type Totals = Readonly<Record<OutcomeStatus, number>> & { readonly engineCalls: number };

/** Counts outcomes; an item without one yet is left out. */
export function totalsOf(outcomes: readonly (Outcome | undefined)[]): Totals {
  const totals = {
    created: 0,
    updated: 0,
    unchanged: 0,
    deleted: 0,
    absent: 0,
    skipped: 0,
    waiting: 0,
    rejected: 0,
    engineCalls: 0,
  };
  for (const outcome of outcomes) {
    if (!outcome || !isOutcomeStatus(outcome.status)) continue;
    totals[outcome.status]++;
    totals.engineCalls += outcome.engineCalls;
  }
  return totals;
}

const NAMES: readonly (readonly [OutcomeStatus, string])[] = [
  ['created', 'created'],
  ['updated', 'updated'],
  ['unchanged', 'unchanged'],
  ['deleted', 'deleted'],
  ['absent', 'already absent'],
  ['skipped', 'skipped'],
  ['waiting', 'waiting'],
  ['rejected', 'rejected'],
];

/**
 * The totals in one sentence for a person: `3 created, 1 rejected; 3 engine calls; 4 records in 0.5 s (8 records/s)`.
 *
 * @param elapsedMs how long the work took
 * @param options `engineCalls: false` where nothing is written to Campaign
 */
export function describeTotals(
  totals: Totals,
  elapsedMs: number,
  options: { readonly engineCalls?: boolean } = {},
): string {
  const parts = NAMES.filter(([status]) => totals[status] > 0).map(([status, name]) => `${totals[status]} ${name}`);
  const records = NAMES.reduce((sum, [status]) => sum + totals[status], 0);
  const seconds = elapsedMs / 1000;
  const rate = elapsedMs > 0 && records > 1 ? ` (${Math.round(records / seconds)} records/s)` : '';
  return (
    `${parts.length > 0 ? parts.join(', ') : 'Nothing to do'}; ` +
    `${options.engineCalls === false ? '' : `${counted(totals.engineCalls, 'engine call')}; `}${counted(records, 'record')} in ${seconds.toFixed(1)} s${rate}`
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
