/** A value to look for or to put in: nothing at all, or a value as text (choices by number, booleans as `true`/`false`). */
export type ReplacementValue = { readonly empty: true } | { readonly empty: false; readonly value: string };

/** One row: in this column or field, this value becomes that one. Of several rows that match the first wins. */
export interface ReplacementRow {
  /** From 1, as the panel counts. */
  readonly line: number;
  /** Column (before the mapping) or Campaign field (after it): `name|type` or the name alone. */
  readonly name: string;
  readonly oldValue: ReplacementValue;
  readonly newValue: ReplacementValue;
}

export interface ReplacementSettings {
  readonly rows: readonly ReplacementRow[];
  /** Tell upper and lower case apart in texts. */
  readonly caseSensitive: boolean;
}

/** What came of one item. */
export interface Replaced<C> {
  readonly change: C;
  /** How many values were replaced. */
  readonly count: number;
}
