import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { startSandbox, type SandboxHandle } from '../../../sandbox/start';

/** Real time: the export job's clock moves on by itself. */
describe("Campaign's exports in the sandbox", () => {
  let sandbox: SandboxHandle;
  beforeAll(async () => (sandbox = await startSandbox({ contacts: 40, sftp: true })));
  afterAll(async () => await sandbox?.close());
  beforeEach(async () => {
    sandbox.reset();
    await order('/seed', { table: 'profile', count: 40, profilesFrom: 'contact' });
  });

  const order = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(sandbox.controlUrl + path, { method: 'POST', body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const localFolder = () => sandbox.sftp?.localFolder ?? '';
  const files = () => readdirSync(localFolder()).sort();
  const content = (file: string) => readFileSync(join(localFolder(), file));
  const rowsOf = (text: string) => {
    const [header = '', ...lines] = text.trimEnd().split('\n');
    const names = header.split('\t');
    return lines.map((line) => Object.fromEntries(line.split('\t').map((value, index) => [names[index], value])));
  };
  const exported = async (body: object) => {
    const { file } = await order('/export', body);
    return rowsOf(content(String(file)).toString('utf8'));
  };
  const keys = async () => (await exported({ kind: 'opt-outs' })).map((row) => String(row['externalId']));

  it('writes opt-outs with the eight flags and their times, and then only what changed since', async () => {
    const [first = '', second = ''] = await keys();
    expect(await keys()).toEqual([]);
    await order('/change', {
      system: 'campaign',
      table: 'profile',
      updates: [{ externalId: second, blackListEmail: true, blackListPhone: true }],
    });
    const [row, ...others] = await exported({ kind: 'opt-outs' });
    expect(others).toEqual([]);
    expect(row).toMatchObject({ externalId: second, blackListEmail: '1', blackListPhone: '1', blackListFax: '0' });
    expect(row?.['blackListEmailLastModified']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(row?.['blackListFaxLastModified']).toBe('');
    expect(
      Object.keys(row ?? {}).filter((name) => /^(blackList(?!.*LastModified)|ccpaOptOut$)/.test(name)),
    ).toHaveLength(8);
    expect(first).not.toBe(second);
  });

  it('stamps the time of the opt-out that changed, and of no other', async () => {
    const [key = ''] = await keys();
    await order('/change', {
      system: 'campaign',
      table: 'profile',
      updates: [{ externalId: key, blackListFax: true }],
    });
    const [before] = await exported({ kind: 'opt-outs' });
    await sleep(5);
    await order('/change', {
      system: 'campaign',
      table: 'profile',
      updates: [{ externalId: key, blackListFax: false, ccpaOptOut: true }],
    });
    const [after] = await exported({ kind: 'opt-outs' });
    expect(String(after?.['blackListFaxLastModified']) > String(before?.['blackListFaxLastModified'])).toBe(true);
    expect(after?.['ccpaOptOutLastModified']).toBe(after?.['blackListFaxLastModified']);
    expect(after?.['blackListEmailLastModified']).toBe(before?.['blackListEmailLastModified']);
  });

  it('writes what a torn or empty export did not bring with the next one', async () => {
    const { file } = await order('/export', { kind: 'opt-outs', torn: true });
    expect(content(String(file)).toString('utf8').endsWith('\n')).toBe(false);
    expect(await exported({ kind: 'opt-outs', empty: true })).toEqual([]);
    expect(await keys()).toHaveLength(40);
  });

  it('uploads the last file once more under another name, and overlaps when asked to', async () => {
    const { file } = await order('/export', { kind: 'opt-outs' });
    const { file: copy } = await order('/export', { kind: 'opt-outs', again: true });
    expect(copy).not.toBe(file);
    expect(content(String(copy)).equals(content(String(file)))).toBe(true);
    expect(await exported({ kind: 'opt-outs', overlap: true })).toHaveLength(40);
  });

  it.each([true, 'unnamed'] as const)('compresses (%s)', async (compress) => {
    const { file } = await order('/export', { kind: 'opt-outs', compress });
    expect(String(file).endsWith('.gz')).toBe(compress === true);
    expect(rowsOf(gunzipSync(content(String(file))).toString('utf8'))).toHaveLength(40);
    const { file: copy } = await order('/export', { kind: 'opt-outs', again: true });
    expect(content(String(copy)).equals(content(String(file)))).toBe(true);
  });

  it('lets a file come late or grow', async () => {
    const late = await order('/export', { kind: 'opt-outs', late: 150 });
    const growing = await order('/export', { kind: 'opt-outs', again: true, growing: 150 });
    const half = content(String(growing['file'])).length;
    expect(files()).toEqual([growing['file']]);
    await sleep(400);
    expect(files()).toEqual([late['file'], growing['file']].sort());
    expect(content(String(growing['file'])).length).toBeGreaterThan(half);
  });

  it('delivers to profiles and exports both logs with all kinds of events', async () => {
    const delivered = await order('/deliver', { label: 'DM1', campaign: 'Spring', seed: 3 });
    expect(Number(delivered['messages']) + Number(delivered['leftOut'])).toBe(40);
    await order('/seed', { table: 'profile', count: 400 });
    const more = await order('/deliver', { label: 'DM2', seed: 4 });
    const messages = Number(delivered['messages']) + Number(more['messages']);
    const delivery = await exported({ kind: 'delivery-logs' });
    const tracking = await exported({ kind: 'tracking-logs' });
    expect(new Set(delivery.map((row) => `${row['status']}/${row['failureType']}`))).toEqual(
      new Set(['1/0', '2/1', '2/2', '2/3', '6/0']),
    );
    expect(new Set(tracking.map((row) => row['urlType']))).toEqual(new Set(['1', '2', '3', '6', '10', '11']));
    expect(delivery[0]).toMatchObject({ campaignLabel: 'Spring', deliveryLabel: 'DM1' });
    expect(new Set(delivery.map((row) => row['id'])).size).toBe(messages);
    expect(delivery.some((row) => row['testAddress'] === '1')).toBe(true);
  });

  it('sends nothing to a profile that must not be contacted, by e-mail or at all', async () => {
    const all = await keys();
    const none = Object.fromEntries(['blackList', 'blackListEmail'].map((field) => [field, false]));
    const [byMail = '', atAll = '', byPhone = ''] = all;
    const updates = [
      ...all.map((externalId) => ({ externalId, ...none })),
      { externalId: byMail, blackListEmail: true },
      { externalId: atAll, blackList: true },
      { externalId: byPhone, blackListPhone: true },
    ];
    await order('/change', { system: 'campaign', table: 'profile', updates });
    expect(await order('/deliver', { label: 'DM' })).toMatchObject({ messages: 38, leftOut: 2 });
    const sentTo = (await exported({ kind: 'delivery-logs' })).map((row) => row['externalId']);
    expect(sentTo.sort()).toEqual(all.filter((key) => key !== byMail && key !== atAll).sort());
  });

  it.each([
    ['sms', 'sms', 'blackListMobile'],
    ['push', 'pushNotification', 'blackListPushnotification'],
    ['direct-mail', 'paper', 'blackListPostalMail'],
  ])('delivers by %s too, to those who may get it', async (channel, deliveryType, optOut) => {
    const all = await keys();
    const flags = { blackList: false, blackListEmail: true, mobilePhone: '+49 170 1234567' };
    const updates = all.map((externalId, at) => ({ externalId, ...flags, [optOut]: at === 0 }));
    await order('/change', { system: 'campaign', table: 'profile', updates });
    expect(await order('/deliver', { label: 'DM', channel })).toMatchObject({ messages: 39, leftOut: 1 });
    const delivery = await exported({ kind: 'delivery-logs' });
    expect(new Set(delivery.map((row) => row['deliveryType']))).toEqual(new Set([deliveryType]));
    expect(delivery.some((row) => String(row['address']).includes('@'))).toBe(false);
    const tracking = await exported({ kind: 'tracking-logs' });
    expect(new Set(tracking.map((row) => row['urlType']))).toEqual(new Set(channel === 'direct-mail' ? [] : ['10']));
  });

  it('lets nothing that was delivered lie in the future, and delivers at a time that is asked for', async () => {
    await order('/deliver', { label: 'DM' });
    const rows = [...(await exported({ kind: 'delivery-logs' })), ...(await exported({ kind: 'tracking-logs' }))];
    for (const row of rows) expect(Date.parse(String(row['logDate'] ?? row['eventDate']))).toBeLessThan(Date.now());
    await order('/deliver', { label: 'Old', at: '2021-03-01T09:00:00Z' });
    const old = await exported({ kind: 'delivery-logs' });
    expect(new Set(old.map((row) => row['eventDate']))).toEqual(new Set(['2021-03-01 09:00:00.000Z']));
  });

  it('uses ids again', async () => {
    await order('/deliver', { label: 'Old', at: '2021-03-01T09:00:00Z' });
    await order('/deliver', { label: 'New', seed: 2, idsFrom: 1_000_001 });
    const rows = await exported({ kind: 'delivery-logs' });
    const ids = (label: string) => rows.filter((row) => row['deliveryLabel'] === label).map((row) => row['id']);
    expect(ids('New')).toEqual(ids('Old'));
    const { bounced } = await order('/bounce-late', {});
    expect(await exported({ kind: 'delivery-logs' })).toHaveLength(Number(bounced));
  });

  it('has scanners follow all links within seconds, and logs the unsubscription link as a click', async () => {
    const plain = { label: '"Sale" for "you', contacts: 30, seed: 5 };
    await order('/deliver', plain);
    const before = await exported({ kind: 'tracking-logs' });
    expect(before.every((row) => row['deliveryLabel'] === plain.label)).toBe(true);
    await order('/deliver', { ...plain, scannerClicks: 0.5, unsubscribeAsClick: true });
    const after = await exported({ kind: 'tracking-logs' });
    const soon = after.filter(
      (row) => Date.parse(String(row['logDate'])) - Date.parse(String(row['contactDate'])) <= 3_000,
    );
    expect(soon.length).toBeGreaterThan(5 * 5);
    expect(after.length - soon.length).toBe(before.length);
    expect(soon.filter((row) => row['urlLabel'] === 'Opt-out link').every((row) => row['urlType'] === '1')).toBe(true);
    expect(after.some((row) => row['urlType'] === '3')).toBe(false);
  });

  it('writes times in the zone of an operator', async () => {
    await order('/deliver', { label: 'DM', at: '2026-07-01T20:00:00.500Z' });
    const [row] = await exported({ kind: 'delivery-logs', zone: 'Asia/Tokyo' });
    expect(row).toMatchObject({ eventDate: '2026/07/02 05:00:00', deliveryLabel: 'DM' });
  });

  it('exports a message that bounces later once more', async () => {
    await order('/seed', { table: 'profile', count: 200 });
    await order('/deliver', { label: 'DM' });
    const sent = await exported({ kind: 'delivery-logs' });
    await sleep(5);
    const { bounced } = await order('/bounce-late', {});
    const later = await exported({ kind: 'delivery-logs' });
    expect(later).toHaveLength(Number(bounced));
    expect(later.length).toBeGreaterThan(0);
    for (const row of later) {
      expect(row).toMatchObject({ status: '2', failureType: '2' });
      expect(sent.find((before) => before['id'] === row['id'])).toMatchObject({ status: '1' });
    }
  });

  it('refuses an order it does not understand', async () => {
    await expect(order('/export', { kind: 'sales' })).rejects.toThrow();
    await expect(order('/export', { kind: 'tracking-logs', again: true })).rejects.toThrow(/no export/);
  });
});
