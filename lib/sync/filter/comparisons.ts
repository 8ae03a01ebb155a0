import type { ColumnType } from '../../core/metadata';

/** Types that compare alike. */
export const FAMILIES = ['text', 'number', 'date', 'choice', 'choices', 'boolean', 'lookup'] as const;
export type Family = (typeof FAMILIES)[number];

export const FAMILY_OF: Readonly<Record<ColumnType, Family>> = {
  string: 'text',
  memo: 'text',
  other: 'text',
  integer: 'number',
  bigint: 'number',
  decimal: 'number',
  double: 'number',
  money: 'number',
  boolean: 'boolean',
  choice: 'choice',
  state: 'choice',
  status: 'choice',
  choices: 'choices',
  datetime: 'date',
  date: 'date',
  lookup: 'lookup',
  uniqueidentifier: 'lookup',
};

/** What a comparison compares with: nothing, one value, a list, or a number of days. */
export type OperandKind = 'none' | 'one' | 'list' | 'days';

interface ComparisonRow {
  readonly label: string;
  readonly operand: OperandKind;
}

const EMPTY = {
  isEmpty: { label: 'Is Empty', operand: 'none' },
  isNotEmpty: { label: 'Is Not Empty', operand: 'none' },
} as const satisfies Record<string, ComparisonRow>;

const EQUALITY = {
  equals: { label: 'Is', operand: 'one' },
  notEquals: { label: 'Is Not', operand: 'one' },
} as const satisfies Record<string, ComparisonRow>;

const LISTS = {
  isAnyOf: { label: 'Is Any Of', operand: 'list' },
  isNoneOf: { label: 'Is None Of', operand: 'list' },
} as const satisfies Record<string, ComparisonRow>;

/**
 * The comparisons that each family of types has; what is not listed is an error before the first record.
 *
 * An empty value (null, or a text without letters) meets `isEmpty` and the negative comparisons (`notEquals`, `isNoneOf`,
 * `notContains`, `notStartsWith`, `notEndsWith`, `notOn`, `containsNone`): each of those is the exact opposite of its positive
 * one, as in Dynamics 365's own views. It meets none of the others.
 */
export const COMPARISONS = {
  text: {
    ...EQUALITY,
    contains: { label: 'Contains', operand: 'one' },
    notContains: { label: 'Does Not Contain', operand: 'one' },
    startsWith: { label: 'Starts With', operand: 'one' },
    notStartsWith: { label: 'Does Not Start With', operand: 'one' },
    endsWith: { label: 'Ends With', operand: 'one' },
    notEndsWith: { label: 'Does Not End With', operand: 'one' },
    ...LISTS,
    ...EMPTY,
  },
  number: {
    ...EQUALITY,
    greaterThan: { label: 'Is Greater Than', operand: 'one' },
    atLeast: { label: 'Is Greater Than or Equal To', operand: 'one' },
    lessThan: { label: 'Is Less Than', operand: 'one' },
    atMost: { label: 'Is Less Than or Equal To', operand: 'one' },
    ...LISTS,
    ...EMPTY,
  },
  date: {
    on: { label: 'Is on the Day', operand: 'one' },
    notOn: { label: 'Is Not on the Day', operand: 'one' },
    before: { label: 'Is Before', operand: 'one' },
    atOrBefore: { label: 'Is at or Before', operand: 'one' },
    after: { label: 'Is After', operand: 'one' },
    atOrAfter: { label: 'Is at or After', operand: 'one' },
    withinLastDays: { label: 'Is Within the Last Days', operand: 'days' },
    withinNextDays: { label: 'Is Within the Next Days', operand: 'days' },
    olderThanDays: { label: 'Is Older Than Days', operand: 'days' },
    ...EMPTY,
  },
  choice: { ...EQUALITY, ...LISTS, ...EMPTY },
  choices: {
    containsAny: { label: 'Contains Any Of', operand: 'list' },
    containsAll: { label: 'Contains All Of', operand: 'list' },
    containsNone: { label: 'Contains None Of', operand: 'list' },
    ...EMPTY,
  },
  boolean: { ...EQUALITY, ...EMPTY },
  lookup: { ...EQUALITY, ...LISTS, ...EMPTY },
} as const satisfies Record<Family, Record<string, ComparisonRow>>;

type ComparisonsOf<F extends Family> = keyof (typeof COMPARISONS)[F];
export type Comparison = { [F in Family]: ComparisonsOf<F> }[Family];

/** The comparison's row in a family, or undefined where the family does not have it. */
export function comparisonOf(family: Family, comparison: string): ComparisonRow | undefined {
  const rows: Readonly<Record<string, ComparisonRow>> = COMPARISONS[family];
  return Object.hasOwn(rows, comparison) ? rows[comparison] : undefined;
}
