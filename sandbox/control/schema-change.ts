import { z } from 'zod';
import type { FieldKind } from '../campaign/schema';
import type { ColumnDefinition, ColumnKind } from '../dataverse/schema';
import type { World } from './world';

const COLUMN_KINDS: readonly ColumnKind[] = [
  'string',
  'memo',
  'integer',
  'bigint',
  'decimal',
  'double',
  'money',
  'boolean',
  'choice',
  'choices',
  'datetime',
  'date',
];
const FIELD_KINDS: readonly FieldKind[] = [
  'string',
  'memo',
  'boolean',
  'byte',
  'short',
  'long',
  'float',
  'double',
  'date',
  'datetime',
  'enumeration',
];

export const schemaChangeSchema = z
  .object({
    system: z.enum(['dataverse', 'campaign']),
    table: z.string(),
    column: z.string().optional(),
    action: z.enum(['rename', 'relabel', 'remove', 'retype', 'set', 'track-changes']),
    /** The new name, the new display name, or the new type. */
    to: z.string().optional(),
    /** For `track-changes`. */
    enabled: z.boolean().optional(),
    /** For `set`: what becomes of a column of Dataverse. */
    secured: z.enum(['readable', 'unreadable']).optional(),
    notServed: z.boolean().optional(),
    behavior: z.enum(['TimeZoneIndependent', 'UserLocalDay']).optional(),
    labels: z.record(z.string()).optional(),
    /** For `retype` of texts: their new length. */
    length: z.number().int().min(1).optional(),
  })
  .strict();
export type SchemaChange = z.output<typeof schemaChangeSchema>;

/** Renames, removes or retypes a column or field, or switches change tracking of a table. @throws Error naming what is wrong */
export function changeSchema(world: World, order: SchemaChange, nowMs: number): void {
  if (order.system === 'dataverse') changeTable(world, order, nowMs);
  else changeResource(world, order);
}

function withProperties(column: ColumnDefinition, order: SchemaChange): ColumnDefinition {
  const { secured, notServed, behavior, labels } = order;
  return {
    ...column,
    ...(secured === undefined ? {} : { secured }),
    ...(notServed === undefined ? {} : { notServed }),
    ...(behavior === undefined ? {} : { behavior }),
    ...(labels === undefined ? {} : { labels, label: null }),
  };
}

function changeTable(world: World, order: SchemaChange, nowMs: number): void {
  const table = world.organization.table(order.table);
  if (!table) throw new Error(`Dataverse has no table '${order.table}'.`);
  const { definition } = table;
  if (order.action === 'track-changes') {
    table.redefine({ ...definition, changeTracking: order.enabled ?? true }, nowMs);
    return;
  }
  if (!definition.columns.some((each) => each.name === order.column)) {
    throw new Error(`The table '${order.table}' has no column '${order.column ?? ''}'.`);
  }
  const columns = definition.columns.flatMap((each) => {
    if (each.name !== order.column) return [each];
    if (order.action === 'remove') return [];
    if (order.action === 'rename') return [{ ...each, name: required(order.to) }];
    if (order.action === 'relabel') return [{ ...each, label: required(order.to) }];
    if (order.action === 'set') return [withProperties(each, order)];
    return [
      {
        ...each,
        kind: oneOf(COLUMN_KINDS, required(order.to)),
        ...(order.length === undefined ? {} : { maxLength: order.length }),
      },
    ];
  });
  table.redefine({ ...definition, columns }, nowMs);
}

function changeResource(world: World, order: SchemaChange): void {
  const resource = world.instance.resource(order.table);
  if (!resource) throw new Error(`Campaign has no resource '${order.table}'.`);
  const { definition } = resource;
  if (order.action === 'track-changes') throw new Error('Campaign has no change tracking.');
  if (!definition.fields.some((each) => each.name === order.column)) {
    throw new Error(`The resource '${order.table}' has no field '${order.column ?? ''}'.`);
  }
  const fields = definition.fields.flatMap((each) => {
    if (each.name !== order.column) return [each];
    if (order.action === 'remove') return [];
    if (order.action === 'rename') return [{ ...each, name: required(order.to) }];
    return [
      {
        ...each,
        kind: oneOf(FIELD_KINDS, required(order.to)),
        ...(order.length === undefined ? {} : { length: order.length }),
      },
    ];
  });
  resource.redefine({ ...definition, fields });
}

function required(to: string | undefined): string {
  if (to === undefined || to === '') throw new Error('The change needs "to".');
  return to;
}

function oneOf<T extends string>(known: readonly T[], name: string): T {
  const found = known.find((each) => each === name);
  if (!found) throw new Error(`There is no type '${name}'. Known: ${known.join(', ')}.`);
  return found;
}
