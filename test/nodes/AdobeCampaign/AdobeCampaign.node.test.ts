import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { ConfigurationError, RejectedRecordError, RetriableError } from '../../../lib/core/errors';
import { AdobeCampaign } from '../../../nodes/AdobeCampaign/AdobeCampaign.node';
import { getCampaignClient } from '../../../nodes/shared/clients-from-credentials';
import { processWide } from '../../../nodes/shared/process-wide';
import { FakeCampaign } from '../../support/fake-campaign';
import { field, resourceOf, target } from '../../support/builders';
import { plainExecution } from '../../support/plain-execution';

jest.mock('../../../nodes/shared/clients-from-credentials', () => ({ getCampaignClient: jest.fn() }));
const mockResource = resourceOf(
  field('firstName', 'string'),
  field('location.city', 'string'),
  field('blackListEmail', 'boolean'),
);
jest.mock('../../../nodes/shared/metadata-cache', () => ({
  resolveResource: async () => mockResource.resource,
  describeResource: async () => mockResource,
}));

type Parameters = Record<string, unknown>;

interface Run {
  /** By output, in their order. */
  outputs: INodeExecutionData[][];
  hints: string[];
}

const node = {
  id: '1',
  name: 'Adobe Campaign',
  type: 'adobeCampaign',
  typeVersion: 1,
  position: [0, 0],
  parameters: {},
} as INode;

let campaign: FakeCampaign;
let parameterReads: string[];

function contextOf(
  items: IDataObject[],
  parameters: Parameters,
  options: { onError?: INode['onError']; signal?: AbortSignal },
) {
  const executeNode: INode = { ...node, ...(options.onError ? { onError: options.onError } : {}) };
  const { context, hints } = plainExecution(items, parameters, {
    getNode: () => ({ ...executeNode }),
    getExecuteData: () => ({ node: executeNode, data: {}, source: null }),
    continueOnFail: () =>
      executeNode.onError === 'continueRegularOutput' || executeNode.onError === 'continueErrorOutput',
    getExecutionCancelSignal: () => options.signal,
  });
  const read = context.getNodeParameter.bind(context) as (...asked: [string, number]) => unknown;
  context.getNodeParameter = ((...asked: [string, number]) => {
    parameterReads.push(asked[0]);
    return read(...asked);
  }) as typeof context.getNodeParameter;
  return { context, hints, executeNode };
}

async function execute(
  items: IDataObject[],
  parameters: Parameters,
  options: { signal?: AbortSignal } = {},
): Promise<Run> {
  const { context, hints } = contextOf(items, parameters, options);
  const outputs = await new AdobeCampaign().execute.call(context);
  return { outputs, hints: hints.map(({ message }) => message) };
}

const change = (id: string, parts: IDataObject = {}): IDataObject => ({
  change: 'upsert',
  reason: 'changed',
  table: 'contact',
  id,
  initial: false,
  target: { ...target(id, { firstName: `Name ${id}` }) },
  ...parts,
});

beforeEach(() => {
  campaign = new FakeCampaign();
  parameterReads = [];
  jest.mocked(getCampaignClient).mockResolvedValue(
    Object.assign(campaign, {
      instance: 'http://campaign/org/',
      credential: { tenant: 'org', apiUrl: 'http://campaign', clientId: '', clientSecret: '' },
    }) as never,
  );
});

