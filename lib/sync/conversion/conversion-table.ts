import type { ColumnType, FieldType } from '../../core/metadata';

/** The converters, by the names that docs/conversions.md uses. */
export const CONVERSIONS = [
  'text',
  'exact text',
  'text or label',
  'integer',
  'number',
  'boolean',
  'date',
  'datetime',
  'entry',
  'entry by value or label',
  'entry of a single choice',
] as const;
export type Conversion = (typeof CONVERSIONS)[number];

type Row = Readonly<Partial<Record<FieldType, Conversion>>>;

const TEXT: Row = {
  string: 'text',
  other: 'text',
  integer: 'integer',
  float: 'number',
  double: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  enumeration: 'entry',
};
const WHOLE: Row = {
  string: 'text',
  other: 'text',
  integer: 'integer',
  float: 'number',
  double: 'number',
  boolean: 'boolean',
  enumeration: 'entry',
};
const FRACTION: Row = { string: 'text', other: 'text', integer: 'integer', float: 'number', double: 'number' };
const MOMENT: Row = { string: 'text', other: 'text', date: 'date', datetime: 'datetime' };
const CHOICE: Row = {
  string: 'text or label',
  other: 'text or label',
  integer: 'integer',
  boolean: 'boolean',
  enumeration: 'entry by value or label',
};

/**
 * Which type of a Dataverse column may go into which type of a Campaign field, and how. **Any conversion that is not listed
 * here is not valid** and refused before the first record. docs/conversions.md shows the same table (a test compares them).
 */
export const CONVERSION_TABLE: Readonly<Record<ColumnType, Row>> = {
  string: TEXT,
  memo: TEXT,
  integer: WHOLE,
  bigint: { ...WHOLE, string: 'exact text', other: 'exact text' },
  decimal: FRACTION,
  double: FRACTION,
  money: FRACTION,
  boolean: CHOICE,
  choice: CHOICE,
  choices: { string: 'text or label', other: 'text or label', enumeration: 'entry of a single choice' },
  state: CHOICE,
  status: CHOICE,
  datetime: MOMENT,
  date: MOMENT,
  lookup: { string: 'text or label', other: 'text or label' },
  uniqueidentifier: { string: 'text', other: 'text' },
  other: { string: 'text', other: 'text' },
};

/** An expression has no declared type: each of its values is converted as a column of this type would be. */
export const EXPRESSION_VALUE_TYPES = {
  string: 'string',
  number: 'double',
  boolean: 'boolean',
} as const satisfies Record<string, ColumnType>;
