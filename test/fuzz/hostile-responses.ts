import { gzipSync } from 'node:zlib';
import type { Reply } from '../support/scripted-server';
import { INHERITED } from './hostile-values';
import type { Seeded } from './seeded';

/** What no message may hold, in any form: secrets of the credential, and values of the record that is written. */
export const SECRETS = {
  clientId: '3f1c9a52-77aa-4b1d-9c0e-5d2f7b81e6aa',
  clientSecret: 'Zq8~w+R/t&7"x<Yp9',
  token: 'eyJ0eXAi.kQz7Vw9mXp3LrT5b.sN4hGd8y',
} as const;
export const VALUES = {
  name: 'Quarkbach-Öttinger',
  city: 'Knöringhausen',
  mail: 'wilma.zx@kreuzdorf.example',
  birth: '1931-07-28',
  phone: '+49 7364 918273',
} as const;

const ALL = [...Object.values(SECRETS), ...Object.values(VALUES)];

/** In the forms in which a server may give a text back. */
const FORMS: readonly ((text: string) => string)[] = [
  (text) => text,
  encodeURIComponent,
  (text) => new URLSearchParams([['', text]]).toString().slice(1),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => JSON.stringify(JSON.stringify(text)).slice(1, -1),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => Buffer.from(text).toString('hex'),
  (text) => text.replace(/[^\w]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  (text) => [...text].map((c) => `&#${c.codePointAt(0)};`).join(''),
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.normalize('NFD'),
  (text) => [...text].join(' '),
  (text) => text.replace(/(.{6})/g, '$1\n'),
];

/** Every form of every text that must not be told; short pieces would be found in ordinary words. */
export const UNTOLD: readonly string[] = [
  ...new Set(ALL.flatMap((text) => FORMS.map((form) => form(text)).concat(text.slice(0, 9), text.slice(-9)))),
].filter((text) => text.length >= 8);

const SENTENCES: readonly ((value: string, more: string) => string)[] = [
  (v) => `The value '${v}' is not valid for the attribute.`,
  (v) => `The value ${v} is not valid for the attribute emailaddress1`,
  (v, m) => `Cannot insert duplicate key row. The duplicate key value is (${v}, ${m}).`,
  (v) => `A record with matching key values already exists. ${v}`,
  (v) => `${v} already exists`,
  (v) => `Invalid request: Authorization: Bearer ${v}`,
  (v, m) => `POST /api HTTP/1.1\r\nX-Api-Key: ${v}\r\nAuthorization: Bearer ${m}\r\n\r\n`,
  (v) => `RST-360011 An error has occurred - please contact your administrator. XTK-170036 Unable to parse: "${v}".`,
  (v, m) =>
    `PGS-220000 PostgreSQL error: ERROR: duplicate key value violates unique constraint DETAIL: Key (sexternalid)=(${v}) already exists. ${m}`,
  (v) => `PGS-220000 PostgreSQL error: ERROR:  deadlock detected DETAIL:  Process 17 waits for ${v}`,
  (v, m) => `AADSTS7000215: Invalid client secret provided: ${v} for app '${m}'.`,
  (v, m) => `Hello ${v}, the user ${m} with the account ${v} has been refused.`,
  (v) =>
    `<html><head><title>${v}</title><script>var t="${v}"</script></head><body><h1>403</h1><pre>${v}</pre></body></html>`,
  (v, m) => `0x80040265 plugin failed ${v}:${m};${v}|${m}`,
  (v) => `name=${v}&client_secret=${v}`,
];

function said(chance: Seeded): string {
  const value = () => chance.pick(FORMS)(chance.pick(ALL));
  const texts = [chance.pick(SENTENCES)(value(), value())];
  if (chance.chance(0.3)) texts.push(chance.pick(SENTENCES)(value(), value()));
  if (chance.chance(0.05)) texts.push('a'.repeat(chance.pick([80_000, 400_000])));
  if (chance.chance(0.05)) texts.unshift('<'.repeat(50_000), '"'.repeat(10_000));
  return texts.join(chance.pick([' ', '\n', '']));
}

const CODES = [
  ...INHERITED,
  '0x80040237',
  '0x80060882',
  '0x8006088D',
  '0x80048306',
  '0x80072322',
  '0x80040217',
  'invalid_client',
  'RST-360011',
];

function body(chance: Seeded): string {
  const text = said(chance);
  const code = chance.chance(0.2) ? chance.pick(FORMS)(chance.pick(ALL)) : chance.pick(CODES);
  switch (chance.below(14)) {
    case 0:
      return text;
    case 1:
      return JSON.stringify(text);
    case 2:
      return JSON.stringify({ error: code, error_description: text, error_codes: [7000215] });
    case 3:
      return JSON.stringify({ error_code: code, message: text, title: text });
    case 4:
      return JSON.stringify({
        value: [{ contactid: text, '@odata.etag': text }],
        '@odata.nextLink': `https://${text}/`,
      });
    case 5:
      return JSON.stringify({
        content: [{ PKey: text, href: text, externalId: text }],
        next: { href: text },
        href: text,
      });
    case 6:
      return `${'['.repeat(20_000)}${JSON.stringify(text)}`;
    case 7:
      return `${'{"error":'.repeat(5000)}${JSON.stringify(text)}${'}'.repeat(5000)}`;
    case 8:
      return JSON.stringify({ error: { code, message: text } }).slice(0, chance.below(200));
    case 9:
      return `{"__proto__":{"message":${JSON.stringify(text)}},"error":{"code":${JSON.stringify(code)},"message":null}}`;
    case 10:
      return JSON.stringify({ access_token: chance.pick([text, 5, {}, null, '']), expires_in: text });
    default:
      return JSON.stringify({
        error: {
          code,
          message: text,
          innererror: { message: text, type: text, stacktrace: text },
          '@Microsoft.PowerApps.CDS.ErrorDetails.ApiExceptionSourceKey': text,
        },
      });
  }
}

/** A response of any status and type, whose texts hold what must not be told. */
export function hostileReply(chance: Seeded): Reply {
  if (chance.chance(0.05)) return chance.pick(['drop', 'cut off'] as const);
  const status = chance.pick([
    200, 200, 201, 204, 301, 302, 400, 400, 400, 401, 403, 404, 407, 409, 412, 413, 422, 429, 500, 500, 502, 503, 504,
    599,
  ]);
  const text = status === 204 ? '' : body(chance);
  const headers: Record<string, string> = {
    'Content-Type': chance.pick([
      'application/json',
      'text/html',
      'text/plain',
      'image/png',
      'application/json; charset=utf-16',
      SECRETS.clientId,
    ]),
  };
  if (chance.chance(0.2)) headers['Location'] = `https://elsewhere.example/?t=${encodeURIComponent(SECRETS.token)}`;
  if (chance.chance(0.2))
    headers['Retry-After'] = chance.pick(['99999999', '-1', 'soon', '1e9', '3', SECRETS.clientId]);
  if (chance.chance(0.1)) headers['x-ms-dop-hint'] = chance.pick(['0', '-5', 'NaN', '1e99']);
  if (chance.chance(0.1)) headers['WWW-Authenticate'] = `Bearer error="invalid_token", ${SECRETS.clientId}`;
  if (chance.chance(0.1)) headers['OData-EntityId'] = `https://elsewhere.example/contacts(${SECRETS.clientId})`;
  if (status !== 204 && chance.chance(0.05)) {
    headers['Content-Encoding'] = chance.pick(['gzip', 'br', 'deflate', 'constructor', 'identity']);
    return { status, headers, body: chance.chance(0.5) ? gzipSync(text) : text };
  }
  return { status, headers, body: text };
}
