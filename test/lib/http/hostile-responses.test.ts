import { campaignError, isNotFound } from '../../../lib/campaign/errors';
import { keepSecret } from '../../../lib/core/secrets';
import type { SyncError } from '../../../lib/core/errors';
import { dataverseError } from '../../../lib/dataverse/errors';
import { writeError } from '../../../lib/dataverse/write-errors';
import { campaignTokens } from '../../../lib/campaign/sign-in';
import { dataverseTokens } from '../../../lib/dataverse/sign-in';
import { toConnectError, toSftpError } from '../../../lib/sftp/sftp-errors';
import { toActivationError, toNodeError } from '../../../nodes/shared/n8n-errors';
import { errorOf } from '../../support/errors';
import { scriptedServer, type Reply } from '../../support/scripted-server';
import { fakeTime } from '../../support/test-clock';

/** What a request carries and no error may show. */
const SECRETS = {
  token: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJuOG4ifQ.c2lnbmF0dXJl',
  clientId: '7d1f9c3e-0b1a-4a5e-9a39-3f1f6ab4b001',
  clientSecret: 'p8e-Zk~9 Qx+7/"<Wq&lm',
  plainSecret: 'constructorwords',
  password: 'Sommer2026!ulm',
};
const VALUES = [
  ...['Smith', 'ada', 'Ada Lovelace', "Sinéad O'Brien", 'ada.lovelace@example.org', '+49 731 123-456', 'İstanbul'],
  ...['0a1b2c3d-0000-4000-8000-00000000beef', '2019-07-31', 'X-100200', '4711', 'prvSmithson', 'Straße 7', 'Will'],
];
/** Values that read like Campaign's own words: they can be told from these where they were sent with the request. */
const WORDS = [
  'Unable to find document with path',
  'already exists',
  'XTK-170036',
  'deadlock detected',
  'a valid email',
];

const base64 = (text: string) => Buffer.from(text).toString('base64');
const SHAPES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `'${text}'`,
  (text) => `"${text}"`,
  (text) => `‘${text}’`,
  (text) => encodeURIComponent(text),
  base64,
  (text) => base64(`user:${text}`),
  (text) => JSON.stringify(text),
  (text) => JSON.stringify(JSON.stringify({ echoed: text })),
  (text) => text.replace(/^(.{3})(.*)$/s, '$1\n$2'),
  (text) => [...text].join('\n'),
  (text) => text.toUpperCase(),
  (text) => `=(${text})`,
  (text) => `x=${text}&y=1`,
  (text) => `'${text}`,
  (text) => `<b title="${text}">${text.replaceAll('<', '&lt;')}</b>`,
  (text) => [...text].map((character) => `&#${character.codePointAt(0)};`).join(''),
];

const TEXTS: readonly ((shown: string) => string)[] = [
  (shown) => shown,
  (shown) => `RST-360011 An error has occurred - please contact your administrator. ${shown}`,
  (shown) => `XTK-170111 The value ${shown} is not valid for the 'nms:recipient:gender' enumeration.`,
  (shown) => `The value 'x' is not valid for the ${shown} enumeration of the '@gender' field.`,
  (shown) => `Cannot update the ${shown} property that is read-only.`,
  (shown) => `XTK-170006 Unable to convert value ${shown} of field ${shown} to type 'long'.`,
  (shown) => `Key (semail)=(${shown}) already exists. PGS-220000 DETAIL: Key ${shown}`,
  (shown) => `XTK-170032 The ${shown} field of the ${shown} resource is mandatory.`,
  (shown) => `Could not find a property named ${shown} on type 'Microsoft.Dynamics.CRM.contact'.`,
  (shown) => `The property ${shown} does not exist on type 'Microsoft.Dynamics.CRM.contact'`,
  (shown) => `An undeclared property ${shown} which only has property annotations in the payload`,
  (shown) => `Principal user is missing ${shown} privilege (prvReadContact) on ${shown}`,
  (shown) => `Authorization: Bearer ${shown}\nX-Api-Key: ${shown}\nCookie: ${shown}`,
  (shown) => `AADSTS7000215: Invalid client secret provided ${shown}. Trace ID: ${shown}`,
  (shown) => `<html><head><title>${shown}</title><script>${shown}</script></head><body>Bad ${shown}</body></html>`,
];

const BODIES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify({ error_code: '500', message: text }),
  (text) => JSON.stringify({ error: { code: '0x80040203', message: text } }),
  (text) => JSON.stringify({ error: { code: text, message: text } }),
  (text) => JSON.stringify({ error: text, error_description: text }),
  (text) => JSON.stringify([[{ deep: [text] }], text]),
];

