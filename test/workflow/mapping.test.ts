import { startSandbox, type SandboxHandle } from '../../sandbox/start';
import type { WorkflowJson, WorkflowNode } from '../../sandbox/n8n-host/rest';
import { startWorkflowRunner, type WorkflowRunner } from '../support/run-workflow';

/** Record Filter, Replace Values and Field Mapper in n8n's own execution engine, over the live metadata of the sandbox. */
describe('the mapping in the execution engine of n8n', () => {
  let runner: WorkflowRunner;
  let sandbox: SandboxHandle;
  beforeAll(async () => {
    sandbox = await startSandbox();
    runner = await startWorkflowRunner();
  }, 900_000);
  afterAll(async () => {
    await runner?.close();
    await sandbox?.close();
  });

  const credentials = () => ({
    dynamics365Api: { ...sandbox.dynamics365, maxConcurrency: 4, maxRequestsPerSecond: 0 },
    adobeCampaignApi: { ...sandbox.adobeCampaign, maxConcurrency: 4, maxRequestsPerSecond: 0 },
  });
  const change = (id: string, record: Record<string, unknown>, labels: Record<string, string> = {}) => ({
    change: 'upsert',
    reason: 'changed',
    table: 'contact',
    id,
    modifiedOn: '2026-11-21T16:30:00Z',
    initial: false,
    record: { firstname: 'Ada', lastname: 'Lovelace', gendercode: 2, statecode: 0, birthdate: null, ...record },
    labels,
  });
  const items = [
    change('00000000-0000-0000-0000-000000000001', {}),
    change('00000000-0000-0000-0000-000000000002', { gendercode: 3 }),
    change('00000000-0000-0000-0000-000000000003', { statecode: 1 }),
    change('00000000-0000-0000-0000-000000000004', { lastname: 'x'.repeat(51) }),
    {
      change: 'delete',
      reason: 'deleted',
      table: 'contact',
      id: '00000000-0000-0000-0000-000000000005',
      modifiedOn: null,
      initial: false,
    },
  ];

  it('takes the table from the trigger, and works expressions out per record', async () => {
    const run = await runner.run(flow(), { items, credentials: credentials() });

    expect(run.error).toBeUndefined();
    const mapped = run.nodes['Field Mapper']?.[0]?.outputs[0]?.map(({ json }) => json);
    const target = { resource: 'profile', api: 'profileAndServicesExt' };
    expect(mapped).toMatchObject([
      {
        target: {
          ...target,
          fields: { lastName: 'Lovelace', gender: 'female', firstName: 'Ada L.' },
          loadAndCreationFields: { birthDate: '' },
          creationFields: {},
        },
      },
      { outcome: { status: 'rejected', code: 'UNKNOWN_ENUMERATION_VALUE', field: 'gender', mappingLine: 2 } },
      { outcome: { status: 'rejected', code: 'TOO_LONG', field: 'lastName', mappingLine: 1 } },
      { change: 'delete', target: { ...target, key: { field: 'externalId' }, fields: {} } },
    ]);
    expect(run.nodes['Record Filter']?.[0]?.outputs[1]?.map(({ json }) => json)).toMatchObject([
      { id: items[2]?.id, outcome: { status: 'skipped', code: 'FILTERED_OUT' } },
    ]);
    const hints = ['Record Filter', 'Replace Values', 'Field Mapper'].map(
      (name) => run.nodes[name]?.[0]?.hints[0]?.message,
    );
    expect(hints).toEqual(['4 kept, 1 filtered out.', '2 values replaced in 2 of 4 records.', '2 mapped, 2 rejected.']);
  });

  it.each(['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'])(
    'fails for a column that Dynamics 365 does not have, with "On Error" set to %s',
    async (onError) => {
      const workflow = flow({ 'Field Mapper': { onError } }, { column: 'lastnme|string' });
      const run = await runner.run(workflow, { items, credentials: credentials() });

      expect(run.status).toBe('error');
      expect(run.error?.message).toContain('Did you mean "lastname"?');
      expect(run.nodes['After']).toBeUndefined();
    },
  );

  it('fills its drop-downs from the live systems', async () => {
    const list = (name: string, method: string, parameters: Record<string, unknown>) =>
      runner.list(
        { ...node(name, {}), ...credentialsOf(name), parameters },
        { method, kind: 'loadOptions', credentials: credentials() },
      );
    const contact = {
      table: { __rl: true, mode: 'id', value: 'contact' },
      resource: { __rl: true, mode: 'id', value: 'profile' },
    };

    expect(await list('Field Mapper', 'getPrimaryKey', contact)).toEqual([
      expect.objectContaining({ name: expect.stringContaining('(contactid)'), value: 'detected' }),
    ]);
    expect(await list('Record Filter', 'getColumns', contact)).toContainEqual(
      expect.objectContaining({ value: 'gendercode|choice' }),
    );
    expect(await list('Field Mapper', 'getFields', contact)).toContainEqual(
      expect.objectContaining({ value: 'gender|enumeration' }),
    );
    expect(await list('Field Mapper', 'getTimeZones', contact)).toContainEqual({
      name: 'Europe/Berlin',
      value: 'Europe/Berlin',
    });
  });
});

const TYPES: Record<string, string> = {
  'Dynamics 365 Trigger': 'dynamics365Trigger',
  'Record Filter': 'recordFilter',
  'Replace Values': 'replaceValues',
  'Field Mapper': 'fieldMapper',
};

function node(name: string, parameters: Record<string, unknown>): WorkflowNode {
  const own = TYPES[name];
  const type = own ? `n8n-nodes-dynamics-campaign.${own}` : 'n8n-nodes-base.noOp';
  return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters };
}

function credentialsOf(name: string): object {
  const dynamics365Api = { id: 'dynamics365Api', name: 'Dynamics 365' };
  const adobeCampaignApi = { id: 'adobeCampaignApi', name: 'Adobe Campaign' };
  return { credentials: name === 'Field Mapper' ? { dynamics365Api, adobeCampaignApi } : { dynamics365Api } };
}

function flow(more: Record<string, object> = {}, firstLine: object = {}): WorkflowJson {
  const make = (name: string, parameters: Record<string, unknown>): WorkflowNode => ({
    ...node(name, parameters),
    ...credentialsOf(name),
    ...more[name],
  });
  const next = (name: string) => [{ node: name, type: 'main', index: 0 }];
  return {
    name: 'Mapping',
    nodes: [
      make('Dynamics 365 Trigger', { table: { __rl: true, mode: 'list', value: 'contact' } }),
      make('Record Filter', {
        conditions: { condition: [{ column: 'statecode|state', choiceComparison: 'equals', choiceValue: '0' }] },
      }),
      make('Replace Values', {
        columnReplacements: { row: [{ column: 'gendercode|choice', oldChoice: '2', newValue: 'female' }] },
      }),
      make('Field Mapper', {
        mapping: {
          row: [
            { column: 'lastname|string', field: 'lastName|string', ...firstLine },
            { column: 'gendercode|choice', field: 'gender|enumeration' },
            {
              source: 'expression',
              expression: '={{ $json.record.firstname }} {{ $json.record.lastname[0] }}.',
              field: 'firstName|string',
            },
            { column: 'birthdate|date', field: 'birthDate|date', applyUpdates: false },
          ],
        },
      }),
      node('After', {}),
    ],
    connections: {
      'Dynamics 365 Trigger': { main: [next('Record Filter')] },
      'Record Filter': { main: [next('Replace Values')] },
      'Replace Values': { main: [next('Field Mapper')] },
      'Field Mapper': { main: [next('After')] },
    },
  };
}
