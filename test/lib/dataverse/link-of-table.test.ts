import { DataverseClient } from '../../../lib/dataverse/client';
import { linkOfTable } from '../../../lib/dataverse/link-of-table';
import { CONTACT } from '../../support/builders';
import { errorOf } from '../../support/errors';
import { fakeTime } from '../../support/test-clock';

const ORG = 'https://contoso.crm4.dynamics.com';
const ROOT = `${ORG}/api/data/v9.2/`;
const read = (link: string, trackChanges: boolean) =>
  linkOfTable({ table: CONTACT, link, pageSize: 500, trackChanges }, ROOT);

describe('a link to changes', () => {
  it.each([
    `${ROOT}contacts?$deltatoken=1%21`,
    `${ROOT}contacts?$select=firstname&$deltatoken=919042%2108%2f22%2f2026%2008%3a10%3a44`,
    `${ROOT}Contacts/?$skiptoken=2`,
    `${ORG}/gateway/api/data/v9.2/contacts?$deltatoken=1`,
  ])('is followed byte for byte where it is of the table: %s', (link) => {
    expect(read(link, true)).toBe(link);
  });

  it.each([
    `${ROOT}accounts?$deltatoken=1`,
    `${ROOT}contacts(0a1b2c3d-0000-4000-8000-000000000001)/tasks?$deltatoken=1`,
    `${ROOT}mycontacts?$deltatoken=1`,
    `${ROOT}?$deltatoken=1`,
    `${ORG}/?contacts`,
  ])('is not followed, and nothing is asked, where it is of another one: %s', async (link) => {
    const credential = { url: ORG, tenantId: 'tenant', clientId: 'client', clientSecret: 's3cret!' };
    const client = new DataverseClient(credential, fakeTime());
    const error = await errorOf(client.readPage({ table: CONTACT, link, pageSize: 500, trackChanges: true }));
    expect(error).toMatchObject({ name: 'FatalError', code: 'FOREIGN_LINK' });
    expect(error).toHaveProperty('message', expect.not.stringContaining('deltatoken'));
    client.close();
  });

  it('may lead anywhere on the server where no changes are followed', () => {
    expect(read(`${ROOT}contacts/x?$skiptoken=1`, false)).toBe(`${ROOT}contacts/x?$skiptoken=1`);
  });
});
