import type { SourceValue } from '../../../../lib/core/change';
import { COMPARISONS, FAMILIES, FAMILY_OF, type Comparison } from '../../../../lib/sync/filter/comparisons';
import { compileFilter } from '../../../../lib/sync/filter/compile-filter';
import type { FilterGroup, FilterSettings, Operand } from '../../../../lib/sync/filter/filter-settings';
import { COLUMN_TYPES, type Column } from '../../../../lib/core/metadata';
import { column, deletion, GENDER_OPTIONS, tableOf, upsert } from '../../../support/builders';
import { thrown } from '../../../support/errors';

const NOW = Date.parse('2026-11-21T12:00:00Z');

function settings(root: FilterGroup, more: Partial<FilterSettings> = {}): FilterSettings {
  return { root, caseSensitive: false, timeZone: 'Europe/Berlin', filteredOut: 'keep', ...more };
}

function condition(name: string, comparison: Comparison, operand?: Operand, where = 'Condition 1') {
  return { kind: 'condition' as const, where, column: name, comparison, ...(operand === undefined ? {} : { operand }) };
}

function keeps(
  type: Column['type'],
  comparison: Comparison,
  operand: Operand | undefined,
  value: SourceValue,
  more: Partial<FilterSettings> = {},
): boolean {
  const table = tableOf(column('c', type, type === 'choice' || type === 'choices' ? { options: GENDER_OPTIONS } : {}));
  const root: FilterGroup = { kind: 'group', match: 'all', parts: [condition(`c|${type}`, comparison, operand)] };
  return compileFilter(settings(root, more), table, NOW)(upsert({ c: value })).kept;
}

