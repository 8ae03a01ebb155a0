import type { Comparison } from './comparisons';

/** One condition, as data: what it means is in the table of comparisons. */
export interface FilterCondition {
  readonly kind: 'condition';
  /** `Condition 2` or `Group 1, condition 2`, for messages. */
  readonly where: string;
  /** `name|type`, or the name alone. */
  readonly column: string;
  readonly comparison: Comparison;
  /** What to compare with; lists for "is any of". Absent where the comparison takes none. */
  readonly operand?: Operand;
}

export type Operand = string | number | boolean | readonly (string | number)[];

export interface FilterGroup {
  readonly kind: 'group';
  /** All of its parts must hold (And), or any one (Or). A group without parts keeps everything. */
  readonly match: 'all' | 'any';
  readonly parts: readonly (FilterCondition | FilterGroup)[];
}

/** What becomes of a record that the conditions do not keep. */
export type FilteredOutPolicy =
  /** It stays in Campaign as it is: passed on as skipped. */
  | 'keep'
  /** It is turned into a deletion. */
  | 'delete';

export interface FilterSettings {
  readonly root: FilterGroup;
  /** Compare texts with upper and lower case told apart. */
  readonly caseSensitive: boolean;
  /** IANA name: the zone of days, and of times without a zone. */
  readonly timeZone: string;
  readonly filteredOut: FilteredOutPolicy;
}
