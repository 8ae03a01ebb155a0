import type { Column, Field, ResourceDescription, TableDescription } from './metadata';
import { parseTypedName } from './metadata';
import type { Problems } from './problems';
import { unknownColumnIn, unknownFieldIn } from './unknown-column';

/**
 * The live column that a setting names (`name|type`, or the name alone). Adds a problem and returns undefined when there is
 * none, or when its type is no longer the one that was chosen.
 */
export function resolveColumn(
  setting: string,
  where: string,
  table: TableDescription,
  problems: Problems,
): Column | undefined {
  const { name, type } = parseTypedName(setting);
  if (name.trim() === '') {
    problems.add({
      where,
      code: 'COLUMN_MISSING',
      message: 'no column is chosen.',
      hint: 'Choose a column from the list, or remove this entry.',
    });
    return undefined;
  }
  const column = columnsByName(table).get(name);
  if (!column) {
    const then = 'Choose the column again from the list.';
    problems.add(unknownColumnIn(where, table.table, name, { candidates: table.columns, then }));
    return undefined;
  }
  if (type !== undefined && type !== column.type) {
    problems.add({
      where,
      code: 'COLUMN_RETYPED',
      message: `the column "${name}" was chosen as ${type}, and is now ${column.type} in Dynamics 365.`,
      hint: 'Choose the column again from the list and check what depends on its type.',
    });
    return undefined;
  }
  return column;
}

/** The live Campaign field that a setting names; as {@link resolveColumn}. `denyList…` is accepted for `blackList…`. */
export function resolveField(
  setting: string,
  where: string,
  resource: ResourceDescription,
  problems: Problems,
): Field | undefined {
  const { name, type } = parseTypedName(setting);
  if (name.trim() === '') {
    problems.add({
      where,
      code: 'FIELD_MISSING',
      message: 'no Campaign field is chosen.',
      hint: 'Choose a field from the list.',
    });
    return undefined;
  }
  const fields = fieldsByName(resource);
  const field = fields.get(name) ?? fields.get(name.replace(/^denyList/, 'blackList'));
  if (!field) {
    const then = 'Choose the field again from the list.';
    problems.add(unknownFieldIn(where, resource.resource, name, { candidates: resource.fields, then }));
    return undefined;
  }
  if (type !== undefined && type !== field.type) {
    problems.add({
      where,
      code: 'FIELD_RETYPED',
      message: `the field "${name}" was chosen as ${type}, and is now ${field.type} in Campaign.`,
      hint: 'Choose the field again from the list and check that the values still fit.',
    });
    return undefined;
  }
  return field;
}

const columnIndex = new WeakMap<TableDescription, Map<string, Column>>();
const fieldIndex = new WeakMap<ResourceDescription, Map<string, Field>>();

function columnsByName(table: TableDescription): Map<string, Column> {
  let index = columnIndex.get(table);
  if (!index) columnIndex.set(table, (index = new Map(table.columns.map((column) => [column.name, column]))));
  return index;
}

function fieldsByName(resource: ResourceDescription): Map<string, Field> {
  let index = fieldIndex.get(resource);
  if (!index) fieldIndex.set(resource, (index = new Map(resource.fields.map((field) => [field.name, field]))));
  return index;
}
