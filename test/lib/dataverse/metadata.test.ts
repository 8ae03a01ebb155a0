import { toColumn, toDetail, toTable, withDetail } from '../../../lib/dataverse/metadata';

const label = (text: string | null) => ({ UserLocalizedLabel: text === null ? null : { Label: text } });
const attribute = (rest: object) => ({
  LogicalName: 'x',
  AttributeType: 'String',
  IsValidForRead: true,
  IsValidForUpdate: true,
  DisplayName: label('X'),
  ...rest,
});

describe('toTable', () => {
  it('reads a table', () => {
    const raw = {
      LogicalName: 'contact',
      EntitySetName: 'contacts',
      PrimaryIdAttribute: 'contactid',
      PrimaryNameAttribute: null,
      ChangeTrackingEnabled: true,
      DisplayName: label(null),
    };
    expect(toTable(raw)).toEqual({
      name: 'contact',
      setName: 'contacts',
      primaryId: 'contactid',
      primaryName: null,
      label: 'contact',
      changeTracking: true,
    });
  });

  it.each([{}, { LogicalName: 'x' }, { LogicalName: 'x', EntitySetName: null, PrimaryIdAttribute: 'xid' }, null, 'x'])(
    'passes over %p',
    (raw) => {
      expect(toTable(raw)).toBeUndefined();
    },
  );
});

describe('toColumn', () => {
  it.each([
    ['String', 'string'],
    ['Memo', 'memo'],
    ['Integer', 'integer'],
    ['BigInt', 'bigint'],
    ['Decimal', 'decimal'],
    ['Double', 'double'],
    ['Money', 'money'],
    ['Boolean', 'boolean'],
    ['Picklist', 'choice'],
    ['State', 'state'],
    ['Status', 'status'],
    ['DateTime', 'datetime'],
    ['Uniqueidentifier', 'uniqueidentifier'],
  ])('reads %s as %s', (AttributeType, type) => {
    expect(toColumn(attribute({ AttributeType }))).toMatchObject({ name: 'x', type });
  });

  it.each(['Lookup', 'Customer', 'Owner'])('names a %s as the Web API does', (AttributeType) => {
    expect(toColumn(attribute({ AttributeType }))).toMatchObject({ name: '_x_value', type: 'lookup' });
  });

  it('knows a multi-select choice, which calls itself virtual', () => {
    const raw = attribute({ AttributeType: 'Virtual', AttributeTypeName: { Value: 'MultiSelectPicklistType' } });
    expect(toColumn(raw)).toMatchObject({ name: 'x', type: 'choices' });
  });

  it.each([
    ['virtual columns', { AttributeType: 'Virtual', AttributeTypeName: { Value: 'VirtualType' } }],
    ['columns that can not be read', { IsValidForRead: false }],
    ['shadows of other columns', { AttributeOf: 'parentcustomerid' }],
    ["lookups' type codes", { AttributeType: 'EntityName' }],
    ['party lists', { AttributeType: 'PartyList' }],
    ['what has no name', { LogicalName: undefined }],
  ])('leaves out %s', (_name, rest) => {
    expect(toColumn(attribute(rest))).toBeUndefined();
  });
});

describe('details of columns', () => {
  const option = (Value: number, text: string | null) => ({ Value, Label: label(text) });

  it('reads the options of local and of global choices', () => {
    const Options = [option(1, 'Male'), option(2, null)];
    const expected = [
      { value: 1, label: 'Male' },
      { value: 2, label: '2' },
    ];
    expect(toDetail({ LogicalName: 'x', OptionSet: { Options } })?.options).toEqual(expected);
    expect(toDetail({ LogicalName: 'x', OptionSet: null, GlobalOptionSet: { Options } })?.options).toEqual(expected);
    expect(toDetail({ LogicalName: 'x', OptionSet: { Options: [] }, GlobalOptionSet: { Options } })?.options).toEqual(
      expected,
    );
  });

  it("reads a boolean's two options", () => {
    const OptionSet = { TrueOption: option(1, 'Do Not Allow'), FalseOption: option(0, 'Allow') };
    expect(toDetail({ LogicalName: 'x', OptionSet })?.options).toEqual([
      { value: 0, label: 'Allow' },
      { value: 1, label: 'Do Not Allow' },
    ]);
  });

  it.each([
    [{ DateTimeBehavior: { Value: 'DateOnly' }, Format: 'DateOnly' }, 'date'],
    [{ DateTimeBehavior: { Value: 'UserLocal' }, Format: 'DateOnly' }, 'datetime'],
    [{ Format: 'DateOnly' }, 'date'],
    [{ DateTimeBehavior: { Value: 'TimeZoneIndependent' }, Format: 'DateAndTime' }, 'datetime'],
  ])('reads %p as %s', (raw, type) => {
    const column = toColumn(attribute({ AttributeType: 'DateTime' }));
    expect(column && withDetail(column, toDetail({ LogicalName: 'x', ...raw }))).toMatchObject({ type });
  });

  it.each([null, {}, { LogicalName: 1 }])('passes over %p', (raw) => {
    expect(toDetail(raw)).toBeUndefined();
  });
});
