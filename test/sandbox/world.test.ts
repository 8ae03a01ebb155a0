import { World } from '../../sandbox/control/world';
import { dump } from '../../sandbox/control/dump';
import type { Table } from '../../sandbox/dataverse/store';
import { seededGuid } from '../../sandbox/seed/random';

const NOW = Date.parse('2026-03-01T10:00:00Z');

function worldOf(sourceAbove: number): World {
  const world = new World({ tenant: 'org', settings: {}, now: () => NOW, sourceAbove });
  world.seed({ table: 'account', count: 50, seed: 7 });
  world.seed({ table: 'contact', count: 500, seed: 7, bad: 50 });
  world.seed({ table: 'new_membership', count: 100, seed: 7 });
  return world;
}

const text = (world: World, table: string): string => [...dump(world, 'dataverse', table, true)].join('');

describe('rows that are worked out when they are read', () => {
  it.each(['account', 'contact', 'new_membership'])('are the same as kept ones: %s', (table) => {
    expect(text(worldOf(1), table)).toBe(text(worldOf(1_000_000), table));
  });

  it('stay changed and deleted like kept ones, their children too', () => {
    const [worked, kept] = [worldOf(1), worldOf(1_000_000)].map((world) => {
      const { organization } = world;
      const contacts = organization.table('contact') as Table;
      const accounts = organization.table('account') as Table;
      organization.replace(contacts, 3, { ...contacts.rowAt(3), lastname: 'Changed' });
      organization.remove(contacts, 5);
      organization.remove(accounts, 2);
      return { text: text(world, 'contact') + text(world, 'new_membership'), changed: contacts.logPosition(0) };
    });
    expect(worked).toEqual(kept);
    expect(worked?.text).toContain('"lastname":"Changed"');
  });
});

describe('a table of many changes', () => {
  it('keeps its change log within bounds', () => {
    const { organization } = new World({ tenant: 'org', settings: {}, now: () => NOW });
    const contacts = organization.table('contact') as Table;
    for (let i = 0; i < 10; i++) organization.insert(contacts, { contactid: seededGuid(1, 1, i), lastname: 'A' });
    const start = organization.clock.current;
    for (let i = 0; i < 50_000; i++)
      organization.replace(contacts, i % 10, { ...contacts.rowAt(i % 10), lastname: `B${i}` });
    // All ten rows changed, and each is there once.
    const live: number[] = [];
    let entries = 0;
    for (let at = contacts.logPosition(start); ; at++, entries++) {
      const entry = contacts.logEntry(at);
      if (entry === null) break;
      if (entry) live.push(entry.slot);
    }
    expect(live.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(entries).toBeLessThan(11_000);
  });
});

describe('seeded ids', () => {
  it('are GUIDs, and different for 200,000 rows', () => {
    const ids = new Set<string>();
    for (let row = 0; row < 200_000; row++) ids.add(seededGuid(42, 1, row));
    expect(ids.size).toBe(200_000);
    expect(
      [...ids]
        .slice(0, 1_000)
        .every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toBe(true);
  });
});
