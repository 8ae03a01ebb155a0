import { conversions } from '../../../../lib/sync/conversion/conversions';
import { compileMapping } from '../../../../lib/sync/mapping/compile-mapping';
import { compileRecordReplacements } from '../../../../lib/sync/replacement/compile-record-replacements';
import { compileTargetReplacements } from '../../../../lib/sync/replacement/compile-target-replacements';
import type { ReplacementRow, ReplacementValue } from '../../../../lib/sync/replacement/replacement-settings';
import type { Target } from '../../../../lib/core/change';
import {
  ALLOW_OPTIONS,
  column,
  deletion,
  field,
  GENDER_OPTIONS,
  GENDER_VALUES,
  ID,
  resourceOf,
  tableOf,
  target as profile,
  upsert,
} from '../../../support/builders';
import { thrown } from '../../../support/errors';

const value = (text: string | null): ReplacementValue =>
  text === null ? { empty: true } : { empty: false, value: text };
const row = (line: number, name: string, from: string | null, to: string | null): ReplacementRow => ({
  line,
  name,
  oldValue: value(from),
  newValue: value(to),
});

const table = tableOf(
  column('gendercode', 'choice', { options: GENDER_OPTIONS }),
  column('hobbies', 'choices', { options: GENDER_OPTIONS }),
  column('donotemail', 'boolean', { options: ALLOW_OPTIONS }),
  column('city', 'string'),
  column('score', 'decimal'),
);

describe('replacements before the mapping', () => {
  const run = (
    rows: ReplacementRow[],
    record: Record<string, string | number | boolean | null>,
    labels = {},
    caseSensitive = false,
  ) => {
    const { change, count } = compileRecordReplacements({ rows, caseSensitive }, table)(upsert(record, labels));
    return { ...(change.change === 'upsert' ? { record: change.record, labels: change.labels } : {}), count };
  };

  it.each<[string, ReplacementRow, Record<string, string | number | boolean | null>, unknown, unknown]>([
    ['a choice by a word', row(1, 'gendercode|choice', '2', 'female'), { gendercode: 2 }, 'female', 'female'],
    ['a choice by another, with its label', row(1, 'gendercode', '3', '1'), { gendercode: 3 }, 1, 'Male'],
    ['a choice by nothing', row(1, 'gendercode', '3', null), { gendercode: 3 }, null, undefined],
    ['nothing by a choice', row(1, 'gendercode', null, '1'), { gendercode: null }, 1, 'Male'],
    ['a boolean', row(1, 'donotemail', 'false', 'true'), { donotemail: false }, true, 'Do Not Allow'],
    ['nothing by true', row(1, 'donotemail', null, 'true'), { donotemail: null }, true, 'Do Not Allow'],
    ['one of several choices', row(1, 'hobbies', '3', '1'), { hobbies: '2,3' }, '2,1', 'Female; Male'],
    ['all of several choices by nothing', row(1, 'hobbies', '3', null), { hobbies: '3' }, null, undefined],
    ['a text in any case', row(1, 'city', 'köln', 'Cologne'), { city: 'KÖLN' }, 'Cologne', undefined],
    ['spaces alone, as they are empty', row(1, 'city', null, 'n/a'), { city: '  ' }, 'n/a', undefined],
    ['a number however it is written', row(1, 'score', '2.50', '3'), { score: 2.5 }, 3, undefined],
  ])('replace %s', (_name, replacement, record, expected, label) => {
    const result = run([replacement], record);
    const name = Object.keys(record)[0] ?? '';
    expect(result).toEqual({
      record: { [name]: expected },
      labels: label === undefined ? {} : { [name]: label },
      count: 1,
    });
  });

  it('the first of several rows that match wins, and a replaced value is not replaced again', () => {
    const rows = [row(1, 'city', 'a', 'b'), row(2, 'city', 'A', 'c'), row(3, 'city', 'b', 'd')];
    expect(run(rows, { city: 'a' }).record).toEqual({ city: 'b' });
    expect(run(rows, { city: 'A' }, {}, true).record).toEqual({ city: 'c' });
  });

  it('leave alone what no row names, deletions and what has its outcome', () => {
    const replace = compileRecordReplacements({ rows: [row(1, 'city', 'a', 'b')], caseSensitive: false }, table);
    for (const change of [
      upsert({ city: 'x' }),
      deletion(),
      upsert({ city: 'a' }, {}, { outcome: { status: 'skipped', engineCalls: 0 } }),
    ]) {
      expect(replace(change)).toEqual({ change, count: 0 });
    }
  });

  it('do not change the record that came in, which other branches of the flow share', () => {
    const change = upsert({ gendercode: 2 }, { gendercode: 'Female' });
    const before = structuredClone(change);
    compileRecordReplacements({ rows: [row(1, 'gendercode', '2', 'female')], caseSensitive: false }, table)(change);
    expect(change).toEqual(before);
  });

  it.each([true, false])('make an entry of a choice, whether values or labels are mapped (labels: %p)', (byLabel) => {
    const replace = compileRecordReplacements(
      { rows: [row(1, 'gendercode', '3', 'unknown')], caseSensitive: false },
      table,
    );
    const mapping = compileMapping(
      {
        keyField: 'externalId',
        rows: [
          {
            line: 1,
            source: { kind: 'column', column: 'gendercode' },
            field: 'gender',
            applyUpdates: true,
            choices: 'default',
            whenEmpty: 'clear',
          },
        ],
        applyUpdates: 'perRow',
        choices: byLabel ? 'label' : 'value',
        timeZone: 'UTC',
        tooLong: 'reject',
        unknownEntries: 'reject',
        applyDeletes: true,
        keepRecord: false,
        product: 'standard',
      },
      table,
      resourceOf(field('gender', 'enumeration', { values: GENDER_VALUES })),
      conversions,
    );
    const { change } = replace(upsert({ gendercode: 3 }, { gendercode: 'Diverse' }));
    expect(mapping.map(change, () => undefined).target?.fields).toEqual({ gender: 'unknown' });
  });

  it.each<[ReplacementRow, string]>([
    [row(2, 'citi', 'a', 'b'), 'UNKNOWN_COLUMN'],
    [row(2, 'gendercode', '9', 'x'), 'UNKNOWN_CHOICE'],
    [row(2, 'gendercode', 'Female', 'x'), 'OLD_VALUE_NOT_VALID'],
    [row(2, 'donotemail', 'Allow', 'true'), 'OLD_VALUE_NOT_VALID'],
    [row(2, 'gendercode|string', '1', 'x'), 'COLUMN_RETYPED'],
  ])('refuse the row %p with %s before the first record', (wrong, code) => {
    const error = thrown(() => compileRecordReplacements({ rows: [wrong], caseSensitive: false }, table));
    expect(error).toMatchObject({ name: 'ConfigurationError', code });
    expect(error.message).toContain('Line 2');
  });

  it('stop on a record without the column', () => {
    const replace = compileRecordReplacements({ rows: [row(1, 'city', 'a', 'b')], caseSensitive: false }, table);
    expect(thrown(() => replace(upsert({}))).code).toBe('COLUMN_NOT_READ');
  });
});

