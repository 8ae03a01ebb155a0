import { fieldsOf, resourcesOf } from '../../../lib/campaign/metadata';

const field = (rest: object) => ({
  label: 'Label',
  length: '0',
  mandatory: false,
  readOnly: false,
  resType: 'string',
  type: 'string',
  ...rest,
});

describe('fieldsOf', () => {
  it.each([
    [
      { type: 'string', resType: 'string', length: '127' },
      { type: 'string', maxLength: 127 },
    ],
    [{ type: 'string', resType: 'memo' }, { type: 'string' }],
    [{ type: 'number', resType: 'long', length: '0' }, { type: 'integer' }],
    [{ type: 'number', resType: 'double' }, { type: 'double' }],
    [{ type: 'number', resType: 'float' }, { type: 'float' }],
    [{ type: 'number', resType: '' }, { type: 'double' }],
    [{ type: 'boolean', resType: 'boolean' }, { type: 'boolean' }],
    [{ type: 'date', resType: 'date' }, { type: 'date' }],
    [{ type: 'datetime', resType: 'datetime' }, { type: 'datetime' }],
    [{ type: 'link', resType: 'link' }, { type: 'link' }],
    [{ type: 'enumeration', resType: 'string' }, { type: 'enumeration' }],
    [{ type: 'geometry', resType: 'point' }, { type: 'other' }],
    [
      { mandatory: 'true', readOnly: true },
      { mandatory: true, readOnly: true },
    ],
    [{ dataPolicy: 'email' }, { dataPolicy: 'email' }],
    [{ label: '' }, { label: 'x' }],
  ])('reads %p', (rest, expected) => {
    expect(fieldsOf({ x: field(rest) })).toEqual([expect.objectContaining({ name: 'x', ...expected })]);
  });

  it.each([
    [
      'a list of objects',
      [
        { name: 'male', label: 'Male' },
        { name: 'female', label: 'Female' },
      ],
    ],
    ['an object by name', { male: { label: 'Male' }, female: { label: 'Female' } }],
    ['an object of texts', { male: 'Male', female: 'Female' }],
  ])("reads an enumeration's entries from %s", (_name, values) => {
    const [read] = fieldsOf({ gender: field({ type: 'enumeration', values }) });
    expect(read?.values).toEqual([
      { name: 'male', label: 'Male' },
      { name: 'female', label: 'Female' },
    ]);
  });

  it.each([undefined, null, [], {}, 'x', [1]])('leaves the entries out when Campaign gives %p', (values) => {
    expect(fieldsOf({ gender: field({ type: 'enumeration', values }) })[0]).not.toHaveProperty('values');
  });

  it.each([
    ['content', { location: { type: 'element', content: { city: field({}) } } }],
    ['fields', { location: { label: 'Location', fields: { city: field({}) } } }],
    ['the entry itself', { location: { city: field({}) } }],
  ])('finds nested fields in %s', (_name, content) => {
    expect(fieldsOf(content).map(({ name }) => name)).toEqual(['location.city']);
  });

  it('leaves out collections and does not look into links', () => {
    const content = {
      subscriptions: field({ type: 'collection' }),
      service: { ...field({ type: 'link', resType: 'link' }), content: { name: field({}) } },
    };
    expect(fieldsOf(content).map(({ name }) => name)).toEqual(['service']);
  });

  it.each([null, undefined, 'x', 1, [], { x: null }, { x: 'y' }])('finds no fields in %p', (content) => {
    expect(fieldsOf(content)).toEqual([]);
  });
});

describe('resourcesOf', () => {
  it("reads the map in the form of Adobe's documentation, which has no labels", () => {
    const entry = { content: {}, data: '/profileAndServicesExt/cusProduct/', name: 'cusProduct', type: 'collection' };
    const map = {
      apiName: 'resourceType',
      cusProduct: { ...entry, help: 'Product' },
      cusOrder: { ...entry, help: '' },
    };
    expect(resourcesOf(map, 'profileAndServicesExt')).toEqual([
      { name: 'cusProduct', api: 'profileAndServicesExt', label: 'Product' },
      { name: 'cusOrder', api: 'profileAndServicesExt', label: 'cusOrder' },
    ]);
  });

  it('reads the map of resources', () => {
    const map = {
      apiName: 'resourceType',
      cusProduct: { name: 'cusProduct', type: 'collection', href: 'x', label: 'Products' },
      profile: { name: 'profile', type: 'collection' },
    };
    expect(resourcesOf(map, 'profileAndServicesExt')).toEqual([
      { name: 'cusProduct', api: 'profileAndServicesExt', label: 'Products' },
      { name: 'profile', api: 'profileAndServicesExt', label: 'profile' },
    ]);
  });
});
