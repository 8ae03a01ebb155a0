import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { DataverseClient } from '../../lib/dataverse/client';
import { addTimelineActivity } from '../../nodes/Dynamics365/operations/add-timeline-activity.operation';
import { MarketingEvents } from '../../nodes/MarketingEvents/MarketingEvents.node';
import { SandboxControl, type DumpedRow } from '../../sandbox/control-client';
import {
  compareTimelines,
  EVENT_KINDS,
  TIMELINE_TABLES,
  type EventKind,
  type Expectations,
} from '../../sandbox/oracles/timeline';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import { plainExecution } from '../support/plain-execution';

/** Marketing Events and Add Timeline Activity, on exports of the emulated Campaign; the oracle says what must be there. */
describe('the way from an export to the timelines', () => {
  let sandbox: SandboxHandle;
  let client: DataverseClient;
  let control: SandboxControl;
  beforeAll(async () => {
    sandbox = await startSandbox({ contacts: 60, sftp: true });
    client = new DataverseClient(sandbox.dynamics365);
    control = new SandboxControl(sandbox.controlUrl);
  });
  afterAll(async () => {
    client?.close();
    await sandbox?.close();
  });
  beforeEach(async () => {
    await control.json('POST', '/reset', {});
    await order('/seed', { table: 'profile', count: 60, profilesFrom: 'contact' });
  });

  const order = async (path: string, body: object) => (await control.json('POST', path, body)) as DumpedRow;

  /** Exports a log, and puts its rows on the timelines. @returns how many items left each output, and the codes of the rest */
  async function transfer(kind: 'delivery-logs' | 'tracking-logs', more: object = {}, options: IDataObject = {}) {
    const { file } = await order('/export', { kind, ...more });
    const text = readFileSync(join(sandbox.sftp?.localFolder ?? '', String(file)), 'utf8');
    const [header = '', ...lines] = text.trimEnd().split('\n');
    const names = header.split('\t');
    const rows = lines.map((line) => Object.fromEntries(line.split('\t').map((cell, at) => [names[at], cell])));
    const made = plainExecution(rows, { options });
    const [events = [], leftOut = []] = await new MarketingEvents().execute.call(made.context);
    const outputs = await addTimelineActivity(
      plainExecution(
        events.map(({ json }) => json),
        {},
      ).context,
      client,
    );
    const codes: Record<string, number> = {};
    for (const { json } of [...leftOut, ...outputs.flat()] as INodeExecutionData[]) {
      const { status, code = status } = json['outcome'] as { status: string; code?: string };
      codes[code] = (codes[code] ?? 0) + 1;
    }
    return { codes, rows: rows.length, hint: made.hints[0]?.message ?? '' };
  }

  async function expectEqual(expectations?: Expectations) {
    const contacts = await control.dump('dataverse', 'contact');
    const activities = Object.fromEntries(
      await Promise.all(
        EVENT_KINDS.map(async (kind) => [kind, await control.dump('dataverse', TIMELINE_TABLES[kind])]),
      ),
    ) as Record<EventKind, DumpedRow[]>;
    const ids = new Set(contacts.map(({ contactid }) => String(contactid)));
    const { counts, differences } = compareTimelines(ids, await control.logs(), activities, expectations);
    expect(differences).toEqual([]);
    return counts;
  }

  it('brings e-mails alone where the logs hold all channels', async () => {
    await order('/deliver', { label: '"Sale" for "you', campaign: '"Spring', seed: 1 });
    for (const channel of ['sms', 'push', 'direct-mail']) await order('/deliver', { label: channel, channel, seed: 2 });
    const delivery = await transfer('delivery-logs');
    const tracking = await transfer('tracking-logs');
    const { send } = await expectEqual();
    expect(send.expected).toBeGreaterThan(20);
    expect(delivery.codes['NOT_EMAIL']).toBeGreaterThan(60);
    expect(tracking.codes['NOT_EMAIL']).toBeGreaterThan(10);
  });

  it('keeps SMS off the timeline by their addresses where the export has no channel', async () => {
    await order('/deliver', { label: 'DM', seed: 1 });
    await order('/deliver', { label: 'SMS', channel: 'sms', seed: 2 });
    const { codes } = await transfer('delivery-logs', { without: ['deliveryType'] });
    expect(codes['NOT_EMAIL']).toBeGreaterThan(10);
    const sends = await control.dump('dataverse', TIMELINE_TABLES.send);
    expect(sends.length).toBeGreaterThan(20);
    expect(sends.filter(({ subject }) => String(subject).includes('SMS'))).toEqual([]);
  });

  it('says how many rows name no channel at all', async () => {
    await order('/deliver', { label: 'DM', seed: 1 });
    const { hint } = await transfer('delivery-logs', { without: ['deliveryType', 'address'] });
    expect(hint).toMatch(/\d+ events come from rows that name no channel/);
  });

  it('leaves out unsubscription links that are logged as clicks, and the clicks of scanners where that is asked for', async () => {
    const delivery = { label: 'DM', scannerClicks: 0.4, unsubscribeAsClick: true };
    await order('/deliver', { ...delivery, seed: 1 });
    const all = await transfer('tracking-logs');
    expect(all.codes['UNSUBSCRIBE_CLICK']).toBeGreaterThan(10);
    const { click } = await expectEqualOpensAndClicks();
    await control.json('POST', '/reset', {});
    await order('/seed', { table: 'profile', count: 60, profilesFrom: 'contact' });
    await order('/deliver', { ...delivery, seed: 1 });
    const without = await transfer('tracking-logs', {}, { scannerSeconds: 3 });
    expect(without.codes['SCANNER_OPEN']).toBeGreaterThan(10);
    const left = await expectEqualOpensAndClicks({ scannerSeconds: 3 });
    expect(left.click.expected).toBe(click.expected - (without.codes['SCANNER_CLICK'] ?? 0));
    expect(left.click.expected).toBeGreaterThan(5);
  });

  it('adds the events of log ids that are used again, and nothing when both exports are read again', async () => {
    await order('/deliver', { label: 'Old', at: '2021-03-01T09:00:00Z', seed: 1 });
    await transfer('delivery-logs');
    await transfer('tracking-logs');
    await order('/deliver', { label: 'New', seed: 2, idsFrom: 1_000_001 });
    for (const kind of ['delivery-logs', 'tracking-logs'] as const) {
      const { codes } = await transfer(kind);
      expect(codes['created']).toBeGreaterThan(10);
      expect(codes['ALREADY_THERE']).toBeUndefined();
    }
    await expectEqual();
    for (const kind of ['delivery-logs', 'tracking-logs'] as const) {
      expect((await transfer(kind, { overlap: true })).codes['created']).toBeUndefined();
    }
    await expectEqual();
  });

  it('refuses events that lie in the future, and says what to set; once that is set, all are there', async () => {
    await order('/deliver', { label: 'DM', seed: 1 });
    const { codes, hint } = await transfer('delivery-logs', { zone: 'Pacific/Kiritimati' });
    expect(codes['TIME_IN_FUTURE']).toBeGreaterThan(40);
    expect(codes['created']).toBeUndefined();
    expect(hint).toMatch(/rows lie in the future: set the zone/);
    const again = { zone: 'Pacific/Kiritimati', overlap: true };
    expect(
      (await transfer('delivery-logs', again, { timeZone: 'Pacific/Kiritimati' })).codes['TIME_IN_FUTURE'],
    ).toBeUndefined();
    const { send } = await expectEqualSends();
    expect(send.expected).toBeGreaterThan(40);
  });

  /** Of an export of the tracking log alone. */
  async function expectEqualOpensAndClicks(expectations?: Expectations) {
    await transfer('delivery-logs');
    return await expectEqual(expectations);
  }
  /** Of an export of the delivery log alone. */
  async function expectEqualSends() {
    await transfer('tracking-logs');
    return await expectEqual();
  }
});