describe('the comparisons', () => {
  it.each<[Column['type'], Comparison, Operand | undefined, SourceValue, boolean]>([
    ['string', 'equals', 'köln', 'KÖLN', true],
    ['string', 'equals', 'Köln', 'Köln ', false],
    ['string', 'contains', '@EXAMPLE', 'ada@example.com', true],
    ['string', 'notContains', '@example', 'ada@example.com', false],
    ['string', 'startsWith', 'ad', 'Ada', true],
    ['string', 'endsWith', 'DA', 'Ada', true],
    ['string', 'notEndsWith', 'b', 'Ada', true],
    ['string', 'isAnyOf', 'Ulm\nBonn, am Rhein\r\n', 'bonn, am rhein', true],
    ['string', 'isNoneOf', 'Ulm\nBonn', 'Köln', true],
    ['memo', 'equals', 'a\nb', 'A\nB', true],
    ['string', 'equals', '0', '0', true],
    ['integer', 'equals', '5', 5, true],
    ['integer', 'isAnyOf', '1, 5;7', 5, true],
    ['integer', 'isNoneOf', '1,5', 6, true],
    ['decimal', 'greaterThan', 1.5, 1.5, false],
    ['decimal', 'atLeast', 1.5, 1.5, true],
    ['money', 'lessThan', 0, -0.01, true],
    ['money', 'atMost', 0, 0.01, false],
    ['bigint', 'greaterThan', 10, '9223372036854775807', true],
    ['choice', 'equals', '2', 2, true],
    ['choice', 'notEquals', 2, 1, true],
    ['choice', 'isAnyOf', ['1', '3'], 3, true],
    ['choice', 'isNoneOf', [1, 3], 3, false],
    ['choices', 'containsAny', ['1', '2'], '2,3', true],
    ['choices', 'containsAny', ['1'], '11,21', false],
    ['choices', 'containsAll', ['3', '2'], '1,2,3', true],
    ['choices', 'containsAll', ['3', '2'], '1,2', false],
    ['choices', 'containsNone', ['1'], '2,3', true],
    ['boolean', 'equals', 'true', true, true],
    ['boolean', 'equals', 'false', true, false],
    ['boolean', 'notEquals', 'true', false, true],
    ['lookup', 'equals', '8A4C0E6E-6B0F-4D1C-9F3E-000000000001', '8a4c0e6e-6b0f-4d1c-9f3e-000000000001', true],
    ['datetime', 'on', '2026-03-29', '2026-03-28T23:00:00Z', true],
    ['datetime', 'on', '2026-03-29', '2026-03-29T21:59:59Z', true],
    ['datetime', 'on', '2026-03-29', '2026-03-29T22:00:00Z', false],
    ['datetime', 'notOn', '2026-03-29T15:00:00', '2026-03-29T10:00:00Z', false],
    ['datetime', 'before', '2026-03-29T15:00:00', '2026-03-29T12:59:59Z', true],
    ['datetime', 'before', '2026-03-29T15:00:00', '2026-03-29T13:00:00Z', false],
    ['datetime', 'atOrBefore', '2026-03-29T15:00:00', '2026-03-29T13:00:00Z', true],
    ['datetime', 'after', '2026-03-29', '2026-03-29T12:00:00Z', false],
    ['datetime', 'after', '2026-03-29', '2026-03-29T22:00:00Z', true],
    ['datetime', 'atOrAfter', '2026-03-29', '2026-03-28T23:00:00Z', true],
    ['datetime', 'after', '2020-01-01', '9999-12-31T23:59:59Z', true],
    ['date', 'before', '2000-01-01', '1999-12-31', true],
    ['date', 'before', '2000-01-01T09:00:00', '2000-01-01', false],
    ['date', 'atOrBefore', '2000-01-01T09:00:00', '2000-01-01', true],
    ['date', 'after', '2000-01-01', '0099-01-01', false],
    ['date', 'withinLastDays', 1, '2026-11-20', true],
    ['date', 'withinLastDays', 1, '2026-11-19', false],
    ['date', 'withinLastDays', 0, '2026-11-21', true],
    ['date', 'withinLastDays', 5, '2026-11-22', false],
    ['date', 'withinNextDays', 1, '2026-11-22', true],
    ['date', 'withinNextDays', 1, '2026-11-23', false],
    ['date', 'olderThanDays', 1, '2026-11-20', false],
    ['date', 'olderThanDays', 1, '2026-11-19', true],
    ['datetime', 'withinLastDays', '7', '2026-11-14T12:00:00Z', true],
    ['datetime', 'withinLastDays', 7, '2026-11-14T11:59:59Z', false],
    ['datetime', 'withinNextDays', 7, '2026-11-28T12:00:00Z', true],
    ['datetime', 'olderThanDays', 7, '2026-11-14T11:59:59Z', true],
    ['string', 'isEmpty', undefined, '  ', true],
    ['string', 'isNotEmpty', undefined, '', false],
    ['lookup', 'isEmpty', undefined, null, true],
    ['integer', 'isEmpty', undefined, 0, false],
    ['boolean', 'isNotEmpty', undefined, false, true],
  ])('%s %s %p on %p is %p', (type, comparison, operand, value, expected) => {
    expect(keeps(type, comparison, operand, value)).toBe(expected);
  });

  it('an empty value meets "is empty" and the negative comparisons, and no other', () => {
    const operands: Record<string, Operand> = {
      text: 'x',
      number: 1,
      date: '2020-01-01',
      choice: 1,
      choices: [1],
      boolean: true,
      lookup: '8a4c0e6e-6b0f-4d1c-9f3e-000000000001',
    };
    const met: string[] = [];
    for (const family of FAMILIES) {
      const type = COLUMN_TYPES.find((candidate) => FAMILY_OF[candidate] === family) ?? 'other';
      for (const [comparison, { operand }] of Object.entries(COMPARISONS[family])) {
        const wanted = operand === 'none' ? undefined : operand === 'days' ? 1 : operands[family];
        if (keeps(type, comparison as Comparison, wanted, null)) met.push(comparison);
      }
    }
    expect([...new Set(met)].sort()).toEqual(
      [
        'containsNone',
        'isEmpty',
        'isNoneOf',
        'notContains',
        'notEndsWith',
        'notEquals',
        'notOn',
        'notStartsWith',
      ].sort(),
    );
  });

  it('tells upper and lower case apart only where that is set', () => {
    expect(keeps('string', 'equals', 'ada', 'Ada', { caseSensitive: true })).toBe(false);
    expect(keeps('string', 'isAnyOf', 'Ada', 'Ada', { caseSensitive: true })).toBe(true);
  });
});

describe('groups', () => {
  const table = tableOf(column('a', 'integer'), column('b', 'integer'));
  const one = (name: string) => condition(name, 'equals', 1);
  const group = (match: 'all' | 'any', ...parts: FilterGroup['parts'][number][]): FilterGroup => ({
    kind: 'group',
    match,
    parts,
  });
  const run = (root: FilterGroup, a: number, b: number) =>
    compileFilter(settings(root), table, NOW)(upsert({ a, b })).kept;

  it('And needs all, Or needs one, and groups nest', () => {
    expect(run(group('all', one('a'), one('b')), 1, 0)).toBe(false);
    expect(run(group('any', one('a'), one('b')), 1, 0)).toBe(true);
    const nested = group('any', group('all', one('a'), one('b')), condition('b', 'equals', 7));
    expect(run(nested, 1, 1)).toBe(true);
    expect(run(nested, 1, 0)).toBe(false);
    expect(run(nested, 0, 7)).toBe(true);
  });

  it('a group that nobody filled in changes nothing, not even in an Or', () => {
    expect(run(group('any', one('a'), group('all')), 0, 0)).toBe(false);
    expect(run(group('all', one('a'), group('any')), 1, 0)).toBe(true);
  });

  it('no condition at all keeps everything', () => {
    expect(run(group('any'), 0, 0)).toBe(true);
  });
});

