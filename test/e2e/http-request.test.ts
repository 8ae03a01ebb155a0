import { sandboxCredentials } from '../../sandbox/n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../../sandbox/n8n-host/start-n8n';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';

jest.setTimeout(600_000);

describe("n8n's own HTTP Request node with the credentials of this package", () => {
  let sandbox: SandboxHandle;
  let n8n: N8nHandle;
  beforeAll(async () => {
    sandbox = await startSandbox({ contacts: 3 });
    n8n = await startN8n({ credentials: sandboxCredentials(sandbox) });
  });
  afterAll(async () => {
    await n8n?.close();
    await sandbox?.close();
  });

  it.each([
    ['dynamics365Api', 'Dynamics 365', () => `${sandbox.dynamics365.url}/api/data/v9.2/contacts?$select=lastname`],
    [
      'adobeCampaignApi',
      'Adobe Campaign',
      () =>
        `${sandbox.adobeCampaign.apiUrl}/${sandbox.adobeCampaign.tenant}/campaign/profileAndServicesExt/profile?_lineCount=1`,
    ],
  ])('signs in with %s', async (type, name, url) => {
    const { id } = await n8n.rest.importWorkflow({
      name: `HTTP Request with ${name}`,
      nodes: [
        {
          id: '1',
          name: 'Every Second',
          type: 'n8n-nodes-base.scheduleTrigger',
          typeVersion: 1.2,
          position: [0, 0],
          parameters: { rule: { interval: [{ field: 'seconds', secondsInterval: 1 }] } },
        },
        {
          id: '2',
          name: 'HTTP Request',
          type: 'n8n-nodes-base.httpRequest',
          typeVersion: 4.2,
          position: [200, 0],
          parameters: { url: url(), authentication: 'predefinedCredentialType', nodeCredentialType: type, options: {} },
          credentials: { [type]: { id: null, name } },
        },
      ],
      connections: { 'Every Second': { main: [[{ node: 'HTTP Request', type: 'main', index: 0 }]] } },
      settings: { executionOrder: 'v1' },
    });
    await n8n.rest.publish(id);
    const [execution] = await n8n.rest.waitFor('an execution that ended', async () => {
      const ended = await n8n.rest.executions({ workflowId: id, status: ['success', 'error'] });
      return ended.length > 0 && ended;
    });
    await n8n.rest.unpublish(id);
    expect(execution?.status).toBe('success');
  });
});
