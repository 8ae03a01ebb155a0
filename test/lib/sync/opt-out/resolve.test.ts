import { RetriableError } from '../../../../lib/core/errors';
import type { ResolveSettings } from '../../../../lib/sync/opt-out/route-decision';
import { resolveOptOuts } from '../../../../lib/sync/opt-out/resolve';
import {
  NOW,
  SETTINGS,
  change,
  contact,
  id,
  profile,
  row,
  sourcesOf,
  systems,
} from '../../../support/opt-out-fixtures';

type Json = Record<string, unknown>;

async function run(
  items: Json[],
  contacts: Json[],
  profiles: Json[],
  settings: Partial<ResolveSettings> = {},
  model = systems(contacts, profiles),
) {
  return await resolveOptOuts(items, { ...SETTINGS, ...settings }, sourcesOf(model));
}
const outputs = (resolved: Awaited<ReturnType<typeof run>>) => resolved.map(({ item, output }) => `${item} ${output}`);
const only = (resolved: Awaited<ReturnType<typeof run>>) => {
  expect(resolved).toHaveLength(1);
  return resolved[0]?.json as Json & { outcome: Json; decision: Json };
};

describe('an item to Campaign', () => {
  it('is a change that the Adobe Campaign node writes, and that never creates a profile', async () => {
    const delivery = { trigger: 'w:n', number: 7, attempt: 1, until: '2026-11-21T13:00:00.000Z' };
    const [resolved] = await run([change(1, { delivery })], [contact(1, { donotemail: true })], [profile(1)]);
    expect(resolved?.output).toBe('toCampaign');
    expect(resolved?.json).toEqual({
      change: 'upsert',
      reason: 'changed',
      table: 'contact',
      id: id(1),
      modifiedOn: '2026-11-21T12:00:00Z',
      initial: false,
      record: {},
      labels: {},
      delivery,
      target: {
        resource: 'profile',
        api: 'profileAndServicesExt',
        key: { field: 'externalId', value: id(1) },
        fields: { blackListEmail: true },
        loadAndCreationFields: {},
        creationFields: {},
        updateOnly: true,
        lines: { blackListEmail: 1 },
      },
      decision: expect.objectContaining({ id: `${id(1)}@${new Date(NOW).toISOString()}`, from: 'dynamics' }) as unknown,
    });
  });
});

describe('an item to Dynamics 365', () => {
  it("carries the columns that differ and the row's version", async () => {
    const [resolved] = await run([row(1)], [contact(1)], [profile(1, { blackListEmail: true })]);
    expect(resolved).toMatchObject({
      output: 'toDynamics',
      item: 0,
      json: { table: 'contact', id: id(1), columns: { donotemail: true }, ifMatch: 'W/"1"', attempt: 1 },
    });
    expect(resolved?.json).not.toHaveProperty('lastKnown');
  });

  it.each([undefined, '', 5])('is not given out without a version of the row (%p)', async (etag) => {
    const rows = [contact(1, { '@odata.etag': etag })];
    const json = only(await run([row(1)], rows, [profile(1, { blackListEmail: true })]));
    expect(json.outcome).toMatchObject({ status: 'rejected', code: 'NO_ROW_VERSION' });
  });
});

