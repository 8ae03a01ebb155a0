import type { CampaignRow } from '../../../sandbox/campaign/schema';
import type { Row } from '../../../sandbox/dataverse/schema';

export type Direction = 'disabled' | 'dynamicsToCampaign' | 'campaignToDynamics' | 'bidirectional';
type Side = 'dynamics' | 'campaign';

/** A mapping line. */
export interface Line {
  readonly column: string;
  readonly field: string;
  /** True in the column means that the person may be contacted. */
  readonly inverted: boolean;
}

/** What a row was like from a moment on, until the next one. */
interface State<R> {
  readonly fromMs: number;
  readonly row: R | undefined;
}

interface Kept {
  readonly atMs: number;
  readonly writeTo: string;
  readonly column: string;
  readonly field: string;
  readonly newValue: boolean;
}

/** What a person has said last of one consent, in either system. */
interface Word {
  readonly side: Side;
  readonly optedOut: boolean;
}

/** One person on both sides, and what became of the consents. */
class Person {
  readonly contact: State<Row>[] = [];
  readonly profile: State<CampaignRow>[] = [];
  readonly kept: Kept[] = [];
  /** Opt-outs of a profile that was deleted since its contact is filtered out. */
  remembered: readonly string[] = [];
  /** By Campaign field. */
  readonly lastWords = new Map<string, Word>();
  /** When somebody, no matter who, changed the contact last. */
  contactChangedMs = 0;
  /** When a person changed a column of the field last, by field. */
  readonly saidInDynamicsMs = new Map<string, number>();
  readonly saidInCampaignMs = new Map<string, number>();
}

/** A first value that Campaign's profiles are made with was chosen by nobody: its time proves nothing. */
const CREATION_MS = 5_000;
const wholeSeconds = (ms: number) => Math.floor(ms / 1000);
const last = <R>(states: readonly State<R>[]): R | undefined => states.at(-1)?.row;

/**
 * Who may be contacted, and who said so: the promises of docs/opt-out-rules.md in words of their own. It sees both systems as they really
 * are, each change of a person, and each write of the workflow; it knows nothing of the resolver.
 *
 * What docs/opt-out-rules.md names as limits is allowed for: Dynamics 365 gives whole seconds, so an opt-in in Campaign has to be of a later
 * second; what a person says in Campaign between the look-up and the write of an opt-out is overwritten ("The opt-out stands"); in a one-way
 * direction the side that receives has the last word until the other one is changed again.
 */
export class ConsentOracle {
  private readonly people = new Map<string, Person>();
  readonly fields: readonly string[];

  constructor(
    private readonly lines: readonly Line[],
    public direction: Direction,
    private readonly now: () => number,
    private readonly violated: (invariant: string, detail: string) => void,
  ) {
    this.fields = [...new Set(lines.map(({ field }) => field))];
  }

  private person(id: string): Person {
    let person = this.people.get(id);
    if (!person) this.people.set(id, (person = new Person()));
    return person;
  }

  /** A person, or a program that is none of the workflow's, has changed the contact; undefined: it is deleted. */
  contactChanged(id: string, row: Row | undefined): void {
    const person = this.person(id);
    const before = last(person.contact);
    this.contactIs(person, row);
    for (const field of this.fields) {
      const columns = this.lines.filter((line) => line.field === field);
      const ofAllChannels = this.lines.filter((line) => line.field === 'blackList' && isChannel(field));
      const isChanged = ({ column }: Line) => !before || !row || before[column] !== row[column];
      // What is said of every channel is said of each.
      if ([...columns, ...ofAllChannels].some(isChanged)) person.saidInDynamicsMs.set(field, this.now());
      if (!columns.some(isChanged)) continue;
      if (!row) person.lastWords.delete(field);
      else if (columns.some((line) => isOut(row, line) && !(before && isOut(before, line)))) {
        person.lastWords.set(field, { side: 'dynamics', optedOut: true });
      } else if (before) person.lastWords.set(field, { side: 'dynamics', optedOut: false });
    }
  }

