import { Scene, parametersOf } from './support/scene';

jest.setTimeout(600_000);

describe('Dynamics 365 to Campaign in a real n8n', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.start({ sandbox: { contacts: 1000 } });
  });
  afterAll(async () => await scene?.close());

  it('takes 1,000 contacts to Campaign, record by record the same', async () => {
    await scene.settled();
    expect(await scene.control.dump('campaign', 'profile')).toHaveLength(1000);
  });

  it('creates each profile with two calls, and updates none', async () => {
    const requests = await scene.control.requests();
    expect(requests['campaign.profile.POST']).toBe(1000);
    expect(requests['campaign.profile.GET']).toBe(1000);
    expect(requests['campaign.profile.PATCH'] ?? 0).toBe(0);
  });

  it('carries what is created, changed and deleted afterwards', async () => {
    const changed = await scene.control.changeContacts({ creates: 20, updates: 30, deletes: 10, seed: 5 });
    expect(changed.deleted).toHaveLength(10);
    await scene.settled();
    expect(await scene.control.dump('campaign', 'profile')).toHaveLength(1010);
  });

  it('leaves alone what it does not own: a profile without the key', async () => {
    const profiles = await scene.control.dump('campaign', 'profile');
    expect(profiles).not.toHaveLength(0);
    expect(profiles.filter((profile) => !profile['externalId'])).toEqual([]);
    await scene.change({
      system: 'campaign',
      table: 'profile',
      creates: [{ firstName: 'Not', lastName: 'Ours', email: 'not.ours@example.org' }],
    });
    const [contact] = await scene.control.dump('dataverse', 'contact');
    await scene.change({
      system: 'dataverse',
      table: 'contact',
      updates: [{ contactid: contact?.['contactid'], emailaddress1: 'not.ours@example.org' }],
    });
    await scene.settled();
    const foreign = (await scene.control.dump('campaign', 'profile')).filter((profile) => !profile['externalId']);
    expect(foreign).toMatchObject([{ firstName: 'Not', lastName: 'Ours' }]);
  });

  it('transfers everything again when Replay is changed, without a PATCH for what is the same', async () => {
    const before = await scene.control.requests();
    await scene.republish((workflow) =>
      Object.assign(parametersOf(workflow, 'Dynamics 365 Trigger'), { replay: 'again' }),
    );
    const gets = (requests: Readonly<Record<string, number>>) => requests['campaign.profile.GET'] ?? 0;
    await scene.n8n.rest.waitFor(
      'the replay',
      async () => gets(await scene.control.requests()) >= gets(before) + 1010,
      180_000,
    );
    const after = await scene.control.requests();
    expect(after['campaign.profile.PATCH']).toBe(before['campaign.profile.PATCH']);
    expect(after['campaign.profile.POST']).toBe(before['campaign.profile.POST']);
    await scene.settled();
  });

  it('keeps its place when the trigger is renamed', async () => {
    const before = await scene.control.requests();
    await scene.republish((workflow) => {
      const text = JSON.stringify({ nodes: workflow.nodes, connections: workflow.connections });
      Object.assign(workflow, JSON.parse(text.replaceAll('Dynamics 365 Trigger', 'Contacts')) as object);
    });
    await scene.control.changeContacts({ creates: 3, updates: 0, deletes: 0, seed: 6 });
    await scene.settled();
    const after = await scene.control.requests();
    // The batch before the stop may come once more; a full read would look up a thousand.
    expect((after['campaign.profile.GET'] ?? 0) - (before['campaign.profile.GET'] ?? 0)).toBeLessThan(600);
  });

  it('reads everything again when the delta token has expired, and says so', async () => {
    await scene.settings({ expireDeltaTokens: true });
    await scene.n8n.rest.waitFor(
      'a failed execution that tells of the expired token',
      async () => {
        const failed = await scene.n8n.rest.executions({ workflowId: scene.workflowId, status: ['error'] });
        for (const { id } of failed) {
          if (JSON.stringify((await scene.n8n.rest.execution(id)).data).includes('no longer knows')) return true;
        }
        return false;
      },
      90_000,
    );
    await scene.control.changeContacts({ creates: 2, updates: 2, deletes: 0, seed: 7 });
    await scene.settled();
  });
});