/** A sequence that is the same in every run. */
function sequence(seed: number): <T>(of: readonly T[]) => T {
  let state = seed;
  return (of) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return of[Math.floor((state / 2 ** 32) * of.length)]!;
  };
}

/** All that n8n could show or save of an error. */
function everythingOf(error: unknown): string {
  const parts: string[] = [];
  const add = (each: unknown, depth: number): void => {
    if (typeof each === 'string') parts.push(each);
    if (typeof each !== 'object' || each === null || depth > 6) return;
    for (const name of Object.getOwnPropertyNames(each)) {
      if (name !== 'node') add((each as Record<string, unknown>)[name], depth + 1);
    }
  };
  add(error, 0);
  return parts
    .filter((part) => !/^\s*at /.test(part))
    .join('\n')
    .replace(/^ +at .*$/gm, '');
}

/** The forms in which something would be found again. */
function formsOf(text: string): string[] {
  return [text, encodeURIComponent(text), base64(text), base64(text).replace(/=+$/, ''), JSON.stringify(text)];
}

function expectNothingOf(error: unknown, hidden: readonly string[], at: string): void {
  const everything = everythingOf(error).toLowerCase();
  for (const each of hidden) {
    for (const form of formsOf(each)) {
      if (everything.includes(form.toLowerCase())) throw new Error(`${at}: ${form} stands in: ${everything}`);
    }
  }
}

const secrets = Object.values(SECRETS);
secrets.forEach(keepSecret);

const pick = sequence(2026);
const cases = Array.from({ length: 1500 }, (_, number) => {
  const hidden = pick([secrets, VALUES, WORDS][number % 3]!);
  const body = pick(BODIES)(pick(TEXTS)(pick(SHAPES)(hidden)));
  return { number, hidden, body, status: pick([400, 401, 403, 404, 409, 412, 413, 429, 500, 500, 500, 502, 503]) };
});

const NAMES = new Map([['firstName', 'firstName']]);
const MAKERS: Readonly<Record<string, (status: number, text: string, sent: string) => SyncError>> = {
  'Campaign, a record': (status, text, sent) =>
    campaignError(
      { status, text, headers: {}, retryAfterMs: undefined, repeated: false },
      { purpose: 'update a record of "profile"', record: true, sent: [sent], names: NAMES },
    ),
  'Campaign, the service': (status, text) =>
    campaignError(
      { status, text, headers: {}, retryAfterMs: undefined, repeated: false },
      { purpose: 'list "profile"', record: false },
    ),
  'Dynamics 365, reading': (status, text) =>
    dataverseError(
      { status, text, retryAfterMs: undefined },
      { purpose: 'read table "contact"', table: 'contact', asked: 'contacts?$select=firstname' },
    ),
  'Dynamics 365, writing': (status, text, sent) =>
    writeError(
      { status, text, retryAfterMs: undefined },
      { purpose: 'update a row of "contact"', table: 'contact', sent: { firstname: sent } },
    ),
  'SFTP, connected': (_status, text) => toSftpError(Object.assign(new Error(text), { code: 4 }), 'list a folder'),
  'SFTP, connecting': (_status, text) =>
    toConnectError(Object.assign(new Error(text), { config: { password: text } }), 'host.example', 'reader'),
};
/** Those whose requests carry values. */
const SENDING = new Set(['Campaign, a record', 'Dynamics 365, writing']);
const node = { id: '1', name: 'Node', type: 'x', typeVersion: 1, position: [0, 0] as [number, number], parameters: {} };

describe.each(Object.entries(MAKERS))('a hostile server: %s', (name, make) => {
  it('gets no secret and no value into message, hint, stack, cause or properties of an error', () => {
    for (const { number, hidden, body, status } of cases) {
      if (!SENDING.has(name) && WORDS.includes(hidden)) continue;
      const error = make(status, body, hidden);
      expectNothingOf(error, [hidden], `${number}: ${body}`);
      expectNothingOf(toNodeError(node, error), [hidden], `${number} in n8n: ${body}`);
      expectNothingOf(toActivationError(node, error), [hidden], `${number} at activation: ${body}`);
    }
  });
});

