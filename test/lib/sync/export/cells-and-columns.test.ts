import { planColumns, type ColumnSetting } from '../../../../lib/sync/export/column-plan';
import { EXPORT_BOOLEANS } from '../../../../lib/core/boolean-words';
import { readCell, type CellFormat } from '../../../../lib/sync/export/column-types';
import { detectDelimiter } from '../../../../lib/sync/export/delimiter';
import { rowItem } from '../../../../lib/sync/export/row-item';

const format: CellFormat = {
  timeZone: 'UTC',
  dateTimeFormat: 'auto',
  decimalSeparator: '.',
  ...EXPORT_BOOLEANS,
};
const column = (name: string, more: Partial<ColumnSetting> = {}): ColumnSetting => ({
  name,
  type: 'text',
  needed: true,
  ...more,
});

describe('readCell', () => {
  it.each([
    ['TRUE', 'boolean', true],
    [' 1 ', 'boolean', true],
    ['no', 'boolean', false],
    ['', 'boolean', null],
    ['  ', 'dateTime', null],
    ['-12', 'integer', -12],
    ['1.5', 'number', 1.5],
    ['1e3', 'number', 1000],
    ['0.30000000000000004', 'number', 0.30000000000000004],
    ['1000000000000000000000', 'number', 1e21],
    ['', 'text', ''],
    [' a ', 'text', ' a '],
  ] as const)('reads "%s" as %s', (text, type, value) => {
    expect(readCell(text, type, format)).toEqual({ value });
  });

  it.each([
    ['2', 'boolean', 'NOT_A_BOOLEAN'],
    ['maybe', 'boolean', 'NOT_A_BOOLEAN'],
    ['1.0', 'integer', 'NOT_AN_INTEGER'],
    ['9007199254740993', 'integer', 'NOT_AN_INTEGER'],
    ['0x10', 'integer', 'NOT_AN_INTEGER'],
    ['1,5', 'number', 'NOT_A_NUMBER'],
    ['NaN', 'number', 'NOT_A_NUMBER'],
    ['1e999', 'number', 'NOT_A_NUMBER'],
    ['12345678901234567.89', 'number', 'TOO_MANY_DIGITS'],
    ['-0.12345678901234567891', 'number', 'TOO_MANY_DIGITS'],
    ['yesterday', 'dateTime', 'NOT_A_DATE_TIME'],
  ] as const)('names the problem of "%s" as %s', (text, type, problem) => {
    expect(readCell(text, type, format)).toEqual({ problem });
  });

  it('reads a decimal comma where it is set, and no point then', () => {
    expect(readCell('1,5', 'number', { ...format, decimalSeparator: ',' })).toEqual({ value: 1.5 });
    expect(readCell('1.500', 'number', { ...format, decimalSeparator: ',' })).toEqual({ problem: 'NOT_A_NUMBER' });
  });
});

