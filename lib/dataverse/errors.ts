import type { HttpResponse } from '../http/http-client';
import { isGatewayStatus, type IsTransient } from '../http/retry';
import { redact } from '../http/redact';
import { ConfigurationError, FatalError, RetriableError, type SyncError } from '../core/errors';
import { DeltaTokenExpiredError } from '../sync/feed/delta-token-expired';

/** Another try may bring another response: gateways, Dataverse's own overload, and an error 500 a few times. */
export const isTransientInDataverse: IsTransient = ({ status, text }, attempt) =>
  isGatewayStatus(status) || status === 408 || text.includes('0x80044150') || (status === 500 && attempt < 3);

export interface DataverseErrorContext {
  /** What was done: `read table "contact"`. */
  readonly purpose: string;
  readonly table?: string | undefined;
}

/** A response of 400 and above as an error (docs/facts/dataverse.md, "Errors"). Never holds values of a record. */
export function dataverseError(response: HttpResponse, context: DataverseErrorContext): SyncError {
  const { code, message } = errorBodyOf(response.text);
  const { purpose, table } = context;
  const { status } = response;
  const named = table === undefined ? 'the table' : `table "${table}"`;

  if (code === '80044352' || status === 410 || /perform a full sync/i.test(message)) {
    return new DeltaTokenExpiredError(table ?? '');
  }
  if (code === '80072491' || /enabled for change tracking/i.test(message)) return changeTrackingOff(table ?? '');
  if (code === '80072560' || /not a member of the organization/i.test(message)) {
    return new ConfigurationError(
      'NOT_A_MEMBER',
      'The app registration is not a user of this Dynamics 365 organization',
      {
        hint: 'In the Power Platform admin center, add an application user with this client ID to the environment and give it a security role.',
      },
    );
  }
  if (status === 401) {
    return new ConfigurationError('SIGN_IN_REFUSED', `Dynamics 365 refused the sign-in to ${purpose} (HTTP 401)`, {
      hint: 'Check the tenant, the client and the organization URL of the credential, and that the application user is enabled.',
    });
  }
  const property = /property named '(\w+)'/.exec(message)?.[1];
  if (property !== undefined) {
    return new ConfigurationError('UNKNOWN_COLUMN', `Dynamics 365 has no column "${property}" in ${named}`, {
      hint: 'It was renamed or removed, or is a lookup written without _..._value. Choose the columns of the trigger again.',
    });
  }
  if (code === '80040220' || code === '80048306' || status === 403) {
    const privilege = /\bprv\w+/.exec(message)?.[0];
    return new ConfigurationError(
      'PRIVILEGE_MISSING',
      `Dynamics 365 does not allow this user to ${purpose}${privilege ? ` (privilege ${privilege})` : ''}`,
      { hint: `Give the application user a security role with organization-level read on ${named}.` },
    );
  }
  if (code === '8006088a' || (status === 404 && table !== undefined)) return tableUnknown(table ?? '');
  if (status === 429) {
    return new RetriableError(
      'SERVICE_PROTECTION_LIMIT',
      `Dynamics 365 limits the requests of this user for now (${purpose})`,
      {
        retryAfterMs: response.retryAfterMs,
        hint: "Lower the credential's requests in flight, or run fewer flows with the same application user at once.",
      },
    );
  }
  if (status >= 500 || status === 408 || code === '80044150') {
    return new RetriableError(
      'DATAVERSE_UNAVAILABLE',
      `Dynamics 365 could not ${purpose} for now (HTTP ${status}${shown(code)})`,
      {
        retryAfterMs: response.retryAfterMs,
        hint: 'Interruptions pass by themselves. If it lasts, look at the service health in the Microsoft 365 admin center.',
      },
    );
  }
  const text = redact(message);
  return new ConfigurationError(
    'REFUSED_BY_DYNAMICS',
    `Dynamics 365 refused to ${purpose} (HTTP ${status}${shown(code)})${text === '' ? '' : `: ${text}`}`,
  );
}

export function changeTrackingOff(table: string): ConfigurationError {
  return new ConfigurationError('CHANGE_TRACKING_OFF', `Change tracking is off for table "${table}" in Dynamics 365`, {
    hint: 'In Power Apps, open the table, Properties, Advanced options, and switch on "Track changes"; then publish.',
  });
}

export function tableUnknown(table: string): ConfigurationError {
  return new ConfigurationError('TABLE_UNKNOWN', `Dynamics 365 has no table "${table}" that this user may see`, {
    hint: 'Choose the table again from the list. Tables are named by their logical name, e.g. contact.',
  });
}

/** The response's JSON. @throws ConfigurationError NOT_DATAVERSE when it is none */
export function jsonOf(response: HttpResponse, purpose: string): unknown {
  if (response.text === '') return {};
  try {
    return JSON.parse(response.text) as unknown;
  } catch {
    const html = /^\s*</.test(response.text);
    if (!html) return unreadable(purpose);
    throw new ConfigurationError('NOT_DATAVERSE', `A web page came back instead of data when trying to ${purpose}`, {
      hint: 'Check the organization URL of the credential, e.g. https://contoso.crm4.dynamics.com, and proxies in between.',
    });
  }
}

function unreadable(purpose: string): never {
  throw new FatalError(
    'UNEXPECTED_RESPONSE',
    `The response of Dynamics 365 could not be read when trying to ${purpose}`,
  );
}

/** The parts of `{ error: { code, message } }`: `code` in lower case without `0x`; codes may come as hex, as a signed decimal, or not at all. */
export function errorBodyOf(text: string): { code: string; message: string } {
  try {
    const parsed = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
    const code = typeof parsed.error?.code === 'string' ? parsed.error.code : '';
    const decimal = /^-?\d{6,}$/.test(code) ? (Number(code) >>> 0).toString(16) : undefined;
    return {
      code: decimal ?? code.toLowerCase().replace(/^0x0*/, ''),
      message: typeof parsed.error?.message === 'string' ? parsed.error.message : '',
    };
  } catch {
    return { code: '', message: '' };
  }
}

const shown = (code: string) => (/^[0-9a-f]{6,8}$/.test(code) ? `, 0x${code}` : '');
