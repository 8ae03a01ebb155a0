import { DEFAULT_LOG_COLUMNS } from '../../../../lib/sync/marketing-events/log-columns';
import { EVENT_KINDS, type EventKind } from '../../../../lib/sync/marketing-events/marketing-event';
import { logReader, type LogReaderSettings, type LogRow } from '../../../../lib/sync/marketing-events/read-log-row';

const CONTACT = '0c1d2e3f-1111-4222-8333-444455556666';
const settings: LogReaderSettings = {
  log: 'auto',
  columns: DEFAULT_LOG_COLUMNS,
  kinds: new Set(EVENT_KINDS),
  dateTimeFormat: 'auto',
  timeZone: 'UTC',
};
const delivery: LogRow = {
  id: 4711,
  externalId: CONTACT,
  campaignLabel: '2019LoyaltyCamp',
  deliveryLabel: 'DM190',
  status: 1,
  failureType: 0,
  eventDate: '2026-11-21 08:30:00.123Z',
};
const tracking: LogRow = {
  id: '4712',
  externalId: CONTACT,
  campaignLabel: '2019LoyaltyCamp',
  deliveryLabel: 'DM190',
  urlType: 1,
  urlSource: 'https://shop.example/offer?x=1',
  logDate: '2026/11/21 09:00:00',
};

function read(row: LogRow, over: Partial<LogReaderSettings> = {}) {
  return logReader({ ...settings, ...over })(row);
}
function kindOf(row: LogRow, over?: Partial<LogReaderSettings>) {
  const result = read(row, over);
  return result.kind === 'event' ? result.event.kind : `${result.outcome.status} ${result.outcome.code}`;
}

