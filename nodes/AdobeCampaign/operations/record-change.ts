import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { CampaignClient } from '../../../lib/campaign/client';
import type { WritableChange } from '../../../lib/campaign/record-writer';
import type { Target } from '../../../lib/core/change';
import type { ResourceDescription } from '../../../lib/core/metadata';
import { describeResource } from '../../shared/metadata-cache';
import type { RecordSettings } from '../settings';

/** A resource by the name that the panel's locator gives; `refresh`: from Campaign, not from the cache. */
export type Describe = (resource: string, refresh?: boolean) => Promise<ResourceDescription>;

/** The changes of an operation whose parameters, and not its items, say what to write. */
export async function changePerItem(
  context: Pick<IExecuteFunctions, 'getExecutionCancelSignal'>,
  client: CampaignClient,
  items: readonly INodeExecutionData[],
  changeOf: (item: number, describe: Describe) => Promise<WritableChange>,
): Promise<WritableChange[]> {
  const signal = context.getExecutionCancelSignal();
  const describe: Describe = (resource, refresh = false) => describeResource(client, resource, { signal, refresh });
  const changes: WritableChange[] = [];
  for (const item of items.keys()) changes.push(await changeOf(item, describe));
  return changes;
}

/** The record that an item's parameters name, with what to write into it. */
export function targetOf(
  settings: RecordSettings,
  { resource }: ResourceDescription,
  fields: Target['fields'],
): Target {
  return {
    resource: resource.name,
    api: resource.api,
    key: { field: settings.keyField, value: settings.keyValue },
    fields,
    loadAndCreationFields: {},
    creationFields: {},
  };
}
