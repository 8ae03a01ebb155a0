import type { WorkflowJson } from '../../sandbox/n8n-host/rest';
import { INCIDENTS, Scene, parametersOf, template } from './support/scene';

jest.setTimeout(600_000);

interface Incident {
  readonly node: string;
  readonly message: string;
  readonly hint: string;
}

describe('what n8n shows when something is set wrongly', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.start({ sandbox: { contacts: 50 }, publish: false });
  });
  afterAll(async () => await scene?.close());

  const credential = async (type: string, change: Record<string, unknown>) => {
    const { sandbox, n8n } = scene;
    const data = type === 'dynamics365Api' ? { ...sandbox.dynamics365 } : { ...sandbox.adobeCampaign };
    return await n8n.rest.createCredential({
      name: `Wrong ${type} ${JSON.stringify(Object.keys(change))}`,
      type,
      data: { ...data, ...change },
    });
  };

  it.each([
    ['dynamics365Api', {}, 'OK', /./],
    ['dynamics365Api', { clientSecret: 'wrong' }, 'Error', /secret/i],
    ['dynamics365Api', { tenantId: '00000000-0000-0000-0000-000000000000' }, 'Error', /tenant/i],
    ['adobeCampaignApi', {}, 'OK', /./],
    ['adobeCampaignApi', { clientSecret: 'wrong' }, 'Error', /secret|client/i],
    ['adobeCampaignApi', { tenant: 'nobody' }, 'Error', /tenant|organi[sz]ation/i],
  ])('the test button of %s with %j says %s and what to check', async (type, change, status, message) => {
    const id = await credential(type, change);
    const tested = await scene.n8n.rest.testCredential(id);
    expect(tested).toMatchObject({ status });
    expect(tested.message).toMatch(message);
    expect(JSON.stringify(tested)).not.toContain(scene.sandbox.dynamics365.clientSecret);
  });

  /** What n8n says about the trigger of a workflow that was published; n8n activates triggers after it has answered. */
  const publishError = async (change: (workflow: WorkflowJson) => void): Promise<string> => {
    const { rest } = scene.n8n;
    const workflow = template('dynamics-to-campaign');
    change(workflow);
    const { id } = await rest.importWorkflow(workflow);
    await rest.publish(id);
    try {
      return await rest.waitFor('the trigger to fail', async () => {
        const { triggers } = await rest.request<{ triggers: { errorMessage: string | null }[] }>(
          'GET',
          `/workflows/${id}/publication-status`,
        );
        return triggers.find((trigger) => trigger.errorMessage)?.errorMessage;
      });
    } finally {
      await rest.unpublish(id);
    }
  };

  it('refuses to publish for a table without change tracking, and says where to switch it on', async () => {
    const message = await publishError((workflow) =>
      Object.assign(parametersOf(workflow, 'Dynamics 365 Trigger'), {
        table: { __rl: true, mode: 'id', value: 'task' },
        columnsMode: 'all',
      }),
    );
    expect(message).toMatch(/Change tracking is off for the table "Task".*Track changes.*\(CHANGE_TRACKING_OFF\)/);
  });

  it('refuses to publish with a column that is not there, and names it', async () => {
    const message = await publishError((workflow) =>
      Object.assign(parametersOf(workflow, 'Dynamics 365 Trigger'), {
        columns: ['firstname|string', 'nickname|string'],
      }),
    );
    expect(message).toMatch(/has no column "nickname"/);
  });

  /** The first incident of a workflow of its own. */
  const incidentOf = async (name: string, change: (workflow: WorkflowJson) => void): Promise<Incident> => {
    const { rest } = scene.n8n;
    const workflow = { ...template('dynamics-to-campaign'), name };
    change(workflow);
    const { id } = await rest.importWorkflow(workflow);
    await rest.publish(id);
    try {
      return await rest.waitFor('an incident', async () => {
        const rows = await rest.dataTableRows<Incident & { workflow: string }>(INCIDENTS);
        return rows.find((row) => row.workflow === name);
      });
    } finally {
      await rest.unpublish(id);
    }
  };
  type Mapper = { mapping: { row: object[] } };

  it('names both lines of a mapping that fills a field twice', async () => {
    const incident = await incidentOf('A field twice', (workflow) =>
      (parametersOf(workflow, 'Field Mapper') as unknown as Mapper).mapping.row.push({
        source: 'column',
        column: 'middlename|string',
        field: 'firstName|string',
      }),
    );
    expect(incident.node).toBe('Field Mapper');
    expect(incident.message).toMatch(/^Lines 1 and 20: both write the Campaign field "firstName"/);
    expect(incident.hint).toMatch(/Take one out/);
  });

  it('names the line of a mapping whose Campaign field was renamed', async () => {
    const incident = await incidentOf('A renamed field', (workflow) =>
      (parametersOf(workflow, 'Field Mapper') as unknown as Mapper).mapping.row.push({
        source: 'column',
        column: 'middlename|string',
        field: 'cusNickName|string',
      }),
    );
    expect(incident.node).toBe('Field Mapper');
    expect(`${incident.message} ${incident.hint}`).toMatch(/Line 20.*cusNickName/);
    expect(await scene.control.dump('campaign', 'profile')).toEqual([]);
  });
});
