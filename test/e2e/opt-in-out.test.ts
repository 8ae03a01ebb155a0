import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../sandbox/seed/random';
import { hasOpenSsh, startOpenSsh } from '../../sandbox/sftp/openssh';
import type { SftpHandle } from '../../sandbox/sftp/sftp-handle';
import { LINES, NOTHING_IN_BULK, bothSides, type Both } from '../support/both-sides';
import { ExportScene } from './support/export-scene';
import { parametersOf } from './support/scene';

jest.setTimeout(1_800_000);

/** People for each direction. */
const PEOPLE = Number(process.env['OPT_OUT_PEOPLE'] ?? 500);
const SEED = Number(process.env['OPT_OUT_SEED'] ?? Date.now() % 1_000_000);

/** OpenSSH where it is installed, or the embedded server, on which the random histories run anyway. */
const ON_OPENSSH = hasOpenSsh() && process.env['OPT_OUT_SERVER'] !== 'embedded';

type Direction = 'bidirectional' | 'dynamicsToCampaign' | 'campaignToDynamics';

/** What a person said on both sides about one channel, and when (ms); `at` null: Campaign's field was never set. */
interface Said {
  readonly dynamics: boolean;
  readonly campaign: boolean;
  readonly dynamicsAt: number;
  readonly campaignAt: number | null;
}

/**
 * The rule, written from its words alone (true: opted out). One-way: the deciding side's value. Both ways: Campaign's time newer, its
 * value; otherwise true wins. An opt-in of Campaign's that has no time proves nothing. Dynamics 365 knows whole seconds only.
 */
function oracle(direction: Direction, said: Said): Both {
  const { dynamics, campaign, dynamicsAt, campaignAt } = said;
  switch (direction) {
    case 'dynamicsToCampaign':
      return { dynamics, campaign: dynamics };
    case 'campaignToDynamics':
      return { dynamics: campaign || campaignAt !== null ? campaign : dynamics, campaign };
    case 'bidirectional': {
      const newer = campaignAt !== null && Math.floor(campaignAt / 1000) > Math.floor(dynamicsAt / 1000);
      const value = newer ? campaign : dynamics || campaign;
      return { dynamics: value, campaign: value };
    }
  }
}

