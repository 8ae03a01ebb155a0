import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WorkflowJson, WorkflowNode } from '../../sandbox/n8n-host/rest';
import { target } from '../support/builders';
import { startWorkflowRunner, type WorkflowRunner } from '../support/run-workflow';

/** The Adobe Campaign node in n8n's own execution engine: what only that can show. */
describe('Adobe Campaign in the execution engine of n8n', () => {
  let runner: WorkflowRunner;
  let signIn: Server;
  beforeAll(async () => {
    signIn = createServer((_request, response) => {
      response.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":"invalid_client"}');
    });
    await new Promise<void>((resolve) => signIn.listen(0, '127.0.0.1', resolve));
    runner = await startWorkflowRunner();
  }, 900_000);
  afterAll(async () => {
    await runner?.close();
    signIn.close();
  });

  const credentials = () => {
    const url = `http://127.0.0.1:${(signIn.address() as AddressInfo).port}`;
    return {
      adobeCampaignApi: {
        clientId: 'client',
        clientSecret: 'wrong-secret',
        scopes: 'openid',
        apiUrl: url,
        imsUrl: url,
        tenant: 'org',
        product: 'standard',
        maxConcurrency: 4,
        maxRequestsPerSecond: 0,
      },
    };
  };
  const change = (id: string, outcome?: Record<string, unknown>) => ({
    change: 'upsert',
    id,
    initial: false,
    target: target(id, { firstName: 'Ada' }),
    ...(outcome ? { outcome: { engineCalls: 0, ...outcome } } : {}),
  });

  it.each([undefined, 'continueRegularOutput', 'continueErrorOutput'])(
    'fails the execution when the sign-in is refused, with "On Error" set to %s',
    async (onError) => {
      const run = await runner.run(flow({ operation: 'apply' }, onError), {
        items: [change('a'), change('b')],
        credentials: credentials(),
      });

      expect(run.status).toBe('error');
      expect(run.nodes['Written']).toBeUndefined();
      expect(JSON.stringify(run)).not.toContain('wrong-secret');
    },
  );

  it('puts items with an outcome out on the output of that name', async () => {
    const items = [
      change('a', { status: 'skipped', code: 'FILTERED_OUT' }),
      change('b', { status: 'rejected', code: 'TOO_LONG' }),
      change('c', { status: 'waiting' }),
    ];
    const run = await runner.run(flow({ operation: 'apply' }), { items, credentials: credentials() });

    expect(run.status).toBe('success');
    const outputs = run.nodes['Adobe Campaign']?.[0]?.outputs.map((output) => output.map(({ json }) => json['id']));
    expect(outputs).toEqual([[], ['a'], ['c'], ['b']]);
    expect(run.nodes['Adobe Campaign']?.[0]?.hints[0]?.message).toContain('1 skipped, 1 waiting, 1 rejected');
    expect(run.nodes['Rejected']?.[0]?.outputs[0]?.map(({ json }) => json['id'])).toEqual(['b']);
  });
});

function node(name: string, type: string, parameters: Record<string, unknown> = {}): WorkflowNode {
  return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters };
}

function flow(parameters: Record<string, unknown>, onError?: string): WorkflowJson {
  const campaign = {
    ...node('Adobe Campaign', 'n8n-nodes-dynamics-campaign.adobeCampaign', parameters),
    credentials: { adobeCampaignApi: { id: 'adobeCampaignApi', name: 'Adobe Campaign' } },
    ...(onError ? { onError } : {}),
  };
  const outputs = ['Written', 'Skipped', 'Waiting', 'Rejected'];
  return {
    name: 'Adobe Campaign',
    nodes: [
      node('Start', 'n8n-nodes-base.manualTrigger'),
      campaign as WorkflowNode,
      ...outputs.map((name) => node(name, 'n8n-nodes-base.noOp')),
    ],
    connections: {
      Start: { main: [[{ node: 'Adobe Campaign', type: 'main', index: 0 }]] },
      'Adobe Campaign': { main: outputs.map((name) => [{ node: name, type: 'main', index: 0 }]) },
    },
  };
}
