import type { HttpResponse } from '../http/http-client';
import { jsonExcess } from '../http/json-limits';
import { ResponseTooLargeError } from '../http/response-too-large';
import { isGatewayStatus, type IsTransient } from '../http/retry';
import { isWebPage } from '../http/web-page';
import { redact } from '../core/redact';
import { errorFrom, type ErrorTable } from '../core/error-table';
import { ConfigurationError, sentence, type SyncError } from '../core/errors';
import { unexpectedResponse } from '../core/unexpected-response';
import { unknownColumns } from '../core/unknown-column';
import { DeltaTokenExpiredError } from '../sync/feed/delta-token-expired';
import { parseExactJson } from './exact-json';
import {
  factsOf,
  seen,
  type DataverseErrorContext,
  type RefusedResponse,
  type ResponseFacts,
  knownNames,
} from './response-facts';

/** A 500 that is a refusal for good. */
const CONCURRENCY_OFF = /0x8006088d|-2147088243/i;

/** Another try may bring another response: gateways, Dataverse's own overload, and an error 500 a few times. */
export const isTransientInDataverse: IsTransient = ({ status, text }, attempt) =>
  isGatewayStatus(status) ||
  status === 408 ||
  text.includes('0x80044150') ||
  (status === 500 && attempt < 3 && !CONCURRENCY_OFF.test(text));

/** The code with which Dataverse says that the caller is no user of the organization at all. */
export const NOT_A_MEMBER = '80072560';

/** Codes with which Dataverse says that the user lacks a privilege. */
export const PRIVILEGE_CODES = ['80040220', '80048306'] as const;

/** What refused requests mean (docs/facts/dataverse.md, "Errors"); writes have rows of their own before these. */
export const READ_ERRORS: ErrorTable<ResponseFacts> = {
  rows: [
    // Whatever Dataverse says of a table, a link or a column it says as JSON: such a page comes from something before it, and passes.
    {
      when: ({ isPage, status }) => isPage && (status === 400 || status === 404 || status === 410),
      error: ({ purpose }) => notDataverse(purpose),
    },
    {
      when: seen({ code: '80044352' }, { status: 410 }, { message: /perform a full sync/i }),
      error: ({ table }) => new DeltaTokenExpiredError(table ?? ''),
    },
    {
      when: seen({ code: '80072491' }, { message: /enabled for change tracking/i }),
      error: ({ table }) => changeTrackingOff({ name: table ?? '' }),
    },
    {
      when: seen({ code: NOT_A_MEMBER }, { message: /not a member of the organization/i }),
      consequence: 'configuration',
      code: 'NOT_A_MEMBER',
      message: 'The app registration is not a user of this Dynamics 365 organization.',
      hint: 'In the Power Platform admin center, add an application user with this client ID to the environment and give it a security role.',
    },
    {
      when: seen({ status: 401 }),
      consequence: 'configuration',
      code: 'SIGN_IN_REFUSED',
      message: ({ purpose }) => `Dynamics 365 refused the sign-in to ${purpose} (HTTP 401).`,
      hint: 'Check the tenant, the client and the organization URL of the credential, and that the application user is enabled.',
    },
    {
      when: seen({ message: /property named '(\w+)'/ }),
      error: (facts, column = '') =>
        unknownColumns(facts.table === undefined ? undefined : { name: facts.table }, knownNames(column, facts), {
          cause: 'It was renamed or removed, or is a lookup written without _..._value.',
          then: 'Choose the columns of the node again.',
        }),
    },
    {
      when: seen({ code: PRIVILEGE_CODES }, { status: 403 }),
      consequence: 'configuration',
      code: 'PRIVILEGE_MISSING',
      message: ({ purpose, message }) =>
        `Dynamics 365 does not allow this user to ${purpose}${privilegeNamedIn(message)}.`,
      hint: ({ table }) =>
        `Give the application user a security role with organization-level read on ${table === undefined ? 'the table' : `table "${table}"`}.`,
    },
    {
      when: (facts) => facts.code === '8006088a' || (facts.status === 404 && facts.table !== undefined),
      error: ({ table }) => tableUnknown(table ?? ''),
    },
    {
      when: seen({ status: 429 }),
      consequence: 'retriable',
      code: 'SERVICE_PROTECTION_LIMIT',
      message: ({ purpose }) => `Dynamics 365 limits the requests of this user for now (${purpose}).`,
      hint: "Lower the credential's requests in flight, or run fewer flows with the same application user at once.",
      details: ({ retryAfterMs }) => ({ retryAfterMs }),
    },
    {
      when: seen({ status: (status) => status >= 500 }, { status: 408 }, { code: '80044150' }),
      consequence: 'retriable',
      code: 'DATAVERSE_UNAVAILABLE',
      message: ({ purpose, ...facts }) => `Dynamics 365 could not ${purpose} for now (${statusOf(facts)}).`,
      hint: 'Interruptions pass by themselves. If it lasts, look at the service health in the Microsoft 365 admin center.',
      details: ({ retryAfterMs }) => ({ retryAfterMs }),
    },
  ],
  otherwise: {
    consequence: 'configuration',
    code: 'REFUSED_BY_DYNAMICS',
    message: ({ purpose, message, ...facts }) =>
      sentence(`Dynamics 365 refused to ${purpose} (${statusOf(facts)})${explained(redact(message))}`),
    hint: 'Check the settings of the node against the reason that Dynamics 365 gives.',
  },
};

