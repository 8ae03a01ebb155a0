export type FieldKind =
  'string' | 'memo' | 'boolean' | 'byte' | 'short' | 'long' | 'float' | 'double' | 'date' | 'datetime' | 'enumeration';

export type FieldValue = string | number | boolean;

/** A record: values by storage key (dotted for nested fields). Never changed once it is in a store. */
export type CampaignRow = Readonly<Record<string, FieldValue>>;

export type Api = 'profileAndServices' | 'profileAndServicesExt' | 'customResources';

export interface FieldDefinition {
  /** Dotted for a nested one: `location.city`. */
  readonly name: string;
  /** Key in a row; stays when a field is renamed. */
  readonly key: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly length?: number;
  readonly values?: readonly { readonly name: string; readonly label: string }[];
  readonly dataPolicy?: 'email' | 'smartCase';
  readonly readOnly?: boolean;
  readonly mandatory?: boolean;
  readonly unique?: boolean;
  /** Only the API `profileAndServicesExt` has it. */
  readonly extension?: boolean;
  /** The field that keeps when this one changed last. */
  readonly stampedBy?: string;
}

export interface LinkDefinition {
  readonly name: string;
  readonly label: string;
  readonly target: string;
  /** Field of this resource and field of the target that are joined. */
  readonly own: string;
  readonly other: string;
}

export interface ResourceDefinition {
  readonly name: string;
  readonly label: string;
  readonly schema: string;
  readonly apis: readonly Api[];
  /** The field that serves as key in a URL. */
  readonly key: string;
  /** The key can't be changed at all, not even by PKey. */
  readonly fixedKey: boolean;
  readonly fields: readonly FieldDefinition[];
  /** Custom filters: their name without `by`, and the field that is compared with `<field>_parameter`. */
  readonly filters: readonly { readonly name: string; readonly field: string }[];
  readonly links: readonly LinkDefinition[];
}

type Extras = Partial<Omit<FieldDefinition, 'name' | 'label' | 'kind'>>;

export function field(name: string, kind: FieldKind, label: string, extras: Extras = {}): FieldDefinition {
  return { name, key: name, label, kind, ...(name.startsWith('cus') ? { extension: true } : {}), ...extras };
}

export const text = (name: string, label: string, length: number, extras: Extras = {}): FieldDefinition =>
  field(name, 'string', label, { length, ...extras });

/** The value of a field that was never set. */
export function emptyValue(definition: FieldDefinition): FieldValue {
  switch (definition.kind) {
    case 'boolean':
      return false;
    case 'byte':
    case 'short':
    case 'long':
    case 'float':
    case 'double':
      return 0;
    case 'enumeration':
      return definition.values?.[0]?.name ?? '';
    default:
      return '';
  }
}
