import { lookupTargets, writeColumns } from '../../../lib/dataverse/lookup-targets';
import { column, CONTACT, table } from '../../support/builders';

const relation = (attribute: string, entity: string, navigation: string | null) => ({
  ReferencingAttribute: attribute,
  ReferencedEntity: entity,
  ReferencingEntityNavigationPropertyName: navigation,
});

async function read(value: unknown[], status = 200) {
  const client = {
    call: async () => ({
      status,
      text: JSON.stringify({ value }),
      headers: {},
      retryAfterMs: undefined,
      repeated: false,
    }),
  };
  return Object.fromEntries(
    await lookupTargets(
      client,
      'contact',
      ['account', 'contact', 'systemuser', 'team'].map((name) => table(name)),
    ),
  );
}

describe('the targets of lookups', () => {
  it('are kept by column, with the name for binding as the metadata has it', async () => {
    const targets = await read([
      relation('parentcustomerid', 'account', 'parentcustomerid_account'),
      relation('parentcustomerid', 'contact', 'parentcustomerid_contact'),
    ]);
    expect(targets).toEqual({
      parentcustomerid: [
        { table: 'account', setName: 'accounts', navigation: 'parentcustomerid_account' },
        { table: 'contact', setName: 'contacts', navigation: 'parentcustomerid_contact' },
      ],
    });
  });

  it('are users and teams where a row has an owner', async () => {
    const { ownerid } = await read([relation('ownerid', 'owner', 'ownerid')]);
    expect(ownerid?.map(({ table, navigation }) => [table, navigation])).toEqual([
      ['systemuser', 'ownerid'],
      ['team', 'ownerid'],
    ]);
  });

  it('leave out what can not be bound', async () => {
    expect(await read([relation('x', 'account', null), relation('y', 'not-served', 'y')])).toEqual({});
  });

  it('are an error where the metadata can not be read', async () => {
    await expect(read([], 503)).rejects.toMatchObject({ code: 'DATAVERSE_UNAVAILABLE' });
  });
});

it('a lookup is a column to write under both of its names', () => {
  const columns = writeColumns({ table: CONTACT, columns: [column('_ownerid_value', 'lookup')] }, new Map());
  expect([...columns.keys()]).toEqual(['_ownerid_value', 'ownerid']);
  expect(columns.get('ownerid')?.name).toBe('_ownerid_value');
});
