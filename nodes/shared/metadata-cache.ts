import type { CampaignClient } from '../../lib/campaign/client';
import type { DataverseClient } from '../../lib/dataverse/client';
import { orAborted } from '../../lib/http/abort';
import { ConfigurationError } from '../../lib/core/errors';
import type { CampaignApi } from '../../lib/core/change';
import { processWide } from './process-wide';
import type { Resource, ResourceDescription, Table, TableDescription } from '../../lib/core/metadata';

export interface MetadataOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ask the server even if the cache knows: after something turned out to be unknown. */
  readonly refresh?: boolean;
}

/** How long metadata is taken as it is. */
export const CACHED_MS = 5 * 60_000;
/** Many records that miss the same field ask for a refresh together: one is enough. */
export const FRESH_MS = 5_000;

interface Entry {
  readonly at: number;
  readonly value: Promise<unknown>;
}

/** By client, that is by content of the credential: one organization's metadata never answers for another's. */
const caches = new WeakMap<object, Map<string, Entry>>();

/** Anything that is read of the metadata, by a key of its own, from the cache of this process. */
export function cached<T>(client: object, key: string, options: MetadataOptions, load: () => Promise<T>): Promise<T> {
  let cache = caches.get(client);
  if (!cache) caches.set(client, (cache = new Map()));
  const entry = cache.get(key);
  const now = processWide().clock.elapsed();
  const age = entry ? now - entry.at : Infinity;
  if (entry && age >= 0 && age < (options.refresh ? FRESH_MS : CACHED_MS)) {
    return orAborted(entry.value as Promise<T>, options.signal);
  }
  const value = load();
  const made: Entry = { at: now, value };
  cache.set(key, made);
  // A failure is not kept.
  value.catch(() => {
    if (cache.get(key) === made) cache.delete(key);
  });
  return orAborted(value, options.signal);
}

/** A table with its columns, from the cache of this process (5 minutes). Throws what `DataverseClient.describeTable` throws. */
export function describeTable(
  client: DataverseClient,
  name: string,
  options: MetadataOptions = {},
): Promise<TableDescription> {
  return cached(client, `table ${name}`, options, () => client.describeTable(name));
}

/** All tables, from the cache. */
export function listTables(client: DataverseClient, options: MetadataOptions = {}): Promise<readonly Table[]> {
  return cached(client, 'tables', options, () => client.listTables());
}

/** All resources, from the cache. */
export function listResources(client: CampaignClient, options: MetadataOptions = {}): Promise<readonly Resource[]> {
  return cached(client, 'resources', options, () => client.listResources());
}

const APIS: ReadonlySet<string> = new Set<CampaignApi>([
  'profileAndServices',
  'profileAndServicesExt',
  'customResources',
]);

/**
 * The resource of this name: `profile`, or with the API before it, `profileAndServices/profile`. Without an API the extended one
 * wins, which has the built-in fields too. Throws ConfigurationError RESOURCE_UNKNOWN.
 */
export async function resolveResource(
  client: CampaignClient,
  name: string,
  options: MetadataOptions = {},
): Promise<Resource> {
  const [, api, bare] = /^([A-Za-z]+)\/([^/]+)$/.exec(name) ?? [];
  if (api !== undefined && bare !== undefined && APIS.has(api))
    return { name: bare, api: api as CampaignApi, label: bare };
  const find = async (refresh: boolean) =>
    (await listResources(client, { ...options, refresh })).find((resource) => resource.name === name);
  const resource = (await find(options.refresh === true)) ?? (await find(true));
  if (resource) return resource;
  throw new ConfigurationError('RESOURCE_UNKNOWN', `Adobe Campaign has no resource "${name}".`, {
    hint: 'Choose the resource again from the list. A custom resource must be published, with its API made available.',
  });
}

/** A resource with its fields, from the cache; the name as in {@link resolveResource}. */
export async function describeResource(
  client: CampaignClient,
  name: string,
  options: MetadataOptions = {},
): Promise<ResourceDescription> {
  const resource = await resolveResource(client, name, options);
  return await cached(client, `resource ${resource.api}/${resource.name}`, options, () =>
    client.describeResource(resource),
  );
}
