import nock from 'nock';
import { DataverseClient } from '../../../lib/dataverse/client';
import { CONTACT } from '../../support/builders';

const id = 'abcdef00-0000-4000-8000-000000000001';
const auditId = 'abcdef00-0000-4000-8000-0000000000aa';

function client(): DataverseClient {
  nock('https://login.microsoftonline.com')
    .post('/t/oauth2/v2.0/token')
    .reply(200, { access_token: 'token', expires_in: 3600, token_type: 'Bearer' });
  return new DataverseClient({ url: 'https://o.crm4.dynamics.com', tenantId: 't', clientId: 'c', clientSecret: 's' });
}

describe('the Dataverse client', () => {
  beforeAll(() => nock.disableNetConnect());
  afterEach(() => nock.cleanAll());
  afterAll(() => nock.restore());

  it('reads the time of a column from the audit log', async () => {
    const dataverse = client();
    const api = nock('https://o.crm4.dynamics.com/api/data/v9.2')
      .get('/audits')
      .query({
        $select: 'auditid,createdon',
        $filter: `_objectid_value eq ${id} and (operation eq 1 or operation eq 2)`,
        $orderby: 'createdon desc',
        $top: '20',
      })
      .reply(200, { value: [{ auditid: auditId, createdon: '2026-11-21T11:00:00Z' }] })
      .get(`/audits(${auditId})/Microsoft.Dynamics.CRM.RetrieveAuditDetails`)
      .reply(200, {
        AuditDetail: {
          '@odata.type': '#Microsoft.Dynamics.CRM.AttributeAuditDetail',
          OldValue: { '@odata.type': '#Microsoft.Dynamics.CRM.contact', donotemail: false },
          NewValue: { '@odata.type': '#Microsoft.Dynamics.CRM.contact', donotemail: true },
        },
      });
    expect(await dataverse.getAttributeTimes(CONTACT, id, ['donotemail'])).toEqual({
      donotemail: { changedOn: '2026-11-21T11:00:00Z', value: true },
    });
    expect(api.isDone()).toBe(true);
    dataverse.close();
  });

  it('says so when the user may not read the audit log', async () => {
    const dataverse = client();
    nock('https://o.crm4.dynamics.com')
      .get(/audits/)
      .reply(403, { error: { code: '0x80040220', message: 'missing prvReadAuditSummary privilege' } });
    await expect(dataverse.getAttributeTimes(CONTACT, id, ['donotemail'])).rejects.toMatchObject({
      code: 'PRIVILEGE_MISSING',
    });
    dataverse.close();
  });
});
