import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { parseTypedName, type Field, type ResourceDescription, type TableDescription } from '../../lib/core/metadata';
import { getCampaignClient, getDataverseClient } from './clients-from-credentials';
import { chosenIn } from './drop-downs';
import { describeResource, describeTable } from './metadata-cache';

/** The table that is chosen in the panel, described. @throws NodeOperationError when nothing is chosen */
export async function currentTable(context: ILoadOptionsFunctions): Promise<TableDescription> {
  const name = chosenIn(context, 'table', 'Choose a table first');
  return await describeTable(await getDataverseClient(context), name);
}

/** The Campaign resource that is chosen in the panel, described. @throws NodeOperationError when nothing is chosen */
export async function currentResource(context: ILoadOptionsFunctions): Promise<ResourceDescription> {
  const name = chosenIn(context, 'resource', 'Choose a resource first');
  return await describeResource(await getCampaignClient(context), name);
}

/** The Campaign field that is chosen in the same row, by its parameter's path (`&field`); undefined where there is none. */
export async function currentField(context: ILoadOptionsFunctions, path: string): Promise<Field | undefined> {
  const setting = context.getCurrentNodeParameter(path);
  if (typeof setting !== 'string' || setting === '') return undefined;
  const { name } = parseTypedName(setting);
  const { fields } = await currentResource(context);
  return fields.find((field) => field.name === name);
}
