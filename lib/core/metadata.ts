import type { CampaignApi } from './change';

/** The types of Dataverse columns that the product tells apart. Whatever else there is comes as `other` (text as it is). */
export const COLUMN_TYPES = [
  'string',
  'memo',
  'integer',
  'bigint',
  'decimal',
  'double',
  'money',
  'boolean',
  'choice',
  'choices',
  'state',
  'status',
  'datetime',
  'date',
  'lookup',
  'uniqueidentifier',
  'other',
] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** A choice's value; booleans have 0 and 1. */
export interface ChoiceOption {
  readonly value: number;
  readonly label: string;
}

/** A column of a Dataverse table. */
export interface Column {
  /** The name in the Web API's JSON: the logical name, but `_<name>_value` for a lookup. */
  readonly name: string;
  /** Display name; the name where the user's language has none. */
  readonly label: string;
  readonly type: ColumnType;
  readonly maxLength?: number;
  /** Choices, states, booleans. */
  readonly options?: readonly ChoiceOption[];
  readonly updatable: boolean;
  /**
   * Date-times that are no moments. `clockTime`: the day and the time of a clock, without a zone (TimeZoneIndependent). `localDay`: a day,
   * kept as the moment of its midnight where it was entered (UserLocal with the format DateOnly).
   */
  readonly behavior?: 'clockTime' | 'localDay';
  /**
   * Column-level security. Without the right to read it a column reads as null, which says nothing about its value. `unreadable`: the user
   * lacks the right; `unknown`: that could not be found out. Absent where null means empty.
   */
  readonly secured?: 'unreadable' | 'unknown';
}

/** A Dataverse table. */
export interface Table {
  /** Logical name, e.g. `contact`. */
  readonly name: string;
  /** Name in URLs, e.g. `contacts`. */
  readonly setName: string;
  readonly label: string;
  /** Primary key column, e.g. `contactid`. */
  readonly primaryId: string;
  /** Primary name column, e.g. `fullname`; null where there is none. */
  readonly primaryName: string | null;
  readonly changeTracking: boolean;
}

export interface TableDescription {
  readonly table: Table;
  /** The readable ones, sorted by label. */
  readonly columns: readonly Column[];
  /** Logical names of columns that are in the table and not in the Web API. Absent where there are none. */
  readonly notServed?: readonly string[];
}

/** The types of Campaign fields that the product tells apart. */
export const FIELD_TYPES = [
  'string',
  'integer',
  'float',
  'double',
  'boolean',
  'date',
  'datetime',
  'enumeration',
  'link',
  'other',
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** A field of a Campaign resource. */
export interface Field {
  /** Dotted for a nested one, e.g. `location.city`. */
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  /** Campaign's technical type (`resType`): `byte`, `short`, `long` narrow the range of whole numbers. */
  readonly resType?: string;
  readonly maxLength?: number;
  readonly mandatory: boolean;
  readonly readOnly: boolean;
  /** Entries of an enumeration: internal names and labels. Absent where Campaign did not list them. */
  readonly values?: readonly { readonly name: string; readonly label: string }[];
  /** `email` or `smartCase`: Campaign checks or changes the value itself (docs/facts/campaign.md, "Metadata"). */
  readonly dataPolicy?: string;
}

/** A Campaign resource. */
export interface Resource {
  readonly name: string;
  readonly api: CampaignApi;
  readonly label: string;
}

export interface ResourceDescription {
  readonly resource: Resource;
  readonly fields: readonly Field[];
}

/**
 * Drop-downs keep a column's or field's type next to its name, `gendercode|choice`, so that the panel can show what fits the
 * type and a later change of the type is noticed. A name alone (from an expression, or typed by hand) is accepted.
 */
export function parseTypedName(value: string): { name: string; type: string | undefined } {
  const bar = value.lastIndexOf('|');
  return bar < 0 ? { name: value, type: undefined } : { name: value.slice(0, bar), type: value.slice(bar + 1) };
}

/** The reverse of {@link parseTypedName}. */
export function typedName(name: string, type: string): string {
  return `${name}|${type}`;
}