describe('a person', () => {
  it('comes out on both sides with the same decision when both are written', async () => {
    const resolved = await run([change(1)], [contact(1, { donotemail: true })], [profile(1, { blackListPhone: true })]);
    expect(outputs(resolved)).toEqual(['0 toCampaign', '0 toDynamics']);
    expect(resolved[0]?.json['decision']).toBe(resolved[1]?.json['decision']);
    expect(resolved[1]?.json['columns']).toEqual({ donotphone: true });
  });

  it('is decided by what both sides hold now, not by what the item says', async () => {
    const stale = row(1, { blackListEmail: true, blackListEmailLastModified: '2026-11-21 16:59:00.000Z' });
    const json = only(await run([stale], [contact(1)], [profile(1)]));
    expect(json.outcome).toMatchObject({ status: 'unchanged', code: 'NOTHING_TO_DO' });
  });

  it('has the same decision whoever asks, in Bidirectional', async () => {
    const contacts = [contact(1, { donotemail: true })];
    const profiles = [profile(1, { blackListPhone: true })];
    const [a, b] = [await run([change(1)], contacts, profiles), await run([row(1)], contacts, profiles)];
    expect(a.map(({ output, json }) => [output, json['target'] ?? json['columns']])).toEqual(
      b.map(({ output, json }) => [output, json['target'] ?? json['columns']]),
    );
  });

  it('is written once, however many items of a batch are of that person', async () => {
    const items = [change(1), row(1), row(1), row(2)];
    const people = [contact(1, { donotemail: true }), contact(2, { donotphone: true })];
    const resolved = await run(items, people, [profile(1), profile(2)]);
    expect(outputs(resolved)).toEqual(['0 toCampaign', '1 nothing', '2 nothing', '3 toCampaign']);
    expect(resolved[1]?.json['outcome']).toMatchObject({ status: 'skipped', code: 'DECIDED_WITH_ANOTHER_ITEM' });
  });

  it('with two profiles, whose keys differ in case, is opted out in both', async () => {
    const upper = id(1).toUpperCase();
    const profiles = [profile(1), profile(1, { externalId: upper })];
    const resolved = await run(
      [change(1), row(1, { externalId: upper })],
      [contact(1, { donotemail: true })],
      profiles,
    );
    expect(resolved.map(({ json }) => (json['target'] as { key: Json }).key['value'])).toEqual([id(1), upper]);
  });

  it('has the contact read before the profile, and each profile once', async () => {
    const model = systems([contact(1), contact(2)], [profile(1), profile(2)]);
    await run([change(1), row(2), row(1)], [], [], {}, model);
    expect(model.asked[0]).toBe('contacts donotemail,donotphone,modifiedon');
    expect(model.asked.slice(1).sort()).toEqual([`profile ${id(1)}`, `profile ${id(2)}`]);
  });
});

describe('an echo', () => {
  it('of a write to Dynamics 365 ends in nothing to do', async () => {
    const rows = [contact(1, { donotemail: true, modifiedon: '2026-11-21T16:59:59Z' })];
    const profiles = [profile(1, { blackListEmail: true, blackListEmailLastModified: '2026-11-20 08:00:00.000Z' })];
    expect(only(await run([change(1)], rows, profiles)).outcome).toMatchObject({ status: 'unchanged' });
  });

  it('of a write to Campaign ends in nothing to do', async () => {
    const profiles = [profile(1, { blackListEmail: true, blackListEmailLastModified: '2026-11-21 16:59:59.000Z' })];
    const resolved = await run([row(1, { blackListEmail: true })], [contact(1, { donotemail: true })], profiles);
    expect(only(resolved).outcome).toMatchObject({ status: 'unchanged' });
  });
});

describe('a missing record', () => {
  it('of a contact rejects the row, and no profile is looked up', async () => {
    const model = systems([], [profile(1)]);
    const json = only(await run([row(1)], [], [], {}, model));
    expect(json.outcome).toMatchObject({ status: 'rejected', code: 'CONTACT_NOT_FOUND' });
    expect(model.asked).toHaveLength(1);
  });

  it('of an opted-out contact is kept for another try, with its decision', async () => {
    const json = only(await run([change(1)], [contact(1, { donotemail: true })], []));
    expect(json.outcome).toMatchObject({ status: 'rejected', code: 'PROFILE_NOT_FOUND' });
    expect(json.decision).toMatchObject({ waitsForProfile: true });
  });

  it('of an opted-out contact can be left out on purpose', async () => {
    const resolved = await run([change(1)], [contact(1, { donotemail: true })], [], { withoutProfile: 'nothing' });
    expect(only(resolved).outcome).toMatchObject({ status: 'skipped', code: 'NOTHING_TO_DO' });
  });

  it('of a contact without an opt-out is nothing to do', async () => {
    expect(only(await run([change(1)], [contact(1)], [])).outcome).toMatchObject({ status: 'unchanged' });
  });

  it("does not lose the export's opt-out, and keeps what is needed to decide again", async () => {
    const gone = row(1, { blackListEmail: true });
    const [resolved] = await run([gone], [contact(1)], []);
    expect(resolved).toMatchObject({ output: 'toDynamics', json: { columns: { donotemail: true }, lastKnown: gone } });
  });

  it('has every row of it looked at: the first may be older than the opt-out', async () => {
    const resolved = await run([row(1), row(1, { blackListEmail: true })], [contact(1)], []);
    expect(outputs(resolved)).toEqual(['0 nothing', '1 toDynamics']);
  });
});

