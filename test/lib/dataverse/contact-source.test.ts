import { RetriableError } from '../../../lib/core/errors';
import { contactSource } from '../../../lib/dataverse/contact-source';
import type { DataverseRow } from '../../../lib/dataverse/rows';

const TABLE = { name: 'contact', setName: 'contacts', primaryId: 'contactid' };
const A = 'abcdef00-0000-4000-8000-000000000001';
const B = 'abcdef00-0000-4000-8000-000000000002';

function clientWith(rows: readonly DataverseRow[]) {
  return {
    getByIds: jest.fn(async () => ({ rows: [...rows], missing: [] })),
    getAttributeTimes: jest.fn(async () => ({ donotemail: { changedOn: '2026-11-21T10:00:00Z', value: true } })),
  };
}

describe('the contacts of Dataverse', () => {
  it('come with the columns asked for, the time of their change and their version, by their lower-case id', async () => {
    const row = {
      '@odata.etag': 'W/"7"',
      contactid: A.toUpperCase(),
      modifiedon: '2026-11-21T12:00:00Z',
      donotemail: true,
      'donotemail@OData.Community.Display.V1.FormattedValue': 'Do Not Allow',
      lastname: 'never asked for',
    };
    const contacts = await contactSource(clientWith([row]), TABLE).contactsById([A, B], ['donotemail'], undefined);
    expect([...contacts]).toEqual([
      [A, { values: { donotemail: true }, modifiedOn: '2026-11-21T12:00:00Z', version: 'W/"7"' }],
    ]);
  });

  it('are read with one request for all ids, without labels', async () => {
    const client = clientWith([]);
    const { signal } = new AbortController();
    await contactSource(client, TABLE).contactsById([A, B], ['donotemail', 'donotphone'], signal);
    expect(client.getByIds.mock.calls).toEqual([
      [TABLE, ['donotemail', 'donotphone', 'modifiedon'], [A, B], { signal, labels: false }],
    ]);
  });

  it.each([undefined, null, '', 5])('have no version where Dataverse gave %p', async (etag) => {
    const client = clientWith([{ '@odata.etag': etag, contactid: A }]);
    const contacts = await contactSource(client, TABLE).contactsById([A], [], undefined);
    expect(contacts.get(A)?.version).toBeNull();
  });

  it('have the times of single columns from the audit log', async () => {
    const client = clientWith([]);
    const { signal } = new AbortController();
    const times = await contactSource(client, TABLE).attributeTimes(A, ['donotemail'], signal);
    expect(times).toEqual({ donotemail: { changedOn: '2026-11-21T10:00:00Z', value: true } });
    expect(client.getAttributeTimes.mock.calls).toEqual([[TABLE, A, ['donotemail'], { signal }]]);
  });

  it('are out of reach when Dataverse is', async () => {
    const error = new RetriableError('DATAVERSE_UNAVAILABLE', 'Dynamics 365 is out of reach.');
    const fail = () => Promise.reject(error);
    const source = contactSource({ getByIds: fail, getAttributeTimes: fail }, TABLE);
    await expect(source.contactsById([A], [], undefined)).rejects.toBe(error);
    await expect(source.attributeTimes(A, ['donotemail'], undefined)).rejects.toBe(error);
  });
});
