import type { IDataObject, INode, INodeExecutionData } from 'n8n-workflow';
import { AdobeCampaign } from '../../../nodes/AdobeCampaign/AdobeCampaign.node';
import { getCampaignClient } from '../../../nodes/shared/clients-from-credentials';
import { field, resourceOf, target } from '../../support/builders';
import { FakeCampaign } from '../../support/fake-campaign';
import { plainExecution } from '../../support/plain-execution';

jest.mock('../../../nodes/shared/clients-from-credentials', () => ({ getCampaignClient: jest.fn() }));
let mockReadOnly = false;
const mockResource = () =>
  resourceOf(
    field('firstName', 'string'),
    field('blackListEmail', 'boolean', { readOnly: mockReadOnly }),
    field('blackListPhone', 'boolean'),
  );
jest.mock('../../../nodes/shared/metadata-cache', () => ({
  resolveResource: async () => mockResource().resource,
  describeResource: async () => mockResource(),
}));

const KEY = 'f3b1f2de-00ab-4000-8000-00000000000a';
const node = {
  id: '1',
  name: 'Adobe Campaign',
  type: 'adobeCampaign',
  typeVersion: 1,
  position: [0, 0],
} as unknown as INode;

let campaign: FakeCampaign;
beforeEach(() => {
  campaign = new FakeCampaign();
  mockReadOnly = false;
  jest
    .mocked(getCampaignClient)
    .mockResolvedValue(Object.assign(campaign, { instance: 'https://mc.example/org/', credential: {} }) as never);
});

const WRITTEN = 0;
const WAITING = 2;
const REJECTED = 3;

async function run(items: IDataObject[], options: IDataObject = {}, parameters: IDataObject = {}) {
  const { context } = plainExecution(
    items,
    { operation: 'apply', lookup: 'key', options, ...parameters },
    {
      getNode: () => node,
      getExecuteData: () => ({ node, data: {}, source: null }),
      getExecutionCancelSignal: () => undefined,
    },
  );
  return (await new AdobeCampaign().execute.call(context)) as INodeExecutionData[][];
}
/** The output that the only item leaves through, and its outcome. */
function left(outputs: INodeExecutionData[][]) {
  const output = outputs.findIndex((items) => items.length > 0);
  const { json } = outputs[output]?.[0] as INodeExecutionData;
  return { output, json, outcome: json['outcome'] as IDataObject };
}
const remove = (more: IDataObject = {}): IDataObject => ({
  change: 'delete',
  reason: 'filtered-out',
  table: 'contact',
  id: KEY,
  modifiedOn: null,
  initial: false,
  target: target(KEY) as unknown as IDataObject,
  ...more,
});
const create = (fields: IDataObject = {}): IDataObject => ({
  ...remove(),
  change: 'upsert',
  target: target(KEY, fields as never) as unknown as IDataObject,
});
const remembered = (optOuts: string, recordId = KEY) => ({ rememberedOptOuts: [{ recordId, optOuts, id: 7 }] });

describe('a delete of a profile that opted out', () => {
  it.each([
    ['one channel', { blackListEmail: true }],
    ['any channel', { blackList: 'true' }],
    ['the sale of data', { ccpaOptOut: 1 }],
    ['one channel, under its alias', { denyListEmail: true }],
    ['who knows', { blackListEmail: 'maybe' }],
  ])('(%s) is rejected, and the profile keeps its opt-out', async (_what, flags) => {
    campaign.put(KEY, flags);
    const { output, outcome } = left(await run([remove()]));
    expect(output).toBe(REJECTED);
    expect(outcome).toMatchObject({ status: 'rejected', code: 'OPTED_OUT_IN_CAMPAIGN', engineCalls: 0 });
    expect(campaign.records.has(KEY)).toBe(true);
  });

  it.each([{}, { blackListEmail: false, blackList: '', ccpaOptOut: null }])(
    'goes on where there is none: %j',
    async (flags) => {
      campaign.put(KEY, flags);
      expect(left(await run([remove()])).outcome).toMatchObject({ status: 'deleted' });
    },
  );

  it('goes on where the flow remembers its opt-outs already', async () => {
    campaign.put(KEY, { blackListEmail: true });
    expect(left(await run([remove()], remembered('blackListEmail,blackListPhone'))).outcome['status']).toBe('deleted');
  });

  it('goes on by the setting, and by the operation Delete, which is told to', async () => {
    campaign.put(KEY, { blackListEmail: true });
    expect(left(await run([remove()], { optedOutProfiles: 'delete' })).outcome['status']).toBe('deleted');
    campaign.put(KEY, { blackListEmail: true });
    const asked = { operation: 'delete', resource: 'profile', keyField: 'externalId', keyValue: KEY };
    expect(left(await run([{}], {}, asked)).outcome['status']).toBe('deleted');
  });
});

