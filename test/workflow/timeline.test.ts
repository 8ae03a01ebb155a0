import { SandboxControl } from '../../sandbox/control-client';
import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import type { WorkflowJson, WorkflowNode } from '../../sandbox/n8n-host/rest';
import { startWorkflowRunner, type WorkflowRunner } from '../support/run-workflow';

/** Marketing Events and Dynamics 365 in n8n's own execution engine, on the emulated Dataverse. */
describe('the way from a log to the timeline in the execution engine of n8n', () => {
  let runner: WorkflowRunner;
  let sandbox: SandboxHandle;
  beforeAll(async () => {
    sandbox = await startSandbox({ contacts: 10 });
    runner = await startWorkflowRunner();
  }, 900_000);
  afterAll(async () => {
    await runner?.close();
    await sandbox?.close();
  });

  const credentials = () => ({
    dynamics365Api: { ...sandbox.dynamics365, maxConcurrency: 10, maxRequestsPerSecond: 0 },
  });
  const contactIds = async () => {
    const contacts = await new SandboxControl(sandbox.controlUrl).dump('dataverse', 'contact');
    return contacts.map(({ contactid }) => String(contactid));
  };
  /** Items on each output, of all runs of the node: it runs once for each output that leads to it. */
  const ended = (run: Awaited<ReturnType<WorkflowRunner['run']>>) =>
    [0, 1, 2, 3].map((output) =>
      (run.nodes['Dynamics 365'] ?? []).reduce((sum, { outputs }) => sum + (outputs[output]?.length ?? 0), 0),
    );

  it('puts events on timelines, and what was left out on Skipped and Rejected', async () => {
    const ids = await contactIds();
    const sends = ids.map((externalId, id) => ({
      id: `${id}`,
      externalId,
      status: 1,
      eventDate: '2026-11-21 08:00:00Z',
    }));
    const items = [...sends, { ...sends[0], id: 'x', status: 6 }, { ...sends[0], id: 'y', eventDate: 'yesterday' }];
    const workflow = flow({ operation: 'addTimelineActivity' });
    const first = await runner.run(workflow, { items, credentials: credentials() });
    expect(first.status).toBe('success');
    expect(ended(first)).toEqual([10, 1, 0, 1]);
    const again = await runner.run(workflow, { items, credentials: credentials() });
    expect(ended(again)).toEqual([0, 11, 0, 1]);
  });

  it('updates rows by the values of their items', async () => {
    const items = (await contactIds()).map((id) => ({ id, outcome: undefined, jobtitle: `Title of ${id}` }));
    const parameters = {
      operation: 'update',
      table: { __rl: true, mode: 'id', value: 'contact' },
      columnValues: { column: [{ column: 'jobtitle|string', value: '={{ $json.jobtitle }}' }] },
    };
    const workflow = flow(parameters, 'Start');
    const first = await runner.run(workflow, { items, credentials: credentials() });
    expect(first.status).toBe('success');
    expect(ended(first)).toEqual([10, 0, 0, 0]);
    expect(ended(await runner.run(workflow, { items, credentials: credentials() }))).toEqual([0, 10, 0, 0]);
  });

  it('lists what the timeline needs on one output', async () => {
    const workflow = flow({ operation: 'prepareTimelineTables' }, 'Start');
    const run = await runner.run(workflow, { items: [{}], credentials: credentials() });
    expect(run.status).toBe('success');
    const [steps] = run.nodes['Dynamics 365']?.[0]?.outputs ?? [];
    expect(steps).toHaveLength(21);
  });
});

function node(name: string, type: string, parameters: Record<string, unknown> = {}): WorkflowNode {
  return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters };
}

function flow(parameters: Record<string, unknown>, from = 'Marketing Events'): WorkflowJson {
  const dynamics = {
    ...node('Dynamics 365', 'n8n-nodes-dynamics-campaign.dynamics365', parameters),
    credentials: { dynamics365Api: { id: 'dynamics365Api', name: 'Dynamics 365' } },
  };
  const toDynamics = [{ node: 'Dynamics 365', type: 'main', index: 0 }];
  return {
    name: 'Timeline',
    nodes: [
      node('Start', 'n8n-nodes-base.manualTrigger'),
      node('Marketing Events', 'n8n-nodes-dynamics-campaign.marketingEvents'),
      dynamics as WorkflowNode,
    ],
    connections: {
      ...(from === 'Start'
        ? { Start: { main: [toDynamics] } }
        : {
            Start: { main: [[{ node: 'Marketing Events', type: 'main', index: 0 }]] },
            'Marketing Events': { main: [toDynamics, toDynamics] },
          }),
    },
  };
}
