import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { emptyValue, type FieldValue } from '../campaign/schema';
import type { Resource } from '../campaign/store';
import type { Row, Value } from '../dataverse/schema';
import type { Table } from '../dataverse/store';
import { defaults } from '../dataverse/values';
import { createRandom, type Random } from '../seed/random';
import { LOCALES } from '../seed/people';
import type { World } from './world';

const rows = z.array(z.record(z.union([z.string(), z.number(), z.boolean(), z.null()])));
const count = z.number().int().min(0);

export const changeSchema = z
  .object({
    system: z.enum(['dataverse', 'campaign']).default('dataverse'),
    /** Table or resource. */
    table: z.string().default('contact'),
    /** Rows, or how many at random. */
    creates: z.union([rows, count]).default(0),
    /** Rows with their key and what changes, or how many at random. */
    updates: z.union([rows, count]).default(0),
    /** Keys, or how many at random. */
    deletes: z.union([z.array(z.string()), count]).default(0),
    /** Rows that become part of others: the loser is made inactive and points to the winner. */
    merges: z.array(z.object({ loser: z.string(), winner: z.string() }).strict()).default([]),
    /** Random updates: the columns to change; boolean ones are turned over. */
    columns: z.array(z.string()).optional(),
    seed: z.number().int().default(1),
  })
  .strict();
export type ChangeOrder = z.output<typeof changeSchema>;

export interface Changed {
  created: string[];
  updated: string[];
  deleted: string[];
}

/**
 * Changes rows as a user of the system would. Values are taken as they are, read-only ones such as `modifiedon` too.
 *
 * @throws Error when a table, column or row does not exist; what stands before it is done then
 */
export function change(world: World, order: ChangeOrder): Changed {
  return order.system === 'dataverse' ? changeTable(world, order) : changeResource(world, order);
}

function changeTable(world: World, order: ChangeOrder): Changed {
  const { organization } = world;
  const table = organization.table(order.table);
  if (!table) throw new Error(`Dataverse has no table '${order.table}'.`);
  const { primaryId } = table.definition;
  const random = createRandom(order.seed, 77);
  const changed: Changed = { created: [], updated: [], deleted: [] };
  const toKeys = (row: Record<string, Value>): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        const column = table.columns.get(name) ?? table.definition.columns.find((each) => each.name === name);
        if (!column) throw new Error(`The table '${order.table}' has no column '${name}'.`);
        return [column.key, value];
      }),
    );

  if (typeof order.creates === 'number') {
    changed.created.push(
      ...(order.creates > 0 ? world.seed({ table: order.table, count: order.creates, seed: order.seed }).ids : []),
    );
    const now = organization.timestamp();
    for (const id of changed.created) {
      const slot = table.slotOf(id) as number;
      table.replace(slot, { ...table.rowAt(slot), createdon: now, modifiedon: now });
    }
  } else {
    for (const given of order.creates) {
      const row = { ...defaults(table, organization.timestamp()), ...toKeys(given) };
      row[primaryId] = String(row[primaryId] ?? randomUUID()).toLowerCase();
      if (table.slotOf(row[primaryId]) !== undefined) throw new Error(`The row ${row[primaryId]} exists already.`);
      organization.insert(table, row);
      changed.created.push(row[primaryId]);
    }
  }
  const fresh = new Set(changed.created);
  const mergeOf = ({ loser, winner }: { loser: string; winner: string }) => [
    { [primaryId]: loser, merged: true, masterid: winner.toLowerCase(), statecode: 1, statuscode: 2 },
    { [primaryId]: winner },
  ];
  const updates =
    typeof order.updates === 'number'
      ? pickKeys(table.liveIds(), order.updates, random, fresh).map((id) => ({
          [primaryId]: id,
          ...randomChanges(table, table.get(id) as Row, random, order.columns),
        }))
      : order.updates;
  for (const given of [...updates, ...order.merges.flatMap(mergeOf)]) {
    const values = toKeys(given);
    const id = String(values[primaryId]).toLowerCase();
    const slot = table.slotOf(id);
    if (slot === undefined) throw new Error(`There is no row ${id} in '${order.table}'.`);
    organization.replace(table, slot, {
      ...table.rowAt(slot),
      modifiedon: organization.timestamp(),
      ...values,
      [primaryId]: id,
    });
    changed.updated.push(id);
  }
  const touched = new Set([...fresh, ...changed.updated]);
  const deletes =
    typeof order.deletes === 'number' ? pickKeys(table.liveIds(), order.deletes, random, touched) : order.deletes;
  for (const id of deletes) {
    const slot = table.slotOf(id.toLowerCase());
    if (slot === undefined) throw new Error(`There is no row ${id} in '${order.table}'.`);
    organization.remove(table, slot);
    changed.deleted.push(id.toLowerCase());
  }
  return changed;
}

