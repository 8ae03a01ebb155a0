import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryText } from '../../sandbox/oracles/timeline';
import { createRandom } from '../../sandbox/seed/random';
import { ExportScene } from './support/export-scene';
import { parametersOf } from './support/scene';
import { entriesOf, timelines } from './support/timeline-oracle';

jest.setTimeout(1_800_000);

/** A delivery to one contact makes a little over two rows. */
const CONTACTS = Number(process.env['TIMELINE_CONTACTS'] ?? 1000);
const DELIVERIES = Number(process.env['TIMELINE_DELIVERIES'] ?? 10);
const LEAST_ROWS_PER_MESSAGE = 2;
const SEED = Number(process.env['TIMELINE_SEED'] ?? Date.now() % 1_000_000);

describe('Campaign to Dynamics 365 in a real n8n', () => {
  let scene: ExportScene;
  /** Contacts that are deleted before their events come. */
  let gone: readonly string[];
  const expected = new Map<string, string>();
  beforeAll(async () => {
    process.stdout.write(`TIMELINE_SEED=${SEED}\n`);
    scene = await ExportScene.start('campaign-to-dynamics', {
      sandbox: { contacts: CONTACTS, latency: 5 },
      prepare: async (order) => {
        await order('/seed', { table: 'profile', count: CONTACTS, profilesFrom: 'contact' });
        // Profiles that belong to no contact.
        await order('/seed', { table: 'profile', count: 5 });
        for (let number = 1; number <= DELIVERIES; number++) {
          await order('/deliver', { label: `DM${number}`, campaign: `Größe & Co ${number}`, seed: SEED + number });
        }
      },
      change: (workflow) => {
        for (const name of ['Delivery Log Export', 'Tracking Log Export']) {
          Object.assign(parametersOf(workflow, name), { batchSize: 100 });
        }
      },
    });
    const deleted = await scene.control.changeContacts({ creates: 0, updates: 0, deletes: 2, seed: SEED });
    gone = deleted.deleted;
  });
  afterAll(async () => await scene?.close());

  /** What the logs say now has to be there too. */
  async function expectMore(): Promise<void> {
    for (const [event, text] of entriesOf(await scene.control.logs())) {
      if (!gone.some((id) => text.startsWith(id))) expected.set(event, text);
    }
  }

  async function arrived(): Promise<void> {
    const wanted = [...expected.values()].sort();
    let is: string[] = [];
    await scene
      .until('the timelines', async () => (is = await timelines(scene)).length >= wanted.length, 300_000)
      .catch((error: Error) => {
        throw new Error(`${is.length} of ${wanted.length} entries are there.\n${error.message}`);
      });
    expect(is).toEqual(wanted);
  }

  it('puts each send, open, click and hard bounce on its timeline once, through a kill -9 in the middle', async () => {
    await expectMore();
    const { delivery, tracking } = await scene.control.logs();
    const rows = delivery.length + tracking.length;
    expect(rows).toBeGreaterThanOrEqual(LEAST_ROWS_PER_MESSAGE * CONTACTS * DELIVERIES);
    const files = [await scene.export('delivery-logs'), await scene.export('tracking-logs')];
    const soMany = createRandom(SEED).int(1, Math.floor(expected.size * 0.8));
    await scene.until(`${soMany} entries`, async () => (await timelines(scene)).length >= soMany);
    await scene.n8n.kill();
    const before = (await timelines(scene)).length;
    await scene.n8n.restart();
    await scene.done(...files);
    await arrived();
    process.stdout.write(`${rows} rows: ${before} of ${expected.size} entries were there when n8n was killed\n`);
    expect(before).toBeLessThan(expected.size);
  });

  it('keeps the events of contacts that are gone in the table of rejected ones, with file and row', async () => {
    const wanted = entriesOf(await scene.control.logs()).length - expected.size;
    const rows = await scene.n8n.rest.dataTableRows('dynamics_campaign_rejected');
    const missing = rows.filter((row) => row['code'] === 'CONTACT_GONE');
    expect(missing).toHaveLength(wanted);
    expect(missing[0]).toMatchObject({
      recordTable: 'timeline',
      change: 'event',
      message: expect.stringMatching(/\((delivery|tracking)log_\d+_\d+\.txt, row \d+\)$/) as string,
    });
  });

  it('adds nothing when the same export is uploaded again, and what is new alone when one overlaps', async () => {
    const before = await timelines(scene);
    const again = ['delivery-logs', 'tracking-logs'].map(async (kind) => await scene.export(kind, { again: true }));
    await scene.done(...(await Promise.all(again)));
    expect(await timelines(scene)).toEqual(before);
    // With something new in it, or it would be known by its content.
    await scene.order('/deliver', { label: 'More', campaign: 'Winter', contacts: 10, seed: SEED });
    await expectMore();
    const overlap = ['delivery-logs', 'tracking-logs'].map(async (kind) => await scene.export(kind, { overlap: true }));
    await scene.done(...(await Promise.all(overlap)));
    await arrived();
  });

  it('adds a bounce that comes days after the message was sent, beside the send', async () => {
    const { bounced } = await scene.order('/bounce-late');
    expect(Number(bounced)).toBeGreaterThan(0);
    await expectMore();
    await scene.done(await scene.export('delivery-logs', { overlap: true }));
    await arrived();
  });

  it('moves a torn file and one without a needed column aside, says so, and reads the next one', async () => {
    await scene.order('/deliver', { label: 'Last', campaign: 'Autumn', contacts: 20, seed: SEED });
    await expectMore();
    const torn = await scene.export('delivery-logs', { torn: true, overlap: true });
    const short = await scene.export('tracking-logs', { without: ['urlType'], overlap: true });
    await scene.until('the incidents', async () => {
      const incidents = await scene.n8n.rest.dataTableRows('dynamics_campaign_incidents');
      const texts = incidents.map((row) => String(row['message']));
      return [torn, short].every((file) => texts.some((text) => text.includes(file)));
    });
    await scene.done(await scene.export('delivery-logs', { overlap: true }));
    await scene.done(await scene.export('tracking-logs', { overlap: true }));
    await arrived();
  });

  it('keeps a row that can not be read in the table of rejected ones, and takes the others', async () => {
    const { delivery } = await scene.control.logs();
    const sent = delivery.find((row) => row.status === 1 && !row.testAddress && !gone.includes(row.externalId));
    if (!sent) throw new Error('No message was sent.');
    const header = ['id', 'externalId', 'campaignLabel', 'deliveryLabel', 'status', 'failureType', 'eventDate'];
    const row = (id: string, status: string) =>
      [id, sent.externalId, 'By hand', 'DM', status, '0', '2026-11-21 10:00:00.000Z'].join('\t');
    const text = [header.join('\t'), row('9000001', 'Unbekannt'), row('9000002', '1'), ''].join('\n');
    writeFileSync(join(scene.sandbox.sftp?.localFolder ?? '', 'deliverylog_hand.txt'), text);
    const like = { ...sent, campaignLabel: 'By hand', deliveryLabel: 'DM', mirrorPageUrl: '' };
    expected.set('send 9000002', entryText('send', like, '2026-11-21 10:00:00Z'));
    await scene.done('deliverylog_hand.txt');
    await arrived();
    const rows = await scene.n8n.rest.dataTableRows('dynamics_campaign_rejected');
    expect(rows).toContainEqual(
      expect.objectContaining({ recordId: 'deliverylog_hand.txt 1', code: 'UNKNOWN_STATUS', field: 'status' }),
    );
  });
});