  /** The same for a profile. `remembered`: the opt-outs that are kept of one that is deleted. */
  profileChanged(id: string, row: CampaignRow | undefined, remembered: readonly string[] = []): void {
    const person = this.person(id);
    const before = last(person.profile);
    person.profile.push({ fromMs: this.now(), row });
    if (!row) person.remembered = remembered;
    for (const field of this.fields) {
      const changed = [field, ...(isChannel(field) ? ['blackList'] : [])].filter(
        (name) => (before?.[name] === true) !== (row?.[name] === true),
      );
      if (before && row && changed.length === 0) continue;
      person.saidInCampaignMs.set(field, this.now());
      // What a profile is made with, nobody has said in Campaign.
      if (before && row) {
        const optedOut = changed.some((name) => row[name] === true);
        person.lastWords.set(field, { side: 'campaign', optedOut });
      }
      if (!row && !isIn(remembered, field) && person.lastWords.get(field)?.side === 'campaign') {
        person.lastWords.delete(field);
      }
    }
  }

  /** A line of a decision is in the Data table. */
  decisionKept(id: string, kept: Omit<Kept, 'atMs'>): void {
    this.person(id).kept.push({ ...kept, atMs: this.now() });
  }

  /**
   * The workflow has written a contact.
   *
   * @param sinceMs what it has read and kept for this was not before
   */
  contactWritten(id: string, after: Row | undefined, sinceMs: number): void {
    const person = this.person(id);
    const before = last(person.contact);
    if (!before || !after) {
      this.violated('nobody is made or deleted', `the contact ${id}`);
      return;
    }
    if (this.direction === 'disabled' || this.direction === 'dynamicsToCampaign') {
      this.violated('nothing is written in a direction that is off', `the contact ${id}, ${this.direction}`);
    }
    for (const name of Object.keys(after)) {
      if (after[name] === before[name] || name === 'modifiedon') continue;
      const line = this.lines.find(({ column }) => column === name);
      if (!line) this.violated('only opt-outs are written', `"${name}" of the contact ${id}`);
      else this.columnWritten(id, person, line, before, after, sinceMs);
    }
    this.contactIs(person, after);
  }

  private contactIs(person: Person, row: Row | undefined): void {
    person.contactChangedMs = this.now();
    person.contact.push({ fromMs: this.now(), row });
  }

  private columnWritten(id: string, person: Person, line: Line, before: Row, after: Row, sinceMs: number): void {
    const { field, column } = line;
    const profiles = since(person.profile, sinceMs);
    if (isOut(after, line)) {
      const everOut = person.profile.some(({ row }) => row && isOutInCampaign(row, field));
      const says = profiles.some(({ row }) => (row ? isOutInCampaign(row, field) : everOut));
      if (!says) this.violated('no opt-out is invented', `${column} of ${id}: Campaign had none`);
    } else {
      // The version of the contact protects it: what was decided on is what was there until now.
      const changedMs = Date.parse(String(before['modifiedon']));
      const proven = profiles.some(({ row }) => {
        const saidMs = row && optedInMs(row, field);
        if (saidMs === undefined) return false;
        return this.direction === 'campaignToDynamics' || wholeSeconds(saidMs) > wholeSeconds(changedMs);
      });
      if (!proven) {
        this.violated('no opt-out is undone except by the rule', `${column} of ${id}: Campaign has no newer opt-in`);
      }
    }
    this.wasKept(id, person, sinceMs, { writeTo: 'dynamics', name: column, value: after[column] === true });
  }

  /** The workflow has written a profile. */
  profileWritten(id: string, before: CampaignRow | undefined, after: CampaignRow | undefined, sinceMs: number): void {
    const person = this.person(id);
    if (!before || !after) {
      this.violated('nobody is made or deleted', `the profile ${id}`);
      return;
    }
    if (this.direction === 'disabled' || this.direction === 'campaignToDynamics') {
      this.violated('nothing is written in a direction that is off', `the profile ${id}, ${this.direction}`);
    }
    for (const name of Object.keys(after)) {
      if (after[name] === before[name] || /LastModified$|^lastModified$/.test(name)) continue;
      if (!this.fields.includes(name)) this.violated('only opt-outs are written', `"${name}" of the profile ${id}`);
      else this.fieldWritten(id, person, name, after[name] === true, sinceMs);
    }
    person.profile.push({ fromMs: this.now(), row: after });
  }

