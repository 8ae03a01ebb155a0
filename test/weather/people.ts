import type { SandboxControl, DumpedRow } from '../../sandbox/control-client';
import type { Word } from '../../sandbox/oracles/opt-out-history';
import type { Random } from '../../sandbox/seed/random';
import { BULK, LINES, NOTHING_IN_BULK, bothSides } from '../support/both-sides';
import type { Changes } from './plan';

/** A contact of Dynamics 365, and what was said about each line of the opt-outs. */
interface Person {
  readonly id: string;
  alive: boolean;
  /** By line of the mapping. */
  readonly words: Word[][];
  /** The newest rows of both logs when the contact was deleted last; 0: never. */
  deletedAfter: { delivery: number; tracking: number };
  /** The round from which on this person may say something in Campaign: before, n8n may be deleting the profile. */
  speaksFrom: number;
}

/** A run that deletes a profile may be under way for so many rounds after the contact was deleted. */
const ROUNDS_OF_A_DELETE = 3;

/** What happened, for the report. */
export interface ChangeCounts {
  creates: number;
  updates: number;
  deletes: number;
  returns: number;
  wordsInDynamics: number;
  wordsInCampaign: number;
  profilesDeleted: number;
  foreign: number;
}

/** The people of both systems: changes them at random, and remembers what their histories must end with. */
export class People {
  readonly counts: ChangeCounts = {
    ...{ creates: 0, updates: 0, deletes: 0, returns: 0 },
    ...{ wordsInDynamics: 0, wordsInCampaign: 0, profilesDeleted: 0, foreign: 0 },
  };
  private readonly all: Person[] = [];
  /** Profiles that belong to no contact, as they must be: the sync leaves them alone. By external ID. */
  readonly foreign = new Map<string, DumpedRow>();
  private foreignMade = 0;
  /** Every change with its time, for whoever looks for the cause of a difference. */
  readonly diary: string[] = [];
  /** While it is true no contact is deleted: what is deleted without a valid delta token stays in Campaign, as documented. */
  holdDeletes = false;

  constructor(
    private readonly control: SandboxControl,
    private readonly seed: number,
  ) {}

  /** Takes the contacts that are there. */
  async begin(): Promise<void> {
    await this.meet((await this.control.dump('dataverse', 'contact')).map((row) => String(row['contactid'])));
  }

  /** Everybody who is a contact now, with what was said. */
  get living(): ReadonlyMap<string, readonly (readonly Word[])[]> {
    return new Map(this.all.filter(({ alive }) => alive).map(({ id, words }) => [id, words]));
  }

  /** Contacts that are not there now. */
  get gone(): readonly string[] {
    return this.all.filter(({ alive }) => !alive).map(({ id }) => id);
  }

  /** Whether an event (`open 1000001`) happened before its contact was deleted: it may have left the timeline with the contact. */
  wentWithContact(event: string, contactId: string): boolean {
    const [kind, id] = event.split(' ');
    const person = this.all.find((each) => each.id === contactId);
    const log = kind === 'send' || kind === 'bounce' ? 'delivery' : 'tracking';
    return person !== undefined && Number(id) <= person.deletedAfter[log];
  }

  /** Makes the changes, in an order that is drawn too. */
  async change(changes: Changes, random: Random, round: number): Promise<void> {
    const todo: ((random: Random) => Promise<void>)[] = [
      ...Array<() => Promise<void>>(changes.creates > 0 ? 1 : 0).fill(() => this.create(changes.creates)),
      ...Array.from({ length: changes.updates }, () => (each: Random) => this.update(each)),
      ...Array.from({ length: changes.deletes }, () => (each: Random) => this.remove(each, round)),
      ...Array.from({ length: changes.returns }, () => (each: Random) => this.return(each)),
      ...Array.from({ length: changes.wordsInDynamics }, () => (each: Random) => this.speakInDynamics(each)),
      ...Array.from({ length: changes.wordsInCampaign }, () => (each: Random) => this.speakInCampaign(each, round)),
      ...Array.from({ length: changes.profilesDeleted }, () => (each: Random) => this.deleteProfile(each)),
      ...Array.from({ length: changes.foreign }, () => (each: Random) => this.changeForeign(each)),
    ];
    while (todo.length > 0) {
      const [next] = todo.splice(random.int(0, todo.length - 1), 1);
      await next?.(random);
    }
  }

