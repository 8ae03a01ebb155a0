import type { CampaignClient } from '../../lib/campaign/client';
import type { DataverseClient } from '../../lib/dataverse/client';
import type { Resource, ResourceDescription, Table, TableDescription } from '../../lib/sync/metadata';

export interface MetadataOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ask the server even if the cache knows: after something turned out to be unknown. */
  readonly refresh?: boolean;
}

/** A table with its columns, from the cache of this process (5 minutes). */
export function describeTable(
  client: DataverseClient,
  name: string,
  options: MetadataOptions = {},
): Promise<TableDescription> {
  return client.describeTable(name, options);
}

/** All tables, from the cache. */
export function listTables(client: DataverseClient, options: MetadataOptions = {}): Promise<readonly Table[]> {
  return client.listTables(options);
}

/** All resources, from the cache. */
export function listResources(client: CampaignClient, options: MetadataOptions = {}): Promise<readonly Resource[]> {
  return client.listResources(options);
}

/**
 * The resource of this name: `profile`, or with the API before it, `profileAndServices/profile`. Without an API the extended one
 * wins, which has the built-in fields too. Throws ConfigurationError RESOURCE_UNKNOWN.
 */
export function resolveResource(
  _client: CampaignClient,
  _name: string,
  _options: MetadataOptions = {},
): Promise<Resource> {
  throw new Error('not built yet');
}

/** A resource with its fields, from the cache; the name as in {@link resolveResource}. */
export function describeResource(
  _client: CampaignClient,
  _name: string,
  _options: MetadataOptions = {},
): Promise<ResourceDescription> {
  throw new Error('not built yet');
}
