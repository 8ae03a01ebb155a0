import { seededGuid } from '../seed/random';
import { expandedNames, project, type Json } from './metadata-query';
import type { Options } from './request';
import type { ColumnDefinition, ColumnKind, Option } from './schema';
import type { Table } from './store';

/** A label as the metadata has it; `UserLocalizedLabel` is null where there is none in the caller's language. */
function label(text: string | null, others: Readonly<Record<string, string>> = {}): Json {
  const localized =
    text === null
      ? null
      : { Label: text, LanguageCode: 1033, IsManaged: true, MetadataId: guid(text), HasChanged: null };
  const translated = Object.entries(others).map(([code, Label]) => ({
    ...{ Label, LanguageCode: Number(code), IsManaged: true, MetadataId: guid(Label), HasChanged: null },
  }));
  return { LocalizedLabels: localized ? [localized, ...translated] : translated, UserLocalizedLabel: localized };
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
/** The types to which attributes can be cast. */
export const CASTS: ReadonlySet<string> = new Set(Object.values(KINDS).map((kind) => kind.cast));

/** The type to which a column's attribute is cast. */
export const castOf = ({ kind }: ColumnDefinition): string => KINDS[kind].cast;

/** A table. */
export function entity(table: Table, query: Options): Json {
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

/**
 * A column.
 *
 * @param derived with the properties of its own type
 */
export function attribute(table: Table, column: ColumnDefinition, derived: boolean, query: Options): Json {
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
    IsValidODataAttribute: column.kind !== 'virtual' && !column.notServed,
    IsSecured: column.secured !== undefined,
    IsPrimaryId: isPrimary,
    IsPrimaryName: column.name === definition.primaryName,
    IsCustomAttribute: column.name.startsWith('new_'),
    IsLogical: column.compute !== undefined,
    RequiredLevel: {
      Value: isPrimary ? 'SystemRequired' : column.required ? 'ApplicationRequired' : 'None',
      CanBeChanged: !isPrimary,
      ManagedPropertyLogicalName: 'canmodifyrequirementlevelsettings',
    },
    DisplayName: label(column.label, column.labels),
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
      return column.behavior === 'UserLocalDay'
        ? { Format: 'DateOnly', DateTimeBehavior: { Value: 'UserLocal' } }
        : { Format: 'DateAndTime', DateTimeBehavior: { Value: column.behavior ?? 'UserLocal' } };
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

/** What the lookups of a table point to. */
export function manyToOne(table: Table): Json[] {
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

/** The alternate keys of a table. */
export function keys(table: Table): Json[] {
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
export function guid(name: string): string {
  let hash = 17;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
  return seededGuid(4_711, 99, hash);
}
