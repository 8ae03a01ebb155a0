import { z } from 'zod';
import { entryOf } from '../core/entry-of';
import type { ChoiceOption, Column, ColumnType, Table } from '../core/metadata';

/** Lists come as `{ value: [...] }`, single ones bare or in the same wrapper. */
export const list = z.object({ value: z.array(z.unknown()) });

const label = z
  .object({
    UserLocalizedLabel: z.object({ Label: z.string().nullish() }).nullish(),
    LocalizedLabels: z
      .array(z.object({ Label: z.string().nullish(), LanguageCode: z.number().nullish() }))
      .nullish()
      .catch(null),
  })
  .nullish()
  .catch(null);

const tableShape = z.object({
  LogicalName: z.string().min(1),
  EntitySetName: z.string().nullish(),
  PrimaryIdAttribute: z.string().nullish(),
  PrimaryNameAttribute: z.string().nullish(),
  ChangeTrackingEnabled: z.boolean().nullish(),
  DisplayName: label,
});

export const TABLE_SELECT =
  'LogicalName,EntitySetName,PrimaryIdAttribute,PrimaryNameAttribute,ChangeTrackingEnabled,DisplayName';

/** A table; undefined for one that the Web API does not serve (no set name or key), or that is no table at all. */
export function toTable(raw: unknown, language?: number): Table | undefined {
  const parsed = tableShape.safeParse(raw);
  if (!parsed.success) return undefined;
  const { LogicalName: name, EntitySetName: setName, PrimaryIdAttribute: primaryId } = parsed.data;
  if (!setName || !primaryId) return undefined;
  return {
    name,
    setName,
    primaryId,
    primaryName: parsed.data.PrimaryNameAttribute || null,
    label: textOf(parsed.data.DisplayName, language) ?? name,
    changeTracking: parsed.data.ChangeTrackingEnabled === true,
  };
}

const attributeShape = z.object({
  LogicalName: z.string().min(1),
  AttributeType: z.string().nullish(),
  AttributeTypeName: z.object({ Value: z.string().nullish() }).nullish().catch(null),
  AttributeOf: z.string().nullish(),
  IsValidForRead: z.boolean().nullish(),
  IsValidForUpdate: z.boolean().nullish(),
  IsValidODataAttribute: z.boolean().nullish(),
  IsSecured: z.boolean().nullish(),
  DisplayName: label,
});

export const ATTRIBUTE_SELECT =
  'LogicalName,AttributeType,AttributeTypeName,AttributeOf,IsValidForRead,IsValidForUpdate,IsValidODataAttribute,IsSecured,DisplayName';

/** `AttributeType` to ours. What is not listed can't be selected in the Web API (virtual columns, party lists, type codes of lookups). */
const TYPE_OF: Readonly<Record<string, ColumnType>> = {
  String: 'string',
  Memo: 'memo',
  Integer: 'integer',
  BigInt: 'bigint',
  Decimal: 'decimal',
  Double: 'double',
  Money: 'money',
  Boolean: 'boolean',
  Picklist: 'choice',
  State: 'state',
  Status: 'status',
  DateTime: 'datetime',
  Lookup: 'lookup',
  Customer: 'lookup',
  Owner: 'lookup',
  Uniqueidentifier: 'uniqueidentifier',
};

/** The casts of `Attributes` that tell more about a type, and what to select there. */
export const DETAILS: readonly { readonly type: ColumnType; readonly cast: string; readonly query: string }[] = [
  { type: 'string', cast: 'StringAttributeMetadata', query: '$select=LogicalName,MaxLength' },
  { type: 'memo', cast: 'MemoAttributeMetadata', query: '$select=LogicalName,MaxLength' },
  { type: 'datetime', cast: 'DateTimeAttributeMetadata', query: '$select=LogicalName,Format,DateTimeBehavior' },
  { type: 'choice', cast: 'PicklistAttributeMetadata', query: optionsQuery('OptionSet,GlobalOptionSet') },
  { type: 'choices', cast: 'MultiSelectPicklistAttributeMetadata', query: optionsQuery('OptionSet,GlobalOptionSet') },
  { type: 'state', cast: 'StateAttributeMetadata', query: optionsQuery('OptionSet') },
  { type: 'status', cast: 'StatusAttributeMetadata', query: optionsQuery('OptionSet') },
  { type: 'boolean', cast: 'BooleanAttributeMetadata', query: optionsQuery('OptionSet') },
];

function optionsQuery(expand: string): string {
  return `$select=LogicalName&$expand=${expand}`;
}