  private note(what: string, values: unknown): void {
    this.diary.push(`${new Date().toISOString()} ${what} ${JSON.stringify(values)}`);
  }

  /** Changes somebody's name to one that nobody has. @returns who it is, and the name */
  async mark(name: string, random: Random): Promise<{ readonly id: string; readonly lastName: string } | undefined> {
    const person = this.pick(random, true);
    if (!person) return undefined;
    await this.control.update('dataverse', 'contact', { contactid: person.id, lastname: name });
    return { id: person.id, lastName: name };
  }

  private async create(count: number): Promise<void> {
    const { created } = await this.control.changeContacts({ creates: count, updates: 0, deletes: 0, seed: this.seed });
    await this.meet(created);
    this.note('created', created);
    this.counts.creates += created.length;
  }

  /** What a new contact holds counts as a word that was said in Dynamics 365. */
  private async meet(ids: readonly string[]): Promise<void> {
    const values = await bothSides(this.control);
    for (const id of ids) {
      const words = (values.get(id) ?? []).map(({ dynamics }): Word[] => [{ side: 'dynamics', optedOut: dynamics }]);
      this.all.push({ id, alive: true, words, deletedAfter: { delivery: 0, tracking: 0 }, speaksFrom: 0 });
    }
  }

  private async update(random: Random): Promise<void> {
    const person = this.pick(random, true);
    const values = someValues(random);
    if (!person) return;
    await this.control.update('dataverse', 'contact', { contactid: person.id, ...values });
    this.note(`changed ${person.id}`, values);
    this.counts.updates++;
  }

  private async remove(random: Random, round: number): Promise<void> {
    const person = this.pick(random, true);
    if (!person || this.holdDeletes) return;
    const { delivery, tracking } = await this.control.logs();
    await this.control.json('POST', '/change', { deletes: [person.id] });
    person.deletedAfter = { delivery: delivery.at(-1)?.id ?? 0, tracking: tracking.at(-1)?.id ?? 0 };
    person.alive = false;
    person.speaksFrom = round + ROUNDS_OF_A_DELETE;
    this.note('deleted', person.id);
    this.counts.deletes++;
  }

  private async return(random: Random): Promise<void> {
    const person = this.pick(random, false);
    const optedOut = LINES.map(() => random.chance(0.2));
    if (!person) return;
    const values = Object.fromEntries(LINES.map(([column], line) => [column, optedOut[line] === true]));
    const lastname = `Back ${random.int(1, 9999)}`;
    await this.control.json('POST', '/change', {
      creates: [{ contactid: person.id, lastname, ...NOTHING_IN_BULK, ...values }],
    });
    person.alive = true;
    for (const [line, words] of person.words.entries()) {
      words.push({ side: 'dynamics', optedOut: optedOut[line] === true });
    }
    this.note(`back ${person.id}`, values);
    this.counts.returns++;
  }

  private async speakInDynamics(random: Random): Promise<void> {
    const person = this.pick(random, true);
    const line = random.int(0, LINES.length - 1);
    const optedOut = random.chance(0.5);
    const [column, field] = LINES[line] ?? ['', ''];
    const bulk = BULK[field];
    // Who takes it back takes all of it back; an opt-out may be one of bulk mails alone.
    const alone = optedOut && bulk !== undefined && random.chance(0.3);
    if (!person) return;
    const values = { ...(alone ? {} : { [column]: optedOut }), ...(bulk === undefined ? {} : { [bulk]: optedOut }) };
    await this.control.update('dataverse', 'contact', { contactid: person.id, ...values });
    person.words[line]?.push({ side: 'dynamics', optedOut });
    this.note(`word in Dynamics ${person.id}`, values);
    this.counts.wordsInDynamics++;
  }

