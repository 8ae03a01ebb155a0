import { CampaignClient } from '../../lib/campaign/client';
import { profileSource } from '../../lib/campaign/profile-source';
import { DataverseClient } from '../../lib/dataverse/client';
import { contactSource } from '../../lib/dataverse/contact-source';
import { compileLines } from '../../lib/sync/opt-out/compile-lines';
import { type ResolveSettings, type Resolved } from '../../lib/sync/opt-out/route-decision';
import { resolveOptOuts } from '../../lib/sync/opt-out/resolve';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { CONTACT } from '../support/builders';
import { SETTINGS } from '../support/opt-out-fixtures';
import { controlOf } from './systems';

/**
 * Against the emulated systems: 48 people, every combination of both values and of who changed last. The oracle knows the rule and
 * what was done to each person, nothing of the product.
 */
const START = Date.parse('2026-11-01T12:00:00.000Z');
const PROFILE = { name: 'profile', api: 'profileAndServicesExt' } as const;

let clock = START;
let sandbox: SandboxHandle;
let dataverse: DataverseClient;
let campaign: CampaignClient;
let settings: ResolveSettings;

const control = controlOf(() => sandbox);
const contacts = () => control<Record<string, unknown>[]>('/dump?system=dataverse&table=contact');
const profiles = () => control<Record<string, unknown>[]>('/dump?system=campaign&table=profile');
const changeContact = (id: string, values: Record<string, unknown>) =>
  control('/change', { updates: [{ contactid: id, ...values }] });
const changeProfile = (id: string, values: Record<string, unknown>) =>
  control('/change', { system: 'campaign', table: 'profile', updates: [{ externalId: id, ...values }] });

interface Person {
  id: string;
  dynamics: boolean;
  campaign: boolean;
  /** Seconds by which Campaign's change is later; null: nobody ever changed it in Campaign. */
  later: number | null;
}

async function setUp(): Promise<Person[]> {
  const people: Person[] = [];
  for (const [index, contact] of (await contacts()).entries()) {
    const person: Person = {
      id: String(contact['contactid']),
      dynamics: index % 2 === 1,
      campaign: index % 4 > 1,
      later: [60, -60, 0.9, null][Math.floor(index / 4) % 4] as number | null,
    };
    if (person.later === null) person.campaign = false;
    people.push(person);
    const { id, later } = person;
    clock = START;
    await campaign.create(PROFILE, { externalId: id, email: `${index}@example.org` });
    const inDynamics = START + 3_600_000;
    clock = inDynamics;
    await changeContact(id, { donotemail: person.dynamics, followemail: !person.dynamics });
    if (later !== null) {
      // Turned over and back, so that the field has a time even where it ends as it began.
      clock = inDynamics + later * 1000 - 10;
      await changeProfile(id, { blackListEmail: !person.campaign, ccpaOptOut: !person.campaign });
      clock = inDynamics + later * 1000;
      await changeProfile(id, { blackListEmail: person.campaign, ccpaOptOut: person.campaign });
    }
  }
  clock = START + 7_200_000;
  return people;
}

function oracle({ dynamics, campaign: inCampaign, later }: Person): boolean {
  return later !== null && later >= 1 ? inCampaign : dynamics || inCampaign;
}

async function write(resolved: readonly Resolved[]): Promise<void> {
  for (const { output, json } of resolved) {
    if (output === 'toCampaign') {
      const { key, fields } = json['target'] as { key: { value: string }; fields: Record<string, boolean> };
      const found = await campaign.find({ ...lookUp, keyValue: key.value });
      await campaign.update(found?.href as string, fields);
    }
    if (output === 'toDynamics') {
      expect(json['ifMatch']).toMatch(/^W\/"\d+"$/);
      await changeContact(json['id'] as string, json['columns'] as Record<string, boolean>);
    }
  }
}
const lookUp = { resource: PROFILE, keyField: 'externalId', lookup: { by: 'key' } } as const;

const run = (items: Record<string, unknown>[]) =>
  resolveOptOuts(items, settings, {
    contacts: contactSource(dataverse, CONTACT, { merges: true }),
    profiles: profileSource(campaign, lookUp),
    now: () => clock,
  });

