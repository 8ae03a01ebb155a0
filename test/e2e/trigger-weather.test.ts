import { setTimeout as sleep } from 'node:timers/promises';
import { INCIDENTS, Scene } from './support/scene';

jest.setTimeout(900_000);

/** As long as the outage at n8n's start lasts; `TRIGGER_OUTAGE_SECONDS=180` for the long form. n8n gives an activation up after 15 s. */
const OUTAGE_MS = Number(process.env['TRIGGER_OUTAGE_SECONDS'] ?? 60) * 1000;

interface Incident {
  readonly node: string;
  readonly message: string;
}

describe('a trigger that is published', () => {
  let scene: Scene;
  let told = 0;
  beforeAll(async () => {
    scene = await Scene.start({ sandbox: { contacts: 200 } });
    await scene.settled();
  });
  afterAll(async () => await scene?.close());

  /** What the people in charge were told of the trigger since the last time. */
  const fresh = async (): Promise<string[]> => {
    const rows = await scene.n8n.rest.dataTableRows<Incident & Record<string, unknown>>(INCIDENTS);
    const messages = rows.filter(({ node }) => node === 'Dynamics 365 Trigger').map(({ message }) => message);
    const since = messages.slice(told);
    told = messages.length;
    return since;
  };
  /** Waits for so many messages, and for a moment more, so that a further one would be seen. */
  const messages = async (count: number): Promise<string[]> => {
    const before = told;
    await scene.n8n.rest.waitFor(`${count} messages`, async () => {
      told = before;
      return (await fresh()).length >= count;
    });
    await sleep(3_000);
    told = before;
    return await fresh();
  };

  it('outlives an outage of Dynamics 365 and of the sign-in while n8n starts, tells of it once, and says when it is over', async () => {
    await scene.n8n.kill();
    await scene.fault({ target: 'dataverse', kind: 'refuse-all' }, { target: 'entra', kind: 'refuse-all' });
    await scene.control.changeContacts({ creates: 10, updates: 30, deletes: 5, seed: 1 });
    await scene.n8n.restart();
    await sleep(OUTAGE_MS);
    expect((await scene.differences()).length).toBeGreaterThan(0);
    expect(await messages(1)).toHaveLength(1);
    await scene.noFaults();
    const mendedAt = Date.now();
    await scene.settled(60_000);
    process.stdout.write(`equal ${Date.now() - mendedAt} ms after the outage\n`);
    expect(await messages(1)).toEqual([expect.stringMatching(/^All clear/)]);
  });

  it('takes a client secret that was changed, without being published again', async () => {
    const secret = 'a-secret-that-was-rotated~d365';
    // Entra takes the new one only, and the tokens of the old one are over.
    await scene.settings({ entra: { clientSecret: secret } });
    await scene.fault({ target: 'dataverse', kind: 'expired-token' });
    await scene.control.changeContacts({ creates: 5, updates: 10, deletes: 2, seed: 2 });
    expect(await messages(1)).toEqual([expect.stringMatching(/Entra.*refused/)]);
    expect((await scene.differences()).length).toBeGreaterThan(0);
    const { rest } = scene.n8n;
    const credential = (await rest.credentials()).find(({ type }) => type === 'dynamics365Api');
    if (!credential) throw new Error('There is no credential for Dynamics 365.');
    await rest.updateCredential(credential.id, {
      name: credential.name,
      type: credential.type,
      data: { ...scene.sandbox.dynamics365, clientSecret: secret },
    });
    const mendedAt = Date.now();
    await scene.settled(60_000);
    process.stdout.write(`equal ${Date.now() - mendedAt} ms after the new secret was entered\n`);
    expect(await messages(1)).toEqual([expect.stringMatching(/^All clear/)]);
  });

  it('can be published while Dynamics 365 is away, and begins when it is back', async () => {
    const { rest } = scene.n8n;
    await rest.unpublish(scene.workflowId);
    await scene.fault({ target: 'dataverse', kind: 'refuse-all' });
    await scene.control.changeContacts({ creates: 5, updates: 10, deletes: 2, seed: 3 });
    await rest.publish(scene.workflowId);
    expect(await messages(1)).toHaveLength(1);
    await scene.noFaults();
    await scene.settled(60_000);
    expect(await messages(1)).toEqual([expect.stringMatching(/^All clear/)]);
  });
});