describe(`Opt-ins and opt-outs in a real n8n, over ${ON_OPENSSH ? 'OpenSSH' : 'the embedded SFTP server'}`, () => {
  let scene: ExportScene;
  let sftp: SftpHandle | undefined;
  let people: string[];
  beforeAll(async () => {
    sftp = ON_OPENSSH ? await startOpenSsh() : undefined;
    scene = await ExportScene.start('opt-in-out', {
      sandbox: { contacts: 3 * PEOPLE + 10, latency: 5, sftp: sftp ?? true },
      prepare: async (order) => {
        await order('/seed', { table: 'profile', count: 3 * PEOPLE, profilesFrom: 'contact' });
      },
      change: (workflow) => {
        Object.assign(parametersOf(workflow, 'Dynamics 365 Trigger'), { batchSize: 100 });
        Object.assign(parametersOf(workflow, 'SFTP Export Trigger'), { batchSize: 100 });
        const schedule = { rule: { interval: [{ field: 'seconds', secondsInterval: 20 }] } };
        Object.assign(parametersOf(workflow, 'Every 15 Minutes'), schedule);
      },
    });
    people = (await scene.control.dump('dataverse', 'contact')).map((contact) => String(contact['contactid']));
    process.stdout.write(`OPT_OUT_SEED=${SEED}\n`);
  });
  afterAll(async () => {
    await scene?.close();
    await sftp?.close();
  });

  /** Every person of a group says something on both sides, in every order of time. In Dynamics 365 one column speaks for each line. */
  async function everybodySpeaks(ids: readonly string[], seed: number): Promise<Map<string, readonly Said[]>> {
    const random = createRandom(seed);
    const base = Math.floor((Date.now() - 3_600_000) / 1000) * 1000;
    const said = new Map<string, readonly Said[]>();
    const contacts: Record<string, unknown>[] = [];
    const profiles: Record<string, unknown>[] = [];
    for (const id of ids) {
      const dynamicsAt = base + random.int(0, 1000) * 1000;
      const channels = LINES.map((): Said => ({
        dynamics: random.chance(0.5),
        campaign: random.chance(0.5),
        dynamicsAt,
        // Never, long before, a second before, within the same second, a second after, long after.
        campaignAt: random.pick(
          [null, -900_000, -1000, 0, 304, 999, 1000, 900_000].map((d) => (d === null ? d : dynamicsAt + d)),
        ),
      }));
      said.set(id, channels);
      contacts.push({
        contactid: id,
        modifiedon: `${new Date(dynamicsAt).toISOString().slice(0, 19)}Z`,
        ...NOTHING_IN_BULK,
        ...Object.fromEntries(LINES.map(([column], index) => [column, channels[index]?.dynamics])),
      });
      profiles.push({
        externalId: id,
        ...Object.fromEntries(
          LINES.flatMap(([, field], index) => {
            const at = channels[index]?.campaignAt ?? null;
            const time = at === null ? '' : new Date(at).toISOString().replace('T', ' ');
            return [
              [field, channels[index]?.campaign],
              [`${field}LastModified`, time],
            ];
          }),
        ),
      });
    }
    await scene.order('/change', { system: 'campaign', table: 'profile', updates: profiles });
    await scene.order('/change', { table: 'contact', updates: contacts });
    return said;
  }

  /** Of these people alone. @throws Error when one of them is no contact */
  async function valuesOf(ids: readonly string[]): Promise<Map<string, Both[]>> {
    const all = await bothSides(scene.control);
    return new Map(
      ids.map((id) => {
        const values = all.get(id);
        if (!values) throw new Error(`There is no contact ${id}.`);
        return [id, values];
      }),
    );
  }

  async function differences(expected: ReadonlyMap<string, readonly Both[]>): Promise<string[]> {
    const values = await valuesOf([...expected.keys()]);
    return [...expected].flatMap(([id, channels]) =>
      channels.flatMap((wanted, index) => {
        const is = values.get(id)?.[index];
        const same = is?.dynamics === wanted.dynamics && is.campaign === wanted.campaign;
        return same ? [] : [`${id} ${LINES[index]?.[0]}: ${JSON.stringify(is)} instead of ${JSON.stringify(wanted)}`];
      }),
    );
  }

  async function settled(expected: ReadonlyMap<string, readonly Both[]>): Promise<void> {
    let left: string[] = [];
    const condition = async () => (left = await differences(expected)).length === 0;
    await scene.until('both sides as the oracle says', condition, 400_000).catch((error: Error) => {
      throw new Error(`${left.length} differ: ${left.slice(0, 5).join('; ')}\n${error.message}`);
    });
  }

  async function direct(direction: Direction | 'disabled'): Promise<void> {
    await scene.republish((workflow) => {
      Object.assign(parametersOf(workflow, 'Opt-Out Resolver'), { direction });
      // All contacts are decided anew; this starts the Dynamics 365 Trigger again, and the other trigger goes on.
      Object.assign(parametersOf(workflow, 'Dynamics 365 Trigger'), { replay: `${direction} ${Date.now()}` });
    });
  }

  /** Three who opted out of telephone calls on neither side. Their profiles are older than the first seconds, whose times prove nothing. */
  async function reachableByPhone(): Promise<[string, string, string]> {
    const values = await valuesOf(people.slice(0, 3 * PEOPLE));
    const [first, second, third] = [...values].filter(([, [, phone]]) => phone?.dynamics === false && !phone.campaign);
    if (!first || !second || !third) throw new Error('Everybody opted out of telephone calls.');
    return [first[0], second[0], third[0]];
  }

  it('writes nothing anywhere while the direction is Disabled', async () => {
    const said = await everybodySpeaks(people.slice(0, PEOPLE), SEED);
    await scene.done(await scene.export('opt-outs'));
    expect(await differences(said)).toEqual([]);
    expect(await scene.writes()).toBe(0);
  });

  it.each<[Direction, number]>([
    ['bidirectional', 0],
    ['campaignToDynamics', 1],
    ['dynamicsToCampaign', 2],
  ])(
    '%s: both sides end as the rule says, through a kill -9 in the middle, and rest then',
    async (direction, group) => {
      await direct('disabled');
      const ids = people.slice(group * PEOPLE, (group + 1) * PEOPLE);
      const said = await everybodySpeaks(ids, SEED + group);
      const before = await valuesOf(people.slice(0, 3 * PEOPLE));
      const wanted = new Map([...said].map(([id, channels]) => [id, channels.map((one) => oracle(direction, one))]));
      const writes = await scene.writes();
      await direct(direction);
      const file = await scene.export('opt-outs', { overlap: true });
      await scene.until('the first writes', async () => (await scene.writes()) > writes);
      await sleep(createRandom(SEED + group).next() * 1500);
      await scene.n8n.kill();
      await scene.n8n.restart();
      await scene.done(file);
      await settled(wanted);

      // Each value that was changed can be explained, whatever n8n went through.
      const decisions = await scene.n8n.rest.dataTableRows('dynamics_campaign_opt_out_decisions');
      const explained = new Set(decisions.map((row) => `${String(row['contactId'])} ${String(row['column'])}`));
      const changed = [...said].flatMap(([id, channels]) =>
        channels.flatMap((one, index) => {
          const now = wanted.get(id)?.[index];
          return now?.dynamics === one.dynamics && now.campaign === one.campaign ? [] : [`${id} ${LINES[index]?.[0]}`];
        }),
      );
      expect(changed.length).toBeGreaterThan(PEOPLE / 4);
      expect(changed.filter((one) => !explained.has(one))).toEqual([]);

      // The echo of the own writes, from both sides, the file once more, and one that overlaps: nothing is left to do.
      const rest = await valuesOf(ids);
      const written = await scene.writes();
      await scene.done(await scene.export('opt-outs'));
      await scene.done(await scene.export('opt-outs', { again: true }));
      await scene.done(await scene.export('opt-outs', { overlap: true }));
      await sleep(3000);
      expect(await valuesOf(ids)).toEqual(rest);
      if (direction === 'bidirectional') expect(await scene.writes()).toBe(written);
      // Nobody was touched on the side that decides.
      if (direction !== 'bidirectional') {
        const side = direction === 'campaignToDynamics' ? 'campaign' : 'dynamics';
        for (const [id, channels] of await valuesOf(ids)) {
          expect(channels.map((one) => one[side])).toEqual(before.get(id)?.map((one) => one[side]));
        }
      }
    },
  );

  it('keeps an opt-out that has no profile yet, and writes it once the profile is there', async () => {
    await direct('bidirectional');
    const late = people.slice(3 * PEOPLE);
    const rejected = async () =>
      (await scene.n8n.rest.dataTableRows('dynamics_campaign_rejected')).filter(
        (row) => row['recordTable'] === 'opt-out',
      );
    await scene.order('/change', { updates: late.map((contactid) => ({ contactid, donotemail: true })) });
    await scene.until('the rejected opt-outs', async () => (await rejected()).length === late.length);
    expect(await rejected()).toContainEqual(
      expect.objectContaining({ recordId: late[0], code: 'PROFILE_NOT_FOUND', change: 'upsert' }),
    );
    const fields = LINES.map(([, field]) => [field, false]);
    await scene.order('/change', {
      system: 'campaign',
      table: 'profile',
      creates: late.map((externalId) => ({ externalId, lastName: 'Late', ...Object.fromEntries(fields) })),
    });
    await scene.until('the opt-outs in Campaign', async () =>
      [...(await valuesOf(late)).values()].every(([email]) => email?.campaign === true),
    );
    await scene.until('an empty table', async () => (await rejected()).length === 0);
  });

  it('takes an opt-out from Campaign to Dynamics 365, and keeps the decision with rule, values, times and words', async () => {
    const [contactId] = await reachableByPhone();
    const since = new Date().toISOString();
    // Dynamics 365 knows whole seconds only.
    await sleep(1500);
    await scene.order('/change', {
      system: 'campaign',
      table: 'profile',
      updates: [{ externalId: contactId, blackListPhone: true }],
    });
    await scene.export('opt-outs');
    const kept = async () =>
      (await scene.n8n.rest.dataTableRows('dynamics_campaign_opt_out_decisions')).filter(
        (row) =>
          row['contactId'] === contactId && row['field'] === 'blackListPhone' && String(row['decidedAt']) >= since,
      );
    await scene.until('the decision', async () => (await kept()).length > 0);
    expect(await kept()).toEqual([
      expect.objectContaining({
        rule: 'CAMPAIGN_NEWER_OPT_OUT',
        dynamicsOptedOut: 'no',
        dynamicsTime: expect.stringMatching(/Z$/) as string,
        campaignOptedOut: 'yes',
        campaignTime: expect.stringMatching(/Z$/) as string,
        writeTo: 'dynamics',
        newValue: true,
        words: expect.stringContaining('donotphone') as string,
      }),
    ]);
    expect((await valuesOf([contactId])).get(contactId)?.[1]).toEqual({ dynamics: true, campaign: true });
  });

  it("lets a newer opt-in in Campaign win by the column's own time, where Dynamics 365 has another column's change later", async () => {
    // One whose column is audited throughout, and one whose opt-in has nothing but the record's time against it.
    const [, audited, record] = await reachableByPhone();
    const ids = [audited, record];
    const lastChange = async (auditing: object, attributeTimes: boolean, id: string) => {
      await scene.order('/settings', { dataverse: { auditing } });
      await scene.republish((workflow) => {
        Object.assign(parametersOf(workflow, 'Opt-Out Resolver'), { options: { attributeTimes } });
      });
      const both = async (dynamics: boolean, campaign: boolean) =>
        await scene.until(`${dynamics} and ${campaign}`, async () => {
          const [, phone] = (await valuesOf(ids)).get(id) ?? [];
          return phone?.dynamics === dynamics && phone.campaign === campaign;
        });
      await scene.order('/change', { updates: [{ contactid: id, donotphone: true }] });
      await both(true, true);
      await sleep(1500);
      const optIn = { externalId: id, blackListPhone: false };
      await scene.order('/change', { system: 'campaign', table: 'profile', updates: [optIn] });
      await sleep(1500);
      // A new telephone number, later than the opt-in.
      await scene.order('/change', { updates: [{ contactid: id, telephone1: '+49 30 1234' }] });
      await scene.export('opt-outs');
      await both(!attributeTimes, !attributeTimes);
    };
    await lastChange({}, false, record);
    await lastChange({ contact: ['donotphone'] }, true, audited);
    const decisions = await scene.n8n.rest.dataTableRows('dynamics_campaign_opt_out_decisions');
    expect(decisions.filter((row) => row['contactId'] === audited)).toContainEqual(
      expect.objectContaining({
        rule: 'CAMPAIGN_NEWER_OPT_IN',
        dynamicsTimeSource: 'audit',
        writeTo: 'dynamics',
        newValue: false,
      }),
    );
  });

  it('sees an opt-out that is made in Dynamics 365 while an opt-in of Campaign is on its way there', async () => {
    const watch = async (disabled: boolean) =>
      await scene.republish((workflow) => {
        const trigger = workflow.nodes.find(({ name }) => name === 'Dynamics 365 Trigger');
        if (trigger) trigger['disabled'] = disabled;
        // An opt-out that is said once more changes no value, so the audit log would not have it.
        Object.assign(parametersOf(workflow, 'Opt-Out Resolver'), { options: {} });
      });
    // Only the export's run looks at the person: nothing else makes up for what it would overwrite.
    await watch(true);
    const [id] = await reachableByPhone();
    const inCampaign = async (blackListPhone: boolean) =>
      await scene.order('/change', {
        system: 'campaign',
        table: 'profile',
        updates: [{ externalId: id, blackListPhone }],
      });
    await scene.order('/change', {
      updates: [{ contactid: id, donotphone: true, modifiedon: '2026-01-01T00:00:00Z' }],
    });
    await inCampaign(true);
    await sleep(1500);
    await inCampaign(false);
    // The contact has been read when the profile is asked for.
    const slow = { target: 'campaign', match: { method: 'GET', path: id }, kind: 'delay', delayMs: 5000, times: 1 };
    await scene.order('/faults', [slow]);
    const file = await scene.export('opt-outs');
    await scene.until('the profile asked for', async () => (await scene.control.timesStruck()).at(-1) === 1);
    await scene.order('/change', { updates: [{ contactid: id, donotphone: true }] });
    await scene.done(file);
    expect((await valuesOf([id])).get(id)?.[1]).toEqual({ dynamics: true, campaign: true });
    await watch(false);
  });

  it('takes decisions away when they are older than the limit', async () => {
    const decisions = async () => (await scene.n8n.rest.dataTableRows('dynamics_campaign_opt_out_decisions')).length;
    expect(await decisions()).toBeGreaterThan(0);
    await scene.republish((workflow) => {
      const filters = {
        conditions: [{ keyName: 'decidedAt', condition: 'lt', keyValue: '={{ $now.toUTC().toISO() }}' }],
      };
      Object.assign(parametersOf(workflow, 'Delete Old Decisions'), { filters });
    });
    await scene.until('an empty table', async () => (await decisions()) === 0);
  });
});
