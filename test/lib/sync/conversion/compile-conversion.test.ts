import type { SourceValue } from '../../../../lib/core/change';
import type { ConversionSettings } from '../../../../lib/core/conversions';
import { compileConversion, compileExpressionConversion } from '../../../../lib/sync/conversion/compile-conversion';
import { expressionValue } from '../../../../lib/sync/mapping/expression-value';
import { TimeZone } from '../../../../lib/core/time-zone';
import { COLUMN_TYPES, FIELD_TYPES, type ColumnType, type Field } from '../../../../lib/core/metadata';
import { field, GENDER_OPTIONS, GENDER_VALUES } from '../../../support/builders';
import { thrown } from '../../../support/errors';

function settings(target: Field, more: Partial<ConversionSettings> = {}): ConversionSettings {
  return {
    place: { line: 3, source: 'col', field: target.name },
    field: target,
    choices: 'value',
    options: undefined,
    zone: TimeZone.named('Europe/Berlin'),
    tooLong: 'reject',
    unknownEntries: 'reject',
    whenEmpty: 'clear',
    ...more,
  };
}

function convert(
  from: ColumnType,
  target: Field,
  value: SourceValue,
  more: Partial<ConversionSettings> & { label?: string } = {},
): unknown {
  const converter = compileConversion(from, settings(target, more));
  if (!converter) throw new Error('not valid');
  return converter(value, more.label);
}

const text = field('t', 'string', { maxLength: 10 });
const whole = field('i', 'integer');
const bool = field('b', 'boolean');
const day = field('d', 'date');
const moment = field('dt', 'datetime');
const gender = field('gender', 'enumeration', { values: GENDER_VALUES });

describe('a text field', () => {
  it.each<[ColumnType, SourceValue, string]>([
    ['string', ' Ada ', ' Ada '],
    ['memo', 'a\nb', 'a\nb'],
    ['integer', -5, '-5'],
    ['money', 20000.5, '20000.5'],
    ['double', 1e-7, '0.0000001'],
    ['double', -1.5e21, '-1500000000000000000000'],
    ['boolean', true, 'true'],
    ['choice', 2, '2'],
    ['choices', '2,3', '2,3'],
    ['datetime', '2023-04-07', '2023-04-07'],
    ['other', 'as it is', 'as it is'],
  ])('takes a %s column value %p as the text %p', (from, value, expected) => {
    const wide = field('t', 'string');
    expect(convert(from, wide, value)).toBe(expected);
  });

  it('counts an emoji as one character, and never cuts one in half', () => {
    expect(convert('string', text, '😀'.repeat(10))).toBe('😀'.repeat(10));
    expect(thrown(() => convert('string', text, '😀'.repeat(11))).code).toBe('TOO_LONG');
    expect(convert('string', text, `123456789😀😀`, { tooLong: 'cut' })).toBe('123456789😀');
    expect(convert('string', text, 'x'.repeat(5000), { tooLong: 'cut' })).toBe('x'.repeat(10));
  });

  it('refuses a NUL character, which no database text holds', () => {
    expect(thrown(() => convert('string', text, 'a\0b')).code).toBe('INVALID_CHARACTER');
  });

  it('refuses a bigint that JSON could not carry exactly', () => {
    expect(thrown(() => convert('bigint', field('t', 'string'), 2 ** 53)).code).toBe('OUT_OF_RANGE');
    expect(convert('bigint', field('t', 'string'), '9223372036854775807')).toBe('9223372036854775807');
  });

  it('takes the label of a choice only where labels were chosen', () => {
    const more = { options: GENDER_OPTIONS, label: 'Female' };
    expect(convert('choice', text, 2, more)).toBe('2');
    expect(convert('choice', text, 2, { ...more, choices: 'label' })).toBe('Female');
  });

  it('takes the label from the metadata when the record came without one, and rejects when there is none either', () => {
    expect(convert('choice', text, 3, { options: GENDER_OPTIONS, choices: 'label' })).toBe('Diverse');
    expect(convert('choices', field('t', 'string'), '1,3', { options: GENDER_OPTIONS, choices: 'label' })).toBe(
      'Male; Diverse',
    );
    expect(thrown(() => convert('choice', text, 4, { options: GENDER_OPTIONS, choices: 'label' })).code).toBe(
      'LABEL_MISSING',
    );
    expect(thrown(() => convert('lookup', text, 'some-id', { choices: 'label' })).code).toBe('LABEL_MISSING');
  });
});

