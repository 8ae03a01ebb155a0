import type { IDataObject } from 'n8n-workflow';
import { DEFAULT_LOG_COLUMNS } from '../../../../lib/sync/marketing-events/log-columns';
import { EVENT_KINDS } from '../../../../lib/sync/marketing-events/marketing-event';
import { makeEvents, type EventSettings } from '../../../../nodes/MarketingEvents/make-events';

const SETTINGS: EventSettings = {
  log: 'auto',
  columns: DEFAULT_LOG_COLUMNS,
  kinds: new Set(EVENT_KINDS),
  dateTimeFormat: 'auto',
  timeZone: 'UTC',
  leaveOutBursts: false,
};
const contact = (n: number) => `0c1d2e3f-1111-4222-8333-44445555666${n}`;
const row = (over: IDataObject): IDataObject => ({
  id: '4711',
  externalId: contact(1),
  deliveryLabel: 'Spring',
  status: '1',
  eventDate: '2026-11-20 08:00:00Z',
  ...over,
});

function codesOf(rows: IDataObject[]): string[] {
  const [events, leftOut] = makeEvents(
    rows.map((json) => ({ json })),
    SETTINGS,
  ).outputs;
  return [
    ...events.map(() => 'event'),
    ...leftOut.map(({ json }) => String((json['outcome'] as { code?: string }).code)),
  ];
}

describe('an ID that several rows of a batch have', () => {
  it('of several people, as that of the delivery, is rejected with all its rows', () => {
    const rows = [row({}), row({ externalId: contact(2) }), row({ externalId: contact(3), id: '4712' })];
    expect(codesOf(rows)).toEqual(['event', 'LOG_ID_NOT_UNIQUE', 'LOG_ID_NOT_UNIQUE']);
  });

  it('of several messages to one person, as that of the profile, is rejected with all its rows', () => {
    const rows = [row({}), row({ deliveryLabel: 'Summer', eventDate: '2026-11-13 08:00:00Z' })];
    expect(codesOf(rows)).toEqual(['LOG_ID_NOT_UNIQUE', 'LOG_ID_NOT_UNIQUE']);
  });

  it.each<[string, IDataObject]>([
    ['the row comes twice', {}],
    ['the label was changed in between', { deliveryLabel: 'Spring 2026' }],
    ['the contact has the ID in another form', { externalId: `{${contact(1).toUpperCase()}}` }],
    ['the message came back: another kind of event', { status: 2, failureType: 2 }],
    [
      'Campaign used it again, after years, for another person',
      { externalId: contact(2), eventDate: '2021-11-20 08:00Z' },
    ],
    [
      'Campaign used it again, after years, for the same person',
      { deliveryLabel: 'Old', eventDate: '2021-11-20 08:00Z' },
    ],
  ])('is taken as it is where %s', (_what, over) => {
    expect(codesOf([row({}), row(over)])).toEqual(['event', 'event']);
  });

  it.each([9_007_199_254_740_993, 1e21, 4711.5])('is rejected where it is a number that lost digits: %s', (id) => {
    expect(codesOf([row({ id })])).toEqual(['LOG_ID_NOT_UNIQUE']);
  });

  it('is taken with all its digits where it is a text', () => {
    expect(codesOf([row({ id: '9007199254740993' }), row({ id: '9007199254740992', externalId: contact(2) })])).toEqual(
      ['event', 'event'],
    );
  });
});