describe('an error that is none of ours', () => {
  it('gets no secret and no value into what n8n saves', () => {
    for (const { number, hidden, body } of cases) {
      if (WORDS.includes(hidden)) continue;
      const foreign = Object.assign(new Error(body), {
        config: { headers: { Authorization: hidden } },
        response: { data: body },
        cause: new Error(body),
      });
      expectNothingOf(toNodeError(node, foreign), [hidden], `${number}: ${body}`);
    }
  });
});

describe('a hostile sign-in service', () => {
  it.each(['IMS', 'Entra'] as const)('of %s gets no secret into an error', async (which) => {
    for (const { number, body, status } of cases.filter((each) => secrets.includes(each.hidden)).slice(0, 150)) {
      const reply: Reply = { status: status === 429 || status >= 500 ? 401 : status, body };
      const server = await scriptedServer(reply);
      const { clientId, clientSecret } = SECRETS;
      const tokens =
        which === 'IMS'
          ? campaignTokens({ clientId, clientSecret, tenant: 'geometrixx', imsUrl: server.url }, fakeTime())
          : dataverseTokens(
              {
                url: 'https://contoso.crm4.dynamics.com',
                tenantId: 'contoso',
                clientId,
                clientSecret,
                loginUrl: server.url,
              },
              fakeTime(),
            );
      const error = await errorOf(Promise.resolve(tokens.get()));
      await server.close();
      expectNothingOf(error, secrets, `${number}: ${body}`);
    }
  });
});

describe('the value of a record', () => {
  const contact = 'RST-360011 An error has occurred - please contact your administrator.';
  const refusal = (value: string) =>
    JSON.stringify({ error_code: '500', message: `${contact} SCR-160012 The value '${value}' was refused.` });
  const unquoted = (value: string) => JSON.stringify({ message: `${contact} SCR-160012 refused: ${value}` });

  it.each([
    ...[
      'already exists',
      'Already Exists',
      'duplicate key value',
      'mandatory',
      'XTK-170036',
      'too long',
      'out of range',
    ],
    ...[
      "is not valid for the 'x' enumeration",
      'Unable to find document with path',
      'is read-only',
      'cannot update key',
    ],
    ...[
      'PGS-220000 deadlock detected',
      'Oops. Something went wrong',
      '"error_code":"403023"',
      'unable to decrypt PKey',
    ],
  ])('%s decides no class of an error', (value) => {
    for (const text of [refusal(value), unquoted(value)]) {
      const response = { status: 500, text, headers: {}, retryAfterMs: undefined, repeated: false };
      const context = { purpose: 'update a record', record: true, sent: [value], names: NAMES };
      expect(campaignError(response, context)).toMatchObject({
        name: 'RejectedRecordError',
        code: 'REFUSED_BY_CAMPAIGN',
      });
      expect(isNotFound(response, [value])).toBe(false);
    }
  });

  it('that a record found holds does not make it missing', () => {
    const text = JSON.stringify({ lastName: 'Unable to find document with path', PKey: '@x' });
    expect(isNotFound({ status: 200, text })).toBe(false);
  });
});

describe('a name in a refusal of Dynamics 365', () => {
  const said = (name: string) =>
    JSON.stringify({
      error: { code: '0x80060888', message: `Could not find a property named '${name}' on type 'x'.` },
    });
  const messageFor = (name: string) =>
    dataverseError(
      { status: 400, text: said(name), retryAfterMs: undefined },
      { purpose: 'read', table: 'contact', asked: 'contacts?$select=firstname,lastname' },
    ).message;

  it('is shown where it was asked for', () => {
    expect(messageFor('lastname')).toBe('The table "contact" has no column "lastname".');
  });

  it('is not shown where it was not', () => {
    expect(messageFor('ada')).toBe('The table "contact" has no column of one of the names that were asked for.');
  });
});

describe('a large error text', () => {
  it.each(['a', ' ', "'", '"', '<', '(', '1 ', '=(', '@', "' ", 'DETAIL ', '&lt;', '\u0130', '0a1b2c3d-'])(
    'of %j alone costs no more when it is a hundred times as long',
    (part) => {
      const cost = (length: number) => {
        const text = part.repeat(Math.ceil(length / part.length));
        const sent = [part.repeat(500), 'Ada Lovelace'];
        const started = process.cpuUsage();
        for (const make of Object.values(MAKERS)) for (const each of sent) make(500, text, each);
        const { user, system } = process.cpuUsage(started);
        return (user + system) / 1000;
      };
      cost(2000);
      // Measured: below 30 ms each. Without the bound the second takes minutes.
      expect(cost(200_000)).toBeLessThan(Math.max(cost(2000) * 15, 500));
    },
  );
});
