import { openSandbox, type TestSandbox } from '../support';

describe("Dataverse's audit log", () => {
  let sandbox: TestSandbox;
  let id: string;
  beforeAll(async () => {
    sandbox = await openSandbox({ contacts: 3 });
  });
  beforeEach(async () => {
    sandbox.reset();
    await sandbox.control('POST', '/settings', { dataverse: { auditing: { contact: ['donotemail'] } } });
    id = (await sandbox.dataverse('GET', 'contacts?$select=contactid&$top=1')).body.value[0].contactid;
    await sandbox.control('POST', '/change', { updates: [{ contactid: id, donotemail: false }] });
  });
  afterAll(() => sandbox.close());

  const patch = (values: object) => sandbox.dataverse('PATCH', `contacts(${id})`, values, { 'if-match': '*' });
  const log = () =>
    sandbox.dataverse(
      'GET',
      `audits?$select=auditid,createdon&$filter=_objectid_value eq ${id} and (operation eq 1 or operation eq 2)&$orderby=createdon desc&$top=20`,
    );
  const details = (auditId: string) =>
    sandbox.dataverse('GET', `audits(${auditId})/Microsoft.Dynamics.CRM.RetrieveAuditDetails`);

  it('has when a column changed, and from what to what, newest first', async () => {
    const before = (await log()).body.value.length as number;
    sandbox.advance(60_000);
    await patch({ donotemail: true });
    sandbox.advance(60_000);
    await patch({ donotemail: false });
    const { value } = (await log()).body;
    expect(value.map(({ createdon }: { createdon: string }) => createdon).slice(0, 2)).toEqual([
      '2026-03-01T10:02:00Z',
      '2026-03-01T10:01:00Z',
    ]);
    expect(value).toHaveLength(before + 2);
    expect((await details(value[1].auditid)).body.AuditDetail).toMatchObject({
      OldValue: { donotemail: false },
      NewValue: { donotemail: true },
    });
  });

  it('has nothing of a column without auditing, nor of a change that was refused', async () => {
    const before = (await log()).body.value.length as number;
    await patch({ jobtitle: 'Chief' });
    expect((await patch({ donotemail: true, lastname: 'x'.repeat(5000) })).status).toBe(400);
    expect((await log()).body.value).toHaveLength(before);
  });

  it('is closed to a user without the privilege', async () => {
    await sandbox.control('POST', '/settings', { dataverse: { deniedTables: ['audit'] } });
    expect(await log()).toMatchObject({ status: 403, body: { error: { code: '0x80040220' } } });
  });
});
