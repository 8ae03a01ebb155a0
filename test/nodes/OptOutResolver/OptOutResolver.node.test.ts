import type { IDataObject, INode, INodePropertyOptions } from 'n8n-workflow';
import { ConfigurationError, RetriableError } from '../../../lib/core/errors';
import { OPT_OUT_FIELDS } from '../../../lib/core/opt-out-fields';
import { DIRECTIONS } from '../../../lib/sync/opt-out/rules';
import { OptOutResolver } from '../../../nodes/OptOutResolver/OptOutResolver.node';
import { properties } from '../../../nodes/OptOutResolver/description';
import { readSettings } from '../../../nodes/OptOutResolver/settings';
import * as clients from '../../../nodes/shared/clients-from-credentials';
import * as metadata from '../../../nodes/shared/metadata-cache';
import { ALLOW_OPTIONS, column, field, resourceOf, tableOf } from '../../support/builders';
import { plainExecution } from '../../support/plain-execution';
import { change, contact, id, profile, row, systems } from '../../support/opt-out-fixtures';

jest.mock('../../../nodes/shared/clients-from-credentials');
jest.mock('../../../nodes/shared/metadata-cache');

const node = { id: 'n', name: 'Opt-Out Resolver', type: 'x', typeVersion: 1, position: [0, 0], parameters: {} };
const COLUMNS = ['donotemail', 'donotphone', 'followemail'].map((name) =>
  column(name, 'boolean', { label: `Label of ${name}`, updatable: name !== 'donotphone', options: ALLOW_OPTIONS }),
);

function context(parameters: IDataObject, items: IDataObject[], onError?: INode['onError']) {
  const executeNode: Partial<INode> = { ...(onError ? { onError } : {}) };
  const { context: fake, hints } = plainExecution(items, parameters, {
    continueOnFail: () => onError !== undefined,
    getExecuteData: () => ({ node: executeNode }),
    getNode: () => node,
  });
  return { hints, fake, executeNode };
}

function givenSystems(model: ReturnType<typeof systems>) {
  jest.mocked(clients.getDataverseClient).mockResolvedValue(model.dataverse as never);
  jest.mocked(clients.getCampaignClient).mockResolvedValue({ ...model.campaign, credential: {} } as never);
  jest.mocked(metadata.describeTable).mockResolvedValue(tableOf(...COLUMNS, column('gendercode', 'choice')));
  jest
    .mocked(metadata.describeResource)
    .mockResolvedValue(resourceOf(...Object.keys(OPT_OUT_FIELDS).map((name) => field(name, 'boolean'))));
}

const BIDIRECTIONAL = {
  direction: 'bidirectional',
  'mapping.lines': [
    { column: 'donotemail|boolean', field: 'blackListEmail', inverted: false },
    { column: 'donotphone', field: 'denyListPhone', inverted: false },
  ],
};

