import { dataverseError, isTransientInDataverse } from '../../../lib/dataverse/errors';
import { isRowMissing, lookUpError, writeError } from '../../../lib/dataverse/write-errors';
import { DeltaTokenExpiredError } from '../../../lib/sync/feed/delta-token-expired';

const response = (status: number, code: string, message = '') => ({
  status,
  headers: {},
  text: JSON.stringify({ error: { code, message } }),
  retryAfterMs: undefined,
  repeated: false,
});
const context = { purpose: 'read table "contact"', table: 'contact' };

describe('dataverseError', () => {
  it.each([
    [400, '0x80044352', 'Version stamp associated with the client has expired.', 'DELTA_TOKEN_EXPIRED'],
    [410, '', '', 'DELTA_TOKEN_EXPIRED'],
    [400, '', 'Please perform a full sync.', 'DELTA_TOKEN_EXPIRED'],
    [400, '-2147204270', '', 'DELTA_TOKEN_EXPIRED'],
    [400, '0x80072491', "Entity contact isn't enabled for change tracking.", 'CHANGE_TRACKING_OFF'],
    [403, '0x80072560', 'The user is not a member of the organization.', 'NOT_A_MEMBER'],
    [401, '0x80072560', 'The user is not a member of the organization.', 'NOT_A_MEMBER'],
    [401, '', '', 'SIGN_IN_REFUSED'],
    [
      400,
      '0x80060888',
      "Could not find a property named 'nickname2' on type 'Microsoft.Dynamics.CRM.contact'.",
      'UNKNOWN_COLUMN',
    ],
    [403, '0x80040220', 'Principal user is missing prvReadContact privilege', 'PRIVILEGE_MISSING'],
    [404, '0x8006088a', "Resource not found for the segment 'contactz'.", 'TABLE_UNKNOWN'],
    [404, '0x80040217', '', 'TABLE_UNKNOWN'],
    [429, '0x80072322', '', 'SERVICE_PROTECTION_LIMIT'],
    [503, '', '', 'DATAVERSE_UNAVAILABLE'],
    [500, '0x80044150', '', 'DATAVERSE_UNAVAILABLE'],
    [400, '0x80040203', 'bad argument', 'REFUSED_BY_DYNAMICS'],
    [302, '', '', 'REFUSED_BY_DYNAMICS'],
  ])('reads %p %p %p as %s', (status, code, message, expected) => {
    expect(dataverseError(response(status, code, message), context)).toMatchObject({ code: expected });
  });

  it('has a class of its own for an expired token: neither waiting nor the user helps', () => {
    const error = dataverseError(response(400, '0x80044352'), context);
    expect(error).toBeInstanceOf(DeltaTokenExpiredError);
    expect(error.message).toContain('contact');
  });

  it('names the column and the privilege', () => {
    const column = response(400, '0x80060888', "Could not find a property named 'nickname2' on type 'x'.");
    expect(dataverseError(column, context).message).toContain('"nickname2"');
    const privilege = response(
      403,
      '0x80040220',
      'user (Id=0a1b2c3d-0000-4000-8000-000000000001) is missing prvReadContact privilege',
    );
    const { message } = dataverseError(privilege, context);
    expect(message).toContain('prvReadContact');
    expect(message).not.toContain('0a1b2c3d');
  });

  it('keeps values of records out of what it passes on', () => {
    const { message } = dataverseError(
      response(400, '0x80040203', "The value 'Ada Lovelace' of ada@example.org is bad"),
      context,
    );
    expect(message).toMatch(/0x80040203.*is bad/);
    expect(message).not.toMatch(/Ada|ada@/);
  });

  it('survives a response that is no JSON', () => {
    const page = { ...response(502, ''), text: '<html>Bad gateway</html>' };
    expect(dataverseError(page, context)).toMatchObject({ name: 'RetriableError', code: 'DATAVERSE_UNAVAILABLE' });
  });
});

describe('a page of a gateway', () => {
  const page = (status: number) => ({ ...response(status, ''), text: '<html><body>Not found</body></html>' });

  it.each([400, 404, 410])('with status %p tells nothing of a table, a link or a column', (status) => {
    expect(dataverseError(page(status), context)).toMatchObject({ code: 'NOT_DATAVERSE' });
  });

  it('tells nothing of the row that was written or looked up', () => {
    expect(writeError(page(404), context)).toMatchObject({ code: 'NOT_DATAVERSE' });
    expect(lookUpError(page(404), context, 'contacts')).toMatchObject({ code: 'NOT_DATAVERSE' });
    expect(isRowMissing(page(404))).toBe(false);
  });
});

describe('isTransientInDataverse', () => {
  it.each([
    [502, '', 1, true],
    [503, '', 5, true],
    [500, '', 1, true],
    [500, '', 3, false],
    [500, '0x80044150', 5, true],
    [400, '', 1, false],
    [404, '', 1, false],
    [412, '', 1, false],
  ])('finds %p %p at try %p: %p', (status, text, attempt, expected) => {
    expect(isTransientInDataverse({ kind: 'status', status, text, retryAfterMs: undefined }, attempt)).toBe(expected);
  });
});
