import { API_BOOLEANS, readBoolean } from '../../core/boolean-words';
import { RejectedRecordError } from '../../core/errors';
import {
  GLOBAL_OPT_OUT,
  isChannel,
  timeFieldOf,
  valueByName,
  type BlackListTimeField,
} from '../../core/opt-out-fields';
import type { OptOutLine } from './compile-lines';
import { readCampaignTime } from './read-campaign-time';
import type { OptOut } from './rules';
import { DYNAMICS_PRECISION_MS, readChangeTime, type TimeContext, type TimeReading } from './time';

/** The contact as it is now. */
export interface ContactState {
  /** Values by column. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Time of the record's last change. */
  readonly modifiedOn: unknown;
  /** Times of single columns' last changes, where auditing gives them; they go before the record's. */
  readonly attributeModifiedOn?: Readonly<Record<string, unknown>>;
  /** Contacts that were merged into this one, whose opt-outs go over to it. */
  readonly merged?: readonly MergedContact[];
}

/** A contact that was merged into another one, and its profile. */
export interface MergedContact {
  /** Values by column. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Time of its last change: the merge, or later. */
  readonly modifiedOn: unknown;
  /** Its profile's flags by field; empty where it has none. */
  readonly profile: Readonly<Record<string, unknown>>;
}

/** The profile as it is now: flags and times by field name. */
export interface ProfileState {
  readonly values: Readonly<Record<string, unknown>>;
  /**
   * True when Campaign has no such profile (any more); `values` is then what an export said of it last, if one did. Its opt-outs
   * count and nothing else: no opt-in is taken from it, and nothing can be written to it.
   */
  readonly gone?: boolean;
}

export interface LineContext extends TimeContext {
  /** Campaign's field with the time of `blackList`, where no line maps that field. @default blackListLastModified */
  readonly blackListTimeField?: BlackListTimeField;
}

/**
 * Both values and both times of one line, as the rules take them. The lines of one Campaign field have the same ones: any of their
 * columns opts out. An opt-out from every channel counts for each channel, on both sides.
 */
export interface LineState {
  readonly dynamics: OptOut;
  readonly dynamicsTime: TimeReading;
  /** The columns of this Campaign field that say opted out. */
  readonly dynamicsOptOuts: readonly string[];
  /** The columns mapped to `blackList` that say opted out, for a channel's line. */
  readonly dynamicsGlobalOptOuts: readonly string[];
  /** What the line's own column says. */
  readonly ownColumn: OptOut;
  readonly campaign: OptOut;
  readonly campaignTime: TimeReading;
  /** What the line's own Campaign field says. */
  readonly ownField: OptOut;
  /** Campaign's `blackList` is set, for a channel's line. */
  readonly campaignGlobal: boolean;
  /** What contacts that were merged into this one say; undefined where none of them is opted out. */
  readonly merged: MergedOptOut | undefined;
}

/** An opt-out that goes over from merged contacts. */
export interface MergedOptOut {
  /** The columns of the line's field that they are opted out by: all of them where it is Campaign that says so. */
  readonly columns: readonly string[];
  /** The latest of their times: the merge, or later. */
  readonly time: TimeReading;
}

/**
 * Reads one line on both sides.
 *
 * @param lines all lines: those of the same Campaign field, and of `blackList`, are read with it
 * @throws RejectedRecordError UNREADABLE_VALUE when a value is neither true, false nor empty
 */
export function readLine(
  person: { readonly contact: ContactState; readonly profile: ProfileState },
  line: OptOutLine,
  lines: readonly OptOutLine[],
  context: LineContext,
): LineState {
  return {
    ...readDynamics(person.contact, line, lines, context),
    ...readCampaign(person.profile, line, lines, context),
    merged: readMerged(person.contact.merged ?? [], line, lines, context),
  };
}

function readDynamics(contact: ContactState, line: OptOutLine, lines: readonly OptOutLine[], context: LineContext) {
  const read = (one: OptOutLine) => readOptOut(contact.values[one.column], one.inverted, one.column, one);
  const ofField = lines.filter(({ field }) => field === line.field);
  const optOuts = ofField.filter((one) => read(one) === 'yes');
  const globals = isChannel(line.field)
    ? lines.filter((one) => one.field === GLOBAL_OPT_OUT && read(one) === 'yes')
    : [];
  const saying = optOuts.length > 0 ? optOuts : globals.length > 0 ? globals : ofField;
  return {
    dynamics: together(ofField.map(read), globals.length > 0),
    dynamicsTime: latest(saying.map(({ column }) => readDynamicsTime(contact, column, context))),
    dynamicsOptOuts: optOuts.map(({ column }) => column),
    dynamicsGlobalOptOuts: globals.map(({ column }) => column),
    ownColumn: read(line),
  };
}

