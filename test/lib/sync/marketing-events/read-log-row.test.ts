import { DEFAULT_LOG_COLUMNS } from '../../../../lib/sync/marketing-events/log-columns';
import { EVENT_KINDS, type EventKind } from '../../../../lib/sync/marketing-events/marketing-event';
import { logReader, type LogReaderSettings } from '../../../../lib/sync/marketing-events/read-log-row';
import type { LogRow } from '../../../../lib/sync/marketing-events/row-cells';

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

describe('the channel of a message', () => {
  it.each<[unknown, string]>([
    ['email', 'send'],
    ['Email', 'send'],
    [' E-Mail ', 'send'],
    [0, 'send'],
    ['0', 'send'],
    ['sms', 'skipped NOT_EMAIL'],
    ['Mobile (SMS)', 'skipped NOT_EMAIL'],
    [1, 'skipped NOT_EMAIL'],
    ['paper', 'skipped NOT_EMAIL'],
    ['Direct mail', 'skipped NOT_EMAIL'],
    ['3', 'skipped NOT_EMAIL'],
    ['pushNotification', 'skipped NOT_EMAIL'],
    ['Mobile application', 'skipped NOT_EMAIL'],
    [40, 'skipped NOT_EMAIL'],
    ['41', 'skipped NOT_EMAIL'],
    [120, 'skipped NOT_EMAIL'],
    ['Kurznachricht', 'rejected UNKNOWN_CHANNEL'],
    ['constructor', 'rejected UNKNOWN_CHANNEL'],
    [77, 'rejected UNKNOWN_CHANNEL'],
    [true, 'rejected UNKNOWN_CHANNEL'],
    ['', 'rejected UNKNOWN_CHANNEL'],
    [null, 'rejected UNKNOWN_CHANNEL'],
  ])('%p: a sent message is %s', (deliveryType, expected) => {
    expect(kindOf({ ...delivery, deliveryType })).toBe(expected);
  });

  it.each([
    ['a send', delivery],
    ['a bounce', { ...delivery, status: 2, failureType: 2 }],
    ['an open', { ...tracking, urlType: 2 }],
    ['a click', tracking],
    ['a row of another status', { ...delivery, status: 'Received by the operator' }],
  ])('keeps %s of an SMS off the timeline', (_name, row) => {
    expect(kindOf({ ...row, deliveryType: 'sms' })).toBe('skipped NOT_EMAIL');
  });

  it.each(['messageType', 'MSGTYPE', 'Channel', 'deliveryChannel'])('is read from the column "%s" too', (name) => {
    expect(kindOf({ ...delivery, [name]: 'sms' })).toBe('skipped NOT_EMAIL');
    expect(kindOf({ ...delivery, [name]: 'email' })).toBe('send');
    expect(kindOf({ ...delivery, [name]: 'email', deliveryType: 'sms' })).toBe('skipped NOT_EMAIL');
  });

  it('is read from the column that is set alone, once one is set', () => {
    const columns = { ...DEFAULT_LOG_COLUMNS, channel: 'Kanal' };
    expect(kindOf({ ...delivery, channel: 'Web', Kanal: 'email' }, { columns })).toBe('send');
    expect(kindOf({ ...delivery, channel: 'email', Kanal: 'sms' }, { columns })).toBe('skipped NOT_EMAIL');
  });

  it('is known by labels of another language once they are set', () => {
    const labels = { channel: { email: ['Courriel', '77'], other: ['Kurznachricht'] } };
    expect(kindOf({ ...delivery, deliveryType: 'courriel' }, { labels })).toBe('send');
    expect(kindOf({ ...delivery, deliveryType: 77 }, { labels })).toBe('send');
    expect(kindOf({ ...delivery, deliveryType: 'KURZNACHRICHT' }, { labels })).toBe('skipped NOT_EMAIL');
  });

  it.each<[unknown, string]>([
    ['ada@example.com', 'send'],
    ['Ada <ada@example.com>', 'send'],
    ['+49 170 1234567', 'skipped NOT_EMAIL'],
    ['(0170) 123-4567', 'skipped NOT_EMAIL'],
    [491701234567, 'skipped NOT_EMAIL'],
    ['12 Main Street', 'rejected UNKNOWN_CHANNEL'],
    ['fcm:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx', 'rejected UNKNOWN_CHANNEL'],
    ['', 'rejected UNKNOWN_CHANNEL'],
    [null, 'rejected UNKNOWN_CHANNEL'],
    [undefined, 'send'],
  ])('is told by the address %p where no column tells it: %s', (address, expected) => {
    expect(kindOf({ ...delivery, address })).toBe(expected);
    expect(kindOf({ ...delivery, address, deliveryType: 'email' })).toBe('send');
  });

  it('of a click on a push notification is known by its link type', () => {
    expect(kindOf({ ...tracking, urlType: 'Click on mobile notification' })).toBe('skipped NOT_EMAIL');
  });
});

