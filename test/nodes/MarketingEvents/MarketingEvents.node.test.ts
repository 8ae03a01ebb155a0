import type { IDataObject } from 'n8n-workflow';
import { MarketingEvents } from '../../../nodes/MarketingEvents/MarketingEvents.node';
import { plainExecution } from '../../support/plain-execution';

const CONTACT = '0c1d2e3f-1111-4222-8333-444455556666';
const row = (over: IDataObject = {}): IDataObject => ({
  id: '1',
  externalId: CONTACT,
  campaignLabel: 'C',
  deliveryLabel: 'D',
  status: '1',
  eventDate: '2026-11-21 08:00:00Z',
  export: { file: 'log.txt', row: 1 },
  delivery: { trigger: 't', number: 1, attempt: 1, until: '2030-01-01T00:00:00Z' },
  ...over,
});

async function run(rows: IDataObject[], parameters: Record<string, unknown> = {}) {
  const { context, hints } = plainExecution(rows, parameters, {
    evaluateExpression: (text: string) => !text.includes('false'),
  });
  const [events = [], leftOut = []] = await new MarketingEvents().execute.call(context);
  return { events, leftOut, hints };
}

describe('the Marketing Events node', () => {
  it('gives the event, and from which row and delivery it comes', async () => {
    const { events } = await run([row()]);
    expect(events).toEqual([
      {
        json: {
          event: {
            kind: 'send',
            logId: '1',
            contactId: CONTACT,
            campaignName: 'C',
            deliveryName: 'D',
            time: '2026-11-21T08:00:00.000Z',
          },
          export: row()['export'],
          delivery: row()['delivery'],
        },
        pairedItem: { item: 0 },
      },
    ]);
  });

  it('puts every row on one of its outputs, once, with its place among the inputs', async () => {
    const rows = [
      row(),
      row({ status: '' }),
      row({ status: 2, failureType: 1 }),
      row({ externalId: '' }),
      row({ id: '2' }),
    ];
    const { events, leftOut, hints } = await run(rows);
    expect(events.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 4 }]);
    expect(leftOut.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }, { item: 2 }, { item: 3 }]);
    expect(leftOut[0]?.json).toMatchObject({ ...rows[1], outcome: { status: 'rejected', code: 'LOG_UNKNOWN' } });
    expect(hints).toMatchObject([{ type: 'warning', message: expect.stringContaining('2 sends') as string }]);
  });

  it('leaves an item alone that was rejected before', async () => {
    const outcome = { status: 'rejected', code: 'UNREADABLE_VALUE', engineCalls: 0 };
    const { events, leftOut } = await run([row({ outcome })]);
    expect(events).toHaveLength(0);
    expect(leftOut[0]?.json['outcome']).toEqual(outcome);
  });

  it('takes the switches from expressions too, worked out once', async () => {
    const { leftOut } = await run([row()], { sends: "={{ $('Settings').first().json.sends === false }}" });
    expect(leftOut[0]?.json['outcome']).toMatchObject({ code: 'KIND_SWITCHED_OFF' });
  });

  it.each([
    [{ sends: '={{ $json.x }}' }, /single item/],
    [{ log: 'other' }, /settings/],
    [{ columns: { id: ' ' } }, /name of a column is missing/],
    [{ options: { timeZone: 'Mars/Base' } }, /time zone/],
    [{ options: { dateTimeFormat: 'YY' } }, /format/],
    [{ options: { dateTimeFormat: 'HH:mm' } }, /format/],
    [{ options: { scannerSeconds: -1 } }, /settings/],
    [{ options: { scannerSeconds: 1e9 } }, /settings/],
    [{ options: { unsubscriptionLinks: '/lp/bl, *' } }, /pattern is too short/],
    [{ options: { mirrorPageLinks: 'mirror*page' } }, /not at the end/],
    [{ options: { mirrorPageLinks: 'abcd,'.repeat(101) } }, /more than 100 patterns/],
  ])('refuses settings that can not work: %j', async (parameters, message) => {
    await expect(run([row()], parameters)).rejects.toThrow(message);
  });

  it('keeps to the columns and labels that are set', async () => {
    const columns = { id: 'Log', status: 'State', eventTime: 'When' };
    const options = {
      labelsSent: 'Versendet, Zugestellt',
      dateTimeFormat: 'DD.MM.YYYY HH:mm',
      timeZone: 'Europe/Berlin',
    };
    const given = { Log: '7', externalId: CONTACT, State: 'Zugestellt', When: '21.11.2026 09:00' };
    const { events } = await run([given], { columns, options });
    expect(events[0]?.json['event']).toMatchObject({ logId: '7', time: '2026-11-21T08:00:00.000Z' });
  });

  it('leaves out what is no e-mail, and keeps it as it came', async () => {
    const sms = row({ deliveryType: 'sms' });
    const { events, leftOut } = await run([sms, row({ deliveryType: 'Boten', id: '2' })]);
    expect(events).toHaveLength(0);
    expect(leftOut.map(({ json }) => json)).toMatchObject([
      { ...sms, outcome: { status: 'skipped', code: 'NOT_EMAIL' } },
      { outcome: { status: 'rejected', code: 'UNKNOWN_CHANNEL', field: 'deliveryType' } },
    ]);
  });

  it('tells of events whose rows name no channel, and not where they do', async () => {
    const { hints } = await run([row(), row({ id: '2', address: 'ada@example.com' })]);
    expect(hints).toMatchObject([
      { type: 'warning', message: expect.stringMatching(/1 events come from rows that name no channel/) as string },
    ]);
    const told = await run([row({ deliveryType: 'email' })]);
    expect(told.hints).toMatchObject([{ type: 'info', message: '1 sends, 0 opens, 0 clicks, 0 bounces' }]);
  });

  const click = (over: IDataObject = {}): IDataObject => ({
    id: '9',
    externalId: CONTACT,
    campaignLabel: 'C',
    deliveryLabel: 'D',
    urlType: 1,
    urlSource: 'https://shop.example/a',
    logDate: '2026-11-21 08:00:02.100Z',
    contactDate: '2026-11-21 08:00:00.000Z',
    ...over,
  });
  const codes = ({ leftOut }: Awaited<ReturnType<typeof run>>) =>
    leftOut.map(({ json }) => (json['outcome'] as IDataObject)['code']);

  it('leaves out clicks within seconds of the send where that is set, and tells of those without its time', async () => {
    const rows = [click(), click({ id: '10', contactDate: '' }), click({ id: '11', logDate: '2026-11-21 08:00:09Z' })];
    expect((await run(rows)).events).toHaveLength(3);
    const left = await run(rows, { options: { scannerSeconds: 3 } });
    expect(codes(left)).toEqual(['SCANNER_CLICK']);
    expect(left.hints[0]?.message).toContain('1 events come from rows without the time of the send');
  });

  it('leaves out clicks on several links in one second where that is set', async () => {
    const rows = [
      click({ urlSource: 'https://shop.example/a' }),
      click({ id: '10', urlSource: 'https://shop.example/b', logDate: '2026-11-21 08:00:02.900Z' }),
      click({ id: '11', urlSource: 'https://shop.example/b', logDate: '2026-11-21 08:00:03.000Z' }),
      click({ id: '12', deliveryLabel: 'Other' }),
      click({ id: '13', externalId: '0c1d2e3f-1111-4222-8333-444455557777' }),
    ];
    expect((await run(rows)).events).toHaveLength(5);
    const left = await run(rows, { options: { severalLinksAtOnce: true } });
    expect(codes(left)).toEqual(['SCANNER_CLICK', 'SCANNER_CLICK']);
    expect(left.leftOut.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);
  });

  it('takes the same link twice in one second for one person who clicked twice', async () => {
    const { events } = await run([click(), click({ id: '10' })], { options: { severalLinksAtOnce: true } });
    expect(events).toHaveLength(2);
  });

  it('knows the unsubscription link by the patterns that are set', async () => {
    const rows = [click({ urlLabel: 'Abmelden' }), click({ id: '10', urlSource: 'https://t.example/lp/bl?pkey=1' })];
    expect(codes(await run(rows))).toEqual(['UNSUBSCRIBE_CLICK']);
    expect(codes(await run(rows, { options: { unsubscriptionLinks: '/lp/bl, abmelde*' } }))).toEqual([
      'UNSUBSCRIBE_CLICK',
      'UNSUBSCRIBE_CLICK',
    ]);
    expect(codes(await run(rows, { options: { unsubscriptionLinks: '' } }))).toEqual([]);
  });

  it('tells how many rows lie in the future, and what to set', async () => {
    const { leftOut, hints } = await run([row({ eventDate: '2999-01-01 00:00:00Z' }), row({ id: '2' })]);
    expect(leftOut[0]?.json['outcome']).toMatchObject({
      status: 'rejected',
      code: 'TIME_IN_FUTURE',
      field: 'eventDate',
      message: expect.stringContaining('zone') as string,
    });
    expect(hints[0]?.message).toContain('1 rows lie in the future');
  });
});
