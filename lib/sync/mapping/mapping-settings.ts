import type { WhenEmpty } from '../../core/conversions';

/** One row of the mapping. */
export interface MappingRow {
  /** From 1, as the panel counts. */
  readonly line: number;
  readonly source:
    | { readonly kind: 'column'; /** `name|type`, or the name alone. */ readonly column: string }
    | { readonly kind: 'expression' };
  /** Campaign field, `name|type` or the name alone. */
  readonly field: string;
  /** Off: the value travels on the initial load, on replay and when the record is created, never with an update. */
  readonly applyUpdates: boolean;
  /** The value travels only when the record is created, whatever the settings of Apply Updates are. @default false */
  readonly creationOnly?: boolean;
  readonly choices: 'default' | 'value' | 'label';
  readonly whenEmpty: WhenEmpty;
}

export interface MappingSettings {
  /** The Campaign field that holds the row's id; `name|type` or the name alone. */
  readonly keyField: string;
  readonly rows: readonly MappingRow[];
  readonly applyUpdates: 'perRow' | 'all' | 'none';
  readonly choices: 'value' | 'label';
  /** IANA name; for dates made of moments and the reverse. */
  readonly timeZone: string;
  readonly tooLong: 'reject' | 'cut';
  readonly unknownEntries: 'reject' | 'passOn';
  readonly applyDeletes: boolean;
  /** Keep `record` and `labels` in the item. */
  readonly keepRecord: boolean;
  /** Campaign's product: v8 refuses updates of `location`. */
  readonly product: 'standard' | 'v8';
}
