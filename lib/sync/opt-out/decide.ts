import { GLOBAL_OPT_OUT, namesOf } from '../../core/opt-out-fields';
import type { OptOutLine } from './compile-lines';
import { explain } from './explain';
import { planLineWrite, planMergedWrite } from './plan-line-write';
import { readLine, type ContactState, type LineContext, type ProfileState } from './read-line';
import { ruleFor, type Direction, type OptOut, type Side, type Write } from './rules';
import { timeOrder, type TimeReading } from './time';

/** Everything that a decision about one person rests on. */
export interface Person {
  readonly contactId: string;
  readonly from: Side;
  readonly contact: ContactState;
  readonly profile: ProfileState;
}

export interface DecisionContext extends LineContext {
  readonly direction: Direction;
}

/** The decision about one mapping line, with all it rests on: flat, one row of a log. */
export interface LineDecision {
  readonly decisionId: string;
  readonly contactId: string;
  readonly decidedAt: string;
  readonly direction: Direction;
  readonly from: Side;
  readonly line: number;
  readonly column: string;
  readonly field: string;
  readonly inverted: boolean;
  /** Id of the rule, as docs/opt-out-rules.md lists it, or MERGED_OPT_OUT. */
  readonly rule: string;
  /** After the inversion switch; of all columns of the Campaign field, and of `blackList`'s. */
  readonly dynamicsOptedOut: OptOut;
  readonly dynamicsTime: string | null;
  readonly dynamicsTimeSource: string | null;
  readonly dynamicsTimeStatus: TimeReading['status'];
  /** `blackList` counts for each channel. */
  readonly campaignOptedOut: OptOut;
  readonly campaignTime: string | null;
  readonly campaignTimeSource: string | null;
  readonly campaignTimeStatus: TimeReading['status'];
  /** The side that is written, if any. */
  readonly writeTo: Side | 'none';
  /** The value that is written there, as that side keeps it; null when nothing is written. */
  readonly newValue: boolean | null;
  /** The decision as a sentence. */
  readonly words: string;
}

/** The decision about one person. */
export interface Decision {
  /** The same on every item that the decision gives. */
  readonly id: string;
  readonly decidedAt: string;
  readonly from: Side;
  readonly lines: readonly LineDecision[];
  /** Values to write to the contact, by column; empty when there is nothing. */
  readonly toDynamics: Readonly<Record<string, boolean>>;
  /** Values to write to the profile, by field; empty when there is nothing. */
  readonly toCampaign: Readonly<Record<string, boolean>>;
  /** True when an opt-out should go to Campaign and there is no profile to take it. */
  readonly waitsForProfile: boolean;
}

/**
 * Decides for one person, line by line, from what both sides hold now (rules.ts). Only what differs is written. The same state
 * gives the same writes, whoever asked: so the echo of an own write finds both sides equal and ends there.
 *
 * @throws RejectedRecordError UNREADABLE_VALUE when a mapped value is neither true, false nor empty
 */
export function decide(person: Person, lines: readonly OptOutLine[], context: DecisionContext): Decision {
  const decidedAt = new Date(context.nowMs).toISOString();
  const id = `${person.contactId}@${decidedAt}`;
  const toDynamics: Record<string, boolean> = {};
  const toCampaign: Record<string, boolean> = {};
  let waitsForProfile = false;
  const decideLine = (line: OptOutLine, { contact, profile }: Person): LineDecision => {
    const state = readLine({ contact, profile }, line, lines, context);
    const rule = ruleFor({
      direction: context.direction,
      from: person.from,
      dynamics: state.dynamics,
      campaign: state.campaign,
      order: timeOrder(state.dynamicsTime, state.campaignTime),
      dynamicsTime: state.dynamicsTime.status,
      campaignTime: state.campaignTime.status,
    });
    const gone = person.profile.gone === true;
    const merged = context.direction === 'disabled' ? undefined : planMergedWrite(line, state, gone);
    const planned = merged ?? planLineWrite(rule, line, state, gone);
    const { write } = planned;
    waitsForProfile ||= planned.waitsForProfile;
    const newValue = valueOf(write, line);
    if (planned.optOutColumnToo) toDynamics[line.column] = !line.inverted;
    if (write?.to === 'dynamics') toDynamics[line.column] = newValue as boolean;
    if (write?.to === 'campaign') toCampaign[line.field] = newValue as boolean;
    return {
      decisionId: id,
      contactId: person.contactId,
      decidedAt,
      direction: context.direction,
      from: person.from,
      line: line.line,
      column: line.column,
      field: line.field,
      inverted: line.inverted,
      rule: planned.rule,
      dynamicsOptedOut: state.dynamics,
      dynamicsTime: state.dynamicsTime.iso,
      dynamicsTimeSource: state.dynamicsTime.source,
      dynamicsTimeStatus: state.dynamicsTime.status,
      campaignOptedOut: state.campaign,
      campaignTime: state.campaignTime.iso,
      campaignTimeSource: state.campaignTime.source,
      campaignTimeStatus: state.campaignTime.status,
      writeTo: write?.to ?? 'none',
      newValue,
      words: explain(line, lines, state, planned.because, write, newValue),
    };
  };
  const isGlobal = ({ field }: OptOutLine) => field === GLOBAL_OPT_OUT;
  const globals = new Map(lines.filter(isGlobal).map((line) => [line, decideLine(line, person)]));
  const afterwards = withoutLifted(person, [...globals.keys()], toDynamics, toCampaign);
  const decided = lines.map((line) => globals.get(line) ?? decideLine(line, afterwards));
  return { id, decidedAt, from: person.from, lines: decided, toDynamics, toCampaign, waitsForProfile };
}

/**
 * The person without an opt-out from every channel that this decision lifts: a channel's opt-out that only this one stood for has to be
 * written for the channel itself, or nobody would have it any more.
 */
function withoutLifted(
  person: Person,
  globals: readonly OptOutLine[],
  toDynamics: Readonly<Record<string, boolean>>,
  toCampaign: Readonly<Record<string, boolean>>,
): Person {
  const columns = globals
    .filter(({ column, inverted }) => toDynamics[column] === inverted)
    .map(({ column, inverted }) => [column, inverted] as const);
  const names = toCampaign[GLOBAL_OPT_OUT] === false ? namesOf(GLOBAL_OPT_OUT) : [];
  if (columns.length === 0 && names.length === 0) return person;
  const { contact, profile } = person;
  const flags = names.map((name) => [name, false] as const);
  return {
    ...person,
    contact: { ...contact, values: { ...contact.values, ...Object.fromEntries(columns) } },
    profile: { ...profile, values: { ...profile.values, ...Object.fromEntries(flags) } },
  };
}

/** The value that a side keeps: Campaign's fields and most columns hold `true` for an opt-out, an inverted column `false`. */
function valueOf(write: Write, line: OptOutLine): boolean | null {
  if (!write) return null;
  return write.to === 'dynamics' && line.inverted ? !write.optedOut : write.optedOut;
}
