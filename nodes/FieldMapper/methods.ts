import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import { keyFieldProblem } from '../../lib/sync/mapping/key-field';
import { currentTable } from '../shared/current-selection';
import { keyFieldOptions, withNodeErrors } from '../shared/drop-downs';

/**
 * The one entry of the Dynamics key: it is detected, and can't be chosen otherwise. Its value, the parameter's default, is the same for every table,
 * so that another table shows its own key; an empty one would be shown as nothing chosen.
 */
export async function getPrimaryKey(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await withNodeErrors(this, async () => {
    const { table, columns } = await currentTable(this);
    const label = columns.find((column) => column.name === table.primaryId)?.label ?? table.primaryId;
    return [{ name: `${label} (${table.primaryId})`, value: 'detected', description: 'The primary key of the table' }];
  });
}

/** Text fields that can hold the id of a row. One whose type is not known can be given by its name. */
export async function getRowKeyFields(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await keyFieldOptions(this, (field) => field.type === 'string' && keyFieldProblem(field) === undefined);
}
