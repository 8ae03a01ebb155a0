import type { Change, DeleteChange, SourceValue, UpsertChange } from '../../core/change';
import { TimeZone } from '../../core/time-zone';
import type { TableDescription } from '../../core/metadata';
import { skippedOutcome } from '../../core/outcome';
import { Problems } from '../../core/problems';
import { rejectionOutcome } from '../../core/rejection-outcome';
import { resolveColumn } from '../../core/resolve-column';
import { COMPARISONS, comparisonOf, FAMILY_OF } from './comparisons';
import { compileCondition, type ConditionContext, type Test } from './compile-condition';
import type { FilterCondition, FilterGroup, FilterSettings } from './filter-settings';
import { OperandError } from './operands';

export interface Filtered {
  readonly kept: boolean;
  readonly change: Change;
}

/** Sorts one change: deletions and items that have an outcome already are kept as they are. */
export type Filter = (change: Change) => Filtered;

const FILTERED_OUT = skippedOutcome('FILTERED_OUT', 'The record does not meet the conditions of the Record Filter.');

/**
 * Compiles a filter for one batch.
 * @param nowMs milliseconds since the epoch, for "within the last days"
 * @throws ConfigurationError that names every wrong condition; the filter itself throws COLUMN_NOT_READ
 */
export function compileFilter(settings: FilterSettings, table: TableDescription, nowMs: number): Filter {
  const problems = new Problems();
  const context: ConditionContext = {
    caseSensitive: settings.caseSensitive,
    zone: TimeZone.named(settings.timeZone),
    nowMs,
  };
  const test = compileGroup(settings.root, table, context, problems);
  problems.throwIfAny();
  const out = settings.filteredOut === 'delete' ? asDeletion : asSkipped;
  return (change) => {
    if (change.change === 'delete' || change.outcome) return { kept: true, change };
    try {
      return test(change.record) ? { kept: true, change } : { kept: false, change: out(change) };
    } catch (error) {
      // Nobody can tell whether it meets the conditions: it goes on with its outcome, and is neither written nor deleted.
      return { kept: true, change: { ...change, outcome: rejectionOutcome(error) } };
    }
  };
}

function asSkipped(change: UpsertChange): UpsertChange {
  return { ...change, outcome: FILTERED_OUT };
}

/** The record's values go no further than they must. */
function asDeletion(change: UpsertChange): DeleteChange {
  const { record, labels, ...rest } = change;
  return { ...rest, change: 'delete', reason: 'filtered-out' };
}

function compileGroup(
  group: FilterGroup,
  table: TableDescription,
  context: ConditionContext,
  problems: Problems,
): Test {
  // A group that nobody filled in says nothing; in an Or it must not keep everything.
  const parts = group.parts.filter((part) => part.kind === 'condition' || part.parts.length > 0);
  const tests = parts.map((part) =>
    part.kind === 'group' ? compileGroup(part, table, context, problems) : compileOne(part, table, context, problems),
  );
  const [first, second] = tests;
  if (!first) return KEEP_ALL;
  if (!second) return first;
  if (group.match === 'all') return (record) => everyTest(tests, record);
  return (record) => anyTest(tests, record);
}

const KEEP_ALL: Test = () => true;

function everyTest(tests: readonly Test[], record: Readonly<Record<string, SourceValue>>): boolean {
  for (const test of tests) if (!test(record)) return false;
  return true;
}

function anyTest(tests: readonly Test[], record: Readonly<Record<string, SourceValue>>): boolean {
  for (const test of tests) if (test(record)) return true;
  return false;
}

function compileOne(
  condition: FilterCondition,
  table: TableDescription,
  context: ConditionContext,
  problems: Problems,
): Test {
  const { where } = condition;
  const column = resolveColumn(condition.column, where, table, problems);
  if (!column) return KEEP_ALL;
  const family = FAMILY_OF[column.type];
  if (!comparisonOf(family, condition.comparison)) {
    problems.add({
      where,
      code: 'COMPARISON_NOT_VALID',
      message: `the comparison "${condition.comparison}" does not exist for the ${column.type} column "${column.name}".`,
      hint: `It has: ${Object.keys(COMPARISONS[family]).join(', ')}.`,
    });
    return KEEP_ALL;
  }
  try {
    return compileCondition(condition, column, context);
  } catch (error) {
    if (!(error instanceof OperandError)) throw error;
    problems.add({ where, code: error.code, message: error.message, hint: error.hint });
    return KEEP_ALL;
  }
}
