import { NodeOperationError } from 'n8n-workflow';
import type { ILoadOptionsFunctions, INodeListSearchResult, INodePropertyOptions } from 'n8n-workflow';
import type { Column, Field } from '../../lib/core/metadata';
import { parseTypedName, typedName } from '../../lib/core/metadata';
import { getCampaignClient, getDataverseClient } from './clients-from-credentials';
import { describeResource, describeTable, listResources, listTables } from './metadata-cache';
import { toNodeError } from './n8n-errors';
import { columnText, fieldText } from './type-texts';

/** For a resourceLocator `table`: `methods.listSearch.searchTables`. Value: logical name. */
export async function searchTables(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
  return await shown(this, async () => {
    const tables = await listTables(await getDataverseClient(this), { refresh: true });
    return {
      results: tables
        .map(({ name, label, changeTracking }) => ({
          name: `${label} (${name})${changeTracking ? '' : ' - no change tracking'}`,
          value: name,
        }))
        .filter(({ name }) => contains(name, filter)),
    };
  });
}

/** For a resourceLocator `resource`: `methods.listSearch.searchResources`. Value: name. */
export async function searchResources(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
  return await shown(this, async () => {
    const resources = await listResources(await getCampaignClient(this), { refresh: true });
    return {
      results: resources
        .map(({ name, label }) => ({ name: label === name ? name : `${label} (${name})`, value: name }))
        .filter(({ name }) => contains(name, filter)),
    };
  });
}

/** Columns of the node's parameter `table`; value `logicalname|type`. */
export async function getColumns(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await shown(this, async () => (await columns(this)).map(toOption));
}

/** Options of the choice (state, status, boolean) column in `&column`; value: the number as text (`true`/`false` for a boolean). */
export async function getChoiceOptions(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await shown(this, async () => {
    const chosen = parseTypedName(String(this.getCurrentNodeParameter('&column') ?? '')).name;
    if (chosen === '') throw notChosen(this, 'Choose a column first');
    const column = (await columns(this)).find(({ name }) => name === chosen);
    if (!column) throw notChosen(this, `The table has no column "${chosen}"`, 'Choose the column again from its list.');
    if (column.type === 'boolean') return booleanOptions(column);
    return (column.options ?? []).map(({ value, label }) => ({ name: `${label} (${value})`, value: String(value) }));
  });
}

/** Fields of the node's parameter `resource` that can be written; value `name|type`. */
export async function getFields(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await shown(this, async () =>
    (await fields(this)).filter(({ readOnly, type }) => !readOnly && type !== 'link').map(toOption),
  );
}

/** Fields that can be a key of the node's parameter `resource`, the usual ones first; value: the name alone. */
export async function getKeyFields(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await keyFieldOptions(this, ({ type, readOnly }) => !readOnly && (type === 'string' || type === 'integer'));
}

/** The same, of the fields that a node accepts as a key. */
export async function keyFieldOptions(
  context: ILoadOptionsFunctions,
  accepts: (field: Field) => boolean,
): Promise<INodePropertyOptions[]> {
  return await shown(context, async () => {
    const usual = ({ name }: Field) => (name === 'externalId' ? 0 : /(id|key|code|number)$/i.test(name) ? 1 : 2);
    return (await fields(context))
      .filter(accepts)
      .sort((a, b) => usual(a) - usual(b))
      .map((field) => ({ ...toOption(field), value: field.name }));
  });
}

/** Spread these into a node's `methods.listSearch` and `methods.loadOptions`. */
export const dataverseListSearch = { searchTables };
export const dataverseLoadOptions = { getColumns, getChoiceOptions };
export const campaignListSearch = { searchResources };
export const campaignLoadOptions = { getFields, getKeyFields };

async function columns(context: ILoadOptionsFunctions): Promise<readonly Column[]> {
  const table = chosenIn(context, 'table', 'Choose a table first');
  return (await describeTable(await getDataverseClient(context), table)).columns;
}

async function fields(context: ILoadOptionsFunctions): Promise<readonly Field[]> {
  const resource = chosenIn(context, 'resource', 'Choose a resource first');
  return (await describeResource(await getCampaignClient(context), resource)).fields;
}

function toOption(item: Column | Field): INodePropertyOptions {
  return {
    name: item.label === item.name ? item.name : `${item.label} (${item.name})`,
    value: typedName(item.name, item.type),
    description: 'updatable' in item ? columnText(item) : fieldText(item),
  };
}

function booleanOptions(column: Column): INodePropertyOptions[] {
  return [true, false].map((value) => {
    const label = column.options?.find((option) => option.value === Number(value))?.label;
    return { name: label === undefined ? String(value) : `${label} (${value})`, value: String(value) };
  });
}

/**
 * The value of a resourceLocator. The editor resolves expressions before it asks; where it could not (the trigger was renamed, or has no
 * table yet), the parameter is empty or still an expression.
 */
export function chosenIn(context: ILoadOptionsFunctions, parameter: string, otherwise: string): string {
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

function notChosen(context: ILoadOptionsFunctions, message: string, description?: string): NodeOperationError {
  return new NodeOperationError(context.getNode(), message, description === undefined ? {} : { description });
}

/** Errors of the clients as n8n shows them in a drop-down. */
async function shown<T>(context: ILoadOptionsFunctions, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw toNodeError(context.getNode(), error);
  }
}

function contains(text: string, filter: string | undefined): boolean {
  return !filter || text.toLocaleLowerCase().includes(filter.toLocaleLowerCase());
}
