import { decodeSegment, json, type Incoming, type Reply } from '../http/service';
import { seededGuid } from '../seed/random';
import { badRequest, noProperty, refuse } from './errors';
import { parseFilter } from './filter';
import type { Options } from './request';
import type { ColumnDefinition, ColumnKind, Option, Value } from './schema';
import type { Organization } from './state';
import type { Table } from './store';

type Json = Record<string, unknown>;

/** A label as the metadata has it; `UserLocalizedLabel` is null where there is none in the caller's language. */
export function label(text: string | null): Json {
  const localized =
    text === null
      ? null
      : { Label: text, LanguageCode: 1033, IsManaged: true, MetadataId: guid(text), HasChanged: null };
  return { LocalizedLabels: localized ? [localized] : [], UserLocalizedLabel: localized };
}

const KINDS: Readonly<Record<ColumnKind, { type: string; typeName: string; cast: string }>> = {
  string: { type: 'String', typeName: 'StringType', cast: 'StringAttributeMetadata' },
  memo: { type: 'Memo', typeName: 'MemoType', cast: 'MemoAttributeMetadata' },
  integer: { type: 'Integer', typeName: 'IntegerType', cast: 'IntegerAttributeMetadata' },
  bigint: { type: 'BigInt', typeName: 'BigIntType', cast: 'BigIntAttributeMetadata' },
  decimal: { type: 'Decimal', typeName: 'DecimalType', cast: 'DecimalAttributeMetadata' },
  double: { type: 'Double', typeName: 'DoubleType', cast: 'DoubleAttributeMetadata' },
  money: { type: 'Money', typeName: 'MoneyType', cast: 'MoneyAttributeMetadata' },
  boolean: { type: 'Boolean', typeName: 'BooleanType', cast: 'BooleanAttributeMetadata' },
  choice: { type: 'Picklist', typeName: 'PicklistType', cast: 'PicklistAttributeMetadata' },
  choices: { type: 'Virtual', typeName: 'MultiSelectPicklistType', cast: 'MultiSelectPicklistAttributeMetadata' },
  state: { type: 'State', typeName: 'StateType', cast: 'StateAttributeMetadata' },
  status: { type: 'Status', typeName: 'StatusType', cast: 'StatusAttributeMetadata' },
  datetime: { type: 'DateTime', typeName: 'DateTimeType', cast: 'DateTimeAttributeMetadata' },
  date: { type: 'DateTime', typeName: 'DateTimeType', cast: 'DateTimeAttributeMetadata' },
  lookup: { type: 'Lookup', typeName: 'LookupType', cast: 'LookupAttributeMetadata' },
  guid: { type: 'Uniqueidentifier', typeName: 'UniqueidentifierType', cast: 'UniqueIdentifierAttributeMetadata' },
  virtual: { type: 'Virtual', typeName: 'VirtualType', cast: 'AttributeMetadata' },
};
const CASTS = new Set(Object.values(KINDS).map((kind) => kind.cast));

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
    (column) => (cast === undefined || KINDS[column.kind].cast === cast) && (!named || column.name === named[1]),
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

/** Only the properties of `$select`; MetadataId and what was expanded stay. */
function project(item: Json, query: Options, type: string): Json {
  const select = query.get('$select');
  const expanded = expandedNames(query);
  if (select === undefined) {
    return Object.fromEntries(Object.entries(item).filter(([name]) => !NAVIGATIONS.has(name) || expanded.has(name)));
  }
  const chosen: Json = {};
  if ('@odata.type' in item) chosen['@odata.type'] = item['@odata.type'];
  for (const name of select.split(',').map((each) => each.trim())) {
    if (!(name in item)) throw noProperty(name, type);
    chosen[name] = item[name];
  }
  for (const name of expanded.keys()) if (name in item) chosen[name] = item[name];
  chosen['MetadataId'] = item['MetadataId'];
  return chosen;
}

const NAVIGATIONS = new Set(['OptionSet', 'GlobalOptionSet', 'Attributes', 'Keys', 'ManyToOneRelationships']);

