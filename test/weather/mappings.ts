import type { WorkflowJson } from '../../sandbox/n8n-host/rest';

/** What the contact workflow maps: as it is shipped, with a line more, or with another column for a field. */
export const MAPPINGS = ['as shipped', 'visits too', 'fax from telephone'] as const;
export type MappingName = (typeof MAPPINGS)[number];

interface Line {
  readonly column?: string;
  readonly field: string;
}

const VISITS = {
  ...{ source: 'column', column: 'new_visits|bigint', field: 'cusVisits|integer' },
  ...{ applyUpdates: true, whenEmpty: 'clear' },
};

/**
 * Sets the mapping in a workflow as n8n or the file has it, by the template.
 *
 * @param replay the trigger's Replay: another text transfers everything anew, as what is there was written by the mapping before
 * @throws Error when the template has no such nodes
 */
export function setMapping(workflow: WorkflowJson, template: WorkflowJson, mapping: MappingName, replay: string): void {
  const [trigger, mapper] = [shipped(template, 'dynamics365Trigger'), shipped(template, 'fieldMapper')];
  const columns = [...(trigger['columns'] as string[])];
  let lines = [...(mapper['mapping'] as { row: Line[] }).row];
  if (mapping === 'visits too') {
    columns.push(VISITS.column);
    lines.push(VISITS);
  }
  if (mapping === 'fax from telephone') {
    lines = lines.map((line) => (line.field === 'fax|string' ? { ...line, column: 'telephone1|string' } : line));
  }
  Object.assign(parametersOf(workflow, 'dynamics365Trigger'), { columns, replay });
  Object.assign(parametersOf(workflow, 'fieldMapper'), { mapping: { row: lines } });
}

const shipped = (template: WorkflowJson, type: string) => structuredClone(parametersOf(template, type));

function parametersOf(workflow: WorkflowJson, type: string): Record<string, unknown> {
  const node = workflow.nodes.find((each) => each.type.endsWith(`.${type}`));
  if (!node) throw new Error(`The workflow "${workflow.name}" has no node of the type ${type}.`);
  return node.parameters;
}