describe('the Opt-Out Resolver', () => {
  beforeEach(() => jest.resetAllMocks());

  it('gives each item out on its output, paired, and says how many', async () => {
    givenSystems(
      systems(
        [contact(1, { donotemail: true }), contact(2), contact(3)],
        [profile(1), profile(2, { blackListEmail: true }), profile(3)],
      ),
    );
    const { fake, hints } = context(BIDIRECTIONAL, [change(1), row(2), row(3), row(4)]);
    const outputs = await new OptOutResolver().execute.call(fake);
    expect(outputs.map((items) => items.map(({ pairedItem }) => pairedItem))).toEqual([
      [{ item: 0 }],
      [{ item: 1 }],
      [{ item: 2 }],
      [{ item: 3 }],
    ]);
    expect(outputs[0]?.[0]?.json['target']).toMatchObject({ fields: { blackListEmail: true }, updateOnly: true });
    expect(outputs[1]?.[0]?.json).toMatchObject({ id: id(2), columns: { donotemail: true } });
    expect(hints).toEqual([
      { message: 'To Campaign: 1, to Dynamics 365: 1, nothing to do: 1, rejected: 1', location: 'outputPane' },
    ]);
  });

  it('asks neither system for anything while it is disabled', async () => {
    const model = systems([], []);
    givenSystems(model);
    const { fake } = context({ direction: 'disabled' }, [change(1), row(2)]);
    const outputs = await new OptOutResolver().execute.call(fake);
    expect(outputs.map((items) => items.length)).toEqual([0, 0, 2, 0]);
    expect(model.asked).toEqual([]);
    expect(metadata.describeTable).not.toHaveBeenCalled();
  });

  it.each([
    ['a system is out of reach', new RetriableError('CAMPAIGN_UNAVAILABLE', 'Campaign is out of reach.')],
    ['a sign-in is refused', new ConfigurationError('SIGN_IN_REFUSED', 'The sign-in was refused.')],
    ['the program has a defect', new TypeError('x is not a function')],
  ])('fails as a whole when %s, whatever "On Error" says, and gives nothing out', async (_what, error) => {
    for (const onError of [undefined, 'continueRegularOutput', 'continueErrorOutput'] as const) {
      const model = systems([contact(1), contact(2)], [profile(1)]);
      const { find } = model.campaign;
      model.campaign.find = async (request) => {
        if (request.keyValue === id(2)) throw error;
        return await find(request);
      };
      givenSystems(model);
      const { fake, executeNode } = context(BIDIRECTIONAL, [change(1), change(2)], onError);
      await expect(new OptOutResolver().execute.call(fake)).rejects.toThrow(error.message);
      // n8n looks here after the node has thrown.
      expect(executeNode.onError).toBe(onError && 'stopWorkflow');
    }
  });

  it('leaves "On Error" as it is when only a record is at fault', async () => {
    givenSystems(systems([contact(1)], [profile(1), profile(1)]));
    const { fake, executeNode } = context(BIDIRECTIONAL, [change(1)], 'continueRegularOutput');
    const outputs = await new OptOutResolver().execute.call(fake);
    expect(outputs[3]?.[0]?.json['outcome']).toMatchObject({ status: 'rejected', code: 'AMBIGUOUS_KEY' });
    expect(executeNode.onError).toBe('continueRegularOutput');
  });

  it('refuses wrong lines before anything is read', async () => {
    const model = systems([contact(1)], [profile(1)]);
    givenSystems(model);
    const lines = [{ column: 'followemail|boolean', field: 'blackListEmail', inverted: false }];
    const { fake } = context({ ...BIDIRECTIONAL, 'mapping.lines': lines }, [change(1)]);
    await expect(new OptOutResolver().execute.call(fake)).rejects.toThrow(/Line 1.*true means Allow/);
    expect(model.asked).toEqual([]);
  });

  it('offers the boolean columns that can be written, and says which are inverted', async () => {
    givenSystems(systems([], []));
    const load = new OptOutResolver().methods.loadOptions.getOptOutColumns;
    const options = await load.call({ getNode: () => node } as never);
    expect(options).toEqual([
      { name: 'Label of donotemail (donotemail)', value: 'donotemail|boolean', description: 'True: Do Not Allow' },
      {
        name: 'Label of followemail (followemail)',
        value: 'followemail|boolean',
        description: 'True means Allow: set Inverted',
      },
    ]);
  });
});

describe('the panel', () => {
  const property = (name: string) => properties.find((each) => each.name === name);

  it('offers the four directions and the eight fields, no more', () => {
    const values = (property('direction')?.options as INodePropertyOptions[]).map(({ value }) => value);
    expect(values.sort()).toEqual([...DIRECTIONS].sort());
    const lines = property('mapping')?.options as { values: { name: string; options?: INodePropertyOptions[] }[] }[];
    const fields = lines[0]?.values.find(({ name }) => name === 'field')?.options;
    expect(fields?.map(({ value }) => value)).toEqual(Object.keys(OPT_OUT_FIELDS));
    expect(fields).toHaveLength(8);
  });

  it('has the defaults that the settings have', () => {
    const settings = readSettings({
      getNodeParameter: (_name: string, _i: number, fallback: unknown) => fallback,
    } as never);
    expect(settings).toMatchObject({
      direction: property('direction')?.default,
      lookup: { by: property('lookup')?.default },
    });
    const options = property('options')?.options as { name: string; default: unknown }[];
    const defaults = Object.fromEntries(options.map(({ name, default: value }) => [name, value]));
    expect({ ...defaults, futureTolerance: undefined }).toEqual({
      futureTolerance: undefined,
      withoutProfile: settings.withoutProfile,
      keyColumn: settings.keyColumn,
      keyField: settings.keyField,
      blackListTimeField: settings.blackListTimeField,
      attributeTimes: settings.attributeTimes,
    });
    expect(settings.futureToleranceMs).toBe(Number(defaults['futureTolerance']) * 60_000);
  });

  it.each([
    [{ direction: 'both' }, /direction/],
    [{ lookup: 'filter', filterName: ' ' }, /Filter Name/],
    [{ options: { keyColumn: '' } }, /keyColumn/],
    [{ options: { blackListTimeField: 'created' } }, /blackListTimeField/],
    [{ options: { futureTolerance: -1 } }, /futureTolerance/],
  ])('names a setting that can not be: %j', (parameters: IDataObject, message) => {
    expect(() => readSettings(context(parameters, []).fake)).toThrow(message);
  });
});