  private fieldWritten(id: string, person: Person, field: string, optedOut: boolean, sinceMs: number): void {
    const contacts = since(person.contact, sinceMs);
    if (!optedOut) {
      if (this.direction !== 'dynamicsToCampaign') {
        this.violated('no opt-in is invented', `${field} of ${id}: this direction never opts in in Campaign`);
      }
      const says = contacts.some(({ row }) => row && this.isIn(row, field));
      if (!says) this.violated('no opt-in is invented', `${field} of ${id}: Dynamics 365 had the opt-out, or no value`);
    } else {
      // Dynamics 365 is read before Campaign.
      const says = contacts.some(({ row, fromMs }) => {
        if (!row || !this.isOutInDynamics(row, field)) return false;
        if (this.direction !== 'bidirectional') return true;
        const changedMs = Date.parse(String(row['modifiedon']));
        return since(person.profile, Math.max(sinceMs, fromMs)).some((profile) => {
          const saidMs = profile.row && optedInMs(profile.row, field);
          return saidMs === undefined || wholeSeconds(saidMs) <= wholeSeconds(changedMs);
        });
      });
      if (!says) this.violated('no opt-out is invented', `${field} of ${id}: Dynamics 365 had none that is as new`);
    }
    this.wasKept(id, person, sinceMs, { writeTo: 'campaign', name: field, value: optedOut });
  }

  private wasKept(
    id: string,
    person: Person,
    sinceMs: number,
    written: { readonly writeTo: Side; readonly name: string; readonly value: boolean },
  ): void {
    const kept = person.kept.some(
      ({ atMs, writeTo, column, field, newValue }) =>
        atMs >= sinceMs &&
        writeTo === written.writeTo &&
        (writeTo === 'dynamics' ? column : field) === written.name &&
        newValue === written.value,
    );
    if (!kept) this.violated('decisions are kept before they are written', `${written.name} of ${id}`);
  }

  /**
   * What is not as it has to be once nothing is under way any more; undefined where all is.
   *
   * @param isRejected whether a person is among the rejected records
   */
  disagreement(isRejected: (id: string) => boolean): string | undefined {
    if (this.direction === 'disabled') return undefined;
    for (const [id, person] of this.people) {
      const contact = last(person.contact);
      if (!contact) continue;
      const profile = last(person.profile);
      for (const field of this.fields) {
        const wrong = profile
          ? this.differs(person, contact, profile, field)
          : this.differsWithoutProfile(person, contact, field, isRejected(id));
        if (wrong) return `${field} of ${id}: ${wrong}`;
      }
    }
    return undefined;
  }

  private differs(person: Person, contact: Row, profile: CampaignRow, field: string): string | undefined {
    const inDynamics = this.isOutInDynamics(contact, field);
    const inCampaign = isOutInCampaign(profile, field);
    if (this.direction === 'bidirectional') {
      if (inDynamics !== inCampaign) return `${words(inDynamics)} in Dynamics 365, ${words(inCampaign)} in Campaign`;
      if (person.lastWords.get(field)?.optedOut && !inDynamics) return 'an opt-out was the last word, and is gone';
      return undefined;
    }
    if (this.isFree(person, field)) return undefined;
    if (this.direction === 'dynamicsToCampaign') {
      if (inDynamics && !inCampaign) return 'opted out in Dynamics 365 and not in Campaign';
      return this.isIn(contact, field) && profile[field] === true ? 'opted in in Dynamics 365 alone' : undefined;
    }
    if (inCampaign && !inDynamics) return 'opted out in Campaign and not in Dynamics 365';
    // An opt-in by one channel does not lift the opt-out from every channel.
    const byItsColumns = this.lines.some((line) => line.field === field && isOut(contact, line));
    return optedInMs(profile, field) !== undefined && byItsColumns && this.wasSaidByField(person, field)
      ? 'opted in in Campaign alone'
      : undefined;
  }