describe('a delete whose opt-outs are to be remembered', () => {
  const settings = { optedOutProfiles: 'remember' };

  it('waits with them before anything is deleted, and is done when it comes back', async () => {
    campaign.put(KEY, { blackListPhone: true, blackListEmail: true, firstName: 'Ada' });
    const first = left(await run([remove()], settings));
    expect(first.output).toBe(WAITING);
    expect(first.outcome).toMatchObject({
      status: 'waiting',
      code: 'OPT_OUTS_TO_REMEMBER',
      optOuts: ['blackListEmail', 'blackListPhone'],
    });
    expect(JSON.stringify(first.outcome)).not.toContain('Ada');
    expect(campaign.verbs()).toEqual(['find']);

    const second = left(await run([first.json], settings));
    expect(second).toMatchObject({ output: WRITTEN, outcome: { status: 'deleted' } });
    expect(second.outcome).not.toHaveProperty('optOuts');
  });

  it('comes once more as long as they were not kept, after a crash in between for example', async () => {
    campaign.put(KEY, { blackListEmail: true });
    expect(left(await run([remove()], settings)).output).toBe(WAITING);
    expect(left(await run([remove()], settings)).output).toBe(WAITING);
    expect(left(await run([remove()], { ...settings, ...remembered('blackListEmail') })).outcome['status']).toBe(
      'deleted',
    );
  });

  it('waits too where an opt-out that is remembered was taken back', async () => {
    campaign.put(KEY, { blackListEmail: false });
    const { outcome } = left(await run([remove()], { ...settings, ...remembered('blackListEmail') }));
    expect(outcome).toMatchObject({ status: 'waiting', optOuts: [] });
  });

  it('is rejected where the opt-outs changed while they were being kept', async () => {
    campaign.put(KEY, { blackListEmail: true });
    const { json } = left(await run([remove()], settings));
    campaign.put(KEY, { blackListEmail: true, blackListPhone: true });
    const again = left(await run([json], settings));
    expect(again).toMatchObject({ output: REJECTED, outcome: { code: 'OPTED_OUT_IN_CAMPAIGN' } });
    expect(campaign.records.has(KEY)).toBe(true);
  });

  it('does not wait where nothing is to be remembered', async () => {
    campaign.put(KEY, { blackListEmail: false });
    expect(left(await run([remove()], settings)).outcome['status']).toBe('deleted');
  });

  it('passes an item on that waits for something else', async () => {
    const outcome = { status: 'waiting', code: 'OTHER', engineCalls: 0 };
    expect(left(await run([remove({ outcome })], settings))).toMatchObject({ output: WAITING, outcome });
    expect(campaign.calls).toEqual([]);
  });
});

describe('a new profile of somebody whose opt-outs are remembered', () => {
  it('starts with them, whatever Dynamics 365 says', async () => {
    const { outcome } = left(
      await run([create({ firstName: 'Ada', blackListEmail: false })], remembered('denyListEmail')),
    );
    expect(outcome['status']).toBe('created');
    expect(campaign.records.get(KEY)).toEqual({ externalId: KEY, firstName: 'Ada', blackListEmail: true });
  });

  it('is made as it comes where only others are remembered, or nobody', async () => {
    for (const options of [
      remembered('blackListEmail', 'other'),
      { rememberedOptOuts: [{}] },
      { rememberedOptOuts: '' },
    ]) {
      campaign.records.clear();
      await run([create({ firstName: 'Ada' })], options);
      expect(campaign.records.get(KEY)).toEqual({ externalId: KEY, firstName: 'Ada' });
    }
  });

  it.each<[string, IDataObject[]]>([
    [
      'in several rows, in any order',
      [
        { recordId: KEY, optOuts: 'blackListEmail' },
        { recordId: KEY, optOuts: 'blackListPhone' },
        { recordId: KEY, optOuts: null },
      ],
    ],
    [
      'under other forms of the ID',
      [
        { recordId: KEY.toUpperCase(), optOuts: 'blackListPhone' },
        { recordId: `{${KEY}} `, optOuts: 'blackListEmail' },
      ],
    ],
    [
      'beside a row that was added by hand and left empty',
      [
        { recordId: null, optOuts: null },
        { recordId: KEY, optOuts: 'blackListEmail,blackListPhone' },
      ],
    ],
  ])('starts with all of them where they are remembered %s', async (_where, rememberedOptOuts) => {
    await run([create({ firstName: 'Ada' })], { rememberedOptOuts });
    expect(campaign.records.get(KEY)).toMatchObject({ blackListEmail: true, blackListPhone: true });
  });

  it('is not made where one of them can not be written', async () => {
    mockReadOnly = true;
    const { outcome } = left(await run([create({ firstName: 'Ada' })], remembered('blackListEmail')));
    expect(outcome).toMatchObject({ status: 'rejected', code: 'OPT_OUT_NOT_WRITABLE', field: 'blackListEmail' });
    expect(campaign.records.size).toBe(0);
  });

  it.each(['nonsense', 5, [5], [{ recordId: KEY, optOuts: 'blackLisEmail' }], [{ recordId: 5 }]])(
    'stops everything where what is remembered can not be read (%j): nobody knows whose opt-out it is',
    async (rememberedOptOuts) => {
      await expect(run([create()], { rememberedOptOuts } as IDataObject)).rejects.toThrow(/Remembered Opt-Outs/);
      expect(campaign.calls).toEqual([]);
    },
  );

  it('takes nothing of it from the item itself', async () => {
    const keptOptOuts = { fields: ['blackListEmail'], forThisDelete: true };
    await run([{ ...create({ firstName: 'Ada' }), keptOptOuts }]);
    expect(campaign.records.get(KEY)).toEqual({ externalId: KEY, firstName: 'Ada' });
  });
});