function changeResource(world: World, order: ChangeOrder): Changed {
  const { instance } = world;
  const resource = instance.resource(order.table);
  if (!resource) throw new Error(`Campaign has no resource '${order.table}'.`);
  const key = resource.definition.key;
  const random = createRandom(order.seed, 78);
  const changed: Changed = { created: [], updated: [], deleted: [] };
  const toKeys = (row: Record<string, Value>): Record<string, FieldValue> =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        const field = resource.fields.get(name);
        if (!field) throw new Error(`The resource '${order.table}' has no field '${name}'.`);
        return [field.key, value ?? emptyValue(field)];
      }),
    );
  const slotOf = (id: string): number => {
    const slot = resource.find(key, id)[0];
    if (slot === undefined) throw new Error(`There is no record ${id} in '${order.table}'.`);
    return slot;
  };

  if (typeof order.creates === 'number') {
    if (order.creates > 0)
      changed.created.push(...world.seed({ table: order.table, count: order.creates, seed: order.seed }).ids);
  } else {
    for (const given of order.creates) {
      const row = { ...instance.complete(resource, toKeys(given)) };
      const stamped = { ...row };
      instance.stamp(resource, undefined, stamped);
      resource.insert({ ...stamped, ...toKeys(given) });
      changed.created.push(String(row[key]));
    }
  }
  const fresh = new Set(changed.created);
  const updates =
    typeof order.updates === 'number'
      ? pickKeys(keysOf(resource, key), order.updates, random, fresh).map((id) => ({
          [key]: id,
          ...randomFields(resource, slotOf(id), random, order.columns),
        }))
      : order.updates;
  for (const given of updates) {
    const values = toKeys(given);
    const slot = slotOf(String(values[key]));
    const before = resource.rows[slot] as Record<string, FieldValue>;
    const row = { ...before, ...values };
    instance.stamp(resource, before, row);
    resource.replace(slot, { ...row, ...values });
    changed.updated.push(String(values[key]));
  }
  const touched = new Set([...fresh, ...changed.updated]);
  const deletes =
    typeof order.deletes === 'number' ? pickKeys(keysOf(resource, key), order.deletes, random, touched) : order.deletes;
  for (const id of deletes) {
    resource.remove(slotOf(id));
    changed.deleted.push(id);
  }
  return changed;
}

function keysOf(resource: Resource, key: string): string[] {
  return resource.rows.flatMap((row) => (row && row[key] !== '' ? [String(row[key])] : []));
}

/** Keys at random, each once, none of `except`. */
function pickKeys(all: readonly string[], wanted: number, random: Random, except: ReadonlySet<string>): string[] {
  if (wanted === 0) return [];
  const ids = all.filter((id) => !except.has(id));
  const picked: string[] = [];
  while (picked.length < wanted && ids.length > 0) {
    const at = random.int(0, ids.length - 1);
    picked.push(ids[at] as string);
    ids[at] = ids.at(-1) as string;
    ids.pop();
  }
  return picked;
}

function randomChanges(
  table: Table,
  row: Row,
  random: Random,
  columns: readonly string[] | undefined,
): Record<string, Value> {
  const changes: Record<string, Value> = {};
  const locale = random.pick(LOCALES);
  const candidates = columns ?? [
    'lastname',
    'new_visits',
    'donotemail',
    'new_name',
    'name',
    'new_quantity',
    'subject',
    'new_autorenew',
  ];
  for (const name of candidates) {
    const column = table.definition.columns.find((each) => each.name === name);
    if (!column) {
      if (columns) throw new Error(`The table '${table.definition.name}' has no column '${name}'.`);
      continue;
    }
    if (!columns && random.chance(0.4)) continue;
    changes[name] =
      column.kind === 'boolean'
        ? row[column.key] !== true
        : column.kind === 'string'
          ? `${random.pick(locale.last)} ${random.int(1, 9_999)}`
          : random.int(1, 10_000);
  }
  // At least one value changes, whatever the dice say.
  if (Object.keys(changes).length === 0) {
    const first = candidates.find((name) =>
      table.definition.columns.some((each) => each.name === name && each.kind === 'string'),
    );
    if (first) changes[first] = `Changed ${random.int(1, 1_000_000)}`;
  }
  return changes;
}

function randomFields(
  resource: Resource,
  slot: number,
  random: Random,
  fields: readonly string[] | undefined,
): Record<string, Value> {
  const changes: Record<string, Value> = {};
  const row = resource.rows[slot] ?? {};
  for (const name of fields ?? ['blackListEmail', 'lastName', 'cusName']) {
    const field = resource.fields.get(name);
    if (!field) {
      if (fields) throw new Error(`The resource '${resource.definition.name}' has no field '${name}'.`);
      continue;
    }
    changes[name] = field.kind === 'boolean' ? row[field.key] !== true : `Changed ${random.int(1, 9_999)}`;
  }
  return changes;
}
