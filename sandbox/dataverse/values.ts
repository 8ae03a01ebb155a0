import { refuse } from './errors';
import { propertyName, type ColumnDefinition, type Row, type Value } from './schema';
import type { Organization } from './state';
import type { Table } from './store';

const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * Checks a body for POST or PATCH and turns it into values by storage key. Columns that can't be written are passed over,
 * as Dataverse does.
 *
 * @throws Refusal (400) for an unknown property, a value of the wrong type, too long, out of range or no option
 */
export function parseBody(
  organization: Organization,
  table: Table,
  body: Readonly<Record<string, unknown>>,
): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith('@odata.bind')) {
      const [column, id] = bind(organization, table, name.slice(0, -'@odata.bind'.length), value);
      values[column.key] = id;
      continue;
    }
    if (name.includes('@')) continue;
    const column = table.columns.get(name);
    if (!column) throw undeclared(table, name);
    if (column.kind === 'lookup') {
      throw payloadError(
        table,
        `CRM do not support direct update of Entity Reference properties, Use Navigation properties instead.`,
      );
    }
    if (column.readOnly) continue;
    values[column.key] = parseValue(table, column, value);
  }
  return values;
}

/** @throws Refusal (400) where state and status do not fit each other */
export function checkStateAndStatus(table: Table, row: Row, changed: Record<string, Value>): void {
  const status = table.definition.columns.find((column) => column.kind === 'status');
  if (!status || !('statecode' in changed || 'statuscode' in changed)) return;
  const state = (changed['statecode'] ?? row['statecode'] ?? 0) as number;
  if (changed['statuscode'] === undefined) {
    changed['statuscode'] = status.options?.find((option) => option.state === state)?.value ?? null;
    return;
  }
  const option = status.options?.find((each) => each.value === changed['statuscode']);
  if (option?.state !== state) {
    throw refuse(
      400,
      '0x80048408',
      `${changed['statuscode']} is not a valid status code for state code ${table.definition.name}State.${state} on ${table.definition.name}.`,
    );
  }
}

function undeclared(table: Table, name: string): Error {
  return payloadError(
    table,
    `The property '${name}' does not exist on type 'Microsoft.Dynamics.CRM.${table.definition.name}'. Make sure to only use property names that are defined by the type.`,
  );
}

function payloadError(table: Table, detail: string): Error {
  return refuse(
    400,
    '0x80048d19',
    `Error identified in Payload provided by the user for Entity :'${table.definition.setName}', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.OData.ODataException: ${detail}`,
  );
}

function bind(
  organization: Organization,
  table: Table,
  navigation: string,
  value: unknown,
): [column: ColumnDefinition, id: string | null] {
  const column = table.definition.columns.find(
    (each) => each.kind === 'lookup' && !each.readOnly && Object.values(each.targets ?? {}).includes(navigation),
  );
  if (!column) {
    throw refuse(
      400,
      '0x80048d19',
      `Error identified in Payload provided by the user for Entity :'${table.definition.setName}' ---->  InnerException : Microsoft.OData.ODataException: An undeclared property '${navigation}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.`,
    );
  }
  if (value === null) return [column, null];
  const parts = /(?:^|\/)([A-Za-z_]+)\(([^)]+)\)$/.exec(String(value));
  const target = Object.entries(column.targets ?? {}).find(([, name]) => name === navigation)?.[0];
  const other = parts ? organization.bySet(parts[1] ?? '') : undefined;
  if (!parts || !other || other.definition.name !== target || !GUID.test(parts[2] ?? '')) {
    throw payloadError(table, `The URI '${String(value)}' is not valid for '${navigation}'.`);
  }
  const id = (parts[2] ?? '').toLowerCase();
  if (other.slotOf(id) === undefined) {
    throw refuse(404, '0x80040217', `${other.definition.name} With Id = ${id} Does Not Exist`);
  }
  return [column, id];
}

const EDM: Readonly<Partial<Record<ColumnDefinition['kind'], string>>> = {
  integer: 'Edm.Int32',
  choice: 'Edm.Int32',
  state: 'Edm.Int32',
  status: 'Edm.Int32',
  bigint: 'Edm.Int64',
  decimal: 'Edm.Decimal',
  money: 'Edm.Decimal',
  double: 'Edm.Double',
  boolean: 'Edm.Boolean',
  date: 'Edm.Date',
  datetime: 'Edm.DateTimeOffset',
  guid: 'Edm.Guid',
};

function parseValue(table: Table, column: ColumnDefinition, value: unknown): Value {
  if (value === null) return null;
  const wrong = (): never => {
    throw payloadError(
      table,
      `Cannot convert the literal '${String(value)}' to the expected type '${EDM[column.kind] ?? 'Edm.String'}'.`,
    );
  };
  const outside = (code: string, accepted: string): never => {
    throw refuse(
      400,
      code,
      `A validation error occurred.  The value ${String(value)} of '${column.name}' on record of type '${table.definition.name}' is outside the valid range. Accepted Values: ${accepted}`,
    );
  };
  switch (column.kind) {
    case 'string':
    case 'memo':
      if (typeof value !== 'string') return wrong();
      if (value.length > (column.maxLength ?? Infinity)) {
        throw refuse(
          400,
          '0x80044331',
          `A validation error occurred.  The length of the '${column.name}' attribute of the '${table.definition.name}' entity exceeded the maximum allowed length of '${column.maxLength}'.`,
        );
      }
      return value;
    case 'integer':
    case 'bigint':
    case 'decimal':
    case 'double':
    case 'money':
      if (typeof value !== 'number') return wrong();
      if ((column.kind === 'integer' || column.kind === 'bigint') && !Number.isInteger(value)) return wrong();
      if (value < (column.min ?? -Infinity) || value > (column.max ?? Infinity)) {
        return outside('0x80044330', `${column.min} to ${column.max}`);
      }
      return value;
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong();
    case 'choice':
    case 'state':
    case 'status':
      if (typeof value !== 'number' || !Number.isInteger(value)) return wrong();
      if (!column.options?.some((option) => option.value === value)) {
        return outside('0x8004431a', (column.options ?? []).map((option) => option.value).join(','));
      }
      return value;
    case 'choices': {
      if (typeof value !== 'string') return wrong();
      const known = new Set(column.options?.map((option) => String(option.value)));
      if (value !== '' && value.split(',').some((part) => !known.has(part.trim()))) {
        return outside('0x8004431a', [...known].join(','));
      }
      return value === '' ? null : value;
    }
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
        ? value
        : wrong();
    case 'datetime': {
      const ms = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
      return Number.isNaN(ms) ? wrong() : `${new Date(ms).toISOString().slice(0, 19)}Z`;
    }
    case 'guid':
      return typeof value === 'string' && GUID.test(value) ? value.toLowerCase() : wrong();
    default:
      throw undeclared(table, propertyName(column));
  }
}

/** The values of a row that its creation does not give. */
export function defaults(table: Table, timestamp: string): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const column of table.definition.columns) {
    if (!column.compute && column.kind !== 'virtual' && column.name !== 'versionnumber') {
      values[column.key] = column.defaultValue ?? null;
    }
  }
  if ('createdon' in values) values['createdon'] = timestamp;
  if ('modifiedon' in values) values['modifiedon'] = timestamp;
  return values;
}
