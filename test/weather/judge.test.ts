import { SandboxControl, type DumpedRow } from '../../sandbox/control-client';
import { mappedPairs } from '../../sandbox/oracles/mapped-pairs';
import { optOutPairs } from '../../sandbox/oracles/opt-outs';
import { TIMELINE_TABLES } from '../../sandbox/oracles/timeline';
import { createRandom } from '../../sandbox/seed/random';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { demoWorkflows } from '../../sandbox/demo/workflows';
import { LINES, NOTHING_IN_BULK } from '../support/both-sides';
import { differences, judge, type Judged, type RejectedRow } from './judge';
import { People } from './people';

const NONE = { lost: [], doubled: [], wrong: [], waiting: [] };

describe('what the weather is judged by', () => {
  let sandbox: SandboxHandle;
  let world: Judged;
  let people: People;
  let ids: string[];
  beforeAll(async () => {
    const { sync, optOuts } = await demoWorkflows();
    sandbox = await startSandbox({ contacts: 6 });
    const pairs = { fields: mappedPairs(sync), optOuts: optOutPairs(optOuts) };
    world = { control: new SandboxControl(sandbox.controlUrl), pairs };
  });
  afterAll(async () => await sandbox?.close());
  beforeEach(async () => {
    sandbox.reset();
    const contacts = await world.control.dump('dataverse', 'contact');
    ids = contacts.map((row) => String(row['contactid']));
    // Everybody opted out of telephone calls, and of nothing else.
    const says = (side: 0 | 1) => Object.fromEntries(LINES.map((line) => [line[side], line[0] === 'donotphone']));
    // Profiles as the sync makes them, of contacts that hold nothing else.
    const empty = Object.fromEntries(world.pairs.fields.map(({ column }) => [column, null]));
    const names = { ...empty, lastname: 'Alike', statecode: 0 };
    await change({ updates: ids.map((contactid) => ({ contactid, ...names, ...NOTHING_IN_BULK, ...says(0) })) });
    await inCampaign({ creates: ids.map((externalId) => ({ externalId, lastName: 'Alike', ...says(1) })) });
    people = new People(world.control, 1);
    await people.begin();
  });

  const change = async (order: object) => await world.control.json('POST', '/change', order);
  const inCampaign = async (order: object) => await change({ system: 'campaign', table: 'profile', ...order });
  const judged = async (rejected: readonly RejectedRow[] = [], decisions: readonly DumpedRow[] = []) =>
    await judge(world, people, { rejected, decisions });

  it('finds nothing where both sides are equal, and says how much it looked at', async () => {
    const verdict = await judged();
    expect(verdict).toMatchObject({ ...NONE, compared: { contacts: 6, optOuts: 24, mustBeOut: 6, events: 0 } });
    expect(differences(verdict)).toEqual([]);
  });

  it('names a profile that is missing, one that differs, and one whose contact is gone', async () => {
    const [first = '', second = '', third = ''] = ids;
    await inCampaign({ deletes: [first], updates: [{ externalId: second, lastName: 'Another' }] });
    await change({ deletes: [third] });
    expect([...(await judged()).lost].sort()).toEqual(
      [`contact ${first}: missing`, `contact ${second}: different (lastName)`, `contact ${third}: surplus`].sort(),
    );
  });

  it('names a second profile under another form of the ID', async () => {
    const [first = ''] = ids;
    await inCampaign({ creates: [{ externalId: first.toUpperCase(), lastName: 'Twice' }] });
    expect((await judged()).doubled).toEqual([`contact ${first}: two profiles`]);
  });

  it('names an opt-out that one side alone has, and one that both have forgotten', async () => {
    const [first = '', second = ''] = ids;
    await inCampaign({ updates: [{ externalId: first, blackListFax: true }] });
    await inCampaign({ updates: [{ externalId: second, blackListPhone: false }] });
    await change({ updates: [{ contactid: second, donotphone: false }] });
    const verdict = await judged();
    expect(verdict.lost).toEqual([`opt-out ${first} donotfax: on one side only`]);
    expect(verdict.wrong).toEqual([
      expect.stringContaining(`consent ${first} donotfax`),
      `consent ${second} donotphone: {"dynamics":false,"campaign":false} must be out after: dynamics out`,
    ]);
  });

  it('names an opt-out that nobody ever said', async () => {
    const [first = ''] = ids;
    await inCampaign({ updates: [{ externalId: first, blackListEmail: true }] });
    await change({ updates: [{ contactid: first, donotemail: true }] });
    expect((await judged()).wrong).toEqual([
      expect.stringMatching(/^consent .* donotemail: .* must be in after: dynamics in$/),
    ]);
  });

  it('names a decision that is against the rule', async () => {
    const decision = { decisionId: 'd1', dynamicsOptedOut: 'yes', campaignOptedOut: 'no', newValue: false };
    expect((await judged([], [decision])).wrong).toEqual(['decision d1: against the rule']);
  });

  it('names an event that is missing and one that is there once too often, but none that was rejected', async () => {
    await world.control.deliver({ campaign: 'Autumn', label: 'DM', contacts: 6, seed: 3 });
    const missing = (await judged()).lost;
    expect(missing.length).toBeGreaterThan(5);
    expect(missing[0]).toMatch(/^event send \d+ of [0-9a-f-]{36}: missing$/);
    const rejected = missing.map((text) => ({
      ...{ recordTable: 'timeline', recordId: text.split(' ').slice(1, 3).join(' '), code: 'CONTACT_GONE' },
    }));
    expect((await judged(rejected)).lost).toEqual([]);
    const [contactid] = ids;
    const regarding = { _regardingobjectid_value: contactid, subject: 'Twice' };
    await change({ table: TIMELINE_TABLES.send, creates: [regarding] });
    expect((await judged(rejected)).doubled).toEqual([expect.stringMatching(/^event send .*: once too often$/)]);
  });

  it('expects no event on a timeline that was deleted with its contact, but every one that comes afterwards', async () => {
    const [first = ''] = ids;
    const deliver = async (label: string) =>
      await world.control.deliver({ campaign: 'Autumn', label, contacts: 6, seed: 3 });
    const none = { creates: 0, updates: 0, wordsInDynamics: 0, wordsInCampaign: 0, profilesDeleted: 0, foreign: 0 };
    await deliver('Before');
    const missing = (await judged()).lost;
    for (const changes of [
      { ...none, deletes: 6, returns: 0 },
      { ...none, deletes: 0, returns: 6 },
    ]) {
      await people.change(changes, createRandom(1), 1);
    }
    const events = (texts: readonly string[]) =>
      texts.filter((text) => text.startsWith('event') && text.includes(first));
    expect(events(missing).length).toBeGreaterThan(0);
    expect(events((await judged()).lost)).toEqual([]);
    await deliver('After');
    expect(events((await judged()).lost).length).toBeGreaterThan(0);
  });

  it('names a profile of another integration that was touched or is gone', async () => {
    people.foreign.set('SHOP-1', { externalId: 'SHOP-1', lastName: 'Foreign', blackListEmail: true });
    expect((await judged()).wrong).toEqual(['foreign profile SHOP-1: gone']);
    await inCampaign({ creates: [{ externalId: 'SHOP-1', lastName: 'Foreign', blackListEmail: false }] });
    expect((await judged()).wrong).toEqual(['foreign profile SHOP-1: blackListEmail was changed']);
  });

  it('names what waits in the table of rejected records, of people who are there', async () => {
    const row = (recordId: string | undefined) => ({ recordTable: 'opt-out', recordId: recordId ?? '', code: 'X' });
    expect((await judged([row(ids[0]), row('somebody else')])).waiting).toEqual([`opt-out ${ids[0]}: X`]);
  });
});