/** `$expand` as names with the `$select` in their parentheses. */
function expandedNames(query: Options): Map<string, Options> {
  const names = new Map<string, Options>();
  const text = query.get('$expand') ?? '';
  for (const part of text.matchAll(/([A-Za-z]+)(?:\(([^()]*)\))?/g)) {
    const name = part[1] ?? '';
    if (!NAVIGATIONS.has(name)) throw noProperty(name, 'EntityMetadata');
    const inner = (part[2] ?? '').split(';').map((each) => each.split('=') as [string, string]);
    names.set(name, new Map(inner.filter(([key]) => key !== '')));
  }
  return names;
}

function entity(table: Table, query: Options): Json {
  const { definition } = table;
  const expanded = expandedNames(query);
  const part = (name: string, items: () => Json[], type: string): Json => {
    const inner = expanded.get(name);
    return inner ? { [name]: items().map((item) => project(item, inner, type)) } : {};
  };
  return {
    LogicalName: definition.name,
    SchemaName: definition.schemaName,
    EntitySetName: definition.setName,
    LogicalCollectionName: definition.setName,
    PrimaryIdAttribute: definition.primaryId,
    PrimaryNameAttribute: definition.primaryName,
    ChangeTrackingEnabled: definition.changeTracking,
    DisplayName: label(definition.label),
    DisplayCollectionName: label(definition.pluralLabel),
    Description: label(null),
    ObjectTypeCode: definition.objectTypeCode,
    IsCustomEntity: definition.custom,
    IsActivity: definition.activity ?? false,
    IsIntersect: false,
    IsPrivate: false,
    IsValidForAdvancedFind: { Value: true, CanBeChanged: true, ManagedPropertyLogicalName: 'canmodifyadvancedfind' },
    IsAuditEnabled: { Value: false, CanBeChanged: true, ManagedPropertyLogicalName: 'canmodifyauditsettings' },
    OwnershipType: 'UserOwned',
    TableType: 'Standard',
    MetadataId: guid(definition.name),
    ...part(
      'Attributes',
      () => definition.columns.map((column) => attribute(table, column, false, new Map())),
      'AttributeMetadata',
    ),
    ...part('Keys', () => keys(table), 'EntityKeyMetadata'),
    ...part('ManyToOneRelationships', () => manyToOne(table), 'OneToManyRelationshipMetadata'),
  };
}

function attribute(table: Table, column: ColumnDefinition, derived: boolean, query: Options): Json {
  const { definition } = table;
  const kind = KINDS[column.kind];
  const isPrimary = column.name === definition.primaryId;
  const base: Json = {
    '@odata.type': `#Microsoft.Dynamics.CRM.${kind.cast}`,
    LogicalName: column.name,
    SchemaName: column.schemaName,
    EntityLogicalName: definition.name,
    AttributeType: column.lookupType ?? kind.type,
    AttributeTypeName: { Value: column.lookupType ? `${column.lookupType}Type` : kind.typeName },
    AttributeOf: column.attributeOf ?? null,
    ColumnNumber: definition.columns.indexOf(column) + 1,
    IsValidForRead: true,
    IsValidForCreate: isPrimary || (!column.readOnly && column.kind !== 'virtual'),
    IsValidForUpdate: !isPrimary && !column.readOnly && column.kind !== 'virtual',
    IsValidODataAttribute: column.kind !== 'virtual',
    IsPrimaryId: isPrimary,
    IsPrimaryName: column.name === definition.primaryName,
    IsCustomAttribute: column.name.startsWith('new_'),
    IsLogical: column.compute !== undefined,
    RequiredLevel: {
      Value: isPrimary ? 'SystemRequired' : column.required ? 'ApplicationRequired' : 'None',
      CanBeChanged: !isPrimary,
      ManagedPropertyLogicalName: 'canmodifyrequirementlevelsettings',
    },
    DisplayName: label(column.label),
    Description: label(null),
    MetadataId: guid(`${definition.name}.${column.name}`),
  };
  return derived ? { ...base, ...derivedProperties(column, query) } : base;
}