  /**
   * One-way: the side that receives was changed after the one that decides. Whether the decision came before or after is a matter of time, and
   * both are right.
   */
  private isFree(person: Person, field: string): boolean {
    const inCampaignMs = person.saidInCampaignMs.get(field) ?? 0;
    if (this.direction === 'dynamicsToCampaign') return inCampaignMs >= person.contactChangedMs;
    return (person.saidInDynamicsMs.get(field) ?? 0) >= inCampaignMs;
  }

  /** Not by lifting the opt-out from every channel: that is no opt-in by this one. */
  private wasSaidByField(person: Person, field: string): boolean {
    const said = person.saidInCampaignMs.get(field);
    const profile = last(person.profile);
    return profile !== undefined && optedInMs(profile, field) === said;
  }

  private differsWithoutProfile(person: Person, contact: Row, field: string, rejected: boolean): string | undefined {
    const optedOut = this.isOutInDynamics(contact, field);
    if (this.direction !== 'dynamicsToCampaign' && isIn(person.remembered, field) && !optedOut) {
      return 'the opt-out of the deleted profile is not in Dynamics 365';
    }
    if (this.direction === 'bidirectional' && person.lastWords.get(field)?.optedOut && !optedOut) {
      return 'an opt-out was the last word, and is gone';
    }
    // Whoever makes a profile again gives it what the contact has; what was said since then has to wait for it.
    const saidSince = person.contactChangedMs > (person.profile.at(-1)?.fromMs ?? 0);
    return optedOut && saidSince && !rejected && this.direction !== 'campaignToDynamics'
      ? 'opted out, without a profile, and not among the rejected records'
      : undefined;
  }

  /** Whether the fields of this person could still be written by what was decided in good order. */
  mayStillBeWritten(id: string): boolean {
    const person = this.person(id);
    return this.direction !== 'bidirectional' && this.fields.some((field) => this.isFree(person, field));
  }

  /** By a column of the field, or of the opt-out from every channel. */
  private isOutInDynamics(row: Row, field: string): boolean {
    return this.lines.some(
      (line) => (line.field === field || (line.field === 'blackList' && isChannel(field))) && isOut(row, line),
    );
  }

  /** Each of the columns has a value, and none is an opt-out: a missing value is no opt-in. */
  private isIn(row: Row, field: string): boolean {
    const hasAll = this.lines.every((line) => line.field !== field || typeof row[line.column] === 'boolean');
    return hasAll && !this.isOutInDynamics(row, field);
  }
}

const words = (optedOut: boolean) => (optedOut ? 'opted out' : 'not opted out');
const isChannel = (field: string) => field !== 'blackList';
const isOut = (row: Row, { column, inverted }: Line) => row[column] === !inverted;
const isIn = (optOuts: readonly string[], field: string) =>
  optOuts.includes(field) || (isChannel(field) && optOuts.includes('blackList'));
const isOutInCampaign = (row: CampaignRow, field: string) =>
  row[field] === true || (isChannel(field) && row['blackList'] === true);

/** When the person opted in in Campaign; undefined where that is not so, or has no time that proves it. Push has none. */
function optedInMs(row: CampaignRow, field: string): number | undefined {
  if (isOutInCampaign(row, field)) return undefined;
  const ms = timeOf(row[`${field}LastModified`]);
  const createdMs = timeOf(row['created']) ?? 0;
  return ms !== undefined && ms > createdMs + CREATION_MS ? ms : undefined;
}

function timeOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value.replace(' ', 'T')) : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** The states that were in force at some moment since then. */
function since<R>(states: readonly State<R>[], ms: number): readonly State<R>[] {
  let first = states.length - 1;
  while (first > 0 && (states[first] as State<R>).fromMs > ms) first--;
  return states.slice(Math.max(0, first));
}
