import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeHelpers, type INodeParameters } from 'n8n-workflow';
import { AdobeCampaign } from '../../nodes/AdobeCampaign/AdobeCampaign.node';
import { Dynamics365 } from '../../nodes/Dynamics365/Dynamics365.node';
import { Dynamics365Trigger } from '../../nodes/Dynamics365Trigger/Dynamics365Trigger.node';
import { FieldMapper } from '../../nodes/FieldMapper/FieldMapper.node';
import { MarketingEvents } from '../../nodes/MarketingEvents/MarketingEvents.node';
import { OptOutResolver } from '../../nodes/OptOutResolver/OptOutResolver.node';
import { RecordFilter } from '../../nodes/RecordFilter/RecordFilter.node';
import { ReplaceValues } from '../../nodes/ReplaceValues/ReplaceValues.node';
import { SftpExportReader } from '../../nodes/SftpExportReader/SftpExportReader.node';
import { SftpExportTrigger } from '../../nodes/SftpExportTrigger/SftpExportTrigger.node';
import { projectRoot } from '../../sandbox/n8n-host/folders';
import type { WorkflowJson, WorkflowNode } from '../../sandbox/n8n-host/rest';

const folder = join(projectRoot, 'templates');
const templates = readdirSync(folder).map(
  (file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as WorkflowJson] as const,
);
const PACKAGE = 'n8n-nodes-dynamics-campaign.';
const descriptions = new Map(
  [
    AdobeCampaign,
    Dynamics365,
    Dynamics365Trigger,
    FieldMapper,
    MarketingEvents,
    OptOutResolver,
    RecordFilter,
    ReplaceValues,
    SftpExportReader,
    SftpExportTrigger,
  ].map((Node) => {
    const { description } = new Node();
    return [`${PACKAGE}${description.name}` as string, description] as const;
  }),
);
const CREDENTIALS = {
  dynamics365Api: 'Dynamics 365',
  adobeCampaignApi: 'Adobe Campaign',
  campaignSftpApi: 'Campaign SFTP',
};
const shared = (workflow: WorkflowJson, names: readonly string[]): unknown[] =>
  names.map((name) => {
    const found = workflow.nodes.find((node) => node.name === name);
    return found && { type: found.type, parameters: withoutIds(found.parameters) };
  });
const withoutIds = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, part: unknown) => (key === 'id' ? undefined : part)));

