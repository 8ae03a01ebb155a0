import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../sandbox/seed/random';
import { Scene, parametersOf } from './support/scene';

jest.setTimeout(1_200_000);

const KILLS = 10;
const SEED = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000);

describe('n8n is killed again and again while it syncs', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.start({
      sandbox: { contacts: 1500, latency: 20 },
      change: (workflow) => Object.assign(parametersOf(workflow, 'Dynamics 365 Trigger'), { batchSize: 100 }),
    });
  });
  afterAll(async () => await scene?.close());

  it(`loses nothing and doubles nothing through ${KILLS} kill -9 with 429s, dropped connections and slow responses`, async () => {
    process.stdout.write(`CRASH_SEED=${SEED}\n`);
    const random = createRandom(SEED);
    await scene.fault(
      { target: 'campaign', kind: 'rate-limit', retryAfter: 1, rate: 0.01, seed: SEED },
      { target: 'campaign', kind: 'drop', rate: 0.01, seed: SEED + 1 },
      { target: 'campaign', kind: 'drop-after', rate: 0.01, seed: SEED + 2 },
      { target: 'campaign', kind: 'delay', delayMs: 1500, rate: 0.005, seed: SEED + 3 },
      { target: 'dataverse', kind: 'drop', rate: 0.02, seed: SEED + 4 },
      { target: 'dataverse', kind: 'rate-limit', retryAfter: 1, rate: 0.02, seed: SEED + 5 },
    );
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(random.next() * 4000);
      await scene.control.changeContacts({ creates: 5, updates: 40, deletes: 5, seed: SEED + kill });
      await sleep(random.next() * 4000);
      await scene.n8n.kill();
      await scene.control.changeContacts({ creates: 2, updates: 10, deletes: 2, seed: SEED + 100 + kill });
      await scene.n8n.restart();
      const { startMs } = scene.n8n;
      process.stdout.write(
        `kill ${kill + 1}: ${(await scene.differences()).length} differences, n8n back after ${startMs} ms\n`,
      );
    }
    const struck = await scene.control.timesStruck();
    process.stdout.write(`faults struck ${struck.join(', ')} times\n`);
    expect(Math.max(...struck)).toBeGreaterThan(0);
    await scene.noFaults();
    await scene.settled(300_000);
    // Nothing that was still on its way may change it afterwards.
    await sleep(5000);
    expect(await scene.differences()).toEqual([]);
  });
});
