import type { Change } from '../../../../lib/core/change';
import { conversions } from '../../../../lib/sync/conversion/conversions';
import { compileMapping } from '../../../../lib/sync/mapping/compile-mapping';
import type { MappingRow, MappingSettings } from '../../../../lib/sync/mapping/mapping-settings';
import {
  column,
  deletion,
  field,
  GENDER_OPTIONS,
  GENDER_VALUES,
  ID,
  resourceOf,
  tableOf,
  upsert,
} from '../../../support/builders';
import { thrown } from '../../../support/errors';

const table = tableOf(
  column('firstname', 'string'),
  column('gendercode', 'choice', { options: GENDER_OPTIONS }),
  column('donotemail', 'boolean'),
  column('birthdate', 'date'),
  column('address1_city', 'string'),
);
const resource = resourceOf(
  field('firstName', 'string', { maxLength: 10 }),
  field('gender', 'enumeration', { values: GENDER_VALUES }),
  field('blackListEmail', 'boolean'),
  field('birthDate', 'date'),
  field('location.city', 'string'),
  field('age', 'integer', { readOnly: true }),
  field('orgUnit', 'link'),
);

function row(line: number, from: string, to: string, more: Partial<MappingRow> = {}): MappingRow {
  return {
    line,
    source: { kind: 'column', column: from },
    field: to,
    applyUpdates: true,
    choices: 'default',
    whenEmpty: 'clear',
    ...more,
  };
}

function settings(rows: MappingRow[], more: Partial<MappingSettings> = {}): MappingSettings {
  return {
    keyField: 'externalId|string',
    rows,
    applyUpdates: 'perRow',
    choices: 'value',
    timeZone: 'UTC',
    tooLong: 'reject',
    unknownEntries: 'reject',
    applyDeletes: true,
    keepRecord: false,
    product: 'standard',
    ...more,
  };
}

function map(
  rows: MappingRow[],
  change: Change,
  more: Partial<MappingSettings> = {},
  evaluate: (line: number) => unknown = fail,
) {
  return compileMapping(settings(rows, more), table, resource, conversions).map(change, evaluate);
}

function fail(): never {
  throw new Error('no line is an expression');
}

describe('a mapped record', () => {
  it('has its target, keyed by the id of the row, and no longer its record', () => {
    const rows = [
      row(1, 'firstname|string', 'firstName|string'),
      row(2, 'birthdate', 'birthDate', { applyUpdates: false }),
    ];
    expect(map(rows, upsert({ firstname: 'Ada', birthdate: '1815-12-10' }))).toEqual({
      change: 'upsert',
      reason: 'changed',
      table: 'contact',
      id: ID,
      modifiedOn: '2026-11-21T16:30:00Z',
      initial: false,
      target: {
        resource: 'profile',
        api: 'profileAndServicesExt',
        key: { field: 'externalId', value: ID },
        fields: { firstName: 'Ada' },
        loadAndCreationFields: { birthDate: '1815-12-10' },
        creationFields: {},
        lines: { firstName: 1, birthDate: 2 },
      },
    });
  });

  it.each([
    ['all', { firstName: 'Ada', 'location.city': 'Ulm' }, {}],
    ['none', {}, { firstName: 'Ada', 'location.city': 'Ulm' }],
    ['perRow', { firstName: 'Ada' }, { 'location.city': 'Ulm' }],
  ] as const)('travels with Apply Updates "%s" as set', (applyUpdates, fields, loadAndCreationFields) => {
    const rows = [row(1, 'firstname', 'firstName'), row(2, 'address1_city', 'location.city', { applyUpdates: false })];
    const change = upsert({ firstname: 'Ada', address1_city: 'Ulm' });
    expect(map(rows, change, { applyUpdates }).target).toMatchObject({
      fields,
      loadAndCreationFields,
      creationFields: {},
    });
  });

  it.each(['all', 'none', 'perRow'] as const)(
    'sends a line "Only on Creation" on creation alone, with Apply Updates "%s" too',
    (applyUpdates) => {
      const rows = [row(1, 'firstname', 'firstName', { creationOnly: true, applyUpdates: true })];
      const { target } = map(rows, upsert({ firstname: 'Ada' }), { applyUpdates });
      expect(target).toMatchObject({
        fields: {},
        loadAndCreationFields: {},
        creationFields: { firstName: 'Ada' },
      });
    },
  );

  it('takes labels where the line says so, whatever the node says', () => {
    const change = upsert({ gendercode: 2 }, { gendercode: 'Female' });
    expect(map([row(1, 'gendercode', 'gender', { choices: 'label' })], change).target?.fields).toEqual({
      gender: 'female',
    });
    expect(
      map([row(1, 'gendercode', 'firstName', { choices: 'value' })], change, { choices: 'label' }).target?.fields,
    ).toEqual({
      firstName: '2',
    });
  });

  it('keeps record and labels where that is set, and whatever else a user put into the item', () => {
    const change = { ...upsert({ firstname: 'Ada' }), mine: 1 };
    expect(map([row(1, 'firstname', 'firstName')], change, { keepRecord: true })).toMatchObject({
      record: { firstname: 'Ada' },
      mine: 1,
    });
  });

  it('does not say that an opt-out is withdrawn when the column is empty', () => {
    const mapped = map([row(1, 'donotemail', 'blackListEmail')], upsert({ donotemail: null }));
    expect(mapped.target).toMatchObject({ fields: {}, loadAndCreationFields: {}, creationFields: {} });
  });

  it('accepts denyList as another name of blackList', () => {
    const mapped = map([row(1, 'donotemail', 'denyListEmail|boolean')], upsert({ donotemail: true }));
    expect(mapped.target?.fields).toEqual({ blackListEmail: true });
  });
});