/** A response of 300 and above to a read as an error. Never holds values of a record. */
export function dataverseError(response: RefusedResponse, context: DataverseErrorContext): SyncError {
  return errorFrom(READ_ERRORS, factsOf(response, context));
}

export function changeTrackingOff({ name, label = name }: { name: string; label?: string }): ConfigurationError {
  const table = label === name ? `"${name}"` : `"${label}" (${name})`;
  return new ConfigurationError(
    'CHANGE_TRACKING_OFF',
    `Change tracking is off for the table ${table}, so its changes can't be followed.`,
    {
      hint: 'In Power Apps open the table, then Properties > Advanced options > Track changes, save and publish. An administrator can do it.',
    },
  );
}

export function tableUnknown(table: string): ConfigurationError {
  return new ConfigurationError('TABLE_UNKNOWN', `Dynamics 365 has no table "${table}" that this user may see.`, {
    hint: 'Choose the table again from the list. Tables are named by their logical name, e.g. contact.',
  });
}

/**
 * The response's JSON; numbers that JSON.parse would round are texts, see {@link parseExactJson}.
 *
 * @throws ConfigurationError NOT_DATAVERSE when it is a web page, FatalError UNEXPECTED_RESPONSE when it is none; ResponseTooLargeError
 */
export function jsonOf({ text }: Pick<HttpResponse, 'text'>, purpose: string): unknown {
  if (text === '') return {};
  const excess = jsonExcess(text);
  if (excess !== undefined) throw new ResponseTooLargeError('Dynamics 365', purpose, excess);
  try {
    return parseExactJson(text);
  } catch {
    if (isWebPage(text)) throw notDataverse(purpose);
    throw unexpectedResponse(`The response of Dynamics 365 could not be read when trying to ${purpose}.`);
  }
}

/** The error for a web page where data, or nothing, should have come. */
export function notDataverse(purpose: string): ConfigurationError {
  return new ConfigurationError('NOT_DATAVERSE', `A web page came back instead of data when trying to ${purpose}.`, {
    hint: 'Check the organization URL of the credential, e.g. https://contoso.crm4.dynamics.com, and proxies in between.',
  });
}

/** The name of a privilege, as Dataverse builds them. */
export const PRIVILEGE =
  /\bprv(?:Create|Read|Write|Delete|Append|AppendTo|Assign|Share|Publish|Import|Export|Bypass)[A-Z]\w{0,80}\b/;

/** ` (privilege prvReadContact)` where a refusal names one, else an empty string. */
export function privilegeNamedIn(message: string): string {
  const privilege = PRIVILEGE.exec(message)?.[0];
  return privilege === undefined ? '' : ` (privilege ${privilege})`;
}

/** `HTTP 400, 0x80040203`: what a service desk asks for. */
export function statusOf({ status, code }: Pick<ResponseFacts, 'status' | 'code'>): string {
  return `HTTP ${status}${/^8[0-9a-f]{7}$/.test(code) ? `, 0x${code}` : ''}`;
}

/** What the server said, behind a colon. */
export function explained(text: string): string {
  return text === '' ? '' : `: ${text}`;
}
