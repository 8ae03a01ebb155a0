import type { ILoadOptionsFunctions, INodeListSearchResult, INodePropertyOptions } from 'n8n-workflow';
import type { Column, Field } from '../../lib/core/metadata';
import { parseTypedName, typedName } from '../../lib/core/metadata';
import { getCampaignClient, getDataverseClient } from './clients-from-credentials';
import { currentResource, currentTable, notChosen } from './current-selection';
import { listResources, listTables } from './metadata-cache';
import { toNodeError } from './n8n-errors';
import { columnText, fieldText } from './type-texts';

/** For a resourceLocator `table`: `methods.listSearch.searchTables`. Value: logical name. */
export async function searchTables(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
  return await withNodeErrors(this, async () => {
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
  return await withNodeErrors(this, async () => {
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
  return await withNodeErrors(this, async () => (await currentTable(this)).columns.map(toOption));
}

/** Options of the choice (state, status, boolean) column in `&column`; value: the number as text (`true`/`false` for a boolean). */
export async function getChoiceOptions(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await withNodeErrors(this, async () => {
    const chosen = parseTypedName(String(this.getCurrentNodeParameter('&column') ?? '')).name;
    if (chosen === '') throw notChosen(this, 'Choose a column first');
    const column = (await currentTable(this)).columns.find(({ name }) => name === chosen);
    if (!column) throw notChosen(this, `The table has no column "${chosen}"`, 'Choose the column again from its list.');
    if (column.type === 'boolean') return booleanOptions(column);
    return (column.options ?? []).map(({ value, label }) => ({ name: `${label} (${value})`, value: String(value) }));
  });
}

/** Fields of the node's parameter `resource` that can be written; value `name|type`. */
export async function getFields(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  return await withNodeErrors(this, async () =>
    (await currentResource(this)).fields.filter(({ readOnly, type }) => !readOnly && type !== 'link').map(toOption),
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
  return await withNodeErrors(context, async () => {
    const usual = ({ name }: Field) => (name === 'externalId' ? 0 : /(id|key|code|number)$/i.test(name) ? 1 : 2);
    return (await currentResource(context)).fields
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

/** What a drop-down loads, with errors as n8n shows them there. */
export async function withNodeErrors<T>(context: ILoadOptionsFunctions, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw toNodeError(context.getNode(), error);
  }
}

function contains(text: string, filter: string | undefined): boolean {
  return !filter || text.toLocaleLowerCase().includes(filter.toLocaleLowerCase());
}
