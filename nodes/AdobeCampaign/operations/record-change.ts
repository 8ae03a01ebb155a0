import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { CampaignClient } from '../../../lib/campaign/client';
import type { WritableChange } from '../../../lib/campaign/record-writer';
import type { Target } from '../../../lib/core/change';
import { ConfigurationError } from '../../../lib/core/errors';
import type { Outcome } from '../../../lib/core/outcome';
import { orOneOf, readEach } from '../../../lib/core/read-each';
import type { ResourceDescription } from '../../../lib/core/metadata';
import { describeResource } from '../../shared/metadata-cache';
import type { RecordSettings } from '../settings';

/** A resource by the name that the panel's locator gives; `refresh`: from Campaign, not from the cache. */
export type Describe = (resource: string, refresh?: boolean) => Promise<ResourceDescription>;

/** What an item's expressions may bring about for this item alone: other parameters than the others have. */
const OF_PARAMETERS: ReadonlySet<string> = new Set(['SETTINGS_INVALID', 'DUPLICATE_FIELD', 'UNKNOWN_FIELD']);

/**
 * The changes of an operation whose parameters, and not its items, say what to write. An item whose parameters are wrong is rejected; where
 * those of all items are, it is the node that is set wrongly.
 *
 * @throws what `changeOf` throws for reasons other than an item's parameters
 */
export async function changePerItem(
  context: Pick<IExecuteFunctions, 'getExecutionCancelSignal'>,
  client: CampaignClient,
  items: readonly INodeExecutionData[],
  changeOf: (item: number, describe: Describe) => Promise<WritableChange>,
): Promise<WritableChange[]> {
  const signal = context.getExecutionCancelSignal();
  const refreshed = new Set<string>();
  // Once for each resource: each item of a batch may have a field that is not known.
  const describe: Describe = (resource, refresh = false) => {
    const anew = refresh && !refreshed.has(resource);
    if (anew) refreshed.add(resource);
    return describeResource(client, resource, { signal, refresh: anew });
  };
  const changes: (WritableChange | ConfigurationError)[] = [];
  for (const item of items.keys()) {
    changes.push(await orOneOf(OF_PARAMETERS, async () => await changeOf(item, describe)));
  }
  const first = changes.find((change) => change instanceof ConfigurationError);
  const isWritable = (change: WritableChange | ConfigurationError) => !(change instanceof Error) && !change.outcome;
  if (first && !changes.some(isWritable)) throw first;
  return readEach(changes, orThrow, rejectedItem);
}

function orThrow(change: WritableChange | ConfigurationError): WritableChange {
  if (change instanceof ConfigurationError) throw change;
  return change;
}

/** What stands for an item of which nothing can be written. */
export function rejectedItem(outcome: Outcome): WritableChange {
  return { change: 'upsert', initial: false, outcome };
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
