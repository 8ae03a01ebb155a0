import { SandboxControl } from '../../sandbox/control-client';
import { startSandbox } from '../../sandbox/start';
import { People } from './people';
import { drawRound, peopleOf } from './plan';

const NOW = Date.parse('2026-03-01T10:00:00Z');

jest.setTimeout(60_000);

const ROUNDS = 8;

/** What both systems hold after some rounds, with nobody who syncs them. */
async function played(seed: number) {
  const sandbox = await startSandbox({ contacts: 30, now: () => NOW });
  try {
    const control = new SandboxControl(sandbox.controlUrl);
    await control.json('POST', '/seed', { table: 'profile', count: 30, profilesFrom: 'contact' });
    const people = new People(control, seed);
    await people.begin();
    for (let round = 1; round <= ROUNDS; round++) {
      const random = peopleOf(seed, round);
      const { before, amid, meanwhile } = drawRound(seed, round, false);
      for (const changes of [before, amid, meanwhile]) await people.change(changes, random, round);
    }
    const contacts = await control.dump('dataverse', 'contact');
    return { contacts, profiles: await control.dump('campaign', 'profile'), people };
  } finally {
    await sandbox.close();
  }
}

describe('the people of the weather', () => {
  it('do the same for the same seed, and something else for another', async () => {
    const [first, second, other] = [await played(5), await played(5), await played(6)];
    expect(second.contacts).toEqual(first.contacts);
    expect(second.profiles).toEqual(first.profiles);
    expect([...second.people.living]).toEqual([...first.people.living]);
    expect(other.contacts).not.toEqual(first.contacts);
    for (const times of Object.values(first.people.counts)) expect(times).toBeGreaterThan(0);
  });

  it('are remembered as they are: who is a contact, and what each one said last in Dynamics 365', async () => {
    const { contacts, people } = await played(7);
    expect([...people.living.keys()].sort()).toEqual(contacts.map((row) => String(row['contactid'])).sort());
    const said = contacts.flatMap((row) => {
      const phone = people.living.get(String(row['contactid']))?.[1]?.findLast(({ side }) => side === 'dynamics');
      return [[row['donotphone'], phone?.optedOut]];
    });
    expect(said.length).toBeGreaterThan(20);
    for (const [is, last] of said) expect(is).toBe(last);
  });

  it('delete nobody while deletes are held', async () => {
    const sandbox = await startSandbox({ contacts: 10 });
    try {
      const people = new People(new SandboxControl(sandbox.controlUrl), 1);
      await people.begin();
      people.holdDeletes = true;
      const none = { creates: 0, updates: 0, returns: 0, wordsInDynamics: 0, wordsInCampaign: 0 };
      const changes = { ...none, deletes: 3, profilesDeleted: 0, foreign: 0 };
      await people.change(changes, peopleOf(1, 1), 1);
      expect(people.living.size).toBe(10);
      people.holdDeletes = false;
      await people.change(changes, peopleOf(1, 1), 1);
      expect(people.living.size).toBe(7);
    } finally {
      await sandbox.close();
    }
  });
});