describe('replacements after the mapping', () => {
  const resource = resourceOf(
    field('gender', 'enumeration', { values: GENDER_VALUES }),
    field('points', 'integer'),
    field('city', 'string', { maxLength: 5 }),
    field('blackListEmail', 'boolean'),
  );
  const target = (fields: Target['fields'], others: Partial<Target> = {}) =>
    profile(ID, fields, { ...others, lines: { gender: 4, points: 5, city: 6 } });
  const run = (rows: ReplacementRow[], mapped: Target) =>
    compileTargetReplacements({ rows, caseSensitive: false }, resource, conversions)({ ...upsert({}), target: mapped });

  it('replace in fields and in those of load and creation alike, as the type of the field', () => {
    const rows = [
      row(1, 'gender|enumeration', '2', 'female'),
      row(2, 'points', '0', '10'),
      row(3, 'city', null, 'n/a'),
      row(4, 'blackListEmail', '1', 'false'),
    ];
    const { change, count } = run(
      rows,
      target(
        { gender: '2', city: '' },
        { loadAndCreationFields: { points: 0 }, creationFields: { blackListEmail: true } },
      ),
    );
    expect(change.target).toMatchObject({
      fields: { gender: 'female', city: 'n/a' },
      loadAndCreationFields: { points: 10 },
      creationFields: { blackListEmail: false },
    });
    expect(count).toBe(4);
  });

  it('reject what is still no entry of the enumeration, with the line of the mapping', () => {
    const { change } = run([row(1, 'gender', '2', 'female')], target({ gender: '3' }));
    expect(change.outcome).toMatchObject({
      status: 'rejected',
      code: 'UNKNOWN_ENUMERATION_VALUE',
      field: 'gender',
      mappingLine: 4,
    });
  });

  it('leave alone deletions and what has its outcome', () => {
    const replace = compileTargetReplacements({ rows: [], caseSensitive: false }, resource, conversions);
    for (const change of [deletion(), upsert({}, {}, { outcome: { status: 'rejected', engineCalls: 0 } })]) {
      expect(replace(change)).toEqual({ change, count: 0 });
    }
  });

  it.each<[ReplacementRow, string]>([
    [row(2, 'gendr', '2', 'female'), 'UNKNOWN_FIELD'],
    [row(2, 'gender', '2', 'diverse'), 'NEW_VALUE_NOT_VALID'],
    [row(2, 'points', '2', 'many'), 'NEW_VALUE_NOT_VALID'],
    [row(2, 'city', '2', 'too long for it'), 'NEW_VALUE_NOT_VALID'],
    [row(2, 'blackListEmail', 'true', null), 'NEW_VALUE_NOT_VALID'],
  ])('refuse the row %p with %s before the first record', (wrong, code) => {
    const error = thrown(() => run([wrong], target({})));
    expect(error).toMatchObject({ name: 'ConfigurationError', code });
    expect(error.message).toContain('Line 2');
  });

  it('stop where they stand before the Field Mapper, name a field that is not mapped, or another resource', () => {
    const replace = compileTargetReplacements(
      { rows: [row(1, 'blackListEmail', 'true', 'false')], caseSensitive: false },
      resource,
      conversions,
    );
    expect(thrown(() => replace(upsert({}))).code).toBe('NOT_MAPPED_YET');
    expect(thrown(() => replace({ ...upsert({}), target: target({}) })).code).toBe('FIELD_NOT_MAPPED');
    expect(thrown(() => replace({ ...upsert({}), target: { ...target({}), resource: 'service' } })).code).toBe(
      'RESOURCE_MISMATCH',
    );
  });
});