describe('Apply Change', () => {
  const apply = { operation: 'apply' };

  it('puts each item out once: as it came in, with its outcome, on the output of its status, paired with its input', async () => {
    campaign.put('b', { firstName: 'Name b' });
    campaign.on(
      'create',
      'before',
      () => {
        throw new RejectedRecordError('TOO_LONG', 'Too long.', { field: 'firstName' });
      },
      { key: 'c' },
    );
    const items = [
      change('a'),
      change('b'),
      change('c'),
      change('d', { outcome: { status: 'waiting', engineCalls: 0 } }),
      change('e', { outcome: { status: 'rejected', code: 'INVALID_DATE', engineCalls: 0 } }),
      { ...change('f'), change: 'delete' },
    ];
    const { outputs, hints } = await execute(items, apply);
    const short = outputs.map((output) =>
      output.map(({ json, pairedItem }) => [json['id'], (json['outcome'] as IDataObject)['status'], pairedItem]),
    );
    expect(short).toEqual([
      [['a', 'created', { item: 0 }]],
      [
        ['b', 'unchanged', { item: 1 }],
        ['f', 'absent', { item: 5 }],
      ],
      [['d', 'waiting', { item: 3 }]],
      [
        ['c', 'rejected', { item: 2 }],
        ['e', 'rejected', { item: 4 }],
      ],
    ]);
    expect(outputs[0]?.[0]?.json).toEqual({ ...items[0], outcome: { status: 'created', engineCalls: 1 } });
    expect(hints).toEqual([
      expect.stringContaining(
        '1 created, 1 unchanged, 1 already absent, 1 waiting, 2 rejected; 1 engine call; 6 records',
      ),
    ]);
  });

  it('reads its parameters once, however many items there are', async () => {
    await execute(
      Array.from({ length: 200 }, (_, i) => change(`k${i}`)),
      apply,
    );
    expect(parameterReads.length).toBeLessThan(6);
  });

  it('does nothing for no items', async () => {
    expect((await execute([], apply)).outputs).toEqual([[], [], [], []]);
  });

  it.each<[string, IDataObject]>([
    ['no change', { id: 'x' }],
    ['an unknown change', change('x', { change: 'Delete' })],
    ['no target', change('x', { target: undefined })],
    ['a target without resource', change('x', { target: { key: { field: 'externalId', value: 'x' }, fields: {} } })],
    [
      'a target without key',
      change('x', {
        target: { resource: 'profile', api: 'a', fields: {}, loadAndCreationFields: {}, creationFields: {} },
      }),
    ],
    ...['fields', 'loadAndCreationFields', 'creationFields'].map((part): [string, IDataObject] => [
      `a target without ${part}`,
      change('x', { target: { ...(change('x')['target'] as IDataObject), [part]: undefined } }),
    ]),
    [
      'fields that are a list',
      change('x', { target: { resource: 'profile', api: 'a', key: { field: 'k', value: 'x' }, fields: [] } }),
    ],
    ['an outcome of no known status', change('x', { outcome: { status: 'fine' } })],
    ['an outcome that is null', change('x', { outcome: null as unknown as IDataObject })],
  ])('fails before the first write when an item has %s, and says where such items come from', async (_what, item) => {
    await expect(execute([change('a'), item], apply)).rejects.toMatchObject({
      message: expect.stringContaining('Item 1'),
      description: expect.stringContaining('Field Mapper'),
    });
    expect(campaign.calls).toEqual([]);
  });

  it('looks up through the filter that the user named', async () => {
    const find = jest.spyOn(campaign, 'find');
    await execute([change('a')], {
      ...apply,
      lookup: 'filter',
      filterName: 'byExternalId',
      filterParameter: 'externalId_parameter',
    });
    expect(find.mock.calls[0]?.[0]).toEqual({
      resource: { name: 'profile', api: 'profileAndServicesExt' },
      keyField: 'externalId',
      keyValue: 'a',
      lookup: { by: 'filter', filter: 'byExternalId', parameter: 'externalId_parameter' },
    });
  });

  it.each(['', '  '])('refuses a filter without a name (%j)', async (filterName) => {
    await expect(
      execute([change('a')], { ...apply, lookup: 'filter', filterName, filterParameter: 'p' }),
    ).rejects.toThrow('Filter Name is missing');
  });
});

