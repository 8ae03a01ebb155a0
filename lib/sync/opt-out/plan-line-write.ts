import { GLOBAL_OPT_OUT } from '../../core/opt-out-fields';
import type { OptOutLine } from './compile-lines';
import type { LineState } from './read-line';
import type { Rule, Write } from './rules';
import { timeOrder } from './time';

/** What one line writes, of what its rule says. */
export interface PlannedLineWrite {
  /** Id of the rule. */
  readonly rule: string;
  readonly write: Write;
  /** The line's column is opted out besides: a merged contact's opt-out may go to both sides. */
  readonly optOutColumnToo?: boolean;
  /** Why, as part of a sentence. */
  readonly because: string;
  /** An opt-out should go to Campaign, and there is no profile to take it. */
  readonly waitsForProfile: boolean;
}

const NO_PROFILE = 'Campaign has no profile of this person';

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
  const nothing = (why: string) => ({ rule: rule.id, write: null, because: why, waitsForProfile: false });
  const written = (why: string) => ({ rule: rule.id, write, because: why, waitsForProfile: false });
  if (write === null) return nothing(because);
  if (write.to === 'dynamics') {
    const differs = write.optedOut ? state.ownColumn !== 'yes' : state.ownColumn === 'yes';
    return differs ? written(because) : nothing(`${line.column} has that value already`);
  }
  if (write.optedOut && state.dynamicsOptOuts.length === 0 && state.dynamicsGlobalOptOuts.length > 0) {
    return nothing(`the line of ${GLOBAL_OPT_OUT} decides about ${state.dynamicsGlobalOptOuts.join(' and ')}`);
  }
  if (profileIsGone) return { ...nothing(NO_PROFILE), waitsForProfile: true };
  if (!write.optedOut && state.campaignGlobal) {
    const stays = `${GLOBAL_OPT_OUT} stays: an opt-in by one channel does not lift it`;
    return state.ownField === 'yes' ? written(`${because}; ${stays}`) : nothing(stays);
  }
  return written(because);
}

/** Id of the decision that a merged contact's opt-out gives; none of the table's rules, which know one contact only. */
export const MERGED_OPT_OUT = 'MERGED_OPT_OUT';

/**
 * What a merged contact's opt-out writes: to the contact that it became part of, and to that one's profile. Undefined where both have it,
 * or where the profile's opt-in is proven to be newer than the merge: then the rules decide.
 */
export function planMergedWrite(
  line: OptOutLine,
  state: LineState,
  profileIsGone: boolean,
): PlannedLineWrite | undefined {
  const { merged } = state;
  if (!merged) return undefined;
  if (state.campaign === 'no' && timeOrder(merged.time, state.campaignTime) === 'campaign newer') return undefined;
  const toColumn = merged.columns.includes(line.column) && state.ownColumn !== 'yes';
  const toField = state.campaign !== 'yes';
  if (!toColumn && !toField) return undefined;
  const because = 'a contact that was merged into this one is opted out';
  const plan = { rule: MERGED_OPT_OUT, because, waitsForProfile: false };
  const column: Write = toColumn ? { to: 'dynamics', optedOut: true } : null;
  if (!toField) return { ...plan, write: column };
  if (profileIsGone) return { ...plan, write: column, because: `${because}; ${NO_PROFILE}`, waitsForProfile: true };
  return {
    ...plan,
    write: { to: 'campaign', optedOut: true },
    optOutColumnToo: toColumn,
    because: toColumn ? `${because}; ${line.column} in Dynamics 365 is opted out too` : because,
  };
}