describe('a number field', () => {
  it.each<[ColumnType, SourceValue, number]>([
    ['integer', 2147483647, 2147483647],
    ['decimal', 3.0, 3],
    ['string', ' -42 ', -42],
    ['boolean', true, 1],
    ['choice', 100000001, 100000001],
  ])('takes a %s %p as the whole number %p', (from, value, expected) => {
    expect(convert(from, whole, value)).toBe(expected);
  });

  it.each<[ColumnType, SourceValue, string]>([
    ['bigint', 2147483648, 'OUT_OF_RANGE'],
    ['integer', -2147483649, 'OUT_OF_RANGE'],
    ['decimal', 2.5, 'NOT_WHOLE'],
    ['string', '1,5', 'NOT_A_NUMBER'],
    ['string', '1 000', 'NOT_A_NUMBER'],
    ['string', '0x10', 'NOT_A_NUMBER'],
    ['string', 'NaN', 'NOT_A_NUMBER'],
    ['string', 'Infinity', 'NOT_A_NUMBER'],
    ['string', '1e999', 'NOT_A_NUMBER'],
  ])('rejects a %s %p with %s', (from, value, code) => {
    expect(thrown(() => convert(from, whole, value)).code).toBe(code);
  });

  it.each([
    ['byte', 127],
    ['short', 32767],
    ['long', 2147483647],
  ])('keeps to the range of %s where Campaign states it', (resType, max) => {
    const target = field('i', 'integer', { resType });
    expect(convert('integer', target, max)).toBe(max);
    expect(thrown(() => convert('integer', target, max + 1)).code).toBe('OUT_OF_RANGE');
  });

  it('rejects for a float what only a double holds', () => {
    expect(convert('double', field('f', 'double'), 1e300)).toBe(1e300);
    expect(thrown(() => convert('double', field('f', 'float'), 1e300)).code).toBe('OUT_OF_RANGE');
  });
});

describe('a boolean field', () => {
  it.each<[SourceValue, boolean]>([
    ['true', true],
    ['YES', true],
    ['1', true],
    [' false ', false],
    ['No', false],
    ['0', false],
  ])('takes the text %p as %p', (value, expected) => expect(convert('string', bool, value)).toBe(expected));

  it.each<[ColumnType, SourceValue]>([
    ['string', 'y'],
    ['string', 'ja'],
    ['string', 'on'],
    ['integer', 2],
    ['choice', 100000000],
  ])('rejects a %s %p rather than guess', (from, value) => {
    expect(thrown(() => convert(from, bool, value)).code).toBe('NOT_A_BOOLEAN');
  });
});

describe('a date or datetime field', () => {
  it('writes moments in the form of Campaign', () => {
    expect(convert('datetime', moment, '2020-07-31T11:19:00Z')).toBe('2020-07-31 11:19:00.000Z');
    expect(convert('string', moment, '2020-07-31 11:19:00.304Z')).toBe('2020-07-31 11:19:00.304Z');
    expect(convert('string', moment, '2020-07-31T11:19:00.304999+02:00')).toBe('2020-07-31 09:19:00.304Z');
  });

  it('takes the day of a moment in the time zone of the node, and midnight there for a day', () => {
    expect(convert('datetime', day, '2023-04-07T22:30:00Z')).toBe('2023-04-08');
    expect(convert('datetime', day, '2023-12-07T22:30:00Z')).toBe('2023-12-07');
    expect(convert('date', moment, '2023-04-08')).toBe('2023-04-07 22:00:00.000Z');
    expect(convert('date', day, '1969-06-03')).toBe('1969-06-03');
    expect(convert('string', moment, '2023-12-07 12:00')).toBe('2023-12-07 11:00:00.000Z');
  });

  it('knows the days on which the clocks change', () => {
    expect(convert('string', moment, '2023-03-26T01:59:00')).toBe('2023-03-26 00:59:00.000Z');
    expect(convert('string', moment, '2023-03-26T02:30:00')).toBe('2023-03-26 01:30:00.000Z');
    expect(convert('string', moment, '2023-03-26T03:00:00')).toBe('2023-03-26 01:00:00.000Z');
    expect(convert('string', moment, '2023-10-29T02:30:00')).toBe('2023-10-29 00:30:00.000Z');
    expect(convert('datetime', day, '2023-10-29T23:30:00Z')).toBe('2023-10-30');
  });

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2023-13-01',
    '2023-00-10',
    '2023-04-31',
    '07/04/2023',
    '07.04.2023',
    '2023-4-7',
    '2023-04-07T24:00:00Z',
    '2023-04-07T12:60:00Z',
    '2023-04-07T12:00:00+99:00',
    'yesterday',
    '20230407',
  ])('rejects %p as no date', (value) => {
    expect(thrown(() => convert('string', day, value)).code).toBe('INVALID_DATE');
    expect(thrown(() => convert('string', moment, value)).code).toBe('INVALID_DATE');
  });

  it.each(['0001-01-01', '1752-12-31', '9999-12-31'])('rejects %p as out of range', (value) => {
    expect(thrown(() => convert('date', day, value)).code).toBe('DATE_OUT_OF_RANGE');
    expect(thrown(() => convert('datetime', moment, `${value}T12:00:00Z`)).code).toBe('DATE_OUT_OF_RANGE');
  });
});