describe('a value that can not be converted', () => {
  it('rejects its record with code, field and line, and without the value', () => {
    const rows = [row(1, 'birthdate', 'birthDate'), row(2, 'firstname', 'firstName')];
    const mapped = map(rows, upsert({ firstname: 'Ada Lovelace-Byron', birthdate: null }));
    expect(mapped.outcome).toMatchObject({
      status: 'rejected',
      code: 'TOO_LONG',
      field: 'firstName',
      mappingLine: 2,
      engineCalls: 0,
    });
    expect(mapped.target).toBeUndefined();
    expect(JSON.stringify(mapped)).not.toContain('Lovelace');
  });
});

describe('an expression', () => {
  const rows = [
    row(1, 'firstname', 'firstName'),
    { ...row(2, '', 'location.city'), source: { kind: 'expression' as const } },
  ];
  const change = upsert({ firstname: 'Ada' });

  it('is evaluated for its line alone', () => {
    const lines: number[] = [];
    const mapped = map(rows, change, {}, (line) => {
      lines.push(line);
      return 'Ulm';
    });
    expect(mapped.target?.fields).toEqual({ firstName: 'Ada', 'location.city': 'Ulm' });
    expect(lines).toEqual([2]);
  });

  it('that fails rejects its record without its own words, which may quote values', () => {
    const mapped = map(rows, change, {}, () => {
      throw new Error('Ada is not a function');
    });
    expect(mapped.outcome).toMatchObject({ code: 'EXPRESSION_FAILED', mappingLine: 2 });
    expect(mapped.outcome?.message).not.toContain('Ada');
  });

  it('that gives undefined does not clear the field', () => {
    expect(map(rows, change, {}, () => undefined).outcome).toMatchObject({
      code: 'EXPRESSION_WITHOUT_VALUE',
      mappingLine: 2,
    });
    expect(map(rows, change, {}, () => null).target?.fields['location.city']).toBe('');
  });
});

describe('a deletion', () => {
  it('has a target without fields', () => {
    expect(map([], deletion()).target).toEqual({
      resource: 'profile',
      api: 'profileAndServicesExt',
      key: { field: 'externalId', value: ID },
      fields: {},
      loadAndCreationFields: {},
      creationFields: {},
    });
  });

  it.each(['deleted', 'missing-after-full-read'] as const)(
    'with the reason "%s" is skipped where Apply Deletes is off',
    (reason) => {
      const mapped = map([], deletion({ reason }), { applyDeletes: false });
      expect(mapped).toMatchObject({ outcome: { status: 'skipped', code: 'DELETES_NOT_APPLIED' } });
      expect(mapped.target).toBeUndefined();
    },
  );

  it('of a record that was filtered out is the business of the filter, and always passes', () => {
    expect(map([], deletion({ reason: 'filtered-out' }), { applyDeletes: false }).target?.key.value).toBe(ID);
  });
});