/** The properties that only the derived types have. */
function derivedProperties(column: ColumnDefinition, query: Options): Json {
  switch (column.kind) {
    case 'string':
      return {
        MaxLength: column.maxLength,
        DatabaseLength: (column.maxLength ?? 0) * 2,
        Format: column.format ?? 'Text',
        FormatName: { Value: column.format ?? 'Text' },
      };
    case 'memo':
      return { MaxLength: column.maxLength, Format: 'TextArea' };
    case 'integer':
      return { MinValue: column.min, MaxValue: column.max, Format: 'None' };
    case 'bigint':
      return { MinValue: -9_223_372_036_854_776_000, MaxValue: 9_223_372_036_854_776_000 };
    case 'decimal':
    case 'double':
    case 'money':
      return { MinValue: column.min, MaxValue: column.max, Precision: column.kind === 'money' ? 4 : 2 };
    case 'datetime':
      return { Format: 'DateAndTime', DateTimeBehavior: { Value: 'UserLocal' } };
    case 'date':
      return { Format: 'DateOnly', DateTimeBehavior: { Value: 'DateOnly' } };
    case 'lookup':
      return { Targets: Object.keys(column.targets ?? {}) };
    case 'choice':
    case 'choices':
    case 'state':
    case 'status':
    case 'boolean': {
      const set = optionSet(column);
      const expanded = expandedNames(query);
      const isGlobal = column.globalOptions !== undefined;
      return {
        DefaultFormValue: column.defaultValue ?? -1,
        ...(expanded.has('OptionSet') ? { OptionSet: isGlobal ? null : set } : {}),
        ...(expanded.has('GlobalOptionSet') ? { GlobalOptionSet: isGlobal ? set : null } : {}),
      };
    }
    default:
      return {};
  }
}

function optionSet(column: ColumnDefinition): Json {
  const options = column.options ?? [];
  const toJson = (option: Option): Json => ({
    Value: option.value,
    ...(option.state === undefined ? {} : { State: option.state }),
    Label: label(option.label),
    Description: label(null),
    Color: null,
    IsManaged: false,
    MetadataId: null,
    HasChanged: null,
  });
  const base = {
    Name: column.globalOptions ?? `${column.name}_options`,
    IsGlobal: column.globalOptions !== undefined,
    OptionSetType: column.kind === 'boolean' ? 'Boolean' : KINDS[column.kind].type,
    MetadataId: guid(`optionset.${column.globalOptions ?? column.name}`),
  };
  if (column.kind !== 'boolean') return { ...base, Options: options.map(toJson) };
  const find = (value: number): Option =>
    options.find((option) => option.value === value) ?? { value, label: String(value) };
  return { ...base, TrueOption: toJson(find(1)), FalseOption: toJson(find(0)) };
}

function manyToOne(table: Table): Json[] {
  return table.definition.columns.flatMap((column) =>
    Object.entries(column.targets ?? {}).map(([target, navigation]) => ({
      SchemaName: `${target}_${table.definition.name}_${column.name}`,
      ReferencingEntity: table.definition.name,
      ReferencingAttribute: column.name,
      ReferencedEntity: target,
      ReferencedAttribute: target === 'task' ? 'activityid' : `${target}id`,
      ReferencingEntityNavigationPropertyName: navigation,
      ReferencedEntityNavigationPropertyName: `${target}_${table.definition.name}_${column.name}`,
      RelationshipType: 'OneToManyRelationship',
      MetadataId: guid(`${table.definition.name}.${column.name}.${target}`),
    })),
  );
}

function keys(table: Table): Json[] {
  return table.definition.keys.map((key) => ({
    LogicalName: key.name,
    SchemaName: key.name,
    EntityLogicalName: table.definition.name,
    DisplayName: label(key.name),
    KeyAttributes: key.columns,
    EntityKeyIndexStatus: key.status,
    MetadataId: guid(`${table.definition.name}.${key.name}`),
  }));
}

/** A MetadataId that stays the same for the same name. */
function guid(name: string): string {
  let hash = 17;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return seededGuid(4_711, 99, hash);
}
