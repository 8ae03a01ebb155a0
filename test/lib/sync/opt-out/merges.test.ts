import { contactSource } from '../../../../lib/dataverse/contact-source';
import { resolveOptOuts } from '../../../../lib/sync/opt-out/resolve';
import type { ResolveSettings } from '../../../../lib/sync/opt-out/route-decision';
import { CONTACT } from '../../../support/builders';
import {
  EMAIL,
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

/** Contact 1 was merged into contact 2. */
const loser = (values: Json = {}, into = 2) =>
  contact(1, { merged: true, _masterid_value: id(into), statecode: 1, ...values });

async function run(items: Json[], contacts: Json[], profiles: Json[], settings: Partial<ResolveSettings> = {}) {
  const model = systems(contacts, profiles);
  const sources = { ...sourcesOf(model), contacts: contactSource(model.dataverse, CONTACT, { merges: true }) };
  const resolved = await resolveOptOuts(items, { ...SETTINGS, ...settings }, sources);
  const to = (output: string, key: (json: Json) => unknown) =>
    Object.fromEntries(resolved.filter((one) => one.output === output).map(({ json }) => [key(json), json]));
  return {
    resolved,
    asked: model.asked,
    toCampaign: to('toCampaign', (json) => (json['target'] as { key: Json }).key['value']),
    toDynamics: to('toDynamics', (json) => json['id']),
  };
}

describe("a merge: the loser's opt-out", () => {
  it.each(['bidirectional', 'dynamicsToCampaign'] as const)(
    'reaches contact and profile of the winner, of Dynamics 365, %s',
    async (direction) => {
      const contacts = [loser({ donotemail: true }), contact(2)];
      const { toCampaign, toDynamics } = await run([change(1)], contacts, [profile(1), profile(2)], { direction });
      expect(toCampaign[id(2)]).toMatchObject({ target: { fields: { blackListEmail: true }, updateOnly: true } });
      expect(toDynamics[id(2)]).toMatchObject({ columns: { donotemail: true }, ifMatch: 'W/"2"' });
      // Its own profile gets it as any other does.
      expect(toCampaign[id(1)]).toMatchObject({ target: { fields: { blackListEmail: true } } });
    },
  );

  it.each(['bidirectional', 'campaignToDynamics'] as const)(
    'reaches contact and profile of the winner, of Campaign alone, %s',
    async (direction) => {
      const profiles = [profile(1, { blackListPhone: true }), profile(2)];
      const { toCampaign, toDynamics } = await run([row(1)], [loser(), contact(2)], profiles, { direction });
      expect(toCampaign[id(2)]).toMatchObject({ target: { fields: { blackListPhone: true } } });
      expect(toDynamics[id(2)]).toMatchObject({ columns: { donotphone: true } });
    },
  );

  it('reaches the winner from what is remembered of a profile that was deleted', async () => {
    const remembered = { externalId: id(1), blackListPhone: true };
    const { toCampaign, toDynamics } = await run([remembered], [loser(), contact(2)], [profile(2)]);
    expect(toCampaign[id(2)]).toMatchObject({ target: { fields: { blackListPhone: true } } });
    expect(toDynamics[id(2)]).toMatchObject({ columns: { donotphone: true } });
  });

  it('reaches the winner from a profile whose external ID has another form', async () => {
    const profiles = [profile(1, { externalId: id(1).toUpperCase(), blackListEmail: true }), profile(2)];
    const { toCampaign, toDynamics } = await run([change(1)], [loser(), contact(2)], profiles);
    expect(toCampaign[id(2)]).toMatchObject({ target: { fields: { blackListEmail: true } } });
    expect(toDynamics[id(2)]).toMatchObject({ columns: { donotemail: true } });
  });

  it('is rejected, to be looked at, where several profiles have its external ID in another form', async () => {
    const double = profile(1, { externalId: id(1).toUpperCase(), blackListEmail: true });
    const { resolved } = await run([change(1)], [loser(), contact(2)], [double, double, profile(2)]);
    expect(
      resolved.map(({ output, json }) => [output, (json['outcome'] as Json | undefined)?.['code']]),
    ).toContainEqual(['rejected', 'AMBIGUOUS_KEY']);
  });

  it('is explained in the decision', async () => {
    const { toCampaign } = await run([change(1)], [loser({ donotemail: true }), contact(2)], [profile(1), profile(2)]);
    const { decision } = toCampaign[id(2)] as { decision: { lines: Json[] } };
    expect(decision.lines[0]).toMatchObject({ rule: 'MERGED_OPT_OUT', contactId: id(2), dynamicsOptedOut: 'no' });
    expect(decision.lines[0]?.['words']).toContain('because a contact that was merged into this one is opted out');
  });

  it('goes to every column of the field where Campaign says so, and to the same columns where Dynamics 365 does', async () => {
    const lines = [EMAIL, { ...EMAIL, line: 2, column: 'donotbulkemail' }];
    const winner = contact(2, { donotbulkemail: false });
    const both = [profile(1), profile(2)];
    const bulk = await run([change(1)], [loser({ donotbulkemail: true }), winner], both, { lines });
    expect(bulk.toDynamics[id(2)]).toMatchObject({ columns: { donotbulkemail: true } });
    const out = [profile(1, { blackList: true }), profile(2)];
    const all = await run([change(1)], [loser({ donotbulkemail: false }), winner], out, { lines });
    expect(all.toDynamics[id(2)]).toMatchObject({ columns: { donotemail: true, donotbulkemail: true } });
  });

  it('does not undo an opt-in that the winner made in Campaign after the merge', async () => {
    const contacts = [loser({ donotemail: true }), contact(2)];
    const later = { blackListEmailLastModified: '2026-11-21 13:00:00.000Z' };
    const { toCampaign, toDynamics } = await run([change(1)], contacts, [profile(1), profile(2, later)]);
    expect(toCampaign).not.toHaveProperty(id(2));
    expect(toDynamics).not.toHaveProperty(id(2));
  });

  it('goes on through several merges', async () => {
    const contacts = [loser({ donotemail: true }), contact(2, { merged: true, _masterid_value: id(3) }), contact(3)];
    const { toCampaign, toDynamics } = await run([change(1)], contacts, [profile(3)]);
    expect(toCampaign[id(3)]).toMatchObject({ target: { fields: { blackListEmail: true } } });
    expect(toDynamics[id(3)]).toMatchObject({ columns: { donotemail: true } });
    expect(toDynamics).not.toHaveProperty(id(2));
  });

  it('goes on through five merges in a row', async () => {
    const contacts = [1, 2, 3, 4, 5].map((n) =>
      contact(n, { merged: true, _masterid_value: id(n + 1), donotemail: n === 1 }),
    );
    const { toDynamics, resolved } = await run([change(1)], [...contacts, contact(6)], [profile(6)]);
    expect(toDynamics[id(6)]).toMatchObject({ columns: { donotemail: true } });
    expect(resolved.map(({ json }) => (json['outcome'] as Json | undefined)?.['code'])).not.toContain(
      'MERGE_WINNER_UNKNOWN',
    );
  });

  describe('goes to nobody, and its item is rejected besides,', () => {
    const mergedInto = (n: number, into: number, values: Json = {}) =>
      contact(n, { merged: true, _masterid_value: id(into), statecode: 1, ...values });
    const chain = (length: number) =>
      Array.from({ length }, (_, index) => mergedInto(index + 1, index + 2, index === 0 ? { donotemail: true } : {}));
    const code = 'MERGE_WINNER_UNKNOWN';

    it.each([
      ['after six merges in a row', [...chain(6), contact(7)], 'more than 5 times'],
      ['in a circle of two', [loser({ donotemail: true }), mergedInto(2, 1)], 'in a circle'],
      ['in a circle of three', [...chain(2), mergedInto(3, 1)], 'in a circle'],
      ['where it leads into a circle', [...chain(2), mergedInto(3, 2)], 'in a circle'],
      ['in a circle of seven', [...chain(6), mergedInto(7, 1)], 'more than 5 times'],
    ])('%s', async (_where, contacts, how) => {
      const profiles = [1, 2, 3, 4, 5, 6, 7].map((n) => profile(n));
      const { resolved, toCampaign, toDynamics } = await run([change(1)], contacts, profiles);
      const rejections = resolved.filter(({ output }) => output === 'rejected').map(({ json }) => json['outcome']);
      expect(rejections).toEqual([
        expect.objectContaining({ status: 'rejected', code, message: expect.stringContaining(how) as unknown }),
      ]);
      // Its own profile gets it as any other does.
      expect(Object.keys(toCampaign)).toEqual([id(1)]);
      expect(toDynamics).toEqual({});
    });

    it('also where it is decided again after a refused write', async () => {
      const refused = {
        table: 'contact',
        id: id(2),
        ifMatch: 'W/"1"',
        decision: { from: 'dynamics' },
        mergedFrom: [{ contactId: id(1), profileKey: id(1), lastKnown: {} }],
        outcome: { status: 'waiting', code: 'CHANGED_MEANWHILE', engineCalls: 0 },
      };
      const { resolved } = await run([refused], [...chain(6), contact(7)], [profile(2), profile(7)]);
      const codes = resolved.map(({ json }) => (json['outcome'] as Json | undefined)?.['code']);
      expect(codes).toContain(code);
    });
  });

  it('is not lost where the winner is of the same batch, before or after', async () => {
    const contacts = [loser({ donotemail: true }), contact(2)];
    for (const items of [
      [change(1), change(2)],
      [change(2), change(1)],
    ]) {
      const { toCampaign, toDynamics, resolved } = await run(items, contacts, [profile(1), profile(2)]);
      expect(toCampaign[id(2)]).toMatchObject({ target: { fields: { blackListEmail: true } } });
      expect(toDynamics[id(2)]).toMatchObject({ columns: { donotemail: true } });
      expect(resolved.filter(({ json }) => json['id'] === id(2) && 'columns' in json)).toHaveLength(1);
    }
  });

  it('is decided again with the loser when Dynamics 365 refuses the write, as the winner has changed', async () => {
    const contacts = [loser({ donotemail: true }), contact(2)];
    const direction = 'dynamicsToCampaign' as const;
    const first = await run([change(1)], contacts, [profile(1), profile(2)], { direction });
    const outcome = { status: 'waiting', code: 'CHANGED_MEANWHILE', engineCalls: 0 };
    const refused = { ...first.toDynamics[id(2)], outcome };
    const out = [profile(1), profile(2, { blackListEmail: true })];
    const { toDynamics } = await run([refused], contacts, out, { direction });
    expect(toDynamics[id(2)]).toMatchObject({ columns: { donotemail: true }, attempt: 2 });
  });

  describe('survives a refused write', () => {
    const direction = 'dynamicsToCampaign' as const;
    const outcome = { status: 'waiting', code: 'CHANGED_MEANWHILE', engineCalls: 0 };

    it('where the winner asked itself, in the same batch', async () => {
      const contacts = [loser({ donotemail: true }), contact(2)];
      const first = await run([change(1), change(2)], contacts, [profile(1), profile(2)], { direction });
      const refused = { ...first.toDynamics[id(2)], outcome };
      const out = [profile(1), profile(2, { blackListEmail: true })];
      const again = await run([refused], contacts, out, { direction });
      expect(again.toCampaign).not.toHaveProperty(id(2));
      expect(again.toDynamics[id(2)]).toMatchObject({ columns: { donotemail: true }, attempt: 2 });
    });

    it('where two contacts were merged into one', async () => {
      const other = contact(3, { merged: true, _masterid_value: id(2), statecode: 1, donotphone: true });
      const contacts = [loser({ donotemail: true }), contact(2), other];
      const all = [profile(1), profile(2), profile(3)];
      const first = await run([change(1), change(3)], contacts, all, { direction });
      const refused = { ...first.toDynamics[id(2)], outcome };
      const out = [profile(1), profile(2, { blackListEmail: true, blackListPhone: true }), profile(3)];
      const again = await run([refused], contacts, out, { direction });
      expect(again.toCampaign).not.toHaveProperty(id(2));
      expect(again.toDynamics[id(2)]).toMatchObject({ columns: { donotemail: true, donotphone: true } });
    });

    it('where it is remembered of a profile that was deleted, and the winner has none', async () => {
      const remembered = { externalId: id(1), blackListPhone: true };
      const contacts = [loser(), contact(2)];
      const first = await run([remembered], contacts, [], { direction: 'campaignToDynamics' });
      const refused = { ...first.toDynamics[id(2)], outcome };
      const again = await run([refused], contacts, [], { direction: 'campaignToDynamics' });
      expect(again.toDynamics[id(2)]).toMatchObject({ columns: { donotphone: true } });
    });
  });

  it('is kept for another try where the winner has no profile yet, and goes to its contact', async () => {
    const contacts = [loser({ donotemail: true }), contact(2)];
    const { toDynamics, resolved } = await run([change(1)], contacts, [profile(1)]);
    expect(toDynamics[id(2)]).toMatchObject({ columns: { donotemail: true } });
    const again = await run([change(1)], [contacts[0] as Json, contact(2, { donotemail: true })], [profile(1)]);
    expect(again.resolved).toContainEqual(
      expect.objectContaining({
        output: 'rejected',
        json: expect.objectContaining({
          outcome: expect.objectContaining({ code: 'PROFILE_NOT_FOUND' }) as unknown,
        }) as unknown,
      }),
    );
    expect(resolved.every(({ item }) => item === 0)).toBe(true);
  });

  it('whose winner is not there is rejected, to be looked at', async () => {
    const { resolved } = await run([change(1)], [loser({ donotemail: true })], [profile(1)]);
    expect(
      resolved.map(({ output, json }) => [output, (json['outcome'] as Json | undefined)?.['code']]),
    ).toContainEqual(['rejected', 'CONTACT_NOT_FOUND']);
  });
});

it.each([
  ['no merge', { merged: false, _masterid_value: null }],
  ['a master without a merge', { merged: false, _masterid_value: id(2) }],
  ['a merge into itself', { merged: true, _masterid_value: id(1) }],
  ['a merge without a master', { merged: true, _masterid_value: null }],
])('%s asks for nothing besides', async (_what, values) => {
  const { resolved, asked } = await run([change(1)], [contact(1, values), contact(2)], [profile(1), profile(2)]);
  expect(resolved).toHaveLength(1);
  expect(asked.filter((what) => what.startsWith('profile'))).toEqual([`profile ${id(1)}`]);
});

it('merges are read only where the table has the columns for them', async () => {
  const model = systems([contact(1)], [profile(1)]);
  await resolveOptOuts([change(1)], SETTINGS, sourcesOf(model));
  expect(model.asked[0]).toBe('contacts donotemail,donotphone,modifiedon');
});

it('Disabled writes nothing for a merge either', async () => {
  const { resolved } = await run([change(1)], [loser({ donotemail: true }), contact(2)], [], { direction: 'disabled' });
  expect(resolved.map(({ output }) => output)).toEqual(['nothing']);
});
