import { findInOtherForm } from '../../../lib/campaign/key-forms';
import type { FindRequest } from '../../../lib/campaign/records';
import { writeBatch, type WriterOptions } from '../../../lib/campaign/write-batch';
import type { WritableChange } from '../../../lib/campaign/record-writer';
import { RejectedRecordError, RetriableError } from '../../../lib/core/errors';
import { DeliveryRegistry } from '../../../lib/sync/delivery/deliveries';
import { KeyLocks } from '../../../lib/sync/delivery/key-locks';
import { field, resourceOf } from '../../support/builders';
import { FakeCampaign } from '../../support/fake-campaign';
import { TestClock } from '../../support/test-clock';
import { outcomesOf, upsert } from '../../support/writable-changes';

const GUID = 'f3b1f2de-00ab-4000-8000-00000000000a';
const FORMS: readonly (readonly [words: string, key: string])[] = [
  ['in upper case', GUID.toUpperCase()],
  ['in braces', `{${GUID}}`],
  ['in upper case and braces', `{${GUID.toUpperCase()}}`],
  ['with a blank behind it', `${GUID} `],
  ['with a blank before it', ` ${GUID}`],
];

async function write(campaign: FakeCampaign, change: WritableChange, options: Partial<WriterOptions> = {}) {
  const clock = new TestClock();
  const description = resourceOf(field('firstName', 'string'), field('blackListEmail', 'boolean'));
  const report = await writeBatch(
    [change],
    {
      client: campaign,
      locks: new KeyLocks(),
      deliveries: new DeliveryRegistry(),
      clock,
      describe: async () => description,
    },
    {
      instance: 'https://campaign/org',
      lookup: { by: 'key' },
      concurrency: 1,
      locationIsFixed: false,
      otherKeyForms: true,
      ...options,
    },
  );
  return outcomesOf(report)[0];
}

describe('a profile whose external ID is the same GUID in another form', () => {
  it.each(FORMS)('(%s) is not touched and gets no second, opted-in profile beside it', async (words, key) => {
    const campaign = new FakeCampaign().put(key, { blackListEmail: true });
    const outcome = await write(campaign, upsert(GUID, { firstName: 'Ada' }));
    expect(outcome).toMatchObject({
      status: 'rejected',
      code: 'KEY_IN_OTHER_FORM',
      field: 'externalId',
      engineCalls: 0,
    });
    expect(outcome?.message).toContain(`a profile with this externalId ${words}.`);
    expect(outcome?.message).toContain('lower case');
    expect([...campaign.records.keys()]).toEqual([key]);
  });

  it('is looked for on creation alone: a profile that is found by its key costs no look-up more', async () => {
    const campaign = new FakeCampaign().put(GUID, { firstName: 'Old' });
    await write(campaign, upsert(GUID, { firstName: 'Ada' }));
    expect(campaign.verbs()).toEqual(['find', 'update']);
  });

  it('costs five look-ups for each creation, and none by the setting', async () => {
    const campaign = new FakeCampaign();
    expect(await write(campaign, upsert(GUID))).toMatchObject({ status: 'created' });
    expect(campaign.verbs()).toEqual([...Array.from({ length: 6 }, () => 'find'), 'create']);
    const without = new FakeCampaign();
    await write(without, upsert(GUID), { otherKeyForms: false });
    expect(without.verbs()).toEqual(['find', 'create']);
  });

  it('is not looked for on a load into a Campaign that was empty', async () => {
    const campaign = new FakeCampaign();
    campaign.emptyAtFirst = true;
    await write(campaign, upsert(GUID, {}, { initial: true }));
    await write(campaign, upsert(GUID.replace(/a$/, 'b'), {}, { initial: true }));
    // The one look stands for the first look-up.
    expect(campaign.verbs()).toEqual(['probe', 'create', 'find', 'create']);
    const later = new FakeCampaign().put(GUID.toUpperCase());
    later.emptyAtFirst = true;
    expect(await write(later, upsert(GUID))).toMatchObject({ code: 'KEY_IN_OTHER_FORM' });
  });

  it('is looked for on a load into a Campaign that was not', async () => {
    const campaign = new FakeCampaign().put(GUID.toUpperCase());
    const outcome = await write(campaign, upsert(GUID, {}, { initial: true }));
    expect(outcome).toMatchObject({ code: 'KEY_IN_OTHER_FORM' });
  });

  it.each(['crm-4711', '42', `${GUID}0`])('is none of a key that is no GUID (%s)', async (key) => {
    const campaign = new FakeCampaign();
    await write(campaign, upsert(key));
    expect(campaign.verbs()).toEqual(['find', 'create']);
  });
});

describe('a look-up in another form', () => {
  const request: FindRequest = {
    resource: { name: 'profile', api: 'profileAndServicesExt' },
    keyField: 'externalId',
    keyValue: GUID,
    lookup: { by: 'key' },
  };
  const failing = (error: Error) => ({ find: () => Promise.reject(error) });

  it('that Campaign refuses as a key is none that a record has', async () => {
    const refused = new RejectedRecordError('REFUSED_BY_CAMPAIGN', 'Refused.');
    expect(await findInOtherForm(failing(refused), request, {})).toBeUndefined();
  });

  it('that several records have counts as found', async () => {
    const several = new RejectedRecordError('AMBIGUOUS_KEY', 'Several.');
    expect(await findInOtherForm(failing(several), request, {})).toMatchObject({ key: null, words: 'in upper case' });
  });

  it('passes on a fault of the system: nothing is made meanwhile', async () => {
    const down = new RetriableError('CAMPAIGN_UNAVAILABLE', 'Down.');
    await expect(findInOtherForm(failing(down), request, {})).rejects.toBe(down);
  });

  it('takes no record of another person', async () => {
    const client = { find: async () => ({ href: 'https://mc.example/x', record: { externalId: 'other' } }) };
    expect(await findInOtherForm(client, request, {})).toBeUndefined();
  });
});