describe('a row of the logs', () => {
  it('becomes a send with all that the timeline shows', () => {
    expect(read(delivery)).toEqual({
      kind: 'event',
      event: {
        kind: 'send',
        logId: '4711',
        contactId: CONTACT,
        campaignName: '2019LoyaltyCamp',
        deliveryName: 'DM190',
        time: '2026-11-21T08:30:00.123Z',
      },
    });
  });

  it('becomes a click with its URL and the mirror page where the export has it', () => {
    expect(read({ ...tracking, mirrorPageUrl: ' https://mirror.example/1 ' })).toMatchObject({
      event: {
        kind: 'click',
        clickedUrl: 'https://shop.example/offer?x=1',
        mirrorPageUrl: 'https://mirror.example/1',
        time: '2026-11-21T09:00:00.000Z',
      },
    });
  });

  it('gives an open no clicked URL', () => {
    const result = read({ ...tracking, urlType: 2 });
    expect(result.kind === 'event' && 'clickedUrl' in result.event).toBe(false);
  });

  it.each<[unknown, string]>([
    [1, 'send'],
    ['1', 'send'],
    [' Sent ', 'send'],
    ['Delivered', 'send'],
    ['Taken into account by the service provider', 'send'],
    [6, 'skipped NOT_SENT'],
    [0, 'skipped NOT_SENT'],
    ['Pending', 'skipped NOT_SENT'],
    ['Ignored', 'skipped NOT_SENT'],
    ['Versendet', 'rejected UNKNOWN_STATUS'],
    [true, 'rejected LOG_UNKNOWN'],
    ['', 'rejected LOG_UNKNOWN'],
  ])('of status %p is %s', (status, expected) => {
    expect(kindOf({ ...delivery, status })).toBe(expected);
  });

  it.each<[unknown, string]>([
    [2, 'bounce'],
    ['2', 'bounce'],
    ['Hard', 'bounce'],
    [1, 'skipped SOFT_BOUNCE'],
    ['soft', 'skipped SOFT_BOUNCE'],
    [3, 'skipped BOUNCE_IGNORED'],
    ['Ignored', 'skipped BOUNCE_IGNORED'],
    ['', 'rejected UNKNOWN_FAILURE_TYPE'],
    [null, 'rejected UNKNOWN_FAILURE_TYPE'],
    ['Schwer', 'rejected UNKNOWN_FAILURE_TYPE'],
  ])('that failed with type %p is %s', (failureType, expected) => {
    expect(kindOf({ ...delivery, status: 2, failureType })).toBe(expected);
    expect(kindOf({ ...delivery, status: 'Failed', failureType })).toBe(expected);
  });

  it.each<[unknown, string]>([
    [1, 'click'],
    [10, 'click'],
    ['11', 'click'],
    ['Email click', 'click'],
    [2, 'open'],
    ['OPEN', 'open'],
    [3, 'skipped UNSUBSCRIBE_CLICK'],
    ['Opt-out', 'skipped UNSUBSCRIBE_CLICK'],
    [6, 'skipped MIRROR_PAGE_CLICK'],
    ['Mirror page', 'skipped MIRROR_PAGE_CLICK'],
    [99, 'skipped OTHER_LINK'],
    ['Geöffnet', 'rejected UNKNOWN_LINK_TYPE'],
  ])('of link type %p is %s', (urlType, expected) => {
    expect(kindOf({ ...tracking, urlType })).toBe(expected);
  });

  it('is read by labels of another language once they are set', () => {
    const labels = { status: { sent: ['Versendet'] }, failure: { hard: ['Schwer'] }, link: { open: ['Geöffnet'] } };
    expect(kindOf({ ...delivery, status: 'versendet' }, { labels })).toBe('send');
    expect(kindOf({ ...delivery, status: 2, failureType: 'SCHWER' }, { labels })).toBe('bounce');
    expect(kindOf({ ...tracking, urlType: 'Geöffnet' }, { labels })).toBe('open');
  });

  it.each<[LogRow, string]>([
    [{ ...delivery, testAddress: true }, 'skipped TEST_ADDRESS'],
    [{ ...delivery, testAddress: '1' }, 'skipped TEST_ADDRESS'],
    [{ ...delivery, testAddress: 'no' }, 'send'],
    [{ ...delivery, externalId: '' }, 'skipped NO_EXTERNAL_ID'],
    [{ ...delivery, externalId: null }, 'skipped NO_EXTERNAL_ID'],
    [{ ...delivery, externalId: 'shop-17' }, 'skipped NOT_A_CONTACT'],
    [{ ...delivery, externalId: `{${CONTACT.toUpperCase()}}` }, 'send'],
    [{ ...delivery, id: '' }, 'rejected LOG_ID_MISSING'],
    [{ ...delivery, id: {} }, 'rejected LOG_ID_MISSING'],
    [{ ...delivery, eventDate: '21.11.2026' }, 'rejected TIME_UNREADABLE'],
    [{ ...delivery, eventDate: '2026-02-30 00:00:00' }, 'rejected TIME_UNREADABLE'],
    [{ ...delivery, eventDate: '' }, 'rejected TIME_MISSING'],
    [{ ...delivery, eventDate: '', contactDate: '2026-11-21 07:00:00' }, 'send'],
    [{ ...delivery, urlType: 1 }, 'rejected LOG_UNKNOWN'],
    [{ id: 1, externalId: CONTACT }, 'rejected LOG_UNKNOWN'],
    [{}, 'rejected LOG_UNKNOWN'],
  ])('%j is %s', (row, expected) => {
    expect(kindOf(row)).toBe(expected);
  });

  it('takes a time without a zone in the zone of the settings', () => {
    const result = read({ ...tracking }, { timeZone: 'Europe/Paris' });
    expect(result).toMatchObject({ event: { time: '2026-11-21T08:00:00.000Z' } });
  });

  it('takes times that the reader has read already whatever format is set here', () => {
    const row = { ...tracking, logDate: '2026-11-21T09:00:00.000Z' };
    expect(read(row, { dateTimeFormat: 'DD.MM.YYYY HH:mm' })).toMatchObject({ event: { time: row.logDate } });
  });

  it('is found by other column names, in any case', () => {
    const columns = { ...DEFAULT_LOG_COLUMNS, externalId: 'Profile External ID', status: 'Status' };
    const { externalId, status, ...rest } = delivery;
    expect(kindOf({ ...rest, 'profile external id': externalId, STATUS: status }, { columns })).toBe('send');
  });

  it('never tells a value of the row', () => {
    const result = read({ ...delivery, status: 'SECRET-VALUE' });
    expect(JSON.stringify(result)).not.toContain('SECRET');
  });
});

describe('the four switches', () => {
  const rows: Readonly<Record<EventKind, LogRow>> = {
    send: delivery,
    open: { ...tracking, urlType: 2 },
    click: tracking,
    bounce: { ...delivery, status: 2, failureType: 2 },
  };
  const all = Array.from({ length: 16 }, (_, bits) => EVENT_KINDS.filter((_kind, at) => bits & (1 << at)));
  it.each(all.map((kinds) => [kinds.join(', ') || 'nothing', kinds] as const))(
    'let through exactly %s',
    (_name, kinds) => {
      const through = EVENT_KINDS.filter((kind) => read(rows[kind], { kinds: new Set(kinds) }).kind === 'event');
      expect(through).toEqual(kinds);
      const off = EVENT_KINDS.filter((kind) => !kinds.includes(kind));
      for (const kind of off) expect(kindOf(rows[kind], { kinds: new Set(kinds) })).toBe('skipped KIND_SWITCHED_OFF');
    },
  );
});