/** Any opt-out opts out; not opted out is only who has a value everywhere. */
function together(values: readonly OptOut[], optedOutOfAll: boolean): OptOut {
  if (optedOutOfAll || values.includes('yes')) return 'yes';
  return values.includes('missing') ? 'missing' : 'no';
}

function readCampaign(profile: ProfileState, line: OptOutLine, lines: readonly OptOutLine[], context: LineContext) {
  const ownField = readOptOut(valueByName(profile.values, line.field), false, line.field, line);
  const global = isChannel(line.field) ? valueByName(profile.values, GLOBAL_OPT_OUT) : undefined;
  const campaignGlobal = readOptOut(global, false, GLOBAL_OPT_OUT, line) === 'yes';
  const campaign = campaignGlobal ? 'yes' : ownField;
  const timeField = campaignGlobal && ownField !== 'yes' ? globalTimeField(lines, context) : line.timeField;
  return {
    campaign: profile.gone && campaign === 'no' ? ('missing' as const) : campaign,
    campaignTime: readCampaignTime(profile.values, timeField, context),
    ownField,
    campaignGlobal,
  };
}

function globalTimeField(lines: readonly OptOutLine[], context: LineContext): string | null {
  const mapped = lines.find(({ field }) => field === GLOBAL_OPT_OUT);
  return mapped ? mapped.timeField : timeFieldOf(GLOBAL_OPT_OUT, context.blackListTimeField ?? 'blackListLastModified');
}

function readMerged(
  merged: readonly MergedContact[],
  line: OptOutLine,
  lines: readonly OptOutLine[],
  context: LineContext,
): MergedOptOut | undefined {
  const columns = lines.filter(({ field }) => field === line.field).map(({ column }) => column);
  const optedOut = merged.flatMap((contact) => {
    const dynamics = readDynamics(contact, line, lines, context);
    const campaign = readCampaign({ values: contact.profile }, line, lines, context);
    if (dynamics.dynamics !== 'yes' && campaign.campaign !== 'yes') return [];
    const saying = campaign.campaign === 'yes' ? columns : dynamics.dynamicsOptOuts;
    return [{ saying, time: readChangeTime(contact.modifiedOn, 'modifiedon', context, DYNAMICS_PRECISION_MS) }];
  });
  if (optedOut.length === 0) return undefined;
  return {
    columns: [...new Set(optedOut.flatMap(({ saying }) => saying))],
    time: latest(optedOut.map(({ time }) => time)),
  };
}

/** The attribute's own time where it is usable, the record's otherwise: the record's is never earlier, so it is the careful one. */
function readDynamicsTime(contact: ContactState, column: string, context: TimeContext): TimeReading {
  const own = readChangeTime(contact.attributeModifiedOn?.[column], 'audit', context, DYNAMICS_PRECISION_MS);
  if (own.status === 'known') return own;
  return readChangeTime(contact.modifiedOn, 'modifiedon', context, DYNAMICS_PRECISION_MS);
}

/** The latest of several columns' times; one that is not usable goes before all others. */
function latest(times: readonly TimeReading[]): TimeReading {
  return times.reduce((last, time) => {
    if (last.status !== 'known') return last;
    return time.status !== 'known' || time.ms > last.ms ? time : last;
  });
}

/** Is the person opted out, by this value? A value that is not on the lists rejects the record: no guess about consent. */
function readOptOut(value: unknown, inverted: boolean, name: string, line: OptOutLine): OptOut {
  if (value === undefined || value === null || value === '') return 'missing';
  const known = readBoolean(value, API_BOOLEANS);
  if (known !== undefined) return known === inverted ? 'no' : 'yes';
  throw new RejectedRecordError(
    'UNREADABLE_VALUE',
    `Line ${line.line}: the value of "${name}" is neither true nor false, so nothing was decided for this person.`,
    { field: name, mappingLine: line.line, hint: 'Correct the value, or the type of the column in the export reader.' },
  );
}
