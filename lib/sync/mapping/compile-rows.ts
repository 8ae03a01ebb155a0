import type { Conversions, ConvertValue } from '../../core/conversions';
import type { ConversionPlace } from '../../core/line-rejection';
import { TimeZone } from '../../core/time-zone';
import type { Column, Field, ResourceDescription, TableDescription } from '../../core/metadata';
import type { Problems } from '../../core/problems';
import { resolveColumn, resolveField } from '../../core/resolve-column';
import type { MappingRow, MappingSettings } from './mapping-settings';

/** When the value of a row goes to Campaign. "Load" is an initial load or a replay, "creation" that of the record in Campaign. */
export type Travels = 'always' | 'onLoadAndCreation' | 'onCreation';

/** A row that is checked against both systems and ready for records. */
export interface CompiledRow {
  readonly place: ConversionPlace;
  /** Name of the column; undefined for an expression. */
  readonly column: string | undefined;
  /** The user may lack the right to read the column: a record without it says nothing about it. */
  readonly secured: boolean;
  readonly field: string;
  readonly travels: Travels;
  readonly convert: ConvertValue;
}

/** Checks every row and compiles it; wrong ones become problems, named by their line. */
export function compileRows(
  settings: MappingSettings,
  table: TableDescription,
  resource: ResourceDescription,
  key: Field | undefined,
  conversions: Conversions,
  problems: Problems,
): CompiledRow[] {
  const zone = TimeZone.named(settings.timeZone);
  const takenBy = new Map<string, number>();
  const rows: CompiledRow[] = [];
  for (const row of settings.rows) {
    const where = `Line ${row.line}`;
    const column = row.source.kind === 'column' ? resolveColumn(row.source.column, where, table, problems) : undefined;
    const field = resolveField(row.field, where, resource, problems);
    if (!field) continue;
    const travels = whenItTravels(row, settings);
    checkTarget(field, where, travels, key, settings.product, problems);
    checkOnce(field, row, takenBy, problems);
    if (row.source.kind === 'column' && !column) continue;
    const compiled = compileRow(row, column, field, travels, settings, zone, conversions);
    if (compiled) rows.push(compiled);
    else problems.add(notConvertible(where, column, field, conversions));
  }
  return rows;
}

function whenItTravels(row: MappingRow, { applyUpdates }: MappingSettings): Travels {
  if (row.creationOnly) return 'onCreation';
  const withUpdates = applyUpdates === 'perRow' ? row.applyUpdates : applyUpdates === 'all';
  return withUpdates ? 'always' : 'onLoadAndCreation';
}

function compileRow(
  row: MappingRow,
  column: Column | undefined,
  field: Field,
  travels: Travels,
  settings: MappingSettings,
  zone: TimeZone,
  conversions: Conversions,
): CompiledRow | undefined {
  const place: ConversionPlace = { line: row.line, source: column?.name ?? 'expression', field: field.name };
  const conversion = {
    place,
    field,
    choices: row.choices === 'default' ? settings.choices : row.choices,
    options: column?.options,
    zone,
    localDay: column?.behavior === 'localDay',
    tooLong: settings.tooLong,
    unknownEntries: settings.unknownEntries,
    whenEmpty: row.whenEmpty,
  };
  const convert = column ? conversions.compile(column.type, conversion) : conversions.compileExpression(conversion);
  return (
    convert && {
      place,
      column: column?.name,
      secured: column?.secured !== undefined,
      field: field.name,
      travels,
      convert,
    }
  );
}

function notConvertible(
  where: string,
  column: Column | undefined,
  field: Field,
  conversions: Conversions,
): Parameters<Problems['add']>[0] {
  if (field.type === 'link') {
    return {
      where,
      code: 'LINK_FIELD',
      message: `the field "${field.name}" is a link, and Campaign sets links by its own internal keys alone.`,
      hint: 'Map to the plain column that holds the key of the linked record, and join the resources on it in Campaign.',
    };
  }
  const valid =
    column &&
    (['string', 'integer', 'double', 'boolean', 'date', 'datetime', 'enumeration'] as const).filter((type) =>
      conversions.isConvertible(column.type, type),
    );
  return {
    where,
    code: 'CONVERSION_NOT_VALID',
    message: `a ${column?.type ?? 'value'} column ("${column?.name ?? ''}") can't go into a ${field.type} field ("${field.name}").`,
    hint: `Choose a field of another type${valid ? ` (${valid.join(', ')})` : ''}, or convert the value by an expression.`,
  };
}

function checkTarget(
  field: Field,
  where: string,
  travels: Travels,
  key: Field | undefined,
  product: 'standard' | 'v8',
  problems: Problems,
): void {
  if (key && field.name === key.name) {
    problems.add({
      where,
      code: 'KEY_MAPPED',
      message: `the field "${field.name}" is the key; it gets the row's id by itself and can't be mapped.`,
      hint: 'Take the line out, or choose another key field.',
    });
  } else if (field.readOnly) {
    problems.add({
      where,
      code: 'READ_ONLY_FIELD',
      message: `the field "${field.name}" is read-only in Campaign.`,
      hint: 'Take the line out, or choose another field.',
    });
  }
  if (product === 'v8' && travels === 'always' && /^location(?:\.|$)/.test(field.name)) {
    problems.add({
      where,
      code: 'LOCATION_NOT_UPDATABLE',
      message: `Campaign v8 refuses updates of "${field.name}".`,
      hint: 'Turn off Apply Updates for this line: the value then travels when the profile is created.',
    });
  }
}

function checkOnce(field: Field, row: MappingRow, takenBy: Map<string, number>, problems: Problems): void {
  const first = takenBy.get(field.name);
  if (first === undefined) {
    takenBy.set(field.name, row.line);
    return;
  }
  problems.add({
    where: `Lines ${first} and ${row.line}`,
    code: 'FIELD_MAPPED_TWICE',
    message: `both write the Campaign field "${field.name}".`,
    hint: 'Take one out. To combine two columns on purpose, use one line with an expression.',
  });
}
