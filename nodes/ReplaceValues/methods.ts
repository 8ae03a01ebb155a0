import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { currentField } from '../shared/current-selection';
import { toNodeError } from '../shared/n8n-errors';

/** The entries of the enumeration field in `&field`; value: the internal name. Empty where Campaign does not list them. */
export async function getEnumerationEntries(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  try {
    const field = await currentField(this, '&field');
    return (field?.values ?? []).map(({ name, label }) => ({
      name: label === name ? name : `${label} (${name})`,
      value: name,
    }));
  } catch (error) {
    throw toNodeError(this.getNode(), error);
  }
}
