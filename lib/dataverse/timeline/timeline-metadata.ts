import { z } from 'zod';
import type { Table, TableDescription } from '../../core/metadata';
import type { CallOptions } from '../../http/call-options';
import type { DataverseClient } from '../client';
import { jsonOf } from '../errors';
import { lookupTargets } from '../lookup-targets';
import { literal } from '../odata';
import type { LookupTarget } from '../row-plan';

/** Where the metadata of timeline tables comes from; a cache may stand in between. */
export interface TimelineMetadata {
  listTables(): Promise<readonly Table[]>;
  describeTable(name: string): Promise<TableDescription>;
  lookupTargets(table: string, tables: readonly Table[]): Promise<ReadonlyMap<string, readonly LookupTarget[]>>;
  hasCreateMultiple(table: string): Promise<boolean>;
}

/** The metadata as the client reads it, without a cache. */
export function liveTimelineMetadata(client: DataverseClient, options: CallOptions = {}): TimelineMetadata {
  return {
    listTables: () => client.listTables(options),
    describeTable: (name) => client.describeTable(name, options),
    lookupTargets: (table, tables) => lookupTargets(client, table, tables, options),
    hasCreateMultiple: (table) => hasCreateMultiple(client, table, options),
  };
}

const filters = z.object({ value: z.array(z.unknown()) });

/**
 * Whether a table takes CreateMultiple (docs/facts/dataverse.md, "Bulk writes"). Where that can't be read, it is taken
 * not to: single writes always work.
 */
async function hasCreateMultiple(client: DataverseClient, table: string, { signal }: CallOptions): Promise<boolean> {
  const filter = `sdkmessageid/name eq 'CreateMultiple' and primaryobjecttypecode eq ${literal(table)}`;
  const purpose = `ask whether table "${table}" takes several rows at once`;
  const path = `sdkmessagefilters?$select=sdkmessagefilterid&$filter=${filter.replaceAll(' ', '%20')}`;
  const response = await client.call({ method: 'GET', path, purpose, signal });
  if (response.status >= 300) return false;
  const parsed = filters.safeParse(jsonOf(response, purpose));
  return parsed.success && parsed.data.value.length > 0;
}
