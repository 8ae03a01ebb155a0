import type { CallOptions } from '../http/call-options';
import { unexpectedResponse } from '../core/unexpected-response';
import type { Column, Table, TableDescription } from '../core/metadata';
import { dataverseError, jsonOf, tableUnknown } from './errors';
import {
  ATTRIBUTE_SELECT,
  DETAILS,
  list,
  notServedName,
  TABLE_SELECT,
  toColumn,
  toDetail,
  toTable,
  withDetail,
} from './metadata';
import type { ColumnDetail } from './metadata';
import { literal } from './odata';
import { organizationLanguage } from './organization-language';
import { withReadingRights } from './secured-columns';
import type { Purpose, WebApi } from './web-api';

/** All tables that the Web API serves, sorted by label. */
export async function listTables(api: WebApi, options: CallOptions): Promise<Table[]> {
  const body = await api.get(`EntityDefinitions?$select=${TABLE_SELECT}`, { purpose: 'list the tables' }, options);
  const values = valuesOf(body);
  const language = await organizationLanguage(api, values, options);
  return values
    .map((value) => toTable(value, language))
    .filter((table) => table !== undefined)
    .sort((a, b) => a.label.localeCompare(b.label) || a.name.localeCompare(b.name));
}

/** A table with its readable columns. Throws ConfigurationError TABLE_UNKNOWN. */
export async function describeTable(api: WebApi, name: string, options: CallOptions): Promise<TableDescription> {
  const path = `EntityDefinitions(LogicalName=${literal(name)})`;
  const context = { purpose: `read the metadata of table "${name}"`, table: name };
  const [definition, attributes] = await Promise.all([
    api.get(`${path}?$select=${TABLE_SELECT}`, context, options),
    api.get(`${path}/Attributes?$select=${ATTRIBUTE_SELECT}`, context, options),
  ]);
  const one = isList(definition) ? valuesOf(definition)[0] : definition;
  const values = valuesOf(attributes);
  const language = await organizationLanguage(api, [one, ...values], options);
  const table = toTable(one, language);
  if (!table) throw tableUnknown(name);
  const columns = values.map((value) => toColumn(value, language)).filter((column) => column !== undefined);
  const notServed = values.map(notServedName).filter((each) => each !== undefined);
  const [details, rights] = await Promise.all([
    readDetails(api, `${path}/Attributes`, columns, language, context, options),
    withReadingRights(api, name, columns, options),
  ]);
  return {
    table,
    columns: rights
      .map((column) => withDetail(column, details.get(column.name)))
      .sort((a, b) => a.label.localeCompare(b.label) || a.name.localeCompare(b.name)),
    ...(notServed.length > 0 ? { notServed } : {}),
  };
}

async function readDetails(
  api: WebApi,
  path: string,
  columns: readonly Column[],
  language: number | undefined,
  context: Purpose,
  options: CallOptions,
): Promise<Map<string, ColumnDetail>> {
  const present = new Set(columns.map((column) => column.type));
  const responses = await Promise.all(
    DETAILS.filter(({ type }) => present.has(type)).map(async ({ cast, query }) => {
      const response = await api.tryRead(`${path}/Microsoft.Dynamics.CRM.${cast}?${query}`, context, options);
      // An organization that does not know the cast still has the columns; what it would tell is missing then.
      if (response.status === 400 || response.status === 404 || response.status === 501) return [];
      if (response.status >= 400) throw dataverseError(response, context);
      return valuesOf(jsonOf(response, context.purpose));
    }),
  );
  const details = responses.flat().map((value) => toDetail(value, language));
  return new Map(details.filter((each) => each !== undefined).map((each) => [each.name, each]));
}

function isList(body: unknown): boolean {
  return list.safeParse(body).success;
}

function valuesOf(body: unknown): unknown[] {
  const parsed = list.safeParse(body);
  if (!parsed.success) throw unexpectedResponse('Dynamics 365 did not answer with a list.');
  return parsed.data.value;
}
