import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { currentField } from '../shared/current-selection';
import { withNodeErrors } from '../shared/drop-downs';

/** The entries of the enumeration field in `&field`; value: the internal name. Empty where Campaign does not list them. */
export async function getEnumerationEntries(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await withNodeErrors(this, async () => {
    const field = await currentField(this, '&field');
    return (field?.values ?? []).map(({ name, label }) => ({
      name: label === name ? name : `${label} (${name})`,
      value: name,
    }));
  });
}
