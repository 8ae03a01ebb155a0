import { RetriableError } from '../../../lib/core/errors';
import { keepSecret, withoutSecrets } from '../../../lib/core/secrets';

const SECRET = 'p8e-Zk~9 Qx+7/"<Wq&lm';

describe('a secret of the process', () => {
  beforeAll(() => keepSecret(SECRET));

  it.each([
    ['as it is', SECRET],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['as a form encodes it', new URLSearchParams({ s: SECRET }).toString().slice(2)],
    ['JSON-escaped', JSON.stringify(SECRET).slice(1, -1)],
    ['HTML-escaped', SECRET.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['in base64', Buffer.from(SECRET).toString('base64').replace(/=+$/, '')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ])('is cut out of every error %s', (_form, shown) => {
    expect(withoutSecrets(`before ${shown} after`)).toBe('before … after');
    const error = new RetriableError('X', `before ${shown} after`, { hint: `Try ${shown}.` });
    expect([error.message, error.hint]).toEqual(['before … after', 'Try ….']);
    expect(error.stack).not.toContain(shown);
  });

  it.each([undefined, '', '  ', 'short'])('is none where it is %j: ordinary words would be cut out', (secret) => {
    keepSecret(secret);
    expect(withoutSecrets('a short message')).toBe('a short message');
  });

  it('is forgotten after two hundred others, so that renewed tokens do not pile up', () => {
    for (let number = 0; number < 200; number++) keepSecret(`token-${1000 + number}`);
    expect(withoutSecrets(SECRET)).toBe(SECRET);
    expect(withoutSecrets('token-1199')).toBe('…');
  });
});

describe('the cause of an error', () => {
  it('is kept without its message and its properties', () => {
    const cause = Object.assign(new TypeError('Ada Lovelace'), { code: 'ECONNRESET', config: { headers: 'Lovelace' } });
    const error = new RetriableError('X', 'What happened.', { cause });
    const kept = error.cause as Error;
    expect(kept.message).toBe('TypeError (ECONNRESET)');
    expect([kept.message, kept.stack, JSON.stringify(kept), ...Object.values(kept)].join()).not.toContain('Lovelace');
    expect(kept.stack).toContain('secrets.test.ts');
  });

  it('is kept whole where it is one of ours', () => {
    const cause = new RetriableError('Y', 'Below.');
    expect(new RetriableError('X', 'Above.', { cause }).cause).toBe(cause);
  });
});
