export type ColumnKind =
  | 'string'
  | 'memo'
  | 'integer'
  | 'bigint'
  | 'decimal'
  | 'double'
  | 'money'
  | 'boolean'
  | 'choice'
  | 'choices'
  | 'state'
  | 'status'
  | 'datetime'
  | 'date'
  | 'lookup'
  | 'guid'
  /** In the metadata only: no property of the Web API. */
  | 'virtual';

export type Value = string | number | boolean | null;

/** A row: values by storage key. Never changed once it is in a store; an update makes a new one. */
export type Row = Readonly<Record<string, Value>>;

export interface Option {
  readonly value: number;
  readonly label: string;
  /** Status reasons: the state they belong to. */
  readonly state?: number;
}

export interface ColumnDefinition {
  /** Logical name. */
  readonly name: string;
  /** Key in a row; stays when a column is renamed. */
  readonly key: string;
  readonly schemaName: string;
  readonly kind: ColumnKind;
  /** Display name; null where the caller's language has none. */
  readonly label: string | null;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  /** Strings: Text, Email, Phone, Url. */
  readonly format?: string;
  readonly options?: readonly Option[];
  /** The options are a global choice of this name. */
  readonly globalOptions?: string;
  readonly defaultValue?: Value;
  readonly readOnly?: boolean;
  readonly required?: boolean;
  /** Lookups: table to the navigation property's name. */
  readonly targets?: Readonly<Record<string, string>>;
  readonly lookupType?: 'Lookup' | 'Customer' | 'Owner';
  /** The column that this one is a shadow of (`parentcustomeridname`). */
  readonly attributeOf?: string;
  /** Date-times: TimeZoneIndependent, or UserLocal with the format DateOnly. */
  readonly behavior?: 'TimeZoneIndependent' | 'UserLocalDay';
  /** Column-level security, and whether the caller may read the column. */
  readonly secured?: 'readable' | 'unreadable';
  /** In the metadata only (IsValidODataAttribute is false), whatever its type is. */
  readonly notServed?: boolean;
  /** Display names by language, where the caller's language has none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Worked out instead of stored. */
  readonly compute?: (row: Row) => Value;
}

export interface TableDefinition {
  readonly name: string;
  readonly setName: string;
  readonly schemaName: string;
  readonly label: string;
  readonly pluralLabel: string;
  readonly objectTypeCode: number;
  readonly primaryId: string;
  readonly primaryName: string | null;
  readonly changeTracking: boolean;
  readonly custom: boolean;
  readonly activity?: boolean;
  /** One of the AppSource app's tables, which can be switched off. */
  readonly timeline?: boolean;
  readonly columns: readonly ColumnDefinition[];
  /** Alternate keys. */
  readonly keys: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly status: 'Active' | 'Pending';
  }[];
}

type ColumnExtras = Partial<Omit<ColumnDefinition, 'name' | 'kind' | 'label'>>;

/** A column; the schema name follows Dataverse's habit unless it is given. */
export function column(
  name: string,
  kind: ColumnKind,
  label: string | null,
  extras: ColumnExtras = {},
): ColumnDefinition {
  return { name, key: name, kind, label, schemaName: toSchemaName(name), ...extras };
}

export const text = (
  name: string,
  label: string | null,
  maxLength: number,
  extras: ColumnExtras = {},
): ColumnDefinition => column(name, 'string', label, { maxLength, ...extras });

export const flag = (
  name: string,
  label: string,
  trueLabel: string,
  falseLabel: string,
  defaultValue = false,
): ColumnDefinition =>
  column(name, 'boolean', label, {
    defaultValue,
    options: [
      { value: 1, label: trueLabel },
      { value: 0, label: falseLabel },
    ],
  });

export const choice = (
  name: string,
  label: string,
  options: readonly string[],
  extras: ColumnExtras = {},
): ColumnDefinition =>
  column(name, 'choice', label, {
    options: options.map((each, index) => ({ value: index + 1, label: each })),
    ...extras,
  });

export const lookup = (
  name: string,
  label: string,
  targets: Readonly<Record<string, string>>,
  extras: ColumnExtras = {},
): ColumnDefinition => column(name, 'lookup', label, { targets, lookupType: 'Lookup', ...extras });

/** The columns that each table has: state, status, owner, times, version. */
export function commonColumns(inactiveReason = 'Inactive'): ColumnDefinition[] {
  return [
    column('statecode', 'state', 'Status', {
      defaultValue: 0,
      options: [
        { value: 0, label: 'Active' },
        { value: 1, label: 'Inactive' },
      ],
    }),
    column('statuscode', 'status', 'Status Reason', {
      defaultValue: 1,
      options: [
        { value: 1, label: 'Active', state: 0 },
        { value: 2, label: inactiveReason, state: 1 },
      ],
    }),
    lookup('ownerid', 'Owner', { systemuser: 'ownerid' }, { lookupType: 'Owner' }),
    column('createdon', 'datetime', 'Created On', { readOnly: true }),
    column('modifiedon', 'datetime', 'Modified On', { readOnly: true }),
    column('versionnumber', 'bigint', 'Version Number', { readOnly: true }),
  ];
}

/** Name of a column in the Web API's JSON: `_<name>_value` for a lookup. */
export function propertyName(definition: ColumnDefinition): string {
  return definition.kind === 'lookup' ? `_${definition.name}_value` : definition.name;
}

function toSchemaName(name: string): string {
  const custom = name.startsWith('new_');
  const bare = custom ? name.slice(4) : name;
  return (custom ? 'new_' : '') + bare.charAt(0).toUpperCase() + bare.slice(1);
}