it('passes on what has its outcome already, even of another table', () => {
  const change = upsert({}, {}, { table: 'account', outcome: { status: 'skipped', engineCalls: 0 } });
  expect(map([row(1, 'firstname', 'firstName')], change)).toBe(change);
});

describe('wrong settings are refused before the first record', () => {
  const error = (rows: MappingRow[], more: Partial<MappingSettings> = {}, target = resource) =>
    thrown(() => compileMapping(settings(rows, more), table, target, conversions));

  it.each<[string, MappingRow, Partial<MappingSettings>, string]>([
    ['an unknown column', row(4, 'firstnam', 'firstName'), {}, 'UNKNOWN_COLUMN'],
    ['an unknown field', row(4, 'firstname', 'firstNme'), {}, 'UNKNOWN_FIELD'],
    ['a retyped column', row(4, 'firstname|integer', 'firstName'), {}, 'COLUMN_RETYPED'],
    ['a retyped field', row(4, 'firstname', 'firstName|date'), {}, 'FIELD_RETYPED'],
    ['no field', row(4, 'firstname', ''), {}, 'FIELD_MISSING'],
    ['a read-only field', row(4, 'firstname', 'age'), {}, 'READ_ONLY_FIELD'],
    ['a link', row(4, 'firstname', 'orgUnit'), {}, 'LINK_FIELD'],
    ['a link from an expression', { ...row(4, '', 'orgUnit'), source: { kind: 'expression' } }, {}, 'LINK_FIELD'],
    ['the key', row(4, 'firstname', 'externalId'), {}, 'KEY_MAPPED'],
    ['a conversion that is not listed', row(4, 'birthdate', 'gender'), {}, 'CONVERSION_NOT_VALID'],
    [
      'an update of location on v8',
      row(4, 'address1_city', 'location.city'),
      { product: 'v8' },
      'LOCATION_NOT_UPDATABLE',
    ],
  ])('%s, with its line', (_name, wrong, more, code) => {
    const found = error([row(1, 'firstname', 'blackListEmail'), wrong], more);
    expect(found).toMatchObject({ name: 'ConfigurationError', code });
    expect(found.message).toContain('Line 4: ');
  });

  it('the same Campaign field twice, with both lines, also by its other name', () => {
    const found = error([row(2, 'donotemail', 'blackListEmail'), row(5, 'donotemail', 'denyListEmail')]);
    expect(found).toMatchObject({ code: 'FIELD_MAPPED_TWICE' });
    expect(found.message).toContain('Lines 2 and 5');
  });

  it('location on v8 may travel with the creation', () => {
    const rows = [row(1, 'address1_city', 'location.city', { applyUpdates: false })];
    expect(compileMapping(settings(rows, { product: 'v8' }), table, resource, conversions).warnings).toEqual([]);
  });

  it.each([
    ['UNKNOWN_FIELD', 'externlId', resource],
    ['KEY_FIELD_NOT_TEXT', 'age', resource],
    ['KEY_FIELD_TOO_SHORT', 'firstName', resource],
    ['FIELD_MISSING', '', resource],
  ])('%s for the key field "%s"', (code, keyField) => {
    expect(error([], { keyField })).toMatchObject({ code });
  });

  it('all wrong lines are named at once', () => {
    const found = error([row(1, 'nope', 'firstName'), row(2, 'firstname', 'age')]);
    expect(found.message.split('\n')).toHaveLength(2);
  });
});

it('stops on a record that does not have the column, and on one of another table', () => {
  const rows = [row(3, 'firstname', 'firstName')];
  const missing = thrown(() => map(rows, upsert({})));
  expect(missing).toMatchObject({ name: 'ConfigurationError', code: 'COLUMN_NOT_READ' });
  expect(missing.message).toContain('Line 3');
  expect(thrown(() => map(rows, upsert({}, {}, { table: 'account' }))).code).toBe('TABLE_MISMATCH');
});

it('warns of a mandatory field that nobody maps', () => {
  const strict = resourceOf(field('cusCode', 'string', { mandatory: true }));
  expect(compileMapping(settings([]), table, strict, conversions).warnings).toEqual([
    expect.stringContaining('"cusCode"'),
  ]);
});