describe('a standard link that the log calls a click', () => {
  it.each<[LogRow, string]>([
    [{ urlSource: 'https://t.example/lp/bl?pkey=%40abc' }, 'skipped UNSUBSCRIBE_CLICK'],
    [{ urlSource: '<%@ value object="branding" xpath="@serverUrl" %>/LP/BL?pkey=1' }, 'skipped UNSUBSCRIBE_CLICK'],
    [{ urlSource: 'https://t.example/webApp/unsub?id=1' }, 'skipped UNSUBSCRIBE_CLICK'],
    [{ urlSource: 'https://t.example/webApp/unsubNoClick?id=1' }, 'skipped UNSUBSCRIBE_CLICK'],
    [{ urlSource: 'https://shop.example/account?do=unsubscribe' }, 'skipped UNSUBSCRIBE_CLICK'],
    [{ urlLabel: 'Unsubscription link' }, 'skipped UNSUBSCRIBE_CLICK'],
    [{ urlLabel: 'Opt-out link' }, 'skipped UNSUBSCRIBE_CLICK'],
    [{ urlCategory: 'optout' }, 'skipped UNSUBSCRIBE_CLICK'],
    [{ urlSource: 'https://t.example/nl/jsp/m.jsp?c=1' }, 'skipped MIRROR_PAGE_CLICK'],
    [{ urlLabel: 'Mirror page' }, 'skipped MIRROR_PAGE_CLICK'],
    [{ urlSource: 'https://m.example/1', mirrorPageUrl: 'https://m.example/1' }, 'skipped MIRROR_PAGE_CLICK'],
    [{ urlSource: 'https://shop.example/lp/blue-shoes' }, 'click'],
    [{ urlSource: 'https://shop.example/lp/summer?pkey=1' }, 'click'],
    [{ urlSource: 'https://shop.example/resubmit', urlLabel: 'Co-option' }, 'click'],
    [{ urlSource: '', mirrorPageUrl: '' }, 'click'],
  ])('%j is %s', (row, expected) => {
    for (const urlType of [1, 10, '11', 'Email click']) {
      expect(kindOf({ ...tracking, ...row, urlType })).toBe(expected);
    }
  });

  it('is known by the patterns that are set, and by those alone', () => {
    const links = { unsubscriptionLinks: ['Abmelde*'], mirrorPageLinks: [] };
    expect(kindOf({ ...tracking, urlLabel: 'Abmeldelink' }, links)).toBe('skipped UNSUBSCRIBE_CLICK');
    expect(kindOf({ ...tracking, urlLabel: 'Unsubscribe' }, links)).toBe('click');
    expect(kindOf({ ...tracking, urlLabel: 'Mirror page' }, links)).toBe('click');
  });

  it('never makes an open something else', () => {
    expect(kindOf({ ...tracking, urlType: 2, urlLabel: 'Unsubscribe' })).toBe('open');
  });
});

describe('opens and clicks within seconds of the send', () => {
  const sent = '2026/11/21 08:59:57';
  const three = { scannerSeconds: 3 };
  it.each<[string, Partial<LogReaderSettings>, string, string]>([
    ['2026/11/21 09:00:00', three, 'skipped SCANNER_CLICK', 'skipped SCANNER_OPEN'],
    ['2026-11-21T08:59:57.000Z', three, 'skipped SCANNER_CLICK', 'skipped SCANNER_OPEN'],
    ['2026/11/21 08:59:56', three, 'skipped SCANNER_CLICK', 'skipped SCANNER_OPEN'],
    ['2026/11/21 09:00:01', three, 'click', 'open'],
    ['2026/11/21 09:00:00', {}, 'click', 'open'],
    ['2026/11/21 09:00:00', { scannerSeconds: 0 }, 'click', 'open'],
  ])('at %s with %j are %s and %s', (logDate, over, click, open) => {
    expect(kindOf({ ...tracking, logDate, contactDate: sent }, over)).toBe(click);
    expect(kindOf({ ...tracking, urlType: 2, logDate, contactDate: sent }, over)).toBe(open);
  });

  it.each(['', null, undefined])('pass where the time of the send is %p', (contactDate) => {
    expect(kindOf({ ...tracking, contactDate }, three)).toBe('click');
  });

  it('are rejected where the time of the send can not be read', () => {
    expect(kindOf({ ...tracking, contactDate: 'soon' }, three)).toBe('rejected TIME_UNREADABLE');
    expect(kindOf({ ...tracking, contactDate: 'soon' })).toBe('click');
  });

  it('say nothing of sends and bounces', () => {
    expect(kindOf({ ...delivery, contactDate: delivery['eventDate'] }, three)).toBe('send');
  });
});

describe('a time that has not come yet', () => {
  const at = (now: string, row: LogRow) => {
    const result = logReader(settings, { now: () => Date.parse(now) })(row);
    return result.kind === 'event' ? result.event.kind : `${result.outcome.status} ${result.outcome.code}`;
  };
  it.each([
    ['2026-11-21T09:00:00Z', 'click'],
    ['2026-11-21T08:50:00Z', 'click'],
    ['2026-11-21T08:49:59Z', 'rejected TIME_IN_FUTURE'],
    ['2026-11-21T08:00:00Z', 'rejected TIME_IN_FUTURE'],
  ])('is refused: at %s an event of 09:00 is %s', (now, expected) => {
    expect(at(now, tracking)).toBe(expected);
  });

  it('says nothing of a message that is still to be sent', () => {
    expect(at('2026-01-01T00:00:00Z', { ...delivery, status: 'Pending' })).toBe('skipped NOT_SENT');
    expect(at('2026-01-01T00:00:00Z', delivery)).toBe('rejected TIME_IN_FUTURE');
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

describe('a time that stands for "none"', () => {
  const never = ['1970-01-01 00:00:00Z', '1900-01-01', '1899-12-30 00:00:00', '1753-01-01T00:00:00Z'];

  it.each(never)('puts no event on the timeline: %s', (time) => {
    expect(kindOf({ ...delivery, eventDate: time })).toBe('rejected TIME_MISSING');
    expect(kindOf({ ...tracking, logDate: time })).toBe('rejected TIME_MISSING');
  });

  it.each(never)('counts as an empty cell, so that the time of the send is taken: %s', (time) => {
    const row = { ...delivery, eventDate: time, contactDate: '2026-11-21 08:30:00Z' };
    expect(read(row)).toMatchObject({ event: { time: '2026-11-21T08:30:00.000Z' } });
  });
});
