import { compareTimelines } from '../../../sandbox/oracles/timeline';
import type { DeliveryRow, TrackingRow } from '../../../sandbox/control-client';

const ADA = '0b5b4ef0-4b1b-4f3f-9d49-3d3a0d9cf001';
const BOB = '0b5b4ef0-4b1b-4f3f-9d49-3d3a0d9cf002';
const common = {
  externalId: ADA,
  campaignLabel: 'C',
  deliveryLabel: 'D',
  mirrorPageUrl: 'https://mirror.example/',
  testAddress: false,
};
const sent = (changes: Partial<DeliveryRow> = {}): DeliveryRow => ({
  id: 1,
  ...common,
  status: 1,
  failureType: 0,
  eventDate: '2026-03-01 10:00:00.304Z',
  ...changes,
});
const tracked = (changes: Partial<TrackingRow> = {}): TrackingRow => ({
  id: 7,
  ...common,
  urlType: 2,
  urlSource: '',
  logDate: '2026-03-01 10:05:00.999Z',
  ...changes,
});
const activity = (changes: Record<string, unknown> = {}) => ({
  activityid: 'a1',
  _regardingobjectid_value: ADA,
  subject: 'Campaign Name: C; Delivery Name: D',
  xyz_cname: 'C',
  xyz_dname: 'D',
  xyz_when: '2026-03-01T10:00:00Z',
  xyz_mirror: 'https://mirror.example/',
  ...changes,
});
const NONE = { send: [], open: [], click: [], bounce: [] };
const CONTACTS = new Set([ADA]);

describe('the comparison of logs and timelines', () => {
  it('finds each event of the logs on the timeline of its contact', () => {
    const click = tracked({ id: 8, urlType: 10, urlSource: 'https://shop.example/' });
    const at = { xyz_when: '2026-03-01T10:05:00Z' };
    const logs = { delivery: [sent(), sent({ id: 2, status: 2, failureType: 2 })], tracking: [tracked(), click] };
    const activities = {
      send: [activity()],
      open: [activity(at)],
      click: [activity({ ...at, xyz_url: 'https://shop.example/' })],
      bounce: [activity()],
    };
    const one = { expected: 1, arrived: 1 };
    expect(compareTimelines(CONTACTS, logs, activities)).toEqual({
      counts: { send: one, open: one, click: one, bounce: one },
      differences: [],
    });
  });

  it.each([
    ['another subject', { subject: 'Hello' }],
    ['another time', { xyz_when: '2026-03-01T10:00:01Z' }],
    ["another person's", { _regardingobjectid_value: BOB }],
    ['another mirror page', { xyz_mirror: '' }],
  ])('takes an activity with %s for another one', (_, changes) => {
    const compared = compareTimelines(
      new Set([ADA, BOB]),
      { delivery: [sent()], tracking: [] },
      {
        ...NONE,
        send: [activity(changes)],
      },
    );
    expect(compared.counts.send).toEqual({ expected: 1, arrived: 0 });
    expect(compared.differences.map(({ kind, event }) => `${kind} ${event}`)).toEqual([
      'missing send 1',
      'surplus send a1',
    ]);
  });

  it('names an event that is there twice', () => {
    const send = [activity(), activity({ activityid: 'a2' })];
    const compared = compareTimelines(CONTACTS, { delivery: [sent()], tracking: [] }, { ...NONE, send });
    expect(compared.counts.send).toEqual({ expected: 1, arrived: 1 });
    expect(compared.differences).toMatchObject([{ kind: 'surplus', contactId: ADA }]);
  });

  it.each([
    ['a pending message', [sent({ status: 6 })], []],
    ['a soft bounce', [sent({ status: 2, failureType: 1 })], []],
    ['an ignored failure', [sent({ status: 2, failureType: 3 })], []],
    ['a test address', [sent({ testAddress: true })], [tracked({ testAddress: true })]],
    ['an unsubscription', [], [tracked({ urlType: 3 })]],
    ['a look at the mirror page', [], [tracked({ urlType: 6 })]],
    ['an SMS', [sent({ deliveryType: 'sms' })], [tracked({ deliveryType: 'pushNotification', urlType: 10 })]],
    ['the unsubscription link', [], [tracked({ urlType: 1, urlSource: 'https://t.example/lp/bl?pkey=1' })]],
    ['the mirror page as a click', [], [tracked({ urlType: 1, urlSource: common.mirrorPageUrl })]],
    ['a contact that is gone', [sent({ externalId: BOB })], [tracked({ externalId: BOB })]],
    ['a profile that is no contact', [sent({ externalId: '' })], []],
  ])('expects no event of %s', (_, delivery, tracking) => {
    const none = { expected: 0, arrived: 0 };
    expect(compareTimelines(CONTACTS, { delivery, tracking }, NONE)).toEqual({
      counts: { send: none, open: none, click: none, bounce: none },
      differences: [],
    });
  });

  it('expects no click of a scanner where these are to be left out', () => {
    const contactDate = '2026-03-01 10:05:00.000Z';
    const tracking = [
      tracked({ contactDate, logDate: '2026-03-01 10:05:03.000Z' }),
      tracked({ contactDate, logDate: '2026-03-01 10:05:03.001Z' }),
      tracked(),
    ];
    const opens = (scannerSeconds?: number) =>
      compareTimelines(CONTACTS, { delivery: [], tracking }, NONE, { scannerSeconds }).counts.open.expected;
    expect([opens(), opens(3)]).toEqual([3, 2]);
  });
});