  private async speakInCampaign(random: Random, round: number): Promise<void> {
    const person = this.pick(random, true);
    const line = random.int(0, LINES.length - 1);
    const optedOut = random.chance(0.5);
    if (!person || person.speaksFrom > round) return;
    const values = { externalId: person.id, [LINES[line]?.[1] ?? '']: optedOut };
    if (!(await this.changeProfile({ updates: [values] }))) return;
    person.words[line]?.push({ side: 'campaign', optedOut });
    this.note(`word in Campaign ${person.id}`, values);
    this.counts.wordsInCampaign++;
  }

  /** The contact is changed afterwards, and so gets a new profile. What Campaign alone knew of opt-outs goes with the old one. */
  private async deleteProfile(random: Random): Promise<void> {
    const person = this.pick(random, true);
    if (!person || !(await this.changeProfile({ deletes: [person.id] }))) return;
    for (const words of person.words) {
      const last = words.at(-1);
      const dynamicsHasIt = last?.side === 'dynamics' && last.optedOut;
      if (!dynamicsHasIt && words.some(({ optedOut }) => optedOut)) words.push({ side: 'campaign', optedOut: false });
    }
    await this.control.update('dataverse', 'contact', { contactid: person.id, ...someValues(random) });
    this.note('profile deleted', person.id);
    this.counts.profilesDeleted++;
  }

  private async changeForeign(random: Random): Promise<void> {
    const how = random.pick(['create', 'create', 'update', 'delete'] as const);
    const keys = [...this.foreign.keys()];
    const key = how === 'create' || keys.length === 0 ? undefined : random.pick(keys);
    const values = { lastName: `Foreign ${random.int(1, 9999)}`, blackListEmail: random.chance(0.5) };
    const order = { system: 'campaign', table: 'profile' };
    if (key === undefined) {
      const externalId = `SHOP-${++this.foreignMade}`;
      await this.control.json('POST', '/change', { ...order, creates: [{ externalId, ...values }] });
      this.foreign.set(externalId, { externalId, ...values });
    } else if (how === 'update') {
      await this.control.json('POST', '/change', { ...order, updates: [{ externalId: key, ...values }] });
      this.foreign.set(key, { externalId: key, ...values });
    } else {
      await this.control.json('POST', '/change', { ...order, deletes: [key] });
      this.foreign.delete(key);
    }
    this.counts.foreign++;
  }

  /** False where there is no such profile (yet, or any more): n8n makes and deletes them meanwhile. */
  private async changeProfile(change: object): Promise<boolean> {
    return await this.control.json('POST', '/change', { system: 'campaign', table: 'profile', ...change }).then(
      () => true,
      (error: Error) => {
        if (error.message.includes('There is no record')) return false;
        throw error;
      },
    );
  }

  /** Drawn from everybody who ever was, so that the choice depends on the seed alone; the next one in line who fits. */
  private pick(random: Random, alive: boolean): Person | undefined {
    const from = random.int(0, this.all.length - 1);
    for (let step = 0; step < this.all.length; step++) {
      const person = this.all[(from + step) % this.all.length];
      if (person?.alive === alive) return person;
    }
    return undefined;
  }
}

/** New values of some columns that the template maps, and of one that only some mappings have. */
function someValues(random: Random): DumpedRow {
  const number = random.int(1, 99_999);
  const values: DumpedRow = {
    firstname: random.pick(['Ada', 'Jörg', '李', null, `Name ${number}`]),
    lastname: `Changed ${number}`,
    address1_city: random.pick(['Ulm', 'Köln', null, `City ${number}`]),
    telephone1: random.pick([null, `+49 30 ${number}`]),
    emailaddress1: `weather.${number}@example.org`,
    gendercode: random.pick([1, 2, null]),
    new_visits: number,
  };
  const kept = Object.entries(values).filter(() => random.chance(0.5));
  return kept.length > 0 ? Object.fromEntries(kept) : { lastname: values['lastname'] };
}
