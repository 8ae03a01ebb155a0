import { resolveOptOuts } from '../../../../lib/sync/opt-out/resolve';
import { SETTINGS, change, contact, id, profile, row, sourcesOf, systems } from '../../../support/opt-out-fixtures';

type Json = Record<string, unknown>;

const run = (items: Json[], contacts: Json[], profiles: Json[]) =>
  resolveOptOuts(items, SETTINGS, sourcesOf(systems(contacts, profiles)));

const FORMS = [id(1).toUpperCase(), `{${id(1)}}`, `{${id(1).toUpperCase()}}`, `${id(1)} `, ` ${id(1)}`];

describe.each(FORMS)('a profile with the external ID "%s"', (externalId) => {
  const key = { target: { key: { value: externalId } } };

  it('gets the opt-out of its contact, by its own form', async () => {
    const [resolved] = await run([change(1)], [contact(1, { donotemail: true })], [profile(1, { externalId })]);
    expect(resolved).toMatchObject({ output: 'toCampaign', json: { ...key, id: id(1) } });
  });

  it('leads its export row to the contact, in both directions', async () => {
    const out = [profile(1, { externalId, blackListPhone: true })];
    const resolved = await run([row(1, { externalId })], [contact(1, { donotemail: true })], out);
    expect(resolved).toMatchObject([
      { output: 'toCampaign', json: key },
      { output: 'toDynamics', json: { id: id(1), columns: { donotphone: true } } },
    ]);
  });

  it('is found where an export row has trimmed or changed it', async () => {
    const profiles = [profile(1, { externalId })];
    const [resolved] = await run([row(1)], [contact(1, { donotemail: true })], profiles);
    expect(resolved).toMatchObject({ output: 'toCampaign', json: key });
  });
});

it('no other form is looked for where nothing has to be written to a profile', async () => {
  const model = systems([contact(1)], []);
  await resolveOptOuts([change(1)], SETTINGS, sourcesOf(model));
  expect(model.asked.slice(1)).toEqual([`profile ${id(1)}`]);
});

it('a person whose profile was found in another form is written once, however many items ask', async () => {
  const upper = id(1).toUpperCase();
  const items = [row(1, { externalId: upper }), change(1)];
  const resolved = await run(items, [contact(1, { donotemail: true })], [profile(1, { externalId: upper })]);
  expect(resolved.map(({ output }) => output).sort()).toEqual(['nothing', 'toCampaign']);
});
