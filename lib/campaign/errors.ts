import type { HttpResponse } from '../http/http-client';
import { isGatewayStatus, type IsTransient } from '../http/retry';
import { redact } from '../http/redact';
import { ConfigurationError, RejectedRecordError, RetriableError, type SyncError } from '../core/errors';

export interface CampaignErrorContext {
  /** What was done: `update a record of "profile"`. */
  readonly purpose: string;
  /** One record is concerned, not the whole service: it may be rejected. */
  readonly record: boolean;
  /** Doing it twice is not as good as once (POST). */
  readonly once?: boolean;
  /** What the request carried: cut out of messages. */
  readonly sent?: readonly string[];
  /** Words for the fields that the request carried, to their dotted names: may stay in messages. */
  readonly names?: ReadonlyMap<string, string>;
}

interface Refusal {
  readonly code: string;
  readonly pattern: RegExp;
  /** `field`: the first group, of which the part after the last colon. */
  readonly message: (field: string | undefined) => string;
}

/** Campaign's permanent refusals of one record, by their texts: it answers most of them with 500 (facts: errors of the REST API). */
const REFUSALS: readonly Refusal[] = [
  {
    code: 'DUPLICATE_KEY',
    pattern: /already exists|duplicate key/i,
    message: () => 'Another record of Adobe Campaign has the same value in a field that must be unique',
  },
  {
    code: 'KEY_NOT_CHANGEABLE',
    pattern: /cannot update key/i,
    message: () => 'Adobe Campaign does not let the key of a record be changed',
  },
  {
    code: 'UNKNOWN_ENUMERATION_VALUE',
    pattern: /is not valid for the '([\w:]+)' enumeration/i,
    message: (field) => `The value of "${field}" is no entry of its enumeration in Adobe Campaign`,
  },
  {
    code: 'READ_ONLY_FIELD',
    pattern: /cannot update the '([\w.-]+)' property that is read-only|'([\w.-]+)' is read-only/i,
    message: (field) => `"${field}" is read-only in Adobe Campaign`,
  },
  {
    code: 'INVALID_EMAIL',
    pattern: /not a valid e-?mail|e-?mail address is (?:not valid|invalid)/i,
    message: (field) => `The value of ${field ? `"${field}"` : 'a field'} is no e-mail address for Adobe Campaign`,
  },
  {
    code: 'OUT_OF_RANGE',
    pattern: /out of range|overflow/i,
    message: (field) =>
      `The value of ${field ? `"${field}"` : 'a field'} is out of the range that Adobe Campaign takes`,
  },
  {
    code: 'INVALID_VALUE',
    pattern: /unable to convert value .* of field '([\w.-]+)'|unable to convert/i,
    message: (field) => `The value of ${field ? `"${field}"` : 'a field'} does not fit its type in Adobe Campaign`,
  },
  {
    code: 'TOO_LONG',
    pattern: /too long|exceeds the (?:maximum )?(?:length|size)|maximum length/i,
    message: (field) => `The value of ${field ? `"${field}"` : 'a field'} is too long for Adobe Campaign`,
  },
  {
    code: 'MANDATORY_FIELD_MISSING',
    pattern:
      /'([\w.-]+)' field of the '[\w.-]+' resource is mandatory|mandatory|must (?:be filled|not be empty)|cannot be empty|is required/i,
    message: (field) => `Adobe Campaign needs a value in ${field ? `"${field}"` : 'a field'} that is empty`,
  },
  {
    code: 'UNKNOWN_FIELD',
    pattern: /'([\w.-]+)' property is not valid for the '[\w.-]+' resource/i,
    message: (field) => `Adobe Campaign has no field "${field}" in this resource`,
  },
];

/** Texts of Campaign itself, as opposed to the gateway: trying again does not change them. */
const PERMANENT = /\b[A-Z]{3}-\d{6}\b|is read-only|is not valid for/;

/** `{"code":500,"message":"Oops. Something went wrong...."}`: the gateway, for now, or for good when the tenant is wrong. */
export function isGatewayOops(text: string): boolean {
  return text.includes('Oops. Something went wrong');
}

/** Another try may bring another response. A plain 500 may be permanent (always, on v8), so it is tried a few times only. */
export const isTransientInCampaign: IsTransient = ({ status, text }, attempt) => {
  if (isGatewayStatus(status) || status === 408) return true;
  if (status !== 500 || PERMANENT.test(text)) return false;
  return attempt < (isGatewayOops(text) ? 4 : 3);
};

/** The texts with which Campaign says that a record is not there. */
export function isNotFound(response: HttpResponse): boolean {
  if (/unable to find document with path/i.test(response.text)) return true;
  return response.status === 404 && gatewayCode(response.text) === undefined && !isPKeyRefused(response);
}

/** The PKey in an href was not understood: says nothing about whether the record exists. */
export function isPKeyRefused({ text }: HttpResponse): boolean {
  return /XTK-170036|unable to decrypt PKey/i.test(text);
}

