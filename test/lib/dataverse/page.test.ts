import { parsePage } from '../../../lib/dataverse/page';

const id = (n: number) => `0a1b2c3d-0000-4000-8000-00000000000${n}`;
const row = (n: number, rest: object = {}) => ({ '@odata.etag': `W/"${n}"`, contactid: id(n), ...rest });
const gone = (n: number) => ({
  '@odata.context': 'https://x/$metadata#contacts/$deletedEntity',
  id: id(n).toUpperCase(),
  reason: 'deleted',
});

describe('parsePage', () => {
  it('tells rows and deletions apart wherever they stand', () => {
    const page = parsePage({ value: [gone(1), row(2), gone(3), row(4)], '@odata.deltaLink': 'd' }, 'contactid');
    expect(page.rows.map((each) => each['contactid'])).toEqual([id(2), id(4)]);
    expect(page.deletions).toEqual([id(1), id(3)]);
    expect(page).toMatchObject({ deltaLink: 'd' });
    expect('nextLink' in page).toBe(false);
  });

  it.each([
    ['an empty object', {}],
    ['an empty list', { value: [] }],
  ])('takes %s as nothing changed', (_name, body) => {
    expect(parsePage(body, 'contactid')).toEqual({ rows: [], deletions: [] });
  });

  it('takes both links where both stand', () => {
    const page = parsePage({ value: [], '@odata.nextLink': 'n', '@odata.deltaLink': 'd' }, 'contactid');
    expect(page).toMatchObject({ nextLink: 'n', deltaLink: 'd' });
  });

  it('gives each row once, in its last state and at its last place', () => {
    const page = parsePage(
      { value: [row(1, { a: 'old' }), row(2), row(1, { a: 'new' }), gone(3), gone(3)] },
      'contactid',
    );
    expect(page.rows).toEqual([row(2), row(1, { a: 'new' })]);
    expect(page.deletions).toEqual([id(3)]);
  });

  it('says so when a row is both there and gone: the caller looks it up', () => {
    const page = parsePage({ value: [row(1), gone(1)] }, 'contactid');
    expect(page.rows).toHaveLength(1);
    expect(page.deletions).toEqual([id(1)]);
  });

  it('does not take a row with columns "id" and "reason" for a deletion', () => {
    const page = parsePage({ value: [row(1, { id: id(9), reason: 'deleted' })] }, 'contactid');
    expect(page.deletions).toEqual([]);
  });

  it.each([
    ['no object', null],
    ['a text', 'x'],
    ['a value that is no list', { value: 'x' }],
    ['a row that is no object', { value: [1] }],
    ['a row without its key', { value: [{ firstname: 'Ada' }] }],
    ['a row with an empty key', { value: [{ contactid: '' }] }],
    ['a deletion without an id', { value: [{ '@odata.context': 'x/$deletedEntity', reason: 'deleted' }] }],
    ['an empty link', { value: [], '@odata.nextLink': '' }],
  ])('refuses %s instead of losing it', (_name, body) => {
    expect(() => parsePage(body, 'contactid')).toThrow(expect.objectContaining({ code: 'UNEXPECTED_RESPONSE' }));
  });
});
