import { NodeOperationError, type ILoadOptionsFunctions } from 'n8n-workflow';
import { parseTypedName, type Field, type ResourceDescription, type TableDescription } from '../../lib/core/metadata';
import { getCampaignClient, getDataverseClient } from './clients-from-credentials';
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

/**
 * The value of a resourceLocator. The editor resolves expressions before it asks; where it could not (the trigger was renamed, or has no
 * table yet), the parameter is empty or still an expression.
 */
function chosenIn(context: ILoadOptionsFunctions, parameter: string, otherwise: string): string {
  const raw: unknown = context.getCurrentNodeParameter(parameter, { extractValue: true });
  const value = typeof raw === 'object' && raw !== null && 'value' in raw ? raw.value : raw;
  if (typeof value === 'string' && value.startsWith('=')) {
    throw notChosen(
      context,
      `The ${parameter} comes from an expression that has no value here`,
      'Choose the table in the trigger. If the trigger has another name than the expression says, correct the expression, or choose from the list here.',
    );
  }
  if (typeof value !== 'string' || value.trim() === '') throw notChosen(context, otherwise);
  return value.trim();
}

/** What is missing in the panel, as n8n shows it in a drop-down. */
export function notChosen(context: ILoadOptionsFunctions, message: string, description?: string): NodeOperationError {
  return new NodeOperationError(context.getNode(), message, description === undefined ? {} : { description });
}
