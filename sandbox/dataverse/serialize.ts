import type { Organization } from './state';
import { propertyName, type ColumnDefinition, type Option, type Row, type Value } from './schema';

const FORMATTED = '@OData.Community.Display.V1.FormattedValue';
const LOOKUP_TABLE = '@Microsoft.Dynamics.CRM.lookuplogicalname';
const NAVIGATION = '@Microsoft.Dynamics.CRM.associatednavigationproperty';

const MONEY = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const MOMENT = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'short' });

/** Turns rows of a table into the JSON text of the Web API. */
export type RowWriter = (row: Row, version: number) => string;

/** Which annotations a `Prefer: odata.include-annotations="..."` asks for. */
export function annotationTest(patterns: string | undefined): (name: string) => boolean {
  if (patterns === undefined) return () => false;
  const tests = patterns.split(',').map((pattern) => {
    const text = pattern.trim();
    return text === '*'
      ? /./
      : new RegExp(`^${text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*')}$`, 'i');
  });
  return (name) => tests.some((test) => test.test(name.slice(1)));
}

/**
 * A writer for these columns, made once for a page: the names are ready text, the values follow.
 *
 * @param annotations the value of the preference; undefined for none
 */
export function rowWriter(
  organization: Organization,
  columns: readonly ColumnDefinition[],
  annotations: string | undefined,
): RowWriter {
  const wanted = annotationTest(annotations);
  const [formatted, lookupTable, navigation] = [wanted(FORMATTED), wanted(LOOKUP_TABLE), wanted(NAVIGATION)];
  const writers = columns.map((column) => {
    const name = propertyName(column);
    const head = `,${JSON.stringify(name)}:`;
    const formatHead = `,${JSON.stringify(name + FORMATTED)}:`;
    const format = formatted ? formatter(organization, column) : undefined;
    const isLookup = column.kind === 'lookup';
    const isNumber = NUMBERS.has(column.kind);
    return (row: Row, version: number): string => {
      const value = column.secured === 'unreadable' ? null : valueOf(column, row, version);
      let text = head + toJson(value, isNumber);
      if (value === null) return text;
      const label = format?.(value, row);
      if (label !== undefined) text += formatHead + JSON.stringify(label);
      if (isLookup && (lookupTable || navigation)) {
        const target = targetOf(organization, column, value as string);
        if (target && navigation) {
          text += `,${JSON.stringify(name + NAVIGATION)}:${JSON.stringify(column.targets?.[target])}`;
        }
        if (target && lookupTable) text += `,${JSON.stringify(name + LOOKUP_TABLE)}:${JSON.stringify(target)}`;
      }
      return text;
    };
  });
  const { rowPadding } = organization.settings.dataverse;
  const padding = rowPadding > 0 ? `,"@sandbox.padding":"${'x'.repeat(rowPadding)}"` : '';
  return (row, version) => {
    let text = `{"@odata.etag":"W/\\"${version}\\""`;
    for (const write of writers) text += write(row, version);
    return `${text}${padding}}`;
  };
}

/** Value of a column as the Web API has it; `version` is the row's. */
export function valueOf(column: ColumnDefinition, row: Row, version: number): Value {
  if (column.name === 'versionnumber') return version;
  const value = column.compute ? column.compute(row) : (row[column.key] ?? null);
  if (value === null) return null;
  // After a retype the stored value may be of another type.
  if ((column.kind === 'string' || column.kind === 'memo') && typeof value !== 'string') return String(value);
  return value;
}

const NUMBERS = new Set<ColumnDefinition['kind']>(['integer', 'bigint', 'decimal', 'double', 'money']);

/** A number may be kept as text: JavaScript's have 15 digits, Dataverse's more. */
function toJson(value: Value, isNumber: boolean): string {
  return typeof value === 'string' && !isNumber ? JSON.stringify(value) : String(value);
}

/** The table that a lookup's id is found in; the first of its targets when in none. */
export function targetOf(organization: Organization, column: ColumnDefinition, id: string): string | undefined {
  const targets = Object.keys(column.targets ?? {});
  return targets.find((name) => organization.table(name)?.slotOf(id) !== undefined) ?? targets[0];
}

function formatter(
  organization: Organization,
  column: ColumnDefinition,
): ((value: Value, row: Row) => string | undefined) | undefined {
  const labels = new Map((column.options ?? []).map((option: Option) => [option.value, option.label]));
  switch (column.kind) {
    case 'choice':
    case 'state':
    case 'status':
      return (value) => labels.get(value as number);
    case 'boolean':
      return (value) => labels.get(value ? 1 : 0);
    case 'choices':
      return (value) =>
        String(value)
          .split(',')
          .map((part) => labels.get(Number(part)) ?? part)
          .join('; ');
    case 'money':
      return (value) => MONEY.format(Number(value));
    case 'datetime':
      return (value) => MOMENT.format(Date.parse(String(value)));
    case 'lookup':
      return (value) => {
        const name = targetOf(organization, column, value as string);
        const table = name === undefined ? undefined : organization.table(name);
        const row = table?.get(value as string);
        const nameColumn = table?.definition.columns.find((each) => each.name === table.definition.primaryName);
        const label = row && nameColumn ? valueOf(nameColumn, row, 0) : null;
        return label === null ? undefined : String(label);
      };
    default:
      return undefined;
  }
}
