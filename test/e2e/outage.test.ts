import { setTimeout as sleep } from 'node:timers/promises';
import { INCIDENTS, Scene } from './support/scene';

jest.setTimeout(600_000);

describe('Campaign refuses every call for a minute', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.start({ sandbox: { contacts: 300 } });
    await scene.settled();
  });
  afterAll(async () => await scene?.close());

  it('holds the batch, shows the error in n8n, and loses nothing', async () => {
    await scene.fault({ target: 'campaign', kind: 'refuse-all' });
    await scene.control.changeContacts({ creates: 20, updates: 50, deletes: 10, seed: 3 });
    await sleep(60_000);

    const failed = await scene.n8n.rest.executions({ workflowId: scene.workflowId, status: ['error'] });
    expect(failed.length).toBeGreaterThanOrEqual(1);
    const incidents = await scene.n8n.rest.dataTableRows<{ message: string; hint: string; node: string }>(INCIDENTS);
    expect(incidents[0]).toMatchObject({ node: 'Adobe Campaign' });
    expect(incidents[0]?.message).toMatch(/Campaign/);
    expect((await scene.differences()).length).toBeGreaterThan(0);

    await scene.noFaults();
    await scene.settled();
  });

  it('fails the execution when the sign-in is refused, and goes on once it works again', async () => {
    const before = (await scene.n8n.rest.executions({ workflowId: scene.workflowId, status: ['error'] })).length;
    await scene.fault(
      { target: 'ims', kind: 'status', status: 400, body: { error: 'invalid_client' }, rate: 1 },
      { target: 'campaign', kind: 'expired-token', rate: 1 },
    );
    await scene.control.changeContacts({ creates: 5, updates: 5, deletes: 0, seed: 4 });
    await scene.n8n.rest.waitFor(
      'a failed execution',
      async () =>
        (await scene.n8n.rest.executions({ workflowId: scene.workflowId, status: ['error'] })).length > before,
    );
    await scene.noFaults();
    await scene.settled();
  });
});
