import type { ILoadOptionsFunctions, INodeListSearchResult, INodePropertyOptions } from 'n8n-workflow';

/** For a resourceLocator `table`: `methods.listSearch.searchTables`. Value: logical name. */
export async function searchTables(this: ILoadOptionsFunctions, _filter?: string): Promise<INodeListSearchResult> {
  throw new Error('not built yet');
}

/** For a resourceLocator `resource`: `methods.listSearch.searchResources`. Value: name. */
export async function searchResources(this: ILoadOptionsFunctions, _filter?: string): Promise<INodeListSearchResult> {
  throw new Error('not built yet');
}

/** Columns of the node's parameter `table`; value `logicalname|type`. */
export async function getColumns(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  throw new Error('not built yet');
}

/** Options of the choice (state, status, boolean) column in `&column`; value: the number as text (`true`/`false` for a boolean). */
export async function getChoiceOptions(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  throw new Error('not built yet');
}

/** Writable fields of the node's parameter `resource`; value `name|type`. */
export async function getFields(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  throw new Error('not built yet');
}

/** Fields that can be the key of the node's parameter `resource`; value: the name alone. */
export async function getKeyFields(this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
  throw new Error('not built yet');
}

/** Spread these into a node's `methods.listSearch` and `methods.loadOptions`. */
export const dataverseListSearch = { searchTables };
export const dataverseLoadOptions = { getColumns, getChoiceOptions };
export const campaignListSearch = { searchResources };
export const campaignLoadOptions = { getFields, getKeyFields };
