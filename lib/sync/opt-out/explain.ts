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

/** A line's decision as a sentence or two, for the person who asks why. */
export function explain(
  line: OptOutLine,
  state: LineState,
  because: string,
  write: Write,
  newValue: boolean | null,
): string {
  const dynamics = `Dynamics 365 ${line.column}: ${VALUE[state.dynamics]}, ${explainTime(state.dynamicsTime)}.`;
  const campaign = `Campaign ${line.field}: ${VALUE[state.campaign]}, ${explainTime(state.campaignTime)}.`;
  const place = write?.to === 'dynamics' ? `${line.column} in Dynamics 365` : `${line.field} in Campaign`;
  const result = write ? `${place} becomes ${newValue}` : 'Nothing is written';
  return `${dynamics} ${campaign} ${result}, because ${because}.`;
}

function explainTime(time: TimeReading): string {
  const at = time.iso === null ? '' : `${time.iso} (${time.source})`;
  if (time.status === 'known') return at;
  return at === '' ? NOT_USABLE[time.status] : `${NOT_USABLE[time.status]}: ${at}`;
}
