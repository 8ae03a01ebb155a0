import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mappedPairs } from '../../sandbox/oracles/mapped-pairs';
import type { WorkflowJson } from '../../sandbox/n8n-host/rest';
import { MAPPINGS, setMapping, type MappingName } from './mappings';

const template = JSON.parse(
  readFileSync(join(__dirname, '../../templates/dynamics-to-campaign.json'), 'utf8'),
) as WorkflowJson;

function mapped(...names: MappingName[]): string[] {
  const workflow = structuredClone(template);
  for (const name of names) setMapping(workflow, template, name, 'again');
  return mappedPairs(workflow).map(({ column, field }) => `${column} ${field}`);
}

describe('the mappings that the contact workflow is published with', () => {
  const shipped = mappedPairs(template).map(({ column, field }) => `${column} ${field}`);

  it('are the shipped one, one with a line more, and one with another column for a field', () => {
    expect(mapped('as shipped')).toEqual(shipped);
    expect(mapped('visits too')).toEqual([...shipped, 'new_visits cusVisits']);
    expect(mapped('fax from telephone')).toEqual(shipped.map((line) => (line === 'fax fax' ? 'telephone1 fax' : line)));
    expect(mapped('fax from telephone')).not.toEqual(shipped);
  });

  it.each(MAPPINGS)('are set whatever was there before: %s', (name) => {
    for (const before of MAPPINGS) expect(mapped(before, name)).toEqual(mapped(name));
  });

  it('have the trigger read what they need, and transfer everything anew', () => {
    const workflow = structuredClone(template);
    setMapping(workflow, template, 'visits too', 'round 5');
    const trigger = workflow.nodes.find(({ name }) => name === 'Dynamics 365 Trigger');
    expect(trigger?.parameters).toMatchObject({ replay: 'round 5' });
    expect(trigger?.parameters['columns']).toContain('new_visits|bigint');
  });
});
