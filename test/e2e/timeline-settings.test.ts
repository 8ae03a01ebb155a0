import { EVENT_KINDS, TIMELINE_TABLES, type EventKind } from '../../sandbox/oracles/timeline';
import type { N8nHandle } from '../../sandbox/n8n-host/start-n8n';
import { ExportScene } from './support/export-scene';
import { nodeByWebhook } from './support/node-by-webhook';
import { parametersOf } from './support/scene';
import { entriesOf, timelines, type TimelineNames } from './support/timeline-oracle';

jest.setTimeout(1_200_000);

const CONTACTS = 60;
const SEED = Number(process.env['TIMELINE_SEED'] ?? Date.now() % 1_000_000);
/** The switches of Marketing Events. */
const SWITCHES = { send: 'sends', open: 'opens', click: 'clicks', bounce: 'bounces' } as const;
/** Each of the sixteen settings of four switches. */
const SETTINGS = Array.from({ length: 16 }, (_, bits) => EVENT_KINDS.filter((_kind, index) => bits & (1 << index)));

/** The tables as Prepare Timeline Tables makes them (docs/timeline.md). */
const PREPARED = Object.fromEntries(
  (
    [
      ['send', 'send', 'sent'],
      ['open', 'open', 'opened'],
      ['click', 'urlclick', 'clicked'],
      ['bounce', 'bounce', 'bounced'],
    ] as const
  ).map(([kind, name, date]): [EventKind, TimelineNames] => [
    kind,
    {
      table: `new_campaignemail${name}`,
      campaign: 'new_campaignname',
      delivery: 'new_deliveryname',
      at: `new_date${date}`,
      url: 'new_trackingurl',
      mirror: 'new_mirrorpageurl',
    },
  ]),
) as Record<EventKind, TimelineNames>;

