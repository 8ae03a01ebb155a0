import { API_BOOLEANS, wordToBoolean } from '../../core/boolean-words';
import { isGuid } from '../../core/guid';
import type { Column } from '../../core/metadata';
import { parseNumber } from '../../core/numbers';
import type { Family } from './comparisons';
import type { Operand } from './filter-settings';

/** An operand that can't be used; the message is the rest of a sentence that names the condition. */
export class OperandError extends Error {
  constructor(
    readonly code: 'OPERAND_MISSING' | 'OPERAND_NOT_VALID' | 'UNKNOWN_CHOICE',
    message: string,
    /** What the user can do, as a whole sentence. */
    readonly hint: string,
  ) {
    super(message);
  }
}

export const NO_OPERAND = 'Give a value, or choose the comparison "is empty".';
export const CORRECT_IT = 'Correct the value of this condition, or the expression that gives it.';

/** The operand's parts as the family compares them: texts, numbers, booleans (as true/false), lower-case ids. */
export function readOperands(
  family: Exclude<Family, 'date'>,
  column: Column,
  operand: Operand | undefined,
  isList: boolean,
): (string | number | boolean)[] {
  const parts = listOf(operand, family, isList);
  if (parts.length === 0) throw new OperandError('OPERAND_MISSING', 'there is no value to compare with.', NO_OPERAND);
  return parts.map((part) => readOne(family, column, part));
}

/** A whole, non-negative number of days. */
export function readDays(operand: Operand | undefined): number {
  const days = typeof operand === 'number' ? operand : parseNumber(String(operand ?? ''));
  if (days === undefined || !Number.isInteger(days) || days < 0 || days > 36_500) {
    throw new OperandError(
      'OPERAND_NOT_VALID',
      'the number of days must be a whole number from 0 to 36500.',
      CORRECT_IT,
    );
  }
  return days;
}

/** A list typed as text has one entry per line, or, where no entry can hold one, separated by commas. */
function listOf(operand: Operand | undefined, family: Family, isList: boolean): (string | number | boolean)[] {
  if (operand === undefined) return [];
  if (typeof operand === 'object') return [...operand];
  if (typeof operand !== 'string') return [operand];
  if (operand.trim() === '') return [];
  if (!isList) return [operand];
  const separator = family === 'text' ? /\r?\n/ : /[\r\n,;]+/;
  return operand
    .split(separator)
    .map((part) => (family === 'text' ? part : part.trim()))
    .filter((part) => part !== '');
}

function readOne(
  family: Exclude<Family, 'date'>,
  column: Column,
  part: string | number | boolean,
): string | number | boolean {
  switch (family) {
    case 'text':
      return String(part);
    case 'boolean': {
      const known = wordToBoolean(String(part), API_BOOLEANS);
      if (known !== undefined) return known;
      throw new OperandError('OPERAND_NOT_VALID', 'the value to compare with must be true or false.', CORRECT_IT);
    }
    case 'lookup': {
      const id = String(part).trim().toLowerCase();
      if (isGuid(id)) return id;
      throw new OperandError(
        'OPERAND_NOT_VALID',
        'the value to compare with must be the id (GUID) of a row.',
        CORRECT_IT,
      );
    }
    case 'number':
    case 'choice':
    case 'choices': {
      const number = typeof part === 'number' ? part : parseNumber(String(part));
      if (number === undefined)
        throw new OperandError('OPERAND_NOT_VALID', 'the value to compare with is no number.', CORRECT_IT);
      if (family !== 'number') requireOption(column, number);
      return number;
    }
  }
}

function requireOption(column: Column, choice: number): void {
  if (!column.options?.length || column.options.some((option) => option.value === choice)) return;
  throw new OperandError(
    'UNKNOWN_CHOICE',
    `the column "${column.name}" has no choice ${choice} (any more).`,
    'Choose the value again from the list.',
  );
}