/** The logical name of a column that the Web API does not serve, whatever its type is; undefined for all others. */
export function notServedName(raw: unknown): string | undefined {
  const parsed = attributeShape.safeParse(raw);
  const isNotServed = parsed.success && parsed.data.IsValidODataAttribute === false && !parsed.data.AttributeOf;
  return isNotServed ? parsed.data.LogicalName : undefined;
}

/** A readable column; undefined for one that can't be selected. Of a secured one nobody knows yet whether the user may read it. */
export function toColumn(raw: unknown, language?: number): Column | undefined {
  const parsed = attributeShape.safeParse(raw);
  if (!parsed.success || parsed.data.IsValidForRead === false || parsed.data.AttributeOf) return undefined;
  if (parsed.data.IsValidODataAttribute === false) return undefined;
  const { LogicalName: name, AttributeType, AttributeTypeName } = parsed.data;
  const type: ColumnType | undefined =
    AttributeTypeName?.Value === 'MultiSelectPicklistType' ? 'choices' : entryOf(TYPE_OF, AttributeType ?? '');
  if (type === undefined) return undefined;
  return {
    name: type === 'lookup' ? `_${name}_value` : name,
    label: textOf(parsed.data.DisplayName, language) ?? name,
    type,
    updatable: parsed.data.IsValidForUpdate === true,
    ...(parsed.data.IsSecured === true ? { secured: 'unknown' as const } : {}),
  };
}

const option = z.object({ Value: z.number(), Label: label });
const optionSet = z
  .object({
    Options: z.array(option).nullish(),
    TrueOption: option.nullish(),
    FalseOption: option.nullish(),
  })
  .nullish()
  .catch(null);

const detailShape = z.object({
  LogicalName: z.string(),
  MaxLength: z.number().nullish(),
  Format: z.string().nullish().catch(null),
  DateTimeBehavior: z.object({ Value: z.string().nullish() }).nullish().catch(null),
  OptionSet: optionSet,
  GlobalOptionSet: optionSet,
});

/** What a cast tells, by logical name. */
export interface ColumnDetail {
  readonly name: string;
  readonly maxLength?: number;
  readonly dateOnly?: boolean;
  readonly behavior?: Column['behavior'];
  readonly options?: readonly ChoiceOption[];
}

export function toDetail(raw: unknown, language?: number): ColumnDetail | undefined {
  const parsed = detailShape.safeParse(raw);
  if (!parsed.success) return undefined;
  const { LogicalName: name, MaxLength, Format, DateTimeBehavior, OptionSet, GlobalOptionSet } = parsed.data;
  const options = optionsOf(OptionSet, language) ?? optionsOf(GlobalOptionSet, language);
  // The behavior decides how the value travels; the format only how Dynamics shows it.
  const behavior = DateTimeBehavior?.Value;
  const dateOnly = behavior ? behavior === 'DateOnly' : Format === 'DateOnly';
  return {
    name,
    ...(MaxLength && MaxLength > 0 ? { maxLength: MaxLength } : {}),
    ...(dateOnly ? { dateOnly } : {}),
    ...(behavior === 'TimeZoneIndependent' ? { behavior: 'clockTime' as const } : {}),
    ...(behavior === 'UserLocal' && Format === 'DateOnly' ? { behavior: 'localDay' as const } : {}),
    ...(options ? { options } : {}),
  };
}

/** The column with what a cast told about it. */
export function withDetail(column: Column, detail: ColumnDetail | undefined): Column {
  if (!detail) return column;
  return {
    ...column,
    ...(column.type === 'datetime' && detail.dateOnly ? { type: 'date' as const } : {}),
    ...(column.type === 'datetime' && detail.behavior ? { behavior: detail.behavior } : {}),
    ...(detail.maxLength === undefined ? {} : { maxLength: detail.maxLength }),
    ...(detail.options === undefined ? {} : { options: detail.options }),
  };
}

function optionsOf(set: z.infer<typeof optionSet>, language: number | undefined): ChoiceOption[] | undefined {
  const raw = set?.Options?.length ? set.Options : [set?.FalseOption, set?.TrueOption].filter((each) => !!each);
  if (raw.length === 0) return undefined;
  return raw.map(({ Value, Label }) => ({ value: Value, label: textOf(Label, language) ?? String(Value) }));
}

/** The label in the user's language, else in the organization's, else in whichever there is. */
function textOf(from: z.infer<typeof label>, language: number | undefined): string | undefined {
  if (from?.UserLocalizedLabel?.Label) return from.UserLocalizedLabel.Label;
  const all = (from?.LocalizedLabels ?? []).filter(({ Label }) => Label);
  const wanted = all.find(({ LanguageCode }) => LanguageCode === language) ?? all[0];
  return wanted?.Label || undefined;
}
