import type { Column, ColumnType, Field, FieldType } from '../../lib/core/metadata';

const COLUMN_TEXTS: Readonly<Record<ColumnType, string>> = {
  string: 'Text',
  memo: 'Long text',
  integer: 'Whole number',
  bigint: 'Big whole number',
  decimal: 'Decimal number',
  double: 'Floating point number',
  money: 'Currency',
  boolean: 'Yes/No',
  choice: 'Choice',
  choices: 'Choices (several)',
  state: 'Status',
  status: 'Status reason',
  datetime: 'Date and time',
  date: 'Date only',
  lookup: 'Lookup',
  uniqueidentifier: 'Unique identifier',
  other: 'Other',
};

const FIELD_TEXTS: Readonly<Record<FieldType, string>> = {
  string: 'Text',
  integer: 'Integer',
  float: 'Float',
  double: 'Double',
  boolean: 'Boolean',
  date: 'Date',
  datetime: 'Date and time',
  enumeration: 'Enumeration',
  link: 'Link',
  other: 'Other',
};

/** `Text, up to 50 characters` */
export function columnText({ type, maxLength, options }: Column): string {
  const count = options && type !== 'boolean' ? `, ${options.length} options` : '';
  return COLUMN_TEXTS[type] + upTo(maxLength) + count;
}

/** `Text, up to 128 characters, checked as e-mail, mandatory` */
export function fieldText({ type, maxLength, dataPolicy, mandatory, values }: Field): string {
  const policy = dataPolicy === 'email' ? ', checked as e-mail' : dataPolicy ? `, changed by policy ${dataPolicy}` : '';
  const count = values ? `, ${values.length} entries` : '';
  return FIELD_TEXTS[type] + upTo(maxLength) + count + policy + (mandatory ? ', mandatory' : '');
}

function upTo(maxLength: number | undefined): string {
  return maxLength === undefined ? '' : `, up to ${maxLength} characters`;
}
