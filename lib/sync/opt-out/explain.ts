import { GLOBAL_OPT_OUT } from '../../core/opt-out-fields';
import type { OptOutLine } from './compile-lines';
import type { LineState } from './read-line';
import type { OptOut, Write } from './rules';
import type { TimeReading, TimeStatus } from './time';

const VALUE: Readonly<Record<OptOut, string>> = { yes: 'opted out', no: 'not opted out', missing: 'no value' };

const NOT_USABLE: Readonly<Record<Exclude<TimeStatus, 'known'>, string>> = {
  missing: 'no time',
  unreadable: 'time unreadable',
  future: 'time in the future',
  record: 'only a time that is not of this field alone',
  creation: "only the time of the profile's creation",
};

/** A line's decision as a sentence or two, for the person who asks why: with every field that says opted out. */
export function explain(
  line: OptOutLine,
  lines: readonly OptOutLine[],
  state: LineState,
  because: string,
  write: Write,
  newValue: boolean | null,
): string {
  const columns = lines.filter(({ field }) => field === line.field).map(({ column }) => column);
  const dynamics = `Dynamics 365 ${columns.join(' or ')}: ${dynamicsValue(state, columns)}, ${explainTime(state.dynamicsTime)}.`;
  const campaign = `Campaign ${line.field}: ${campaignValue(state)}, ${explainTime(state.campaignTime)}.`;
  const place = write?.to === 'dynamics' ? `${line.column} in Dynamics 365` : `${line.field} in Campaign`;
  const result = write ? `${place} becomes ${newValue}` : 'Nothing is written';
  return `${dynamics} ${campaign} ${result}, because ${because}.`;
}

function dynamicsValue({ dynamics, dynamicsOptOuts, dynamicsGlobalOptOuts }: LineState, columns: string[]): string {
  const saying = [...dynamicsOptOuts, ...dynamicsGlobalOptOuts];
  const own = columns.length === 1 && dynamicsGlobalOptOuts.length === 0;
  return saying.length === 0 || own ? VALUE[dynamics] : `${VALUE[dynamics]} by ${saying.join(' and ')}`;
}

function campaignValue({ campaign, campaignGlobal, ownField }: LineState): string {
  if (!campaignGlobal) return VALUE[campaign];
  return ownField === 'yes' ? `${VALUE.yes}, by ${GLOBAL_OPT_OUT} too` : `${VALUE.yes} by ${GLOBAL_OPT_OUT}`;
}

function explainTime(time: TimeReading): string {
  const at = time.iso === null ? '' : `${time.iso} (${time.source})`;
  if (time.status === 'known') return at;
  return at === '' ? NOT_USABLE[time.status] : `${NOT_USABLE[time.status]}: ${at}`;
}
