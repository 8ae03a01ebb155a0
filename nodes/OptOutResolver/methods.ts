import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { entryOf } from '../../lib/core/entry-of';
import { typedName } from '../../lib/core/metadata';
import { INVERTED_COLUMNS } from '../../lib/core/opt-out-fields';
import { getDataverseClient } from '../shared/clients-from-credentials';
import { withNodeErrors } from '../shared/drop-downs';
import { describeTable } from '../shared/metadata-cache';
import { CONTACT } from '../../lib/sync/opt-out/read-item';

/** The boolean columns of contact that can be written; value `name|boolean`. */
export async function getOptOutColumns(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await withNodeErrors(this, async () => {
    const { columns } = await describeTable(await getDataverseClient(this), CONTACT);
    return columns
      .filter(({ type, updatable }) => type === 'boolean' && updatable)
      .map(({ name, label, type, options }) => ({
        name: `${label} (${name})`,
        value: typedName(name, type),
        description: entryOf(INVERTED_COLUMNS, name)
          ? 'True means Allow: set Inverted'
          : `True: ${options?.find(({ value }) => value === 1)?.label ?? 'Yes'}`,
      }));
  });
}