describe('The settings of the timeline in a real n8n', () => {
  let scene: ExportScene;
  let round = 0;
  beforeAll(async () => {
    process.stdout.write(`TIMELINE_SEED=${SEED}\n`);
    scene = await ExportScene.start('campaign-to-dynamics', {
      sandbox: { contacts: CONTACTS, latency: 5 },
      prepare: async (order) => {
        await order('/seed', { table: 'profile', count: CONTACTS, profilesFrom: 'contact' });
      },
      change: (workflow) => {
        // Soon again after a failure.
        for (const name of ['Delivery Log Export', 'Tracking Log Export']) {
          Object.assign(parametersOf(workflow, name), {
            options: { stableSeconds: 1, pollSeconds: 1, longestRetryPause: 2 },
          });
        }
      },
    });
  });
  afterAll(async () => await scene?.close());

  const switchTo = (kinds: readonly EventKind[]) =>
    Object.fromEntries(EVENT_KINDS.map((kind) => [SWITCHES[kind], kinds.includes(kind)]));

  /** A delivery goes out. @returns what the logs say of it: kind and the entry's text */
  async function deliver(): Promise<(readonly [EventKind, string])[]> {
    const label = `DM${++round}`;
    await scene.order('/deliver', { label, campaign: 'Settings', seed: SEED + round });
    return entriesOf(await scene.control.logs())
      .filter(([, text]) => text.includes(`Delivery Name: ${label} |`))
      .map(([event, text]) => [event.split(' ')[0] as EventKind, text] as const);
  }
  const exports = async () => [await scene.export('delivery-logs'), await scene.export('tracking-logs')];
  const incident = async (code: RegExp) =>
    (await scene.n8n.rest.dataTableRows('dynamics_campaign_incidents')).find((row) =>
      code.test(`${String(row['message'])} ${String(row['hint'])}`),
    );

  it('each of the sixteen settings of the four switches gives exactly the chosen kinds', async () => {
    const gotEver = new Set<EventKind>();
    for (const kinds of SETTINGS) {
      await scene.republish((workflow) => {
        Object.assign(parametersOf(workflow, 'Marketing Events'), switchTo(kinds));
      });
      const before = new Set(await timelines(scene));
      const wanted = (await deliver()).filter(([kind]) => kinds.includes(kind));
      await scene.done(...(await exports()));
      const added = (await timelines(scene)).filter((text) => !before.has(text));
      expect({ kinds, added }).toEqual({ kinds, added: wanted.map(([, text]) => text).sort() });
      for (const [kind] of wanted) gotEver.add(kind);
    }
    expect([...gotEver].sort()).toEqual([...EVENT_KINDS].sort());
  });

  it('a table that takes no CreateMultiple gets its rows one by one', async () => {
    await scene.order('/settings', { dataverse: { withoutMultiple: Object.values(TIMELINE_TABLES) } });
    const before = new Set(await timelines(scene));
    const wanted = await deliver();
    await scene.done(...(await exports()));
    const added = (await timelines(scene)).filter((text) => !before.has(text));
    expect(added).toEqual(wanted.map(([, text]) => text).sort());
    await scene.order('/settings', { dataverse: { withoutMultiple: [] } });
  });

  it('a renamed column is named with what to do, and the events arrive once it has its name again', async () => {
    const relabel = (to: string) => [
      { system: 'dataverse', table: TIMELINE_TABLES.click, column: 'xyz_url', action: 'relabel', to },
    ];
    await scene.order('/settings', { schema: relabel('Adresse') });
    // A new publish looks at the tables anew; found names are kept for five minutes otherwise.
    await scene.n8n.stop();
    await scene.n8n.restart();
    const before = new Set(await timelines(scene));
    const wanted = await deliver();
    const files = await exports();
    await scene.until('the incident', async () => (await incident(/Tracking URL/)) !== undefined);
    expect(await incident(/Tracking URL/)).toMatchObject({
      node: 'Dynamics 365',
      message: expect.stringContaining('Adobe Campaign Email URL Click') as string,
      hint: expect.stringMatching(/[Rr]ename|by hand/) as string,
    });
    await scene.order('/settings', { schema: relabel('Tracking URL') });
    await scene.done(...files);
    const added = (await timelines(scene)).filter((text) => !before.has(text));
    expect(added).toEqual(wanted.map(([, text]) => text).sort());
  });

  it('tables that are not there are named with what to do; Prepare Timeline Tables makes them, and the events arrive', async () => {
    await scene.order('/settings', { dataverse: { timelineTables: false } });
    await scene.n8n.stop();
    await scene.n8n.restart();
    const wanted = await deliver();
    const files = await exports();
    await scene.until('the incident', async () => (await incident(/Prepare Timeline Tables/)) !== undefined);
    expect(await incident(/Prepare Timeline Tables/)).toMatchObject({
      node: 'Dynamics 365',
      message: expect.stringContaining('Adobe Campaign Email') as string,
    });

    // A dry run first: it says what it would make, and makes nothing.
    const dry = await prepare(scene.n8n, true);
    expect(dry.filter(({ action }) => action === 'createTable').map(({ table }) => table)).toEqual(
      EVENT_KINDS.map((kind) => PREPARED[kind].table),
    );
    expect(dry.filter(({ made }) => made)).toEqual([]);
    expect(await prepare(scene.n8n, true)).toEqual(dry);

    const made = await prepare(scene.n8n, false);
    expect(made).toEqual(dry.map((step) => ({ ...step, made: true })));
    await scene.done(...files);
    expect(await timelines(scene, PREPARED)).toEqual(wanted.map(([, text]) => text).sort());

    // Once more: all is there.
    expect((await prepare(scene.n8n, false)).map(({ action }) => action)).toEqual(dry.map(() => 'present'));
  });
});

interface Step {
  readonly action: string;
  readonly table: string;
  readonly made: boolean;
}

/** Runs Prepare Timeline Tables once and gives what the node puts out. */
async function prepare(n8n: N8nHandle, dryRun: boolean): Promise<readonly Step[]> {
  const node = await nodeByWebhook(n8n, {
    type: 'n8n-nodes-dynamics-campaign.dynamics365',
    parameters: { operation: 'prepareTimelineTables', dryRun },
    credentials: { dynamics365Api: { id: null, name: 'Dynamics 365' } },
  });
  const steps = await node.call();
  await node.end();
  if (!steps) throw new Error('Prepare Timeline Tables failed.');
  return steps as unknown as readonly Step[];
}