describe('a fault of the whole system', () => {
  it.each([
    ['Campaign is down', new RetriableError('UNREACHABLE', 'Adobe Campaign is out of reach.', { hint: 'Wait.' })],
    ['the sign-in is refused', new ConfigurationError('SIGN_IN_REFUSED', 'No sign-in.', { hint: 'Check the secret.' })],
  ])('fails the execution when %s, even where the node is set to continue', async (_what, error) => {
    for (const onError of [undefined, 'continueRegularOutput', 'continueErrorOutput'] as const) {
      campaign.on('find', 'before', () => {
        throw error;
      });
      const { context, executeNode } = contextOf(
        [change('a'), change('b')],
        { operation: 'apply' },
        onError ? { onError } : {},
      );
      await expect(new AdobeCampaign().execute.call(context)).rejects.toMatchObject({
        name: expect.stringMatching(/^Node(Operation|Api)Error$/),
        description: expect.stringContaining(error.hint ?? ''),
      });
      // What n8n's engine looks at once the node has thrown.
      expect(['continueRegularOutput', 'continueErrorOutput']).not.toContain(executeNode.onError);
      expect(processWide().locks.size).toBe(0);
    }
  });

  it('leaves "On Error" as it is when only a record is at fault', async () => {
    campaign.on('create', 'before', () => {
      throw new RejectedRecordError('TOO_LONG', 'Too long.');
    });
    const { context, executeNode } = contextOf(
      [change('a')],
      { operation: 'apply' },
      { onError: 'continueRegularOutput' },
    );
    await new AdobeCampaign().execute.call(context);
    expect(executeNode.onError).toBe('continueRegularOutput');
  });

  it('fails a cancelled execution', async () => {
    await expect(execute([change('a')], { operation: 'apply' }, { signal: AbortSignal.abort() })).rejects.toThrow(
      'cancelled',
    );
  });
});

const record = { resource: 'profile', keyField: 'externalId', keyValue: (item: number) => `key-${item}` };

