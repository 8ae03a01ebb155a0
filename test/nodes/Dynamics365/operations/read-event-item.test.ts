import { readEventItem } from '../../../../nodes/Dynamics365/operations/read-event-item';
import { thrown } from '../../../support/errors';

const contactId = '0c1d2e3f-1111-4222-8333-444455556666';
const event = {
  kind: 'click',
  logId: '4712',
  contactId: `{${contactId.toUpperCase()}}`,
  campaignName: 'Camp',
  deliveryName: 'DM190',
  time: '2026-11-21T10:00:00+01:00',
  mirrorPageUrl: '',
  clickedUrl: 'https://shop.example/offer',
};
const delivery = { trigger: 't', number: 1, attempt: 1, until: '2026-11-21T12:00:00Z' };

describe('an item of the Marketing Events node', () => {
  it('is its event, with the ID and the time in one form and without what is empty, and its delivery', () => {
    expect(readEventItem({ event, delivery }, 0)).toEqual({
      event: {
        kind: 'click',
        logId: '4712',
        contactId,
        campaignName: 'Camp',
        deliveryName: 'DM190',
        time: '2026-11-21T09:00:00.000Z',
        clickedUrl: 'https://shop.example/offer',
      },
      delivery,
    });
  });

  it('keeps an outcome that an earlier node gave it', () => {
    const outcome = { status: 'rejected', code: 'EARLIER', engineCalls: 0 };
    expect(readEventItem({ event, outcome }, 0)).toEqual({ outcome });
  });

  it.each([
    ['kind', 'bought'],
    ['logId', ''],
    ['logId', 4712],
    ['contactId', 'Ada'],
    ['time', 'yesterday'],
    ['time', 1_764_000_000_000],
  ])('is rejected where its %s is %p, and says which part it is', (name, value) => {
    const { outcome } = readEventItem({ event: { ...event, [name]: value } }, 0);
    expect(outcome).toMatchObject({ status: 'rejected', code: 'EVENT_INVALID', engineCalls: 0 });
    expect(outcome?.message).toContain(`${name}"`);
  });

  it('is rejected where nobody can tell until when it may be written', () => {
    expect(readEventItem({ event, delivery: { ...delivery, until: 'soon' } }, 0).outcome).toMatchObject({
      status: 'rejected',
      code: 'DELIVERY_UNREADABLE',
    });
  });

  it.each([undefined, null, 'click', [event]])('fails the batch where there is no event but %p', (given) => {
    expect(thrown(() => readEventItem({ event: given }, 7))).toMatchObject({
      code: 'NOT_AN_EVENT',
      message: expect.stringContaining('Item 7'),
    });
  });

  it('fails the batch where its outcome is none of the package', () => {
    expect(thrown(() => readEventItem({ event, outcome: { status: 'done' } }, 7)).code).toBe('OUTCOME_UNKNOWN');
  });
});
