import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { CampaignClient } from '../../lib/campaign/client';
import { resolveKeyField } from '../../lib/sync/mapping/key-field';
import { Problems } from '../../lib/core/problems';
import { FieldMapper } from '../../nodes/FieldMapper/FieldMapper.node';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import {
  getChoiceOptions,
  getColumns,
  getFields,
  getKeyFields,
  searchResources,
  searchTables,
} from '../../nodes/shared/drop-downs';

let sandbox: SandboxHandle;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

/** A panel with these parameters, as the editor has resolved them. */
function panel(parameters: Record<string, unknown>): ILoadOptionsFunctions {
  const credentials: Record<string, object> = {
    dynamics365Api: sandbox.dynamics365,
    adobeCampaignApi: sandbox.adobeCampaign,
  };
  return {
    getNode: () => ({ id: '1', name: 'Node', type: 'x', typeVersion: 1, position: [0, 0], parameters: {} }),
    getCredentials: async (type: string) => credentials[type],
    getCurrentNodeParameter: (name: string) => parameters[name],
  } as unknown as ILoadOptionsFunctions;
}
const contact = { table: { __rl: true, mode: 'list', value: 'contact' } };
const profile = { resource: 'profile' };

describe('drop-downs of Dynamics 365', () => {
  it('finds tables by label or name, and says which have no change tracking', async () => {
    const all = (await searchTables.call(panel({}))).results;
    expect(all).toContainEqual({ name: 'Contact (contact)', value: 'contact' });
    expect(all).toContainEqual({ name: 'Task (task) - no change tracking', value: 'task' });
    const found = (await searchTables.call(panel({}), 'MEMBER')).results;
    expect(found.map(({ value }) => value)).toEqual(['new_membership']);
  });

  it('shows columns with their types', async () => {
    const columns = await getColumns.call(panel(contact));
    expect(columns).toContainEqual({
      name: 'First Name (firstname)',
      value: 'firstname|string',
      description: 'Text, up to 50 characters',
    });
    expect(columns.find(({ value }) => value === 'gendercode|choice')?.description).toMatch(/^Choice, \d+ options$/);
  });

  it('shows the options of a choice, and of a boolean as true and false', async () => {
    const choices = await getChoiceOptions.call(panel({ ...contact, '&column': 'gendercode|choice' }));
    expect(choices).toContainEqual({ name: 'Female (2)', value: '2' });
    const booleans = await getChoiceOptions.call(panel({ ...contact, '&column': 'donotemail' }));
    expect(booleans).toEqual([
      { name: 'Do Not Allow (true)', value: 'true' },
      { name: 'Allow (false)', value: 'false' },
    ]);
    expect(await getChoiceOptions.call(panel({ ...contact, '&column': 'firstname|string' }))).toEqual([]);
  });

  it.each([
    [{}, /Choose a table first/],
    [{ table: { __rl: true, mode: 'list', value: '' } }, /Choose a table first/],
    [{ table: { mode: 'id', value: "={{ $('Dynamics 365 Trigger').params.table.value }}" } }, /expression/],
    [{ table: 'no_such_table' }, /no table "no_such_table"/],
  ])('says in the drop-down what is missing: %j', async (parameters, message) => {
    await expect(getColumns.call(panel(parameters))).rejects.toThrow(message);
  });

  it.each([
    [{ ...contact }, /Choose a column first/],
    [{ ...contact, '&column': 'gone|choice' }, /no column "gone"/],
  ])('says what is missing for options: %j', async (parameters, message) => {
    await expect(getChoiceOptions.call(panel(parameters))).rejects.toThrow(message);
  });
});

describe('drop-downs of Adobe Campaign', () => {
  it('finds resources', async () => {
    const found = (await searchResources.call(panel({}), 'cusStore')).results;
    expect(found.map(({ value }) => value)).toEqual(['cusStore']);
  });

  it('shows the fields that can be written, with their types', async () => {
    const fields = await getFields.call(panel(profile));
    const values = fields.map(({ value }) => value);
    expect(values).toEqual(expect.arrayContaining(['email|string', 'location.city|string', 'gender|enumeration']));
    expect(values).not.toContain('age|integer');
    const email = fields.find(({ value }) => value === 'email|string');
    expect(email?.description).toBe('Text, up to 128 characters, checked as e-mail');
  });

  it('shows key fields by their name alone, the usual one first', async () => {
    const [first] = await getKeyFields.call(panel(profile));
    expect(first?.value).toBe('externalId');
  });

  it.each(['profile', 'cusMembership', 'cusStore'])(
    'offers the Field Mapper only the keys of %s that it accepts',
    async (name) => {
      const offered = await new FieldMapper().methods.loadOptions.getKeyFields.call(panel({ resource: name }));
      const client = new CampaignClient(sandbox.adobeCampaign);
      const described = await client.describeResource((await client.listResources()).find((one) => one.name === name)!);
      client.close();
      const accepted = described.fields.filter(({ name: keyField }) => {
        const problems = new Problems();
        resolveKeyField(keyField, described, problems);
        return !problems.any;
      });
      expect(offered.map(({ value }) => value).sort()).toEqual(accepted.map((field) => field.name).sort());
    },
  );

  it('asks for a resource first', async () => {
    await expect(getFields.call(panel({}))).rejects.toThrow(/Choose a resource first/);
  });
});