/** A response of 400 and above as an error. Never holds values of a record. */
export function campaignError(response: HttpResponse, context: CampaignErrorContext): SyncError {
  const { status, text } = response;
  const { purpose } = context;
  const gateway = gatewayCode(text);
  if (status < 400) {
    return new ConfigurationError('NOT_CAMPAIGN', `A redirect came back when trying to ${purpose} (HTTP ${status})`, {
      hint: 'Check the API URL of the credential, and proxies in between.',
    });
  }
  if (status === 401) {
    return new ConfigurationError('SIGN_IN_REFUSED', `Adobe Campaign refused the sign-in to ${purpose} (HTTP 401)`, {
      hint: 'Check client ID, client secret and scopes of the credential, and that the Adobe Developer Console project has the Campaign API.',
    });
  }
  if (status === 403) {
    return new ConfigurationError(
      'ACCESS_REFUSED',
      `Adobe's gateway does not allow this client to ${purpose} (HTTP 403${gateway ? `, ${gateway}` : ''})`,
      {
        hint: "Check the client ID (it is the API key too), the tenant, and that the project's product profile gives access to this Campaign instance.",
      },
    );
  }
  if (status === 429) {
    return new RetriableError('RATE_LIMITED', `Adobe Campaign limits the requests for now (${purpose})`, {
      retryAfterMs: response.retryAfterMs,
      hint: "Lower the credential's requests in flight or per second.",
    });
  }
  if (isGatewayOops(text) && status < 500) return tenantRefused(purpose, status);
  if (isGatewayStatus(status) || status === 408 || isGatewayOops(text)) return unavailable(response, context);
  if (gateway !== undefined) return tenantRefused(purpose, status);
  if (context.record) return refusalOf(response, context);
  if (status >= 500) return unavailable(response, context);
  return new ConfigurationError(
    'REFUSED_BY_CAMPAIGN',
    `Adobe Campaign refused to ${purpose} (HTTP ${status})${explained(response, context)}`,
  );
}

function refusalOf(response: HttpResponse, context: CampaignErrorContext): RejectedRecordError {
  const text = stringsOf(response.text);
  for (const { code, pattern, message } of REFUSALS) {
    const match = pattern.exec(text);
    if (!match) continue;
    const named = (match[1] ?? match[2])?.split(':').at(-1);
    const field = named === undefined ? fieldNamedIn(text, context.names) : (context.names?.get(named) ?? named);
    return new RejectedRecordError(code, `${message(field)}.`, { field });
  }
  const field = fieldNamedIn(text, context.names);
  if (isPKeyRefused(response)) {
    return new RejectedRecordError(
      'LINK_REFUSED',
      'Adobe Campaign did not understand the link that it gave for this record.',
      { hint: 'Retry the record: it is then looked up anew.' },
    );
  }
  return new RejectedRecordError(
    'REFUSED_BY_CAMPAIGN',
    `Adobe Campaign refused to ${context.purpose} (HTTP ${response.status})${explained(response, context)}`,
    { field },
  );
}

function unavailable({ status, retryAfterMs }: HttpResponse, { purpose, once }: CampaignErrorContext): RetriableError {
  if (once) {
    return new RetriableError(
      'WRITE_UNCERTAIN',
      `Adobe's gateway failed to ${purpose} (HTTP ${status}); it is not known whether it was done`,
    );
  }
  return new RetriableError('CAMPAIGN_UNAVAILABLE', `Adobe Campaign could not ${purpose} for now (HTTP ${status})`, {
    retryAfterMs,
    hint: 'If this never worked: check the tenant of the credential, a wrong one is answered like this too.',
  });
}

function tenantRefused(purpose: string, status: number): ConfigurationError {
  return new ConfigurationError('TENANT_REFUSED', `Adobe's gateway knows no address to ${purpose} (HTTP ${status})`, {
    hint: 'Check the tenant and the API URL of the credential. A staging instance has "-mkt-stage" at the end of its tenant.',
  });
}

function explained(response: HttpResponse, context: CampaignErrorContext): string {
  const text = redact(stringsOf(response.text), context.sent, context.names);
  return text === '' ? '' : `: ${text}`;
}

/** A quoted word that is a field of the request. */
function fieldNamedIn(text: string, names: ReadonlyMap<string, string> | undefined): string | undefined {
  for (const [, word = ''] of text.matchAll(/['"]([\w.-]+)['"]/g)) {
    const field = names?.get(word);
    if (field !== undefined) return field;
  }
  return undefined;
}

/** `error_code` of Adobe's gateway: six digits, as in 403023. */
function gatewayCode(text: string): string | undefined {
  return /"error_code"\s*:\s*"?(\d{6})\b/.exec(text)?.[1];
}

/** All strings of a JSON text, whatever its shape; the text itself when it is none. */
function stringsOf(text: string): string {
  const found: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  try {
    collect(JSON.parse(text));
  } catch {
    return text.slice(0, 4000);
  }
  return found.join(' ').slice(0, 4000);
}
