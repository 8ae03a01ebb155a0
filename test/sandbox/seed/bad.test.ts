import { BADNESSES } from '../../../sandbox/seed/bad';
import { openSandbox, type TestSandbox } from '../support';

type Contact = Record<string, string | number | boolean | null>;

/** A plain mapping of every column that Campaign has a field for. */
function toProfile(row: Contact): object {
  const moment = (value: unknown): string => (typeof value === 'string' ? value.replace('T', ' ') : '');
  return {
    externalId: row['contactid'],
    salutation: row['salutation'],
    firstName: row['firstname'],
    middleName: row['middlename'],
    lastName: row['lastname'],
    email: row['emailaddress1'],
    birthDate: row['birthdate'],
    gender: ['', 'male', 'female', 'diverse'][Number(row['gendercode'])],
    mobilePhone: row['mobilephone'],
    phone: row['telephone1'],
    blackListEmail: row['donotemail'],
    location: { address1: row['address1_line1'], city: row['address1_city'], zipCode: row['address1_postalcode'] },
    cusLoyaltyNumber: row['new_loyaltynumber'],
    cusJobTitle: row['jobtitle'],
    cusNotes: row['description'],
    cusScore: row['new_points'],
    cusChildren: row['numberofchildren'],
    cusVisits: row['new_visits'],
    cusDiscount: row['new_discount'],
    cusRating: row['new_rating'],
    cusCreditLimit: row['creditlimit'],
    cusVip: row['new_vip'],
    cusSince: row['anniversary'],
    cusLastVisit: moment(row['new_lastvisit']),
    cusSegment:
      row['new_segment'] === null ? '' : ['bronze', 'silver', 'gold'][Number(row['new_segment']) - 100_000_000],
    cusInterests: row['new_interests'],
    cusBlocked: row['new_blockreason'],
  };
}

// Hundreds of requests one after the other: a busy machine takes its time.
jest.setTimeout(60_000);

describe('seeded contacts', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await openSandbox({ contacts: 640, bad: 20 });
  });
  afterAll(() => sandbox.close());

  it('can all be taken by Campaign as they are, but for those that the dump calls bad', async () => {
    const contacts = (await sandbox.control('GET', '/dump?table=contact')).body as Contact[];
    const refused: unknown[] = [];
    for (const row of contacts) {
      const { status } = await sandbox.campaign('POST', 'profileAndServicesExt/profile', toProfile(row));
      if (status !== 201) refused.push(row['contactid']);
    }
    const bad = contacts.filter((row) => '_bad' in row);
    expect(refused).toEqual(bad.map((row) => row['contactid']));
    expect(bad).toHaveLength(32);
    expect(new Set(bad.map((row) => row['_bad']))).toEqual(new Set(BADNESSES));
  });

  it('are no longer bad once the value is mended', async () => {
    const find = async (): Promise<Contact[]> =>
      ((await sandbox.control('GET', '/dump?table=contact')).body as Contact[]).filter(
        (row) => row['_bad'] === 'business-rule',
      );
    const before = await find();
    const contactid = before[0]?.['contactid'];
    await sandbox.control('POST', '/change', { updates: [{ contactid, new_blockreason: null }] });
    expect(await find()).toHaveLength(before.length - 1);
  });
});
