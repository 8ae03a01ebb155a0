import type { WorkflowJson } from '../n8n-host/rest';
import type { Pair } from './contacts';

/**
 * The lines of a workflow's Field Mapper that keep a field equal to a column; those that hold an expression, and those that travel
 * on creation only, are not among them.
 * Reads the JSON of the template only, nothing of the node's code.
 */
export function mappedPairs(workflow: WorkflowJson): Pair[] {
  const pairs: Pair[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      value.forEach(visit);
      return;
    }
    const entries = Object.entries(value);
    const named = (pattern: RegExp) =>
      entries.find(
        ([name, part]) => pattern.test(name) && typeof part === 'string' && part !== '' && !part.startsWith('='),
      );
    const column = named(/column$/i)?.[1] as string | undefined;
    const field = named(/field$/i)?.[1] as string | undefined;
    if (column && field && !('creationOnly' in value && value.creationOnly === true))
      pairs.push({ column: nameOf(column), field: nameOf(field) });
    for (const [, part] of entries) visit(part);
  };
  for (const node of workflow.nodes) if (node.type.endsWith('.fieldMapper')) visit(node.parameters);
  return pairs;
}

/** `gendercode|choice` -> `gendercode` */
export function nameOf(typedName: string): string {
  return typedName.split('|')[0] ?? typedName;
}