describe('planColumns', () => {
  it.each([
    ['a zero width space behind it', 'externalId', 'externalId\u200b'],
    ['a mark of direction before it', 'externalId', '\u200eexternalId'],
    ['a no-break space inside', 'External ID', 'External\u00a0ID'],
    ['a letter and its accent apart', 'Pr\u00e9nom', 'Pre\u0301nom'],
    ['a soft hyphen inside', 'externalId', 'external\u00adId'],
  ])('finds a column that looks the same: %s', (_, name, inFile) => {
    const [planned] = planColumns([inFile, 'x'], [column(name)], true);
    expect(planned).toEqual({ position: 0, name, type: 'text' });
  });

  it('names a column that nobody listed without what nobody sees', () => {
    const plan = planColumns(['\u200bid\u00a0', 'Pre\u0301nom'], [], true);
    expect(plan.map(({ name }) => name)).toEqual(['id', 'Pr\u00e9nom']);
  });

  it('refuses two columns that look the same', () => {
    expect(() => planColumns(['id', 'id\u200b'], [column('id')], true)).toThrow(
      expect.objectContaining({ code: 'COLUMN_TWICE' }),
    );
  });

  it('finds columns by name wherever they stand, and names them as the user wants', () => {
    const plan = planColumns(
      ['x', ' EXTERNALID ', 'optOut'],
      [column('externalId'), column('optOut', { as: 'blackList', type: 'boolean' })],
      false,
    );
    expect(plan).toEqual([
      { position: 1, name: 'externalId', type: 'text' },
      { position: 2, name: 'blackList', type: 'boolean' },
    ]);
  });

  it('takes the exact name where only upper and lower case differ', () => {
    expect(planColumns(['ID', 'id'], [column('id')], false)).toEqual([{ position: 1, name: 'id', type: 'text' }]);
  });

  it('keeps other columns as text, and keeps their names off those of the item itself', () => {
    const names = planColumns(['id', '', 'delivery', 'outcome'], [column('id')], true).map(({ name }) => name);
    expect(names).toEqual(['id', 'delivery_', 'outcome_']);
  });

  it('says which needed columns are missing and which are there', () => {
    expect(() => planColumns(['a', 'b'], [column('c'), column('d', { needed: false })], true)).toThrow(
      'The file lacks the column "c". Its first line has the columns "a", "b".',
    );
  });

  it.each([
    [['jane@example.com', 'Jane']],
    [['Jane', '2026-11-21']],
    [['a1b2c3d4-0000-4000-8000-00000000000a', 'Jane']],
    [['Jane', '']],
  ])('keeps the values of a first line that is no header out of the message: %j', (record) => {
    expect(() => planColumns(record, [column('c')], true)).toThrow(
      'The file lacks the column "c". Its first line has 2 cells, and they are no names of columns.',
    );
  });

  it.each([
    [['id', 'id'], [column('id')]],
    [['id', 'x', 'x'], [column('id')]],
    [['id', 'x'], [column('id', { as: 'x' })]],
  ])('refuses a name that stands twice: %j', (header, settings) => {
    expect(() => planColumns(header, settings, true)).toThrow(expect.objectContaining({ code: 'COLUMN_TWICE' }));
  });
});

describe('detectDelimiter', () => {
  it.each([
    ['a\tb\tc', '\t'],
    ['a;b;c', ';'],
    ['"a;x;y;z",b,c', ','],
    ['a|b', '|'],
    ['alone', '\t'],
  ])('of %j is %j', (line, delimiter) => {
    expect(detectDelimiter(line)).toBe(delimiter);
  });
});

describe('rowItem', () => {
  const columns = planColumns(['id', 'flag'], [column('id'), column('flag', { type: 'boolean' })], false);
  const where = { file: 'f.txt', row: 7, width: 2 };

  it('has the columns beside where the row comes from', () => {
    expect(rowItem(['a', 'true'], where, columns, format, 'reject')).toEqual({
      id: 'a',
      flag: true,
      export: { file: 'f.txt', row: 7 },
    });
  });

  it('keeps the text of a value that can not be read, and names the problem', () => {
    expect(rowItem(['a', 'perhaps'], where, columns, format, 'keepText')).toEqual({
      id: 'a',
      flag: 'perhaps',
      export: { file: 'f.txt', row: 7, problems: [{ column: 'flag', code: 'NOT_A_BOOLEAN' }] },
    });
  });

  it('rejects the row where the user wants that, without naming the value', () => {
    const { outcome } = rowItem(['a', 'perhaps'], where, columns, format, 'reject') as unknown as {
      outcome: { message: string };
    };
    expect(outcome).toMatchObject({ status: 'rejected', code: 'UNREADABLE_VALUE', field: 'flag' });
    expect(outcome.message).not.toContain('perhaps');
  });

  it.each([[['a']], [['a', 'true', 'x']]])(
    'rejects a row of another width and gives none of its values: %j',
    (cells) => {
      const item = rowItem(cells, where, columns, format, 'keepText');
      expect(Object.keys(item)).toEqual(['export', 'outcome']);
      expect(item['outcome']).toMatchObject({ status: 'rejected', code: 'ROW_CELLS' });
    },
  );

  it('is a plain item even for a column called __proto__', () => {
    const odd = planColumns(['__proto__'], [], true);
    const item = rowItem(['x'], { ...where, width: 1 }, odd, format, 'reject');
    expect(Object.getPrototypeOf(item)).toBe(Object.prototype);
    expect(Object.keys(item)).toEqual(['__proto__', 'export']);
  });
});