describe('an enumeration field', () => {
  it('takes the internal name, in any case', () => {
    expect(convert('string', gender, 'female')).toBe('female');
    expect(convert('choice', gender, 'Female')).toBe('female');
    expect(convert('choice', field('g', 'enumeration', { values: [{ name: '2', label: 'x' }] }), 2)).toBe('2');
  });

  it('matches a label only where labels were chosen, never by itself', () => {
    expect(thrown(() => convert('choice', gender, 2, { label: 'Female' })).code).toBe('UNKNOWN_ENUMERATION_VALUE');
    expect(convert('choice', gender, 2, { label: 'Female', choices: 'label' })).toBe('female');
    expect(convert('choice', gender, 2, { label: 'FRAU', choices: 'label' })).toBe('female');
    expect(thrown(() => convert('choice', gender, 3, { label: 'Diverse', choices: 'label' })).code).toBe(
      'UNKNOWN_ENUMERATION_VALUE',
    );
  });

  it('passes an unknown value on where a replacement follows, and takes any where Campaign did not list the entries', () => {
    expect(convert('choice', gender, 2, { unknownEntries: 'passOn' })).toBe('2');
    expect(convert('choice', field('g', 'enumeration'), 2)).toBe('2');
  });

  it('takes a multi-select with one choice and rejects one with several', () => {
    const target = field('g', 'enumeration', { values: [{ name: '2', label: 'x' }] });
    expect(convert('choices', target, '2')).toBe('2');
    expect(thrown(() => convert('choices', target, '2,3')).code).toBe('SEVERAL_CHOICES');
  });
});

describe('an empty value', () => {
  it.each<[Field, unknown]>([
    [text, ''],
    [whole, 0],
    [field('f', 'double'), 0],
    [bool, false],
    [day, ''],
    [moment, ''],
    [gender, 'unknown'],
    [field('g', 'enumeration', { values: [{ name: 'a', label: 'A' }] }), ''],
  ])('clears the field %p with %p', (target, expected) => {
    for (const empty of [null, '', '   ']) expect(convert('string', target, empty)).toBe(expected);
  });

  it.each(['blackList', 'blackListEmail', 'denyListMobile', 'blackListPushnotification', 'ccpaOptOut'])(
    'is never written to the opt-out field %s: it is no consent',
    (name) => {
      expect(convert('boolean', field(name, 'boolean'), null)).toBeUndefined();
      expect(convert('boolean', field(name, 'boolean'), false)).toBe(false);
    },
  );

  it('leaves the field alone where the line says so, and rejects where Campaign needs a value', () => {
    expect(convert('string', text, null, { whenEmpty: 'keep' })).toBeUndefined();
    const error = thrown(() => convert('string', field('m', 'string', { mandatory: true }), null));
    expect(error).toMatchObject({ code: 'MANDATORY_FIELD_EMPTY', mappingLine: 3, field: 'm' });
  });
});

describe('an expression', () => {
  const place = { line: 3, source: 'expression', field: 't' };

  it('is converted by the type of each value', () => {
    const toWhole = compileExpressionConversion(settings(whole));
    expect(toWhole?.('7', undefined)).toBe(7);
    expect(toWhole?.(7, undefined)).toBe(7);
    expect(toWhole?.(true, undefined)).toBe(1);
    const toDay = compileExpressionConversion(settings(day));
    expect(toDay?.('2023-04-07', undefined)).toBe('2023-04-07');
    expect(thrown(() => toDay?.(20230407, undefined)).code).toBe('NOT_CONVERTIBLE');
    expect(compileExpressionConversion(settings(field('l', 'link')))).toBeUndefined();
  });

  it('gives dates as ISO texts', () => {
    expect(expressionValue(new Date(0), place)).toBe('1970-01-01T00:00:00.000Z');
    expect(expressionValue({ toMillis: () => 0 }, place)).toBe('1970-01-01T00:00:00.000Z');
  });

  it.each([
    [undefined, 'EXPRESSION_WITHOUT_VALUE'],
    [NaN, 'NOT_A_NUMBER'],
    [Infinity, 'NOT_A_NUMBER'],
    [{ a: 1 }, 'NOT_CONVERTIBLE'],
    [['a'], 'NOT_CONVERTIBLE'],
    [new Date(NaN), 'NOT_CONVERTIBLE'],
    [() => 1, 'NOT_CONVERTIBLE'],
    [10n, 'NOT_CONVERTIBLE'],
  ])('rejects %p with %s', (value, code) => expect(thrown(() => expressionValue(value, place)).code).toBe(code));
});

it('never shows the value in a rejection', () => {
  const secret = 'ada.lovelace@example.com';
  for (const from of COLUMN_TYPES) {
    for (const type of FIELD_TYPES) {
      const converter = compileConversion(from, settings(field('t', type, { maxLength: 5, values: GENDER_VALUES })));
      if (!converter) continue;
      const error = thrown(() => converter(secret, undefined));
      expect(error.message).not.toContain('ada');
      expect(error.message).toContain('Line 3 (col to t)');
    }
  }
});