describe('a fault of one person', () => {
  it.each([
    ['several profiles', [profile(1), profile(1)], 'AMBIGUOUS_KEY'],
    ['a profile with another key', [profile(9, { answersTo: id(1) })], 'KEY_MISMATCH'],
    ['an unreadable value', [profile(1, { blackListEmail: 'maybe' })], 'UNREADABLE_VALUE'],
  ])('(%s) rejects that person alone', async (_what, profiles, code) => {
    const resolved = await run(
      [change(1), change(2)],
      [contact(1), contact(2, { donotemail: true })],
      [...profiles, profile(2)],
    );
    expect(outputs(resolved)).toEqual(['0 rejected', '1 toCampaign']);
    expect(resolved[0]?.json['outcome']).toMatchObject({ status: 'rejected', code });
  });

  it.each([
    ['no key', { blackListEmail: true }, 'NOT_A_CHANGE'],
    ['another key', row(1, { externalId: 'crm-4711' }), 'NOT_A_CONTACT_ID'],
    ['another table', change(1, { table: 'account' }), 'NOT_A_CONTACT'],
    ['an id that is none', change(1, { id: `${id(1)}' or 1 eq 1` }), 'NOT_A_CONTACT_ID'],
  ])('(%s) never reaches the systems', async (_what, item, code) => {
    const model = systems([], []);
    expect(only(await run([item], [], [], {}, model)).outcome).toMatchObject({ status: 'rejected', code });
    expect(model.asked).toEqual([]);
  });
});

describe('a fault of a system', () => {
  it('stops everything: nothing is given out', async () => {
    const model = systems([contact(1), contact(2)], []);
    model.campaign.find = async () => {
      throw new RetriableError('CAMPAIGN_UNAVAILABLE', 'Campaign is out of reach.');
    };
    await expect(run([change(1), change(2)], [], [], {}, model)).rejects.toMatchObject({
      code: 'CAMPAIGN_UNAVAILABLE',
    });
  });
});

describe('items that need no decision', () => {
  it.each([
    [
      'a deleted contact',
      { change: 'delete', reason: 'deleted', table: 'contact', id: id(1) },
      'nothing',
      'CONTACT_DELETED',
    ],
    ['a row without external ID', row(1, { externalId: ' ' }), 'nothing', 'NO_EXTERNAL_ID'],
  ])('(%s) have nothing to do', async (_what, item, output, code) => {
    const [resolved] = await run([item], [], []);
    expect(resolved).toMatchObject({ output, json: { outcome: { status: 'skipped', code } } });
  });

  it.each([
    ['rejected', 'rejected'],
    ['waiting', 'rejected'],
    ['skipped', 'nothing'],
    ['updated', 'nothing'],
  ])('(with outcome %s already) pass through untouched', async (status, output) => {
    const item = change(1, { outcome: { status, engineCalls: 0 } });
    expect(await run([item], [], [])).toEqual([{ output, item: 0, json: item }]);
  });

  it.each([
    ['disabled', change(1), 'DISABLED'],
    ['disabled', row(1), 'DISABLED'],
    ['dynamicsToCampaign', row(1), 'CAMPAIGN_NOT_ASKED'],
    ['campaignToDynamics', change(1), 'DYNAMICS_NOT_ASKED'],
  ] as const)('(direction %s, %j) cost no call', async (direction, item, code) => {
    const model = systems([contact(1, { donotemail: true })], [profile(1)]);
    const json = only(await run([item], [], [], { direction }, model));
    expect(json.outcome).toMatchObject({ status: 'skipped', code });
    expect(model.asked).toEqual([]);
  });
});

