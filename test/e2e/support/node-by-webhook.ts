import type { WorkflowNode } from '../../../sandbox/n8n-host/rest';
import type { N8nHandle } from '../../../sandbox/n8n-host/start-n8n';

/** One node in a published workflow of its own that a call starts. */
export interface NodeByWebhook {
  readonly workflowId: string;
  /** Runs the node; expressions find `query` at `$json.query`. @returns the items of its first output; undefined when the run failed */
  call(query?: Readonly<Record<string, string>>): Promise<readonly Readonly<Record<string, unknown>>[] | undefined>;
  end(): Promise<void>;
}

/** Makes a workflow of Webhook and one node, and publishes it. */
export async function nodeByWebhook(
  n8n: N8nHandle,
  node: Pick<WorkflowNode, 'type' | 'parameters'> & Required<Pick<WorkflowNode, 'credentials'>>,
): Promise<NodeByWebhook> {
  const path = `node-${Date.now()}`;
  const { id } = await n8n.rest.importWorkflow({
    name: `One node ${path}`,
    nodes: [
      {
        id: '1',
        name: 'Webhook',
        webhookId: path,
        type: 'n8n-nodes-base.webhook',
        typeVersion: 2,
        position: [0, 0],
        parameters: { path, responseMode: 'lastNode', responseData: 'allEntries', options: {} },
      },
      { id: '2', name: 'Node', typeVersion: 1, position: [200, 0], ...node },
    ],
    connections: { Webhook: { main: [[{ node: 'Node', type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1' },
  });
  await n8n.rest.publish(id);
  return {
    workflowId: id,
    call: async (query = {}) => {
      // The address is there a moment after the workflow is published.
      const response = await n8n.rest.waitFor('the address of the workflow', async () => {
        const reply = await fetch(`${n8n.url}/webhook/${path}?${new URLSearchParams(query).toString()}`);
        return reply.status !== 404 && reply;
      });
      if (!response.ok) return undefined;
      return (await response.json()) as readonly Readonly<Record<string, unknown>>[];
    },
    end: async () => await n8n.rest.unpublish(id),
  };
}