describe('Upsert', () => {
  it('writes the listed fields in their types', async () => {
    const fields = [
      { name: 'firstName|string', value: 'Ada' },
      { name: 'location.city', value: 'London' },
      { name: 'blackListEmail|boolean', value: 'true' },
    ];
    await execute([{}], { ...record, operation: 'upsert', 'fields.field': fields });
    expect(campaign.records.get('key-0')).toEqual({
      externalId: 'key-0',
      firstName: 'Ada',
      location: { city: 'London' },
      blackListEmail: true,
    });
  });

  it.each(['{"firstName":"Ada","location":{"city":"London"}}', { firstName: 'Ada', location: { city: 'London' } }])(
    'takes the fields as JSON too',
    async (fieldsJson) => {
      await execute([{}], { ...record, operation: 'upsert', fieldsMode: 'json', fieldsJson });
      expect(campaign.records.get('key-0')).toEqual({
        externalId: 'key-0',
        firstName: 'Ada',
        location: { city: 'London' },
      });
    },
  );

  it('rejects the item with a wrong value or an empty key, and writes the others', async () => {
    const keyValue = (item: number) => ['a', '', 'c', null][item];
    const fields = (item: number) => [{ name: 'blackListEmail', value: item === 2 ? 'perhaps' : 'no' }];
    const { outputs } = await execute([{}, {}, {}, {}], {
      ...record,
      keyValue,
      operation: 'upsert',
      'fields.field': fields,
    });
    expect(outputs.map((output) => output.length)).toEqual([1, 0, 0, 3]);
    expect(outputs[3]?.map(({ json }) => (json['outcome'] as IDataObject)['code'])).toEqual([
      'KEY_NOT_USABLE',
      'INVALID_VALUE',
      'KEY_NOT_USABLE',
    ]);
  });

  it.each<[string, string, unknown]>([
    ['is no JSON', 'SETTINGS_INVALID', '{"firstName":'],
    ['is a list', 'SETTINGS_INVALID', '["Ada"]'],
    ['names a field that there is not', 'UNKNOWN_FIELD', { firstNam: 'Ada' }],
    ['has a value where a name belongs', 'UNKNOWN_FIELD', { 'Ada <ada@example.com>': 1 }],
  ])('rejects the item whose JSON %s, and writes the others', async (_what, code, wrong) => {
    const fieldsJson = (item: number) => (item === 1 ? wrong : { firstName: 'Ada' });
    const given = { ...record, operation: 'upsert', fieldsMode: 'json', fieldsJson };
    const { outputs } = await execute([{ n: 0 }, { n: 1 }, { n: 2 }], given);
    expect(outputs.map((output) => output.map(({ json }) => json['n']))).toEqual([[0, 2], [], [], [1]]);
    expect(outputs[3]?.[0]?.json['outcome']).toMatchObject({ status: 'rejected', code });
    expect(JSON.stringify(outputs[3]?.[0]?.json['outcome'])).not.toContain('ada@');
    expect([...campaign.records.keys()]).toEqual(['key-0', 'key-2']);
  });

  it('takes a field that is not there for a setting, where the other items have wrong values', async () => {
    const fields = (item: number) => [
      { name: 'blackListEmail', value: item === 0 ? 'perhaps' : 'no' },
      { name: 'firstNam', value: 'Ada' },
    ];
    const given = { ...record, operation: 'upsert', 'fields.field': fields };
    await expect(execute([{}, {}], given)).rejects.toThrow('firstNam');
  });

  it('creates nothing where it is to update only', async () => {
    const { outputs } = await execute([{}], { ...record, operation: 'upsert', updateOnly: true });
    expect(outputs[1]?.[0]?.json['outcome']).toMatchObject({ status: 'skipped', code: 'NOT_IN_CAMPAIGN' });
    expect(campaign.records.size).toBe(0);
  });

  it.each([
    [{ 'fields.field': [{ name: 'unknown', value: 1 }] }, 'has no field "unknown"'],
    [
      {
        'fields.field': [
          { name: 'firstName', value: 1 },
          { name: 'firstName|string', value: 2 },
        ],
      },
      'twice',
    ],
    [{ 'fields.field': [{ name: '', value: 1 }] }, 'The name of a field is missing'],
    [{ fieldsMode: 'json', fieldsJson: '{' }, 'not valid JSON'],
    [{ fieldsMode: 'json', fieldsJson: '[1]' }, 'not right'],
    [{ resource: '' }, 'Resource is missing'],
    [{ keyField: '' }, 'Key Field is missing'],
  ])('says what is wrong with the settings %j', async (parameters, message) => {
    await expect(execute([{}], { ...record, operation: 'upsert', ...parameters })).rejects.toThrow(message);
    expect(campaign.calls).toEqual([]);
  });
});

describe('Delete', () => {
  it('deletes the record with the key, and takes one that is not there as done', async () => {
    campaign.put('key-0');
    const { outputs } = await execute([{}, {}], { ...record, operation: 'delete' });
    expect(outputs.map((output) => output.map(({ json }) => (json['outcome'] as IDataObject)['status']))).toEqual([
      ['deleted'],
      ['absent'],
      [],
      [],
    ]);
    expect(campaign.records.size).toBe(0);
  });
});

describe('Get', () => {
  it('gives records, items without one, and rejected items on three outputs', async () => {
    campaign.put('key-0', { firstName: 'Ada' });
    campaign.records.set('key-2', { externalId: 'other' });
    const keyValue = (item: number) => (item === 3 ? '' : `key-${item}`);
    const { outputs } = await execute([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }], {
      ...record,
      keyValue,
      operation: 'get',
    });
    expect(outputs).toEqual([
      [{ json: { externalId: 'key-0', firstName: 'Ada' }, pairedItem: { item: 0 } }],
      [{ json: { n: 1 }, pairedItem: { item: 1 } }],
      [
        { json: { n: 2, outcome: expect.objectContaining({ code: 'KEY_MISMATCH' }) }, pairedItem: { item: 2 } },
        { json: { n: 3, outcome: expect.objectContaining({ code: 'KEY_NOT_USABLE' }) }, pairedItem: { item: 3 } },
      ],
    ]);
  });

  it('fails when it was cancelled on the way', async () => {
    await expect(execute([{}], { ...record, operation: 'get' }, { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