describe('what is filtered out', () => {
  const table = tableOf(column('a', 'integer'));
  const root: FilterGroup = { kind: 'group', match: 'all', parts: [condition('a', 'equals', 1)] };

  it('is passed on as skipped, or turned into a deletion without its values', () => {
    const change = upsert({ a: 2 }, { a: 'two' }, { initial: true });
    expect(compileFilter(settings(root), table, NOW)(change)).toMatchObject({
      kept: false,
      change: { change: 'upsert', outcome: { status: 'skipped', code: 'FILTERED_OUT', engineCalls: 0 } },
    });
    const { kept, change: out } = compileFilter(settings(root, { filteredOut: 'delete' }), table, NOW)(change);
    expect(kept).toBe(false);
    expect(out).toEqual({
      change: 'delete',
      reason: 'filtered-out',
      table: 'contact',
      id: change.id,
      modifiedOn: change.modifiedOn,
      initial: true,
    });
  });

  it('is never a deletion, nor an item that has its outcome already', () => {
    const filter = compileFilter(settings(root), table, NOW);
    const gone = deletion();
    expect(filter(gone)).toEqual({ kept: true, change: gone });
    const decided = upsert({ a: 2 }, {}, { outcome: { status: 'rejected', engineCalls: 0 } });
    expect(filter(decided)).toEqual({ kept: true, change: decided });
  });
});

describe('wrong settings', () => {
  const table = tableOf(
    column('gendercode', 'choice', { options: GENDER_OPTIONS }),
    column('age', 'integer'),
    column('born', 'date'),
  );
  const error = (...parts: ReturnType<typeof condition>[]) =>
    thrown(() => compileFilter(settings({ kind: 'group', match: 'all', parts }), table, NOW));

  it.each<[string, Comparison, Operand | undefined, string]>([
    ['gendrcode', 'equals', 1, 'UNKNOWN_COLUMN'],
    ['', 'equals', 1, 'COLUMN_MISSING'],
    ['gendercode|string', 'equals', 1, 'COLUMN_RETYPED'],
    ['gendercode|choice', 'contains', 'x', 'COMPARISON_NOT_VALID'],
    ['age', 'toString' as Comparison, 1, 'COMPARISON_NOT_VALID'],
    ['gendercode|choice', 'equals', 9, 'UNKNOWN_CHOICE'],
    ['gendercode|choice', 'equals', '', 'OPERAND_MISSING'],
    ['gendercode|choice', 'isAnyOf', [], 'OPERAND_MISSING'],
    ['age', 'equals', 'old', 'OPERAND_NOT_VALID'],
    ['age', 'equals', '1,5', 'OPERAND_NOT_VALID'],
    ['born', 'before', '01.02.2000', 'OPERAND_NOT_VALID'],
    ['born', 'before', undefined, 'OPERAND_MISSING'],
    ['born', 'withinLastDays', -1, 'OPERAND_NOT_VALID'],
    ['born', 'withinLastDays', 1.5, 'OPERAND_NOT_VALID'],
    ['contactid', 'equals', 'not-an-id', 'OPERAND_NOT_VALID'],
  ])('%p %s %p is refused before the first record with %s', (name, comparison, operand, code) => {
    expect(error(condition(name, comparison, operand))).toMatchObject({ name: 'ConfigurationError', code });
  });

  it('are named all at once, each by its place, with the nearest name', () => {
    const found = error(condition('gendrcode', 'equals', 1), condition('age', 'equals', 'x', 'Group 1, condition 2'));
    expect(found.message).toContain('Condition 1: ');
    expect(found.message).toContain('Did you mean "gendercode"?');
    expect(found.message).toContain('Group 1, condition 2: ');
  });

  it('a column that the records do not have stops the execution, null does not', () => {
    const filter = compileFilter(
      settings({ kind: 'group', match: 'all', parts: [condition('age', 'equals', 1)] }),
      table,
      NOW,
    );
    expect(thrown(() => filter(upsert({})))).toMatchObject({ name: 'ConfigurationError', code: 'COLUMN_NOT_READ' });
    expect(filter(upsert({ age: null })).kept).toBe(false);
  });
});
