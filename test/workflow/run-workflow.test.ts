import type { WorkflowJson, WorkflowNode } from '../../sandbox/n8n-host/rest';
import { startWorkflowRunner, type WorkflowRunner } from '../support/run-workflow';

/** The runner itself, with n8n's own nodes. */
describe('a workflow in the execution engine of n8n', () => {
  let runner: WorkflowRunner;
  beforeAll(async () => {
    runner = await startWorkflowRunner(false);
  }, 900_000);
  afterAll(async () => await runner.close());

  it('gives the items of each output of each node', async () => {
    const run = await runner.run(adults(), { items: [{ age: 17 }, { age: 36 }, { age: 70 }] });

    expect(run.status).toBe('success');
    expect(run.nodes['Adult?']?.[0]?.outputs.map((items) => items.map(({ json }) => json['age']))).toEqual([
      [36, 70],
      [17],
    ]);
    expect(run.nodes['Greeting']?.[0]?.outputs[0]?.map(({ json }) => json['text'])).toEqual(['36 years', '70 years']);
  });

  it('evaluates an expression on the parameters of a node that has not run', async () => {
    const workflow = adults();
    workflow.nodes.push(node('Elsewhere', 'n8n-nodes-base.webhook', 2, { path: 'somewhere' }));
    workflow.nodes[2] = greeting('={{ $("Elsewhere").params.path }}');

    const run = await runner.run(workflow, { items: [{ age: 36 }], startNode: 'Start' });

    expect(run.nodes['Greeting']?.[0]?.outputs[0]?.[0]?.json['text']).toBe('somewhere');
  });

  it('says which node failed and why, and ends with status error', async () => {
    const workflow = adults();
    workflow.nodes[2] = node('Greeting', 'n8n-nodes-base.stopAndError', 1, { errorMessage: 'No greetings today' });

    const run = await runner.run(workflow, { items: [{ age: 36 }] });

    expect(run).toMatchObject({ status: 'error', lastNode: 'Greeting', error: { message: 'No greetings today' } });
  });

  it('refuses a node type that is not installed', async () => {
    const workflow = adults();
    workflow.nodes[2] = node('Greeting', 'n8n-nodes-nowhere.greeting', 1, {});

    await expect(runner.run(workflow)).rejects.toThrow(/Unrecognized node type: n8n-nodes-nowhere.greeting/);
  });
});

function node(name: string, type: string, typeVersion: number, parameters: Record<string, unknown>): WorkflowNode {
  return { id: name, name, type, typeVersion, position: [0, 0], parameters };
}

function greeting(value: string): WorkflowNode {
  const assignments = { assignments: [{ id: '1', name: 'text', type: 'string', value }] };
  return node('Greeting', 'n8n-nodes-base.set', 3.4, { assignments });
}

function adults(): WorkflowJson {
  const grown = {
    id: '1',
    leftValue: '={{ $json.age }}',
    rightValue: 18,
    operator: { type: 'number', operation: 'gte' },
  };
  const options = { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 };
  return {
    name: 'Adults',
    nodes: [
      node('Start', 'n8n-nodes-base.manualTrigger', 1, {}),
      node('Adult?', 'n8n-nodes-base.if', 2.2, { conditions: { options, conditions: [grown], combinator: 'and' } }),
      greeting('={{ $json.age }} years'),
    ],
    connections: {
      Start: { main: [[{ node: 'Adult?', type: 'main', index: 0 }]] },
      'Adult?': { main: [[{ node: 'Greeting', type: 'main', index: 0 }], []] },
    },
  };
}
