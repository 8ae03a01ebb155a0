import type { IDataObject } from 'n8n-workflow';
import type { CampaignClient } from '../../../../lib/campaign/client';
import type { FindRequest } from '../../../../lib/campaign/records';
import { ConfigurationError, RejectedRecordError, RetriableError } from '../../../../lib/core/errors';
import { get } from '../../../../nodes/AdobeCampaign/operations/get.operation';
import { plainExecution } from '../../../support/plain-execution';

const mockResource = { name: 'profile', api: 'profileAndServicesExt', label: 'Profile' };
jest.mock('../../../../nodes/shared/metadata-cache', () => ({ resolveResource: async () => mockResource }));

type Find = (request: FindRequest) => Promise<{ href: string; record: Record<string, unknown> } | null>;
const recordOf = ({ keyField, keyValue }: FindRequest) => ({ href: 'h', record: { [keyField]: keyValue } });

async function run(keys: unknown[], find: Find, parameters: Record<string, unknown> = {}) {
  const parts = { resource: 'profile', keyField: 'externalId|string', keyValue: (item: number) => keys[item] };
  const items = keys.map((_key, n) => ({ n }));
  const { context, hints } = plainExecution(items, { ...parts, ...parameters });
  const client = { find, credential: { maxConcurrency: 3 } } as unknown as CampaignClient;
  const outputs = await get(context, client, { operation: 'get', lookup: { by: 'key' } });
  return { outputs, hints };
}

/** The code and field of the outcome of the first rejected item. */
async function rejection(find: Find) {
  const { outputs } = await run(['a'], find);
  return outputs[2]?.[0]?.json['outcome'] as IDataObject;
}

describe('Get of Adobe Campaign', () => {
  it('asks for the record by the key of each item', async () => {
    const find = jest.fn(async (request: FindRequest) => recordOf(request));
    await run(['a', 7], find);
    expect(find.mock.calls.map(([request]) => request)).toEqual(
      ['a', '7'].map((keyValue) => ({
        resource: mockResource,
        keyField: 'externalId',
        keyValue,
        lookup: { by: 'key' },
      })),
    );
  });

  it('keeps the order of the items, whichever response comes first', async () => {
    const waits = [30, 0, 10, 0, 20];
    const { outputs } = await run(['a', 'b', 'c', 'd', 'e'], async (request) => {
      await new Promise((resolve) => setTimeout(resolve, waits['abcde'.indexOf(request.keyValue)]));
      return recordOf(request);
    });
    expect(outputs[0]?.map(({ json }) => json['externalId'])).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2, 3, 4].map((item) => ({ item })));
  });

  it('asks for as many at once as the credential allows, and no more', async () => {
    let inFlight = 0;
    let most = 0;
    await run([...'abcdefghij'], async (request) => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      return recordOf(request);
    });
    expect(most).toBe(3);
  });

  it('counts in a hint what became of the items', async () => {
    const { hints } = await run(['a', 'b', '', 'd'], async (request) =>
      request.keyValue === 'b' ? null : recordOf(request),
    );
    expect(hints.map(({ message }) => message)).toEqual(['2 found, 1 not found, 1 rejected']);
  });

  it.each([
    ['another key', { externalId: 'A' }],
    ['no key', {}],
    ['null for a key', { externalId: null }],
  ])('rejects the item when the record found has %s', async (_what, record) => {
    expect(await rejection(async () => ({ href: 'h', record }))).toMatchObject({
      status: 'rejected',
      code: 'KEY_MISMATCH',
    });
  });

  it('takes a key that Campaign holds as a number', async () => {
    const { outputs } = await run([7], async () => ({ href: 'h', record: { externalId: 7 } }));
    expect(outputs.map(({ length }) => length)).toEqual([1, 0, 0]);
  });

  it.each(['', ' ', '..', null, true])('does not ask for the key %j', async (key) => {
    const find = jest.fn(async () => null);
    const { outputs } = await run([key], find);
    expect(outputs[2]?.[0]?.json).toMatchObject({ n: 0, outcome: { code: 'KEY_NOT_USABLE' } });
    expect(find).not.toHaveBeenCalled();
  });

  it('rejects the item whose record Campaign refuses to give', async () => {
    const refuse = async () => {
      throw new RejectedRecordError('AMBIGUOUS_KEY', 'Several match.', { field: 'externalId' });
    };
    expect(await rejection(refuse)).toMatchObject({ code: 'AMBIGUOUS_KEY', field: 'externalId' });
  });

  it.each([new RetriableError('DOWN', 'Down.'), new ConfigurationError('SIGN_IN_REFUSED', 'No.')])(
    'fails with what concerns all items: %p',
    async (error) => {
      const fail = async () => {
        throw error;
      };
      await expect(run(['a', 'b'], fail)).rejects.toBe(error);
    },
  );

  it('fails where an item names no resource', async () => {
    await expect(run(['a'], async () => null, { resource: '' })).rejects.toThrow('Resource is missing');
  });
});
