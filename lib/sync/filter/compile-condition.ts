import type { SourceValue } from '../../core/change';
import { columnNotRead } from '../../core/column-not-read';
import { RejectedRecordError } from '../../core/errors';
import { dayOf, momentOf, parseDate } from '../../core/dates';
import { entryOf } from '../../core/entry-of';
import { parseNumber } from '../../core/numbers';
import { requirePlain } from '../../core/plain-value';
import { textOf } from '../../core/text';
import type { TimeZone } from '../../core/time-zone';
import type { Column } from '../../core/metadata';
import { comparisonOf, FAMILY_OF, type Comparison, type Family } from './comparisons';
import type { FilterCondition } from './filter-settings';
import { CORRECT_IT, NO_OPERAND, OperandError, readDays, readOperands } from './operands';

export type Test = (record: Readonly<Record<string, SourceValue>>) => boolean;
type Present = Exclude<SourceValue, null>;

export interface ConditionContext {
  readonly caseSensitive: boolean;
  readonly zone: TimeZone;
  /** Now, in milliseconds since the epoch: the clock of "within the last days". */
  readonly nowMs: number;
}

/** Comparisons that hold for an empty value: the opposite of a positive one that does not. */
const OPPOSITES: Partial<Record<Comparison, Comparison>> = {
  notEquals: 'equals',
  isNoneOf: 'isAnyOf',
  notContains: 'contains',
  notStartsWith: 'startsWith',
  notEndsWith: 'endsWith',
  notOn: 'on',
  containsNone: 'containsAny',
  isNotEmpty: 'isEmpty',
};

/**
 * Makes a condition into a test of a record.
 * @throws OperandError where the value to compare with does not fit; the test itself RejectedRecordError VALUE_NOT_PLAIN
 */
export function compileCondition(condition: FilterCondition, column: Column, context: ConditionContext): Test {
  const positive = OPPOSITES[condition.comparison];
  const test = compilePositive({ ...condition, comparison: positive ?? condition.comparison }, column, context);
  const { name } = column;
  const { where } = condition;
  const negated = positive !== undefined;
  return (record) => {
    const value = entryOf(record, name);
    if (value === undefined && column.secured) throw columnSecured(name, where);
    if (value === undefined) throw columnNotRead(name, where);
    const plain = requirePlain(value, { where, name });
    return test(isEmpty(plain) ? null : plain) !== negated;
  };
}

function columnSecured(column: string, where: string): RejectedRecordError {
  return new RejectedRecordError(
    'COLUMN_SECURED',
    `${where}: the column "${column}" has column security and reads as empty, so nobody can tell whether the record meets the condition.`,
    { field: column, hint: 'Give the application user a column security profile that may read the column.' },
  );
}

function isEmpty(value: SourceValue): boolean {
  return value === null || (typeof value === 'string' && (value === '' || value.trim() === ''));
}

function compilePositive(
  condition: FilterCondition,
  column: Column,
  context: ConditionContext,
): (value: SourceValue) => boolean {
  if (condition.comparison === 'isEmpty') return (value) => value === null;
  const present = compilePresent(FAMILY_OF[column.type], condition, column, context);
  return (value) => value !== null && present(value);
}

function compilePresent(
  family: Family,
  condition: FilterCondition,
  column: Column,
  context: ConditionContext,
): (value: Present) => boolean {
  if (family === 'date') return compileDate(condition, column, context);
  const isList = comparisonOf(family, condition.comparison)?.operand === 'list';
  const operands = readOperands(family, column, condition.operand, isList);
  switch (family) {
    case 'text':
      return compileText(condition.comparison, operands.map(String), context.caseSensitive);
    case 'number':
      return compileNumber(condition.comparison, operands.map(Number));
    case 'choice': {
      const wanted = new Set(operands.map(Number));
      return (value) => wanted.has(Number(value));
    }
    case 'choices':
      return compileChoices(condition.comparison, operands.map(String));
    case 'boolean':
      return (value) => (value === true || value === 1) === operands[0];
    case 'lookup': {
      const wanted = new Set(operands.map(String));
      return (value) => wanted.has(textOf(value).toLowerCase());
    }
  }
}

function compileText(
  comparison: Comparison,
  operands: readonly string[],
  caseSensitive: boolean,
): (value: Present) => boolean {
  const fold = caseSensitive ? (text: string) => text : (text: string) => text.toLowerCase();
  const wanted = operands.map(fold);
  const [one = ''] = wanted;
  switch (comparison) {
    case 'equals':
      return (value) => fold(textOf(value)) === one;
    case 'contains':
      return (value) => fold(textOf(value)).includes(one);
    case 'startsWith':
      return (value) => fold(textOf(value)).startsWith(one);
    case 'endsWith':
      return (value) => fold(textOf(value)).endsWith(one);
    default: {
      const list = new Set(wanted);
      return (value) => list.has(fold(textOf(value)));
    }
  }
}

