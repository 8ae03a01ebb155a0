import type { CampaignClient } from '../../../lib/campaign/client';
import type { DataverseClient } from '../../../lib/dataverse/client';
import type { Resource } from '../../../lib/core/metadata';
import {
  CACHED_MS,
  describeResource,
  describeTable,
  FRESH_MS,
  resolveResource,
} from '../../../nodes/shared/metadata-cache';

const dataverse = () => {
  const describe = jest.fn(async (name: string) => ({ table: { name }, columns: [] }));
  return { describe, client: { describeTable: describe } as unknown as DataverseClient };
};

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('describeTable', () => {
  it('asks once for many that ask at the same time, and again after five minutes', async () => {
    const { client, describe } = dataverse();
    await Promise.all([describeTable(client, 'contact'), describeTable(client, 'contact')]);
    expect(describe).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(CACHED_MS - 1);
    await describeTable(client, 'contact');
    expect(describe).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(1);
    await describeTable(client, 'contact');
    expect(describe).toHaveBeenCalledTimes(2);
  });

  it('refreshes on demand, but once for a batch of records that all miss something', async () => {
    const { client, describe } = dataverse();
    await describeTable(client, 'contact');
    jest.advanceTimersByTime(FRESH_MS);
    for (let i = 0; i < 100; i++) await describeTable(client, 'contact', { refresh: true });
    expect(describe).toHaveBeenCalledTimes(2);
  });

  it('keeps clients and tables apart', async () => {
    const one = dataverse();
    const other = dataverse();
    await describeTable(one.client, 'contact');
    await describeTable(one.client, 'account');
    await describeTable(other.client, 'contact');
    expect(one.describe).toHaveBeenCalledTimes(2);
    expect(other.describe).toHaveBeenCalledTimes(1);
  });

  it('does not keep a failure', async () => {
    const { client, describe } = dataverse();
    describe.mockRejectedValueOnce(new Error('away'));
    await expect(describeTable(client, 'contact')).rejects.toThrow('away');
    await describeTable(client, 'contact');
    expect(describe).toHaveBeenCalledTimes(2);
  });

  it('lets one caller stop without spoiling it for the others', async () => {
    const { client, describe } = dataverse();
    const controller = new AbortController();
    const stopped = describeTable(client, 'contact', { signal: controller.signal });
    const other = describeTable(client, 'contact');
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(other).resolves.toMatchObject({ table: { name: 'contact' } });
    expect(describe).toHaveBeenCalledTimes(1);
  });
});

describe('resources', () => {
  const campaign = (...lists: Resource[][]) => {
    const list = jest.fn(async () => (lists.length > 1 ? lists.shift() : lists[0]) ?? []);
    const describe = jest.fn(async (resource: Resource) => ({ resource, fields: [] }));
    return { list, describe, client: { listResources: list, describeResource: describe } as unknown as CampaignClient };
  };
  const profile: Resource = { name: 'profile', api: 'profileAndServicesExt', label: 'Profiles' };

  it('finds the API that serves a resource', async () => {
    const { client, describe } = campaign([profile]);
    expect((await describeResource(client, 'profile')).resource).toEqual(profile);
    await describeResource(client, 'profile');
    expect(describe).toHaveBeenCalledTimes(1);
  });

  it('takes an API that the user named', async () => {
    const { client, list } = campaign([profile]);
    const resolved = await resolveResource(client, 'profileAndServices/profile');
    expect(resolved).toMatchObject({ api: 'profileAndServices', name: 'profile' });
    expect(list).not.toHaveBeenCalled();
  });

  it('looks again before it says that a resource is unknown', async () => {
    const { client } = campaign([], [profile]);
    await expect(resolveResource(client, 'other')).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
    jest.advanceTimersByTime(FRESH_MS);
    expect(await resolveResource(client, 'profile')).toEqual(profile);
    await expect(resolveResource(client, 'cusNothing')).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
  });

  it.each(['', 'profileAndServicesExt/', '../profile', 'unknownApi/profile'])('does not know %p', async (name) => {
    await expect(resolveResource(campaign([profile]).client, name)).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN' });
  });
});