describe.each(['standard', 'v8'] as const)('the Opt-Out Resolver on Dataverse and Campaign %s', (product) => {
  beforeAll(async () => {
    clock = START;
    sandbox = await startSandbox({ contacts: 48, product, now: () => clock });
    dataverse = new DataverseClient(sandbox.dynamics365);
    campaign = new CampaignClient(sandbox.adobeCampaign);
    const [table, profile] = await Promise.all([
      dataverse.describeTable('contact'),
      campaign.describeResource(PROFILE),
    ]);
    const lines = compileLines(
      [
        { column: 'donotemail|boolean', field: 'blackListEmail', inverted: false },
        { column: 'followemail|boolean', field: 'ccpaOptOut', inverted: true },
      ],
      table,
      profile,
      { blackListTimeField: 'blackListLastModified' },
    );
    settings = { ...SETTINGS, lines, profile: PROFILE, concurrency: 5 };
  });
  afterAll(async () => {
    dataverse.close();
    campaign.close();
    await sandbox.close();
  });

  it('brings both sides to what the rule says, and finds nothing to do afterwards', async () => {
    const people = await setUp();
    const items = people.map(({ id }, index) =>
      index % 3 === 0 ? { externalId: id } : { change: 'upsert', table: 'contact', id, record: {} },
    );
    const resolved = await run(items);
    expect(resolved.filter(({ output }) => output === 'rejected')).toEqual([]);
    await write(resolved);

    const inDynamics = new Map((await contacts()).map((row) => [row['contactid'], row]));
    const inCampaign = new Map((await profiles()).map((row) => [row['externalId'], row]));
    for (const person of people) {
      const optedOut = oracle(person);
      expect({ person, row: inDynamics.get(person.id) }).toMatchObject({
        row: { donotemail: optedOut, followemail: !optedOut },
      });
      expect({ person, row: inCampaign.get(person.id) }).toMatchObject({
        row: { blackListEmail: optedOut, ccpaOptOut: optedOut },
      });
    }
    const outcomes = new Set(people.map(oracle));
    expect(outcomes).toEqual(new Set([true, false]));

    clock += 60_000;
    expect(new Set((await run(items)).map(({ output }) => output))).toEqual(new Set(['nothing']));
  });

  it("carries a merged contact's opt-outs, of both sides, to the contact that it became part of", async () => {
    const [loser = '', winner = ''] = (await contacts()).slice(-2).map((row) => String(row['contactid']));
    const optedIn = { donotemail: false, followemail: true };
    await control('/change', {
      updates: [
        { contactid: loser, ...optedIn, donotemail: true },
        { contactid: winner, ...optedIn },
      ],
    });
    await changeProfile(loser, { blackListEmail: true, ccpaOptOut: true });
    await changeProfile(winner, { blackListEmail: false, ccpaOptOut: false });
    clock += 60_000;
    await control('/change', { merges: [{ loser, winner }] });
    const items = [loser, winner].map((id) => ({ change: 'upsert', table: 'contact', id, record: {} }));
    await write(await run(items));

    const row = (await contacts()).find(({ contactid }) => contactid === winner);
    expect(row).toMatchObject({ donotemail: true, followemail: false });
    const made = (await profiles()).find(({ externalId }) => externalId === winner);
    expect(made).toMatchObject({ blackListEmail: true, ccpaOptOut: true });
    clock += 60_000;
    expect(new Set((await run(items)).map(({ output }) => output))).toEqual(new Set(['nothing']));
  });

  it('finds a profile whose external ID is the GUID in upper case, and writes to it by that', async () => {
    const id = String((await contacts())[0]?.['contactid']);
    await control('/change', { system: 'campaign', table: 'profile', deletes: [id] });
    await campaign.create(PROFILE, { externalId: id.toUpperCase(), email: 'upper@example.org' });
    await changeContact(id, { donotemail: true });
    await write(await run([{ change: 'upsert', table: 'contact', id, record: {} }]));
    const of = (await profiles()).filter(({ externalId }) => String(externalId).toLowerCase() === id);
    expect(of).toEqual([expect.objectContaining({ externalId: id.toUpperCase(), blackListEmail: true })]);
  });
});
