import { compare } from '../../sandbox/oracles/contacts';
import { decisionsAgainstTheRule } from '../../sandbox/oracles/opt-out-decisions';
import { endsOptedOut } from '../../sandbox/oracles/opt-out-history';
import { compareOptOuts } from '../../sandbox/oracles/opt-outs';
import { compareTimelines, EVENT_KINDS, TIMELINE_TABLES, type EventKind } from '../../sandbox/oracles/timeline';
import type { DumpedRow, SandboxControl } from '../../sandbox/control-client';
import { LINES, bothSides } from '../support/both-sides';
import type { People } from './people';
import type { WeatherWorld } from './world';

/** A row of the table of rejected records. */
export interface RejectedRow {
  readonly recordTable: string;
  readonly recordId: string;
  readonly code: string;
}

/** What the oracles find, each difference in words. */
export interface Verdict {
  /** Records, deletions, opt-outs and events that are not on the other side. */
  readonly lost: readonly string[];
  /** Profiles and events that are there twice. */
  readonly doubled: readonly string[];
  /** An opt-out that was undone or invented, and foreign profiles that were touched. */
  readonly wrong: readonly string[];
  /** Records of people who are there that wait in the table of rejected ones. */
  readonly waiting: readonly string[];
  /** What was compared, so that nobody takes an empty world for a good one. */
  readonly compared: Readonly<
    Record<'contacts' | 'fields' | 'optOuts' | 'mustBeOut' | 'decisions' | 'events' | 'foreign', number>
  >;
}

/** What is looked at: both systems, and what the templates map. */
export type Judged = Pick<WeatherWorld, 'control' | 'pairs'>;

/** Rows of the templates' Data tables. */
export interface Kept {
  /** An event of a contact that was gone may be among them. */
  readonly rejected: readonly RejectedRow[];
  readonly decisions: readonly DumpedRow[];
}

/** Compares all sides. */
export async function judge(
  world: Judged,
  people: Pick<People, 'living' | 'foreign' | 'wentWithContact'>,
  { rejected, decisions }: Kept,
): Promise<Verdict> {
  const { control } = world;
  const [contacts, profiles] = await Promise.all([
    control.dump('dataverse', 'contact'),
    control.dump('campaign', 'profile'),
  ]);
  const { fields, optOuts } = world.pairs;
  const records = compare(contacts, profiles, fields);
  const sides = compareOptOuts(contacts, profiles, optOuts);
  const ids = new Set(contacts.map((row) => String(row['contactid'])));
  const events = await timelines(control, ids);
  const kept = new Set(rejected.map(({ recordTable, recordId }) => `${recordTable} ${recordId}`));
  const histories = await consent(control, people);
  const foreign = touched(people.foreign, profiles);
  return {
    lost: [
      ...records
        .filter(({ kind }) => kind !== 'doubled')
        .map(({ id, kind, field }) => `contact ${id}: ${kind}${field ? ` (${field})` : ''}`),
      ...sides.differences.map(({ id, column }) => `opt-out ${id} ${column}: on one side only`),
      ...events.differences
        .filter(({ kind, event }) => kind === 'missing' && !kept.has(`timeline ${event}`))
        .filter(({ event, contactId }) => !people.wentWithContact(event, contactId))
        .map(({ event, contactId }) => `event ${event} of ${contactId}: missing`),
    ],
    doubled: [
      ...records.filter(({ kind }) => kind === 'doubled').map(({ id }) => `contact ${id}: two profiles`),
      ...events.differences
        .filter(({ kind }) => kind === 'surplus')
        .map(({ event, contactId }) => `event ${event} of ${contactId}: once too often`),
    ],
    wrong: [
      ...histories.wrong,
      ...decisionsAgainstTheRule(decisions).map((row) => `decision ${String(row['decisionId'])}: against the rule`),
      ...foreign,
    ],
    waiting: rejected
      .filter(({ recordTable, recordId }) => recordTable !== 'timeline' && ids.has(recordId))
      .map(({ recordTable, recordId, code }) => `${recordTable} ${recordId}: ${code}`),
    compared: {
      contacts: contacts.length,
      fields: contacts.length * fields.length,
      optOuts: contacts.length * LINES.length,
      mustBeOut: histories.mustBeOut,
      events: EVENT_KINDS.reduce((sum, kind) => sum + events.counts[kind].expected, 0),
      foreign: people.foreign.size,
      decisions: decisions.length,
    },
  };
}

/** Everything that is not as it should be. */
export function differences({ lost, doubled, wrong, waiting }: Verdict): string[] {
  return [...lost, ...doubled, ...wrong, ...waiting];
}

async function timelines(control: SandboxControl, ids: ReadonlySet<string>) {
  const logs = await control.logs();
  const activities = await Promise.all(
    EVENT_KINDS.map(async (kind) => [kind, await control.dump('dataverse', TIMELINE_TABLES[kind])] as const),
  );
  return compareTimelines(ids, logs, Object.fromEntries(activities) as Record<EventKind, DumpedRow[]>);
}

/** Each history ends as the rule says, whatever both sides agree on. */
async function consent(
  control: SandboxControl,
  people: Pick<People, 'living'>,
): Promise<{ readonly wrong: string[]; readonly mustBeOut: number }> {
  const sides = await bothSides(control);
  const wrong: string[] = [];
  let mustBeOut = 0;
  for (const [id, lines] of people.living) {
    for (const [line, words] of lines.entries()) {
      const must = endsOptedOut(words);
      if (must === true) mustBeOut++;
      const is = sides.get(id)?.[line];
      if (must === undefined || !is) continue;
      if (is.dynamics !== must || is.campaign !== must) {
        const said = words.map(({ side, optedOut }) => `${side} ${optedOut ? 'out' : 'in'}`).join(', ');
        wrong.push(
          `consent ${id} ${LINES[line]?.[0]}: ${JSON.stringify(is)} must be ${must ? 'out' : 'in'} after: ${said}`,
        );
      }
    }
  }
  return { wrong, mustBeOut };
}

/** Profiles that belong to no contact are as somebody in Campaign left them. */
function touched(foreign: ReadonlyMap<string, DumpedRow>, profiles: readonly DumpedRow[]): string[] {
  const there = new Map(profiles.map((row) => [String(row['externalId']), row]));
  return [...foreign].flatMap(([key, values]) => {
    const row = there.get(key);
    const name = Object.keys(values).find((each) => row?.[each] !== values[each]);
    return row && name === undefined ? [] : [`foreign profile ${key}: ${row ? `${name} was changed` : 'gone'}`];
  });
}
