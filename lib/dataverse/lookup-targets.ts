import { z } from 'zod';
import type { CallOptions } from '../http/call-options';
import type { LookupTarget, WriteColumn } from './row-plan';
import { unexpectedResponse } from '../core/unexpected-response';
import { entryOf } from '../core/entry-of';
import type { Table, TableDescription } from '../core/metadata';
import type { DataverseClient } from './client';
import { dataverseError, jsonOf } from './errors';
import { literal, logicalNameOf } from './odata';

const shape = z.object({
  value: z.array(
    z.object({
      ReferencingAttribute: z.string(),
      ReferencedEntity: z.string(),
      ReferencingEntityNavigationPropertyName: z.string().nullish(),
    }),
  ),
});

/** An owner is a user or a team; the relationship names what both have in common, which is no row that could be bound. */
const OWNERS: Readonly<Record<string, readonly string[]>> = { owner: ['systemuser', 'team'] };

/**
 * Where the lookups of a table may point, by the lookup's logical name (docs/facts/dataverse.md, "Metadata"). The name
 * before `@odata.bind` can't be derived: it differs from the column's, is case-sensitive, and a lookup of several
 * tables has one for each.
 *
 * @param tables all tables, for their names in URLs
 */
export async function lookupTargets(
  client: Pick<DataverseClient, 'call'>,
  table: string,
  tables: readonly Table[],
  options: CallOptions = {},
): Promise<ReadonlyMap<string, readonly LookupTarget[]>> {
  const purpose = `read the relationships of table "${table}"`;
  const select = 'ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName';
  const path = `EntityDefinitions(LogicalName=${literal(table)})/ManyToOneRelationships?$select=${select}`;
  const response = await client.call({ method: 'GET', path, purpose, signal: options.signal });
  if (response.status >= 300) throw dataverseError(response, { purpose, table });
  const parsed = shape.safeParse(jsonOf(response, purpose));
  if (!parsed.success) throw unexpectedResponse(`Dynamics 365 gave no list when asked to ${purpose}.`);
  const setNames = new Map(tables.map(({ name, setName }) => [name, setName]));
  const targets = new Map<string, LookupTarget[]>();
  for (const relationship of parsed.data.value) {
    const navigation = relationship.ReferencingEntityNavigationPropertyName;
    if (!navigation) continue;
    const known = targets.get(relationship.ReferencingAttribute) ?? [];
    for (const table of entryOf(OWNERS, relationship.ReferencedEntity) ?? [relationship.ReferencedEntity]) {
      const setName = setNames.get(table);
      const twice = known.some((target) => target.table === table);
      if (setName !== undefined && !twice) known.push({ table, setName, navigation });
    }
    if (known.length > 0) targets.set(relationship.ReferencingAttribute, known);
  }
  return targets;
}

/** Columns of a table for writing, found by their name in the Web API or by the logical name of a lookup (`ownerid`, `_ownerid_value`). */
export function writeColumns(
  description: TableDescription,
  targets: ReadonlyMap<string, readonly LookupTarget[]>,
): ReadonlyMap<string, WriteColumn> {
  const columns = new Map<string, WriteColumn>();
  for (const column of description.columns) {
    if (column.type !== 'lookup') {
      columns.set(column.name, column);
      continue;
    }
    const logicalName = logicalNameOf(column.name);
    const lookup: WriteColumn = { ...column, targets: targets.get(logicalName) ?? [] };
    columns.set(column.name, lookup);
    columns.set(logicalName, lookup);
  }
  return columns;
}
