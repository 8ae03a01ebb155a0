import { decodeSegment, json, type Incoming, type Reply } from '../http/service';
import { badRequest, noProperty, refuse } from './errors';
import { parseFilter } from './filter';
import { project, type Json } from './metadata-query';
import { attribute, CASTS, castOf, entity, guid, keys, manyToOne } from './metadata-shapes';
import type { Options } from './request';
import type { Value } from './schema';
import type { Organization } from './state';
import type { Table } from './store';

/** Answers below `/api/data/v9.2/EntityDefinitions`. `rest`: the path behind that word. */
export function readMetadata(organization: Organization, incoming: Incoming, rest: string, query: Options): Reply {
  for (const name of ['$top', '$orderby', '$skip']) {
    if (query.has(name)) throw badRequest(`The query parameter ${name} is not supported for metadata.`);
  }
  const context = `${incoming.origin}/api/data/v9.2/$metadata#EntityDefinitions`;
  if (rest === '') {
    const items = organization.all().map((table) => entity(table, query));
    return list(context, items, query, 'EntityMetadata');
  }
  const parts = /^\(([^)]*)\)(?:\/(.*))?$/.exec(rest);
  if (!parts) throw badRequest('Resource not found for the segment.');
  const table = findTable(organization, decodeSegment(parts[1] ?? ''));
  const segments = (parts[2] ?? '').split('/').filter((segment) => segment !== '');
  const inner = `${context}('${table.definition.name}')`;
  if (segments.length === 0) {
    const item = project(entity(table, query), query, 'EntityMetadata');
    return json(200, { '@odata.context': `${context}/$entity`, ...item }, { 'OData-Version': '4.0' });
  }
  const [collection = '', second, ...others] = segments.map((segment) => decodeSegment(segment));
  if (collection === 'ManyToOneRelationships' && second === undefined) {
    return list(`${inner}/${collection}`, manyToOne(table), query, 'OneToManyRelationshipMetadata');
  }
  if (collection === 'Keys' && second === undefined) {
    return list(`${inner}/${collection}`, keys(table), query, 'EntityKeyMetadata');
  }
  const named = /^Attributes\(LogicalName='([^']*)'\)$/.exec(collection);
  if (collection !== 'Attributes' && !named) throw badRequest(`Resource not found for the segment '${collection}'.`);
  if (others.length > 0) throw badRequest(`Resource not found for the segment '${others[0]}'.`);
  const cast = second?.replace('Microsoft.Dynamics.CRM.', '');
  if (cast !== undefined && !CASTS.has(cast)) throw badRequest(`Resource not found for the segment '${second}'.`);
  const columns = table.definition.columns.filter(
    (column) => (cast === undefined || castOf(column) === cast) && (!named || column.name === named[1]),
  );
  const items = columns.map((column) => attribute(table, column, cast !== undefined || !query.has('$select'), query));
  if (named) {
    const item = items[0];
    if (!item) throw refuse(404, '0x80060888', `Could not find an attribute with specified name: ${named[1]}`);
    return json(200, {
      '@odata.context': `${inner}/Attributes/$entity`,
      ...project(item, query, cast ?? 'AttributeMetadata'),
    });
  }
  return list(`${inner}/Attributes`, items, query, cast ?? 'AttributeMetadata');
}

function findTable(organization: Organization, key: string): Table {
  const name = /^LogicalName='([^']*)'$/.exec(key)?.[1];
  const table =
    name === undefined
      ? organization.all().find((each) => guid(each.definition.name) === key)
      : organization.table(name);
  if (!table) {
    throw refuse(404, '0x80060888', `Could not find an entity with specified entity name: ${name ?? key}`);
  }
  return table;
}

function list(context: string, items: Json[], query: Options, type: string): Reply {
  const text = query.get('$filter');
  const filter =
    text === undefined
      ? undefined
      : parseFilter<Json>(text, (path) => {
          const names = path.split('/');
          const sample = items[0];
          if (sample && !((names[0] ?? '') in sample)) throw noProperty(path, type);
          const get = (item: Json): Value => {
            let value: unknown = item;
            for (const name of names) value = (value as Json | null)?.[name];
            return (value ?? null) as Value;
          };
          const example = items.map(get).find((value) => value !== null);
          return {
            kind: typeof example === 'number' ? 'number' : typeof example === 'boolean' ? 'boolean' : 'text',
            get,
          };
        });
  const value = items.filter((item) => !filter || filter.matches(item)).map((item) => project(item, query, type));
  return json(200, { '@odata.context': context, value }, { 'OData-Version': '4.0' });
}
