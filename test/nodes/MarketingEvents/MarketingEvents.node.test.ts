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
});
