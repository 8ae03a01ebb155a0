import { campaignError, isNotFound, isTransientInCampaign } from '../../../lib/campaign/errors';

const response = (status: number, text: string) => ({
  status,
  headers: {},
  text,
  retryAfterMs: undefined,
  repeated: false,
});
const json = (status: number, body: object) => response(status, JSON.stringify(body));
const oops = (status: number) =>
  json(status, { code: 500, message: 'Oops. Something went wrong. Check your URI and try again.' });
const contact = 'RST-360011 An error has occurred - please contact your administrator.';
const acs = (text: string) => json(500, { error_code: '500', message: `${contact} ${text}` });

const names = new Map([
  ['cusLoyaltyNumber', 'cusLoyaltyNumber'],
  ['city', 'location.city'],
]);
const record = { purpose: 'update a record', record: true, sent: ["O'Brien", 'X-100'], names };

describe('campaignError for one record', () => {
  it.each([
    [
      'DUPLICATE_KEY',
      'cusLoyaltyNumber',
      acs(
        "RST-360018 A record with the 'cusLoyaltyNumber' key 'X-100' already exists. PGS-220000 PostgreSQL error: ERROR:  duplicate key value violates unique constraint \"u\" DETAIL:  Key (s)=(X-100) already exists.",
      ),
    ],
    [
      'KEY_NOT_CHANGEABLE',
      undefined,
      acs("RST-360012 Inconsistent operation on resource 'service' – Cannot update key 'SVC3' to 'SVC4'."),
    ],
    [
      'UNKNOWN_ENUMERATION_VALUE',
      'gender',
      acs("The value 'diverse' is not valid for the 'nms:recipient:gender' enumeration of the '@gender' field."),
    ],
    [
      'READ_ONLY_FIELD',
      'age',
      json(500, {
        message:
          "Cannot update the 'age' property that is read-only 'age' property is not valid for the 'profile' resource.",
      }),
    ],
    ['TOO_LONG', undefined, acs('PGS-220000 PostgreSQL error: ERROR:  value too long for type character varying(50)')],
    ['OUT_OF_RANGE', undefined, acs('PGS-220000 PostgreSQL error: ERROR:  integer out of range')],
    ['INVALID_EMAIL', undefined, acs("The value 'x' is not a valid email address (data policy 'email').")],
    ['INVALID_VALUE', 'location.city', acs("XTK-170006 Unable to convert value 'x' of field 'city' to type 'long'.")],
    [
      'MANDATORY_FIELD_MISSING',
      'cusSegment',
      acs("XTK-170032 The 'cusSegment' field of the 'profile' resource is mandatory."),
    ],
    ['UNKNOWN_FIELD', 'cusX', acs("RST-360001 'cusX' property is not valid for the 'profile' resource.")],
    ['LINK_REFUSED', undefined, acs("XTK-170036 Unable to parse expression '@id = @X'.")],
    ['LINK_REFUSED', undefined, json(404, { error_code: '404', message: 'Unable to decrypt PKey. (PKey=@X)' })],
    ['REFUSED_BY_CAMPAIGN', undefined, acs("SCR-160012 JavaScript: error while evaluating script 'beforeSave'.")],
    [
      'REFUSED_BY_CAMPAIGN',
      undefined,
      json(500, { message: 'An error has occurred - please contact your administrator.' }),
    ],
    ['REFUSED_BY_CAMPAIGN', undefined, response(400, 'not json')],
  ])('reads %s and the field %s', (code, field, from) => {
    const error = campaignError(from, record);
    expect(error).toMatchObject({ name: 'RejectedRecordError', code, field });
  });

  it('passes on what Campaign said without the values', () => {
    const { message } = campaignError(
      acs("SCR-160012 Customer O'Brien with 'X-100' and 'anything' is on hold"),
      record,
    );
    expect(message).toContain('SCR-160012');
    expect(message).toContain('is on hold');
    expect(message).not.toMatch(/O'Brien|X-100|anything/);
  });
});

describe('campaignError for the whole service', () => {
  it.each([
    [json(401, { error_code: '401013', message: 'Oauth token is not valid' }), 'ConfigurationError', 'SIGN_IN_REFUSED'],
    [json(403, { error_code: '403023', message: 'Profile is not valid' }), 'ConfigurationError', 'ACCESS_REFUSED'],
    [json(403, { error_code: '403003', message: 'Api Key is invalid' }), 'ConfigurationError', 'ACCESS_REFUSED'],
    [json(429, { error_code: '429050', message: 'Too many requests' }), 'RetriableError', 'RATE_LIMITED'],
    [oops(400), 'ConfigurationError', 'TENANT_REFUSED'],
    [oops(500), 'RetriableError', 'CAMPAIGN_UNAVAILABLE'],
    [oops(502), 'RetriableError', 'CAMPAIGN_UNAVAILABLE'],
    [response(503, '<html>'), 'RetriableError', 'CAMPAIGN_UNAVAILABLE'],
    [response(302, ''), 'ConfigurationError', 'NOT_CAMPAIGN'],
  ])('never rejects a record for %j', (from, name, code) => {
    expect(campaignError(from, record)).toMatchObject({ name, code });
  });

  it.each([oops(500), response(502, ''), response(504, '')])('calls a create uncertain after %j', (from) => {
    expect(campaignError(from, { ...record, once: true })).toMatchObject({
      name: 'RetriableError',
      code: 'WRITE_UNCERTAIN',
    });
  });

  it('takes an unexplained 500 for a fault of the service where no record is concerned', () => {
    expect(campaignError(acs('x'), { purpose: 'list', record: false })).toMatchObject({ code: 'CAMPAIGN_UNAVAILABLE' });
  });
});

describe('a passing fault of the database', () => {
  const faults = [
    'PGS-220000 PostgreSQL error: ERROR:  deadlock detected',
    'PGS-220000 PostgreSQL error: ERROR:  could not serialize access due to concurrent update',
    'PGS-220000 PostgreSQL error: ERROR:  canceling statement due to statement timeout',
    'PGS-220000 PostgreSQL error: FATAL:  terminating connection due to administrator command',
    'PGS-220000 PostgreSQL error: FATAL:  sorry, too many clients already',
    'PGS-220000 PostgreSQL error: server closed the connection unexpectedly',
    'PGS-220000 PostgreSQL error: FATAL:  the database system is starting up',
    'ORA-210000 ORA-00060: deadlock detected while waiting for resource',
    'ORA-210000 ORA-03113: end-of-file on communication channel',
    'ORA-210000 ORA-12541: TNS:no listener',
    'MSQ-200000 Transaction (Process ID 52) was deadlocked on lock resources with another process',
    'MSQ-200000 Lock request time out period exceeded.',
    'ODB-240000 ODBC error: [Microsoft] Timeout expired SQLState: HYT00',
    'WDB-200001 SQL statement could not be executed. PGS-220000 ERROR: deadlock detected',
  ];

  it.each(faults)('is tried again and rejects no record: %s', (fault) => {
    const from = acs(fault);
    const failure = { kind: 'status', status: 500, text: from.text, retryAfterMs: undefined } as const;
    expect(isTransientInCampaign(failure, 5)).toBe(true);
    for (const once of [true, false]) {
      expect(campaignError(from, { ...record, once })).toMatchObject({ name: 'RetriableError', code: 'DATABASE_BUSY' });
    }
    expect(campaignError(from, { purpose: 'list', record: false })).toMatchObject({ code: 'DATABASE_BUSY' });
  });

  it.each([
    'PGS-220000 PostgreSQL error: ERROR:  value too long for type character varying(50)',
    'PGS-220000 PostgreSQL error: ERROR:  duplicate key value violates unique constraint "u"',
    'SCR-160012 JavaScript: the deadlock rule refused it',
    "XTK-170006 Unable to convert value 'timed out' of field 'city' to type 'long'.",
  ])('is not what passes by itself no more: %s', (fault) => {
    const { text } = acs(fault);
    expect(isTransientInCampaign({ kind: 'status', status: 500, text, retryAfterMs: undefined }, 1)).toBe(false);
    expect(campaignError(acs(fault), record)).toMatchObject({ name: 'RejectedRecordError' });
  });
});

describe('isNotFound', () => {
  it.each([
    [acs("Unable to find document with path 'Profile' from key 'x' (type nms:recipient)."), true],
    [json(404, { error_code: '404', message: 'RST-360011 Unable to find document' }), true],
    [response(404, ''), true],
    [json(404, { error_code: '404013', message: 'gateway' }), false],
    [json(404, { message: 'Unable to decrypt PKey. (PKey=@X)' }), false],
    [acs("XTK-170036 Unable to parse expression '@id = @X'."), false],
    [oops(500), false],
    [response(200, '{}'), false],
  ])('finds for %j: %p', (from, expected) => {
    expect(isNotFound(from)).toBe(expected);
  });
});

describe('isTransientInCampaign', () => {
  it.each([
    [502, '', 5, true],
    [500, oops(500).text, 3, true],
    [500, oops(500).text, 4, false],
    [500, 'An error has occurred - please contact your administrator.', 2, true],
    [500, 'An error has occurred - please contact your administrator.', 3, false],
    [500, acs('x').text, 1, false],
    [500, "Cannot update the 'age' property that is read-only", 1, false],
    [400, '', 1, false],
    [404, '', 1, false],
  ])('finds %p %p at try %p: %p', (status, text, attempt, expected) => {
    expect(isTransientInCampaign({ kind: 'status', status, text, retryAfterMs: undefined }, attempt)).toBe(expected);
  });
});