function compileNumber(comparison: Comparison, operands: readonly number[]): (value: Present) => boolean {
  const [one = NaN] = operands;
  const read = (value: Present): number => (typeof value === 'number' ? value : (parseNumber(String(value)) ?? NaN));
  switch (comparison) {
    case 'equals':
      return (value) => read(value) === one;
    case 'greaterThan':
      return (value) => read(value) > one;
    case 'atLeast':
      return (value) => read(value) >= one;
    case 'lessThan':
      return (value) => read(value) < one;
    case 'atMost':
      return (value) => read(value) <= one;
    default: {
      const list = new Set(operands);
      return (value) => list.has(read(value));
    }
  }
}

function compileChoices(comparison: Comparison, operands: readonly string[]): (value: Present) => boolean {
  const parts = (value: Present): string[] =>
    String(value)
      .split(',')
      .map((part) => part.trim());
  if (comparison === 'containsAll') {
    return (value) => {
      const present = new Set(parts(value));
      return operands.every((wanted) => present.has(wanted));
    };
  }
  const wanted = new Set(operands);
  return (value) => parts(value).some((part) => wanted.has(part));
}

const DAY = 86_400_000;

/**
 * Dates are compared as stretches of time: a day from its midnight to the next one in the node's time zone, a moment as
 * itself. "Before" ends where the stretch begins, "after" begins where it ends.
 */
function compileDate(
  { comparison, operand }: FilterCondition,
  column: Column,
  { zone, nowMs }: ConditionContext,
): (value: Present) => boolean {
  // A column without time is a day; all its comparisons are by days, as texts of one form.
  const moment = (value: Present): number => {
    const date = typeof value === 'string' ? parseDate(value) : undefined;
    return date ? momentOf(date, zone) : NaN;
  };
  const today = startOfDay(nowMs, zone);
  const dayAt = (days: number): number => startOfDay(today + days * DAY + DAY / 2, zone);
  const wholeDays = column.type === 'date';
  switch (comparison) {
    case 'withinLastDays': {
      const days = readDays(operand);
      const from = wholeDays ? dayAt(-days) : nowMs - days * DAY;
      return (value) => between(moment(value), from, nowMs);
    }
    case 'withinNextDays': {
      const days = readDays(operand);
      const from = wholeDays ? today : nowMs;
      const to = wholeDays ? dayAt(days) : nowMs + days * DAY;
      return (value) => between(moment(value), from, to);
    }
    case 'olderThanDays': {
      const days = readDays(operand);
      const limit = wholeDays ? dayAt(-days) : nowMs - days * DAY;
      return (value) => moment(value) < limit;
    }
    default: {
      const { start, end } = readStretch(operand, comparison === 'on' || wholeDays, zone);
      if (comparison === 'on') return (value) => between(moment(value), start, end - 1);
      if (comparison === 'before') return (value) => moment(value) < start;
      if (comparison === 'atOrBefore') return (value) => moment(value) < end;
      if (comparison === 'after') return (value) => moment(value) >= end;
      return (value) => moment(value) >= start;
    }
  }
}

function between(value: number, from: number, to: number): boolean {
  return value >= from && value <= to;
}

function readStretch(operand: unknown, wholeDay: boolean, zone: TimeZone): { start: number; end: number } {
  if (operand === undefined || operand === '') {
    throw new OperandError('OPERAND_MISSING', 'there is no date to compare with.', NO_OPERAND);
  }
  const date = typeof operand === 'string' ? parseDate(operand.trim()) : undefined;
  if (!date) {
    throw new OperandError(
      'OPERAND_NOT_VALID',
      'the date to compare with must look like 2023-04-07 or 2023-04-07T21:59:01.',
      CORRECT_IT,
    );
  }
  const ms = momentOf(date, zone);
  if (date.day === undefined && !wholeDay) return { start: ms, end: ms + 1 };
  const start = startOfDay(ms, zone);
  // From the middle of the day on: days of 23 and 25 hours end where they should.
  return { start, end: startOfDay(start + DAY + DAY / 2, zone) };
}

function startOfDay(ms: number, zone: TimeZone): number {
  const day = parseDate(dayOf(ms, zone));
  return day ? momentOf(day, zone) : ms;
}
