import { ConfigurationError } from '../../../lib/core/errors';
import { errorFrom, type ErrorTable } from '../../../lib/core/error-table';

interface Facts {
  readonly status: number;
  readonly text: string;
}

class OwnError extends ConfigurationError {}

const cause = new OwnError('CAUSE', 'The cause.');

const table: ErrorTable<Facts> = {
  rows: [
    {
      when: ({ status }) => status === 401,
      consequence: 'configuration',
      code: 'SIGN_IN',
      message: 'Sign-in refused.',
      hint: ({ status }) => `Look up ${status}.`,
    },
    { when: ({ status }) => status >= 500, consequence: 'fatal', code: 'BROKEN', message: 'Broken.' },
    {
      when: ({ status }) => status >= 429,
      consequence: 'retriable',
      code: 'LIMITED',
      message: 'Limited.',
      details: () => ({ retryAfterMs: 2000, cause }),
    },
    {
      when: ({ text }) => /field '(\w+)'|'(\w+)' is read-only/.exec(text),
      consequence: 'rejected',
      code: 'FIELD',
      message: (_facts, named) => `Wrong: ${named ?? 'some field'}.`,
      details: (_facts, named) => ({ field: named }),
    },
    { when: ({ text }) => text === 'own', error: ({ status }) => new OwnError('OWN', `${status}`) },
  ],
  otherwise: { consequence: 'rejected', code: 'REFUSED', message: 'Refused.' },
};
const from = (status: number, text = '') => errorFrom(table, { status, text });

describe('errorFrom', () => {
  it('takes the class of the consequence, the code and the texts from the row', () => {
    expect(from(401)).toMatchObject({
      name: 'ConfigurationError',
      code: 'SIGN_IN',
      message: 'Sign-in refused.',
      hint: 'Look up 401.',
    });
  });

  it('lets the first row that fits decide', () => {
    expect(from(503)).toMatchObject({ name: 'FatalError', code: 'BROKEN', hint: undefined });
  });

  it('passes on what the row takes from the failure', () => {
    expect(from(429)).toMatchObject({ name: 'RetriableError', retryAfterMs: 2000, cause });
  });

  it.each(["of field 'city'", "'city' is read-only"])('names what the pattern captured in %j', (text) => {
    expect(from(400, text)).toMatchObject({ name: 'RejectedRecordError', message: 'Wrong: city.', field: 'city' });
  });

  it('leaves an error of its own to the row', () => {
    const error = from(400, 'own');
    expect(error).toBeInstanceOf(OwnError);
    expect(error.message).toBe('400');
  });

  it('has a meaning for what no row is about', () => {
    expect(from(400)).toMatchObject({ name: 'RejectedRecordError', code: 'REFUSED', message: 'Refused.' });
  });
});
