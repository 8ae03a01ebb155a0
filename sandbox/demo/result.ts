import type { Round } from './demo';
import { isComplete, type Measured } from './figures';

/** At most so many differences of a kind are told. */
const MOST_DIFFERENCES = 20;

/** Every figure of the demo; `ok`: all of the story arrived. */
export type Result = { readonly ok: boolean } & Readonly<Record<string, unknown>>;

/**
 * What `--json` prints.
 *
 * @param told the round as it came out; undefined when the demo stalled
 */
export function resultOf(measured: Measured, told: Round | undefined, comparedFields: number): Result {
  const { optOuts, differences, optOutDifferences, timelineDifferences, ...figures } = measured;
  return {
    ok: isOk(measured, told, comparedFields),
    comparedFields,
    ...figures,
    differences: differences.slice(0, MOST_DIFFERENCES),
    optOutsOnBothSides: optOuts.onBothSides,
    optOutDifferences: optOutDifferences.slice(0, MOST_DIFFERENCES),
    timelineDifferences: timelineDifferences.slice(0, MOST_DIFFERENCES),
    optOuts: told?.optOuts ?? [],
    campaign: told?.campaign ?? null,
    ...(told ? { changesSeconds: told.changesSeconds } : {}),
  };
}

/** Contacts, opt-outs from both sides with their decisions, and events: all of it arrived. */
export function isOk(measured: Measured, told: Round | undefined, comparedFields: number): boolean {
  if (!told || comparedFields === 0 || !measured.timeline || !isComplete(measured)) return false;
  const sides = new Set(told.optOuts.map(({ from, rule }) => rule && from));
  return (
    sides.has('campaign') &&
    sides.has('dynamics') &&
    told.campaign.sentToOptedOut === 0 &&
    measured.timeline.send.expected > 0
  );
}
