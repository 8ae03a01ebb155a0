/**
 * @needs redis
 * @needs postgres
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../sandbox/seed/random';
import { Scene, parametersOf } from './support/scene';

jest.setTimeout(1_800_000);

const SEED = Number(process.env['QUEUE_SEED'] ?? Date.now() % 1_000_000);
/** How long a run may write: a lost one is repeated after that. The template has 900 s. */
const TIMEOUT_SECONDS = 20;

describe("n8n's queue mode with Redis, Postgres and two workers", () => {
  let scene: Scene;
  const random = createRandom(SEED);
  beforeAll(async () => {
    process.stdout.write(`QUEUE_SEED=${SEED}\n`);
    scene = await Scene.start({
      sandbox: { contacts: 600, latency: 20 },
      workers: 2,
      change: (workflow) => {
        Object.assign(parametersOf(workflow, 'Dynamics 365 Trigger'), { batchSize: 50 });
        workflow.settings = { ...workflow.settings, executionTimeout: TIMEOUT_SECONDS };
      },
    });
  });
  afterAll(async () => await scene?.close());

  const change = async (round: number) =>
    await scene.control.changeContacts({ creates: 10, updates: 60, deletes: 5, seed: SEED + round });
  const written = async () => {
    const requests = await scene.control.requests();
    return (requests['campaign.profile.POST'] ?? 0) + (requests['campaign.profile.PATCH'] ?? 0);
  };
  /** Waits until the workers write something. */
  async function underWay(before: number): Promise<void> {
    await scene.n8n.rest.waitFor('a write', async () => (await written()) > before);
    await sleep(random.next() * 500);
  }

  it('transfers everything, created, changed and deleted, on the workers', async () => {
    await scene.settled();
    await change(0);
    await scene.settled();
    const executions = await Promise.all(scene.n8n.workers.map(async (worker) => await worker.executions()));
    expect(executions.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(600 / 50);
  });

  it('loses nothing and doubles nothing when a worker is killed in the middle of a batch', async () => {
    const [first, second] = scene.n8n.workers;
    if (!first || !second) throw new Error('There are no two workers.');
    // Both, of which one has the batch; then one, whose batch the other may take over.
    for (const [round, killed] of [[first, second], [first], [second]].entries()) {
      const before = await written();
      await change(10 + round);
      await underWay(before);
      await Promise.all(killed.map(async (worker) => await worker.kill()));
      await change(20 + round);
      await Promise.all(killed.map(async (worker) => await worker.restart()));
    }
    await scene.settled(240_000);
  });

  it('loses nothing and doubles nothing when the main process is killed while its workers live on', async () => {
    for (const round of [1, 2]) {
      const before = await written();
      await change(30 + round);
      await underWay(before);
      await scene.n8n.kill();
      await change(40 + round);
      await scene.n8n.restart();
    }
    await scene.settled(240_000);
    // A worker of before could still write: nothing changes any more.
    await sleep(5_000);
    expect(await scene.differences()).toEqual([]);
  });
});
