import { profileSource } from '../../../lib/campaign/profile-source';
import type { CampaignRecord, FindRequest, Lookup } from '../../../lib/campaign/records';
import { RejectedRecordError, RetriableError } from '../../../lib/core/errors';

const RESOURCE = { name: 'profile', api: 'profileAndServicesExt' } as const;
const BY_FILTER: Lookup = { by: 'filter', filter: 'byExternalId', parameter: 'externalId_parameter' };

function sourceOf(record: CampaignRecord | null, keyField = 'externalId') {
  const find = jest.fn(async (_request: FindRequest) => (record ? { href: 'https://mc.example/x', record } : null));
  return { find, source: profileSource({ find }, { resource: RESOURCE, keyField, lookup: BY_FILTER }) };
}

describe('the profiles of Campaign', () => {
  it('are looked up by their key, the way that is set', async () => {
    const { find, source } = sourceOf({ externalId: 'k1', blackListEmail: true });
    const { signal } = new AbortController();
    expect(await source.profileByKey('k1', signal)).toEqual({ externalId: 'k1', blackListEmail: true });
    expect(find.mock.calls).toEqual([
      [{ resource: RESOURCE, keyField: 'externalId', keyValue: 'k1', lookup: BY_FILTER }, { signal }],
    ]);
  });

  it('are null where there is none', async () => {
    expect(await sourceOf(null).source.profileByKey('k1', undefined)).toBeNull();
  });

  it.each([
    ['another case', { externalId: 'K1' }],
    ['another value', { externalId: 'k2' }],
    ['a number', { externalId: 1 }],
    ['nothing', {}],
  ])('are refused where the key found is %s', async (_what, record) => {
    const refused = sourceOf(record).source.profileByKey('k1', undefined);
    await expect(refused).rejects.toThrow(RejectedRecordError);
    await expect(refused).rejects.toMatchObject({ code: 'KEY_MISMATCH', field: 'externalId' });
  });

  it('may have their key in a nested field', async () => {
    const record = { cus: { crmId: 'k1' } };
    expect(await sourceOf(record, 'cus.crmId').source.profileByKey('k1', undefined)).toBe(record);
  });

  it.each([
    new RejectedRecordError('AMBIGUOUS_KEY', 'Several profiles match.'),
    new RetriableError('CAMPAIGN_UNAVAILABLE', 'Campaign is out of reach.'),
  ])('pass on what Campaign throws (%p)', async (error) => {
    const find = () => Promise.reject(error);
    const source = profileSource({ find }, { resource: RESOURCE, keyField: 'externalId', lookup: { by: 'key' } });
    await expect(source.profileByKey('k1', undefined)).rejects.toBe(error);
  });
});