describe('a write that Dynamics 365 refused because the contact had changed', () => {
  const refused = (attempt: number, more: Json = {}) => ({
    table: 'contact',
    id: id(1),
    columns: { donotemail: false },
    ifMatch: 'W/"0"',
    attempt,
    profileKey: id(1).toUpperCase(),
    decision: { id: 'x', from: 'campaign' },
    outcome: { status: 'waiting', code: 'CHANGED_MEANWHILE', engineCalls: 0 },
    ...more,
  });

  it('is decided again from what is there now', async () => {
    const profiles = [
      profile(1, { externalId: id(1).toUpperCase(), blackListEmailLastModified: '2026-11-21 11:00:00.000Z' }),
    ];
    const resolved = await run([refused(1)], [contact(1, { donotemail: true })], profiles);
    expect(resolved[0]).toMatchObject({
      output: 'toCampaign',
      json: { target: { key: { value: id(1).toUpperCase() }, fields: { blackListEmail: true } } },
    });
  });

  it('counts its attempts and ends in Rejected', async () => {
    const profiles = [profile(1, { externalId: id(1).toUpperCase(), blackListEmail: true })];
    const fourth = await run([refused(4)], [contact(1)], profiles);
    expect(fourth[0]).toMatchObject({ output: 'toDynamics', json: { attempt: 5 } });
    const fifth = only(await run([refused(5)], [contact(1)], profiles));
    expect(fifth.outcome).toMatchObject({ status: 'rejected', code: 'CHANGED_TOO_OFTEN' });
  });

  it('still knows the opt-out of a profile that is gone', async () => {
    const resolved = await run([refused(1, { lastKnown: row(1, { blackListEmail: true }) })], [contact(1)], []);
    expect(resolved[0]).toMatchObject({ output: 'toDynamics', json: { columns: { donotemail: true }, attempt: 2 } });
  });
});

describe("the attribute's own time, by the option", () => {
  // The contact was touched at 12:00, after the opt-in in Campaign at 11:00.
  const contacts = [contact(1, { donotemail: true, donotphone: true })];
  const profiles = [
    profile(1, {
      blackListEmailLastModified: '2026-11-21 11:00:00.000Z',
      blackListPhone: true,
    }),
  ];
  const ask = async (audit: Record<string, { changedOn: string; value: unknown }>, attributeTimes = true) => {
    const model = systems(contacts, profiles, audit);
    const [resolved] = await run([row(1)], [], [], { attributeTimes }, model);
    return { resolved, asked: model.asked.filter((what) => what.startsWith('audit')) };
  };

  it('lets an opt-in of Campaign win that only the time of the whole contact speaks against', async () => {
    const { resolved, asked } = await ask({ donotemail: { changedOn: '2026-11-21T10:00:00Z', value: true } });
    expect(resolved).toMatchObject({ output: 'toDynamics', json: { columns: { donotemail: false } } });
    expect(asked).toEqual([`audit ${id(1)} donotemail`]);
  });

  it.each([
    ['the column changed after the opt-in', { donotemail: { changedOn: '2026-11-21T11:00:00Z', value: true } }],
    ['the log has no change of the column', {}],
    [
      'the log lacks the change to the present value',
      { donotemail: { changedOn: '2026-11-21T10:00:00Z', value: false } },
    ],
    ['the log gives no time', { donotemail: { changedOn: 'x', value: true } }],
  ])('keeps the opt-out when %s', async (_what, audit) => {
    const { resolved } = await ask(audit as Parameters<typeof ask>[0]);
    expect(resolved).toMatchObject({ output: 'toCampaign', json: { target: { fields: { blackListEmail: true } } } });
  });

  it('is not read without the option', async () => {
    const { resolved, asked } = await ask({ donotemail: { changedOn: '2026-11-21T10:00:00Z', value: true } }, false);
    expect(resolved?.output).toBe('toCampaign');
    expect(asked).toEqual([]);
  });

  it('is not read where it could change nothing', async () => {
    const model = systems([contact(2, { donotemail: true }), contact(3)], [profile(2), profile(3)]);
    await run([change(2), change(3)], [], [], { attributeTimes: true }, model);
    expect(model.asked.filter((what) => what.startsWith('audit'))).toEqual([]);
  });
});

describe('an item that somebody has edited', () => {
  it.each<[string, Json, string]>([
    ['an outcome of no known status', { ...change(2), outcome: { status: 'constructor' } }, 'OUTCOME_UNKNOWN'],
    ['an object for its id', change(2, { id: { toString: 1 } }), 'NOT_A_CONTACT_ID'],
    ['an object for its external ID', { ...row(2), externalId: { toString: 1 } }, 'NOT_A_CONTACT_ID'],
  ])('with %s is rejected, and the others are decided', async (_what, edited, code) => {
    const items = [change(1), edited];
    const resolved = await run(items, [contact(1, { donotemail: true }), contact(2)], [profile(1), profile(2)]);
    expect(outputs(resolved)).toEqual(['0 toCampaign', '1 rejected']);
    expect(resolved[1]?.json).toMatchObject({ outcome: { status: 'rejected', code } });
  });

  it('fails the execution where all are so', async () => {
    const edited = { ...change(1), outcome: { status: 'constructor' } };
    await expect(run([edited, edited], [contact(1)], [profile(1)])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });
});
