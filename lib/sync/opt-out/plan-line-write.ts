import { GLOBAL_OPT_OUT } from '../../core/opt-out-fields';
import type { OptOutLine } from './compile-lines';
import type { LineState } from './read-line';
import type { Rule, Write } from './rules';

/** What one line writes, of what its rule says. */
export interface PlannedLineWrite {
  readonly write: Write;
  /** Why, as part of a sentence. */
  readonly because: string;
  /** An opt-out should go to Campaign, and there is no profile to take it. */
  readonly waitsForProfile: boolean;
}

/**
 * A rule speaks of a consent; a line has one column and one field of it. Only what differs is written, and `blackList` only by its own
 * line:
 *
 * - To Dynamics 365 each line writes its own column, where that has another value.
 * - An opt-out that Dynamics 365 has by a column of `blackList` alone goes to Campaign by that column's line.
 * - An opt-in of one channel never lifts `blackList`: it sets the channel's field, where that has the opt-out.
 */
export function planLineWrite(
  rule: Rule,
  line: OptOutLine,
  state: LineState,
  profileIsGone: boolean,
): PlannedLineWrite {
  const { write, because } = rule;
  const nothing = (why: string) => ({ write: null, because: why, waitsForProfile: false });
  if (write === null) return nothing(because);
  if (write.to === 'dynamics') {
    const differs = write.optedOut ? state.ownColumn !== 'yes' : state.ownColumn === 'yes';
    return differs ? { write, because, waitsForProfile: false } : nothing(`${line.column} has that value already`);
  }
  if (write.optedOut && state.dynamicsOptOuts.length === 0 && state.dynamicsGlobalOptOuts.length > 0) {
    return nothing(`the line of ${GLOBAL_OPT_OUT} decides about ${state.dynamicsGlobalOptOuts.join(' and ')}`);
  }
  if (profileIsGone) return { write: null, because: 'Campaign has no profile of this person', waitsForProfile: true };
  if (!write.optedOut && state.campaignGlobal) {
    const stays = `${GLOBAL_OPT_OUT} stays: an opt-in by one channel does not lift it`;
    return state.ownField === 'yes'
      ? { write, because: `${because}; ${stays}`, waitsForProfile: false }
      : nothing(stays);
  }
  return { write, because, waitsForProfile: false };
}
