import { setTimeout as sleep } from 'node:timers/promises';
import { decisionsAgainstTheRule } from '../../sandbox/oracles/opt-out-decisions';
import { endsOptedOut, type Word } from '../../sandbox/oracles/opt-out-history';
import { createRandom, type Random } from '../../sandbox/seed/random';
import { LINES, NOTHING_IN_BULK, bothSides, lineOf } from '../support/both-sides';
import { ExportScene } from './support/export-scene';
import { parametersOf } from './support/scene';

jest.setTimeout(1_800_000);

/** Each person is a history of their own; exports, outages and kills strike all of them at once. */
const PEOPLE = Number(process.env['OPT_OUT_HISTORIES'] ?? 1000);
const ROUNDS = 27;
const ROUNDS_PER_KILL = 3;
const SEED = Number(process.env['OPT_OUT_SEED'] ?? Date.now() % 1_000_000);

/** People speak on the first two lines; nobody ever says anything on the other two. */
const SPOKEN = 2;

describe('Random histories of opt-ins and opt-outs, both ways, over the embedded SFTP server, while n8n is killed again and again', () => {
  let scene: ExportScene;
  let people: readonly string[];
  /** By person, then by line. */
  const said = new Map<string, Word[][]>();
  /** By person: other changes of the contact, each of which moves the record's time and so is a reason to decide every line anew. */
  const otherChanges = new Map<string, number[]>();
  const files: string[] = [];

  beforeAll(async () => {
    process.stdout.write(`OPT_OUT_SEED=${SEED}\n`);
    scene = await ExportScene.start('opt-in-out', {
      sandbox: { contacts: PEOPLE, latency: 10 },
      prepare: async (order) => {
        await order('/seed', { table: 'profile', count: PEOPLE, profilesFrom: 'contact' });
      },
      change: (workflow) => {
        Object.assign(parametersOf(workflow, 'Opt-Out Resolver'), { direction: 'disabled' });
        for (const trigger of ['Dynamics 365 Trigger', 'SFTP Export Trigger']) {
          Object.assign(parametersOf(workflow, trigger), { batchSize: 100 });
        }
        const schedule = { rule: { interval: [{ field: 'seconds', secondsInterval: 20 }] } };
        Object.assign(parametersOf(workflow, 'Every 15 Minutes'), schedule);
      },
    });
    people = (await scene.control.dump('dataverse', 'contact')).map((contact) => String(contact['contactid']));
    // Nobody has opted out at first.
    const none = (index: 0 | 1) => Object.fromEntries(LINES.map((line) => [line[index], false]));
    await scene.order('/change', {
      updates: people.map((contactid) => ({
        contactid,
        modifiedon: '2026-01-01T00:00:00Z',
        ...NOTHING_IN_BULK,
        ...none(0),
      })),
    });
    await scene.order('/change', {
      system: 'campaign',
      table: 'profile',
      updates: people.map((externalId) => ({ externalId, ...none(1) })),
    });
    for (const id of people) {
      otherChanges.set(
        id,
        LINES.map(() => 0),
      );
      said.set(
        id,
        LINES.map(() => []),
      );
    }
    await scene.republish((workflow) => {
      Object.assign(parametersOf(workflow, 'Opt-Out Resolver'), { direction: 'bidirectional' });
    });
  });
  afterAll(async () => await scene?.close());

  /** The contact changed; `line`: the one that a person spoke on. */
  function movesTime(id: string, line: number | undefined): void {
    const changes = otherChanges.get(id) ?? [];
    for (const at of changes.keys()) if (at !== line) changes[at] = (changes[at] ?? 0) + 1;
  }

  /** One in eight says something, in one system; in Dynamics 365 some change another column instead. */
  async function speak(random: Random, side: Word['side']): Promise<void> {
    const updates = people.flatMap((id) => {
      if (!random.chance(1 / 8)) return [];
      const key = side === 'dynamics' ? { contactid: id } : { externalId: id };
      if (side === 'dynamics' && random.chance(0.2)) {
        movesTime(id, undefined);
        return [{ ...key, jobtitle: `Job ${random.int(1, 9999)}` }];
      }
      const line = random.int(0, SPOKEN - 1);
      const optedOut = random.chance(0.5);
      said.get(id)?.[line]?.push({ side, optedOut });
      if (side === 'dynamics') movesTime(id, line);
      return [{ ...key, [LINES[line]?.[side === 'dynamics' ? 0 : 1] ?? '']: optedOut }];
    });
    const where = side === 'dynamics' ? { table: 'contact' } : { system: 'campaign', table: 'profile' };
    await scene.order('/change', { ...where, updates });
  }

  async function exportSomehow(random: Random): Promise<void> {
    const how = random.pick([
      {},
      {},
      { late: 1500 },
      { overlap: true },
      { compress: true },
      { again: true },
      undefined,
    ]);
    if (!how || ('again' in how && files.length === 0)) return;
    files.push(await scene.export('opt-outs', how));
  }

  it(`loses no opt-out, undoes none without a newer opt-in, and comes to rest: ${PEOPLE} histories`, async () => {
    const random = createRandom(SEED);
    await scene.order('/faults', [
      { target: 'campaign', kind: 'rate-limit', retryAfter: 1, rate: 0.005, seed: SEED },
      { target: 'campaign', kind: 'drop-after', rate: 0.01, seed: SEED + 1 },
      { target: 'campaign', match: { method: 'PATCH' }, kind: 'delay', delayMs: 1500, rate: 0.1, seed: SEED + 2 },
      { target: 'dataverse', kind: 'drop', rate: 0.01, seed: SEED + 3 },
      { target: 'dataverse', kind: 'drop-after', rate: 0.02, seed: SEED + 4 },
      // People go on speaking between what is read of them and what is written.
      { target: 'campaign', match: { method: 'GET' }, kind: 'delay', delayMs: 1500, rate: 0.02, seed: SEED + 6 },
      { target: 'dataverse', match: { method: 'PATCH' }, kind: 'delay', delayMs: 2000, rate: 0.4, seed: SEED + 5 },
    ]);
    for (let round = 1; round <= ROUNDS; round++) {
      for (const side of random.chance(0.5)
        ? (['dynamics', 'campaign'] as const)
        : (['campaign', 'dynamics'] as const)) {
        await speak(random, side);
        await sleep(random.pick([0, 0, 300, 1100]));
      }
      await exportSomehow(random);
      await sleep(random.next() * 1500);
      if (round % ROUNDS_PER_KILL > 0) continue;
      await scene.n8n.kill();
      await speak(random, random.pick(['dynamics', 'campaign']));
      await exportSomehow(random);
      await scene.n8n.restart();
      process.stdout.write(`kill ${round / ROUNDS_PER_KILL}\n`);
    }
    const struck = await scene.control.timesStruck();
    process.stdout.write(`faults struck ${struck.join(', ')} times\n`);
    expect(Math.max(...struck)).toBeGreaterThan(0);
    await scene.control.json('DELETE', '/faults');
    // What was said since the last export.
    files.push(await scene.export('opt-outs', { overlap: true }));
    await scene.done(...files);

    // Both sides converge.
    const apart = async () =>
      [...(await bothSides(scene.control))].flatMap(([id, lines]) =>
        lines.flatMap(({ dynamics, campaign }, line) => (dynamics === campaign ? [] : [`${id} ${LINES[line]?.[0]}`])),
      );
    await scene
      .until('both sides equal', async () => (await apart()).length === 0, 240_000)
      .catch(async (error: Error) => {
        throw new Error(`${(await apart()).slice(0, 5).join('; ')} differ\n${error.message}`);
      });
    await scene.until('no rejected opt-outs', async () => {
      const tables = await scene.n8n.rest.dataTables();
      if (!tables.some(({ name }) => name === 'dynamics_campaign_rejected')) return true;
      return (await scene.n8n.rest.dataTableRows('dynamics_campaign_rejected')).length === 0;
    });

    // And rest then: neither the echo of the own writes nor another export makes a write.
    const final = await bothSides(scene.control);
    const writes = await scene.writes();
    await scene.done(await scene.export('opt-outs', { overlap: true }));
    await sleep(4000);
    expect(await scene.writes()).toBe(writes);
    expect(await bothSides(scene.control)).toEqual(final);

    // Each history ends as the rule says.
    const wrong: string[] = [];
    let mustBeOut = 0;
    let undone = 0;
    for (const [id, lines] of said) {
      for (const [line, words] of lines.entries()) {
        const must = endsOptedOut(words);
        const is = final.get(id)?.[line]?.dynamics;
        if (must === true) mustBeOut++;
        if (must === undefined && is === false) undone++;
        if (must !== undefined && must !== is) {
          wrong.push(`${id} ${LINES[line]?.[0]} is ${is} after ${JSON.stringify(words)}`);
        }
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    process.stdout.write(
      `${mustBeOut} lines had to end opted out; ${undone} opt-outs were taken back by a newer opt-in\n`,
    );
    expect(mustBeOut).toBeGreaterThan(PEOPLE / 2);
    expect(undone).toBeGreaterThan(PEOPLE / 20);

    // Each single write is what the rule makes of what was read.
    const decisions = await scene.n8n.rest.dataTableRows('dynamics_campaign_opt_out_decisions');
    expect(decisionsAgainstTheRule(decisions)).toEqual([]);

    // No ping-pong: a line is decided to be written once for what a person said, or for another change of the contact (a kill may have
    // it decided twice, of the same state; a decision that Dynamics 365 refused as out of date counts as one).
    const states = new Map<string, Set<string>>();
    for (const row of decisions) {
      const key = `${String(row['contactId'])} ${String(row['column'])}`;
      const state = [row['writeTo'], row['newValue'], row['campaignTime'], row['campaignOptedOut']].join(' ');
      states.set(key, (states.get(key) ?? new Set()).add(state));
    }
    const tooMany = [...states].filter(([key, { size }]) => {
      const [id = '', column] = key.split(' ');
      const line = lineOf(column);
      return size > (said.get(id)?.[line]?.length ?? 0) + (otherChanges.get(id)?.[line] ?? 0);
    });
    expect(tooMany.map(([key, all]) => [key, ...all])).toEqual([]);
  });
});