describe.each(templates)('the template %s', (file, workflow) => {
  const ours = workflow.nodes.filter(({ type }) => type.startsWith(PACKAGE));

  it('gives every node a name and an id of its own, and connects nodes that are there', () => {
    const names = new Set(workflow.nodes.map(({ name }) => name));
    expect(names.size).toBe(workflow.nodes.length);
    expect(new Set(workflow.nodes.map(({ id }) => id)).size).toBe(workflow.nodes.length);
    for (const { id } of workflow.nodes)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    const targets = Object.entries(workflow.connections).flatMap(([from, outputs]) => [
      from,
      ...(outputs as { main: { node: string }[][] }).main.flat().map(({ node }) => node),
    ]);
    expect(targets.filter((name) => !names.has(name))).toEqual([]);
  });

  it('has nodes of the package', () => {
    expect(ours).not.toEqual([]);
  });

  it('sets only parameters that its nodes have', () => {
    const unknown = ours.flatMap((node: WorkflowNode) => {
      const known = new Set(descriptions.get(node.type)?.properties.map(({ name }) => name));
      return Object.keys(node.parameters)
        .filter((name) => !known.has(name))
        .map((name) => `${node.name}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });

  it('loses no setting when it is opened and saved in the editor, which drops what its panel does not show', () => {
    for (const node of ours) {
      const description = descriptions.get(node.type);
      if (!description) throw new Error(`There is no node of the type ${node.type}.`);
      const { parameters, typeVersion } = node;
      const kept = NodeHelpers.getNodeParameters(
        description.properties,
        parameters as INodeParameters,
        true,
        false,
        { typeVersion },
        description,
      );
      expect(kept).toMatchObject(parameters);
    }
  });

  it('names the credentials as all templates do, for every kind that a node always needs', () => {
    for (const node of ours) {
      const needed =
        descriptions.get(node.type)?.credentials?.filter((one) => one.required && !one.displayOptions) ?? [];
      const given = Object.entries(node.credentials ?? {});
      expect(given.map(([type]) => type)).toEqual(expect.arrayContaining(needed.map(({ name }) => name)));
      for (const [type, { name }] of given) expect(name).toBe(CREDENTIALS[type as keyof typeof CREDENTIALS]);
    }
  });

  it('keeps what is rejected and what failed as the others do, under the same settings', () => {
    const model = templates.find(([name]) => name === 'dynamics-to-campaign.json')?.[1] as WorkflowJson;
    const incidents = ['When a Run Fails', 'Describe Incident', 'Make Table for Incidents', 'Keep Incident'];
    expect(shared(workflow, incidents)).toEqual(shared(model, incidents));
    expect(workflow.settings).toEqual(model.settings);
    // The template that tries them again makes the table too, and keeps none.
    const keeps = file === 'retry-rejected.json' ? [] : ['Keep Rejected Records'];
    const rejected = ['Make Table for Rejected', ...keeps];
    expect(shared(workflow, rejected)).toEqual(shared(model, rejected));
  });

  it('takes a rejected record from the table only as it was read: one that is rejected again stays', () => {
    const passed = workflow.nodes.filter(({ name }) => name === 'Passed: Leave the Table');
    expect(passed.length).toBe(['retry-rejected.json', 'opt-in-out.json'].includes(file) ? 1 : 0);
    for (const { parameters } of passed) {
      const { conditions } = parameters['filters'] as { conditions: { keyName: string; keyValue: string }[] };
      // No clock is asked: those of the main process and of a worker differ.
      const readAs = /^=\{\{ \$\('(.+)'\)\.all\(\)\.find\(.*recordId === \$json\.id\)\?\.json\.rejectedAt \}\}$/;
      const [rejectedAt] = conditions.filter(({ keyName }) => keyName === 'rejectedAt');
      expect(rejectedAt).toMatchObject({ condition: 'eq', keyValue: expect.stringMatching(readAs) as string });
      const reader = workflow.nodes.find(({ name }) => name === readAs.exec(rejectedAt?.keyValue ?? '')?.[1]);
      expect(reader?.parameters).toMatchObject({ resource: 'row', operation: 'get' });
    }
  });

  it('tries again to make a table that another run makes at the same moment, so that no incident is lost', () => {
    const makers = workflow.nodes.filter(
      ({ type, parameters }) => type === 'n8n-nodes-base.dataTable' && parameters['operation'] === 'create',
    );
    expect(makers.length).toBeGreaterThan(1);
    for (const node of makers) expect(node).toMatchObject({ retryOnFail: true, maxTries: 5, waitBetweenTries: 1000 });
  });

  it('says on notes what to set', () => {
    expect(workflow.nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote').length).toBeGreaterThan(2);
    expect(workflow.nodes.map(({ name }) => name)).toContain('Note: Start here');
  });
});

describe.each(templates.filter(([, workflow]) => JSON.stringify(workflow).includes('Unchanged Meanwhile')))(
  'a record that is tried again by %s',
  (_file, workflow) => {
    const text = (name: string) => JSON.stringify(workflow.nodes.find((node) => node.name === name)?.parameters);

    it('stays in the table where it changed meanwhile, even within the second that Dynamics 365 tells', () => {
      expect(text('Present State Again')).toContain('versionnumber|bigint');
      expect(text('Unchanged Meanwhile')).toContain('item.json.record?.versionnumber === $json.record?.versionnumber');
    });
  },
);
