import { columnsBesides, requireChangeTracking, selectColumns } from '../../../lib/dataverse/select-columns';
import { column, tableOf } from '../../support/builders';
import { thrown } from '../../support/errors';

const description = tableOf(column('firstname', 'string'), column('lastname', 'string'), column('mobile', 'string'));
const namesOf = (names: readonly string[] | undefined) =>
  selectColumns(description, names, 'Dynamics 365 Trigger').columns.map(({ name }) => name);

describe('selectColumns', () => {
  it('keeps the chosen columns, each once and in the order of the table', () => {
    expect(namesOf(['mobile', 'firstname', 'mobile'])).toEqual(['firstname', 'mobile']);
  });

  it('keeps all where none are chosen', () => {
    expect(namesOf(undefined)).toEqual(['contactid', 'firstname', 'lastname', 'mobile']);
  });

  it('names every column that is gone, the nearest one, and the node in which to choose anew', () => {
    expect(thrown(() => namesOf(['firstname', 'lastnme', 'revenue']))).toMatchObject({
      name: 'ConfigurationError',
      code: 'UNKNOWN_COLUMN',
      message: expect.stringMatching(/"lastnme", "revenue".*Did you mean "lastname" instead of "lastnme"\?$/),
      hint: expect.stringContaining('Open the Dynamics 365 Trigger'),
    });
  });
});

describe('columnsBesides', () => {
  it('asks for the time of the last change where the table has it, and for nothing where it has not', () => {
    expect(columnsBesides(tableOf(column('modifiedon', 'datetime')))).toEqual(['modifiedon']);
    expect(columnsBesides(description)).toEqual([]);
  });
});

describe('requireChangeTracking', () => {
  it('refuses a table without it, and says where it is switched on', () => {
    const off = { ...description, table: { ...description.table, changeTracking: false } };
    expect(() => requireChangeTracking(description)).not.toThrow();
    expect(thrown(() => requireChangeTracking(off))).toMatchObject({
      code: 'CHANGE_TRACKING_OFF',
      message: expect.stringContaining('"Contact" (contact)'),
      hint: expect.stringContaining('Track changes'),
    });
  });
});
