import { readValue, sameValue } from '../../../lib/dataverse/row-values';
import { bodyOf, planRow, readNewValues, type WriteColumn } from '../../../lib/dataverse/row-plan';
import type { Column, ColumnType } from '../../../lib/core/metadata';
import { column, GENDER_OPTIONS } from '../../support/builders';

const G = '0c1d2e3f-1111-4222-8333-444455556666';
const col = (type: ColumnType, extra: Partial<WriteColumn> = {}): WriteColumn => ({
  ...column(type === 'lookup' ? '_x_value' : 'x', type, { label: 'X' }),
  ...extra,
});
const options = GENDER_OPTIONS.slice(0, 2);
const account = { table: 'account', setName: 'accounts', navigation: 'x_account' };
const contact = { table: 'contact', setName: 'contacts', navigation: 'x_contact' };

describe('a value for a column', () => {
  it.each<[ColumnType, unknown, unknown]>([
    ['string', 'Ada', 'Ada'],
    ['string', 7, '7'],
    ['string', '', null],
    ['memo', undefined, null],
    ['integer', '42', 42],
    ['integer', -5, -5],
    ['bigint', '9007199254740991', 9007199254740991],
    ['decimal', '1.50', 1.5],
    ['money', 20000.0, 20000],
    ['boolean', 'TRUE', true],
    ['boolean', 0, false],
    ['choice', '2', 2],
    ['choice', ' female ', 2],
    ['choices', '2,1', '1,2'],
    ['choices', [2, 'Male', 2], '1,2'],
    ['choices', [], null],
    ['datetime', '2026-11-21 08:30:00.999Z', '2026-11-21T08:30:00Z'],
    ['datetime', '2026-11-21T09:30:00+01:00', '2026-11-21T08:30:00Z'],
    ['date', '2026-11-21', '2026-11-21'],
    ['date', '2026-11-21T00:00:00Z', '2026-11-21'],
    ['uniqueidentifier', G.toUpperCase(), G],
    ['lookup', G, { id: G }],
    ['lookup', `account(${G})`, { table: 'account', id: G }],
    ['lookup', `/accounts(${G})`, { table: 'accounts', id: G }],
    ['lookup', { table: 'account', id: G }, { table: 'account', id: G }],
  ])('of type %s: %j is read as %j', (type, given, value) => {
    expect(readValue(given, col(type, { options }))).toEqual({ value });
  });

  it.each<[ColumnType, unknown, string]>([
    ['string', 'longer', 'TOO_LONG'],
    ['string', {}, 'VALUE_NOT_CONVERTIBLE'],
    ['integer', 1.7, 'VALUE_NOT_CONVERTIBLE'],
    ['integer', NaN, 'VALUE_NOT_CONVERTIBLE'],
    ['integer', '12a', 'VALUE_NOT_CONVERTIBLE'],
    ['integer', 2147483648, 'OUT_OF_RANGE'],
    ['bigint', '9007199254740993', 'OUT_OF_RANGE'],
    ['decimal', '1,5', 'VALUE_NOT_CONVERTIBLE'],
    ['decimal', Infinity, 'VALUE_NOT_CONVERTIBLE'],
    ['boolean', 'perhaps', 'VALUE_NOT_CONVERTIBLE'],
    ['boolean', 2, 'VALUE_NOT_CONVERTIBLE'],
    ['choice', 3, 'UNKNOWN_CHOICE'],
    ['choice', 'Diverse', 'UNKNOWN_CHOICE'],
    ['choices', '1,9', 'UNKNOWN_CHOICE'],
    ['datetime', '21.11.2026', 'VALUE_NOT_CONVERTIBLE'],
    ['date', '2026-11-21T08:00:00Z', 'VALUE_NOT_CONVERTIBLE'],
    ['date', '2026-02-30', 'VALUE_NOT_CONVERTIBLE'],
    ['lookup', 'account', 'VALUE_NOT_CONVERTIBLE'],
    ['uniqueidentifier', '1', 'VALUE_NOT_CONVERTIBLE'],
  ])('of type %s: %j is refused as %s', (type, given, problem) => {
    expect(readValue(given, col(type, { options, maxLength: 5 }))).toEqual({ problem });
  });

  it('is the same lookup by its id where a table is not known', () => {
    expect(sameValue({ id: G }, { id: G, table: 'account' })).toBe(true);
    expect(sameValue({ id: G, table: 'contact' }, { id: G, table: 'account' })).toBe(false);
  });
});

describe('the plan for a row', () => {
  const values = (type: ColumnType, given: unknown, extra: Partial<WriteColumn> = {}) => {
    const column = col(type, extra);
    return readNewValues({ [column.name]: given }, () => column);
  };
  const row = (name: string, value: unknown, extra = {}) => ({ '@odata.etag': 'W/"7"', [name]: value, ...extra });

  it.each<[ColumnType, unknown, unknown]>([
    ['string', null, ''],
    ['money', '20000.0000', 20000],
    ['datetime', '2023-04-07T21:59:01Z', '2023-04-07T21:59:01.400Z'],
    ['choices', '2,3', '3,2'],
    ['boolean', false, 'false'],
    ['string', 'longer than the column is now', 'longer than the column is now'],
  ])('is nothing where %s %j already is what would be sent as %j', (type, present, given) => {
    expect(planRow(values(type, given), row('x', present), { upsert: false })).toEqual({ kind: 'nothing' });
  });

  it('updates what differs, bound to the state that was read', () => {
    expect(planRow(values('string', 'b'), row('x', 'a'), { upsert: false })).toEqual({
      kind: 'update',
      body: { x: 'b' },
      changed: ['x'],
      ifMatch: 'W/"7"',
    });
  });

  it('never takes the null of a column that the user may not read for the value to write', () => {
    const secured = { ...col('string'), secured: 'unreadable' } as const;
    const present = { [secured.name]: null, '@odata.etag': 'W/"1"' };
    expect(planRow([{ column: secured, value: null }], present, { upsert: false })).toMatchObject({ kind: 'update' });
    const readable = [{ column: col('string'), value: null }];
    expect(planRow(readable, present, { upsert: false })).toEqual({ kind: 'nothing' });
  });

  it('tells false from a value that is not set: consent is never assumed', () => {
    expect(planRow(values('boolean', false), row('x', null), { upsert: false })).toMatchObject({ kind: 'update' });
  });

  it('sets a lookup by its navigation property, and empties it', () => {
    const column: WriteColumn = col('lookup', { targets: [account, contact] });
    expect(bodyOf(readNewValues({ _x_value: `contact(${G})` }, () => column))).toEqual({
      'x_contact@odata.bind': `/contacts(${G})`,
    });
    expect(bodyOf(readNewValues({ _x_value: null }, () => column))).toEqual({ 'x_account@odata.bind': null });
  });

  it.each([
    [[account, contact], G, 'LOOKUP_TABLE_UNCLEAR'],
    [[account], `lead(${G})`, 'LOOKUP_TABLE_UNCLEAR'],
    [[], G, 'LOOKUP_NOT_WRITABLE'],
  ])('rejects a lookup whose table is not certain (%j, %s)', (targets, given, code) => {
    expect(() => values('lookup', given, { targets })).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('never holds a value of the record in a refusal', () => {
    const column: Column = col('string', { maxLength: 2 });
    expect(() => readNewValues({ x: 'Hopper' }, () => column)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('Hopper') as string }) as Error,
    );
  });
});
