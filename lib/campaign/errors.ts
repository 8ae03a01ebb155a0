import type { HttpResponse } from '../http/http-client';
import { LONGEST_READ, redact, withoutValues } from '../core/redact';
import { isGatewayStatus, type IsTransient } from '../http/retry';
import { errorFrom } from '../core/error-table';
import type { SyncError } from '../core/errors';
import { isFieldName } from './built-in-fields';
import { CAMPAIGN_ERRORS } from './error-table';
import { isPassingDatabaseFault } from './passing-fault';

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

/** Texts of Campaign itself, as opposed to the gateway: trying again does not change them. */
const PERMANENT = /\b[A-Z]{3}-\d{6}\b|is read-only|is not valid for/;

type Refused = Pick<HttpResponse, 'status' | 'text'>;

/** `{"code":500,"message":"Oops. Something went wrong...."}`: the gateway, for now; for good with a wrong tenant. */
function isGatewayOops(text: string): boolean {
  return /^\s*Oops\. Something went wrong/.test(textIn(jsonIn(text), 'message') ?? text.slice(0, LONGEST_READ));
}

/** Another try may bring another response. A plain 500 may be permanent (always, on v8): it is tried a few times. */
export const isTransientInCampaign: IsTransient = ({ status, text }, attempt) => {
  if (isGatewayStatus(status) || status === 408) return true;
  if (status !== 500) return false;
  const said = stringsOf(text);
  if (isPassingDatabaseFault(said)) return true;
  return !PERMANENT.test(said) && attempt < (isGatewayOops(text) ? 4 : 3);
};

/**
 * Campaign says that a record is not there.
 *
 * @param sent values that the request carried: they are no part of what Campaign says
 */
export function isNotFound(response: Refused, sent: Iterable<string> = []): boolean {
  if (response.status < 400) return false;
  if (/unable to find document with path/i.test(saidIn(response.text, sent))) return true;
  return response.status === 404 && gatewayCode(response.text) === undefined && !isPKeyRefused(response, sent);
}

/** The PKey in an href was not understood: says nothing about whether the record exists. */
function isPKeyRefused({ status, text }: Refused, sent: Iterable<string> = []): boolean {
  return status >= 400 && /XTK-170036|unable to decrypt PKey/i.test(saidIn(text, sent));
}

/**
 * A response of 400 and above, or a redirect, as an error: the one that {@link CAMPAIGN_ERRORS} makes of it. Never holds
 * values of a record; nor do values decide which error it is.
 */
export function campaignError(response: HttpResponse, context: CampaignErrorContext): SyncError {
  const { status, retryAfterMs } = response;
  const { purpose, record, once = false, sent = [], names = new Map<string, string>() } = context;
  const text = saidIn(response.text, sent, names);
  return errorFrom(CAMPAIGN_ERRORS, {
    status,
    retryAfterMs,
    purpose,
    record,
    once,
    gatewayCode: gatewayCode(response.text),
    oops: isGatewayOops(response.text),
    pKeyRefused: isPKeyRefused(response, sent),
    databaseFault: status >= 500 && isPassingDatabaseFault(text),
    text,
    said: () => {
      const shown = redact(stringsOf(response.text), sent, names);
      return shown === '' ? '' : `: ${shown}`;
    },
    fieldOf: (named) => (named === undefined ? fieldNamedIn(text, names) : fieldNamed(named, names)),
  });
}

/** What Campaign itself says: neither the values that were sent, nor the quoted texts that are no names. */
function saidIn(text: string, sent: Iterable<string>, names?: ReadonlyMap<string, string>): string {
  const said = withoutValues(stringsOf(text), sent, names).replace(/\bDETAIL\b[^]*/, '');
  return said.replace(/'[^']*\s[^']*'|"[^"]*\s[^"]*"/g, (quoted) =>
    // What begins or ends with a blank stands between two quoted words, and is Campaign's own text.
    /^.\s|\s.$/.test(quoted) ? quoted : '"…"',
  );
}

/** A field by its dotted name. What neither the request nor Campaign's data model has may be a value: undefined then. */
function fieldNamed(named: string, names: ReadonlyMap<string, string>): string | undefined {
  const name = named.split(':').at(-1) ?? '';
  return names.get(name) ?? (isFieldName(name) ? name : undefined);
}

/** A quoted word that is a field of the request. */
function fieldNamedIn(text: string, names: ReadonlyMap<string, string>): string | undefined {
  for (const [, word = ''] of text.matchAll(/['"]([\w.-]+)['"]/g)) {
    const field = names.get(word);
    if (field !== undefined) return field;
  }
  return undefined;
}

/** `error_code` of Adobe's gateway: six digits, as in 403023. */
function gatewayCode(text: string): string | undefined {
  const code = textIn(jsonIn(text), 'error_code');
  return code !== undefined && /^\d{6}$/.test(code) ? code : undefined;
}

function textIn(json: unknown, name: string): string | undefined {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return undefined;
  const value = (json as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Undefined for what is no JSON. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const DEEPEST = 10;

/** The strings of a JSON text, whatever its shape, or the text itself when it is none; so much as is looked at. */
function stringsOf(text: string): string {
  const json = jsonIn(text);
  if (json === undefined) return text.slice(0, LONGEST_READ);
  const found: string[] = [];
  let length = 0;
  const collect = (value: unknown, depth: number): void => {
    if (length > LONGEST_READ || depth > DEEPEST) return;
    if (typeof value === 'string') {
      found.push(value.slice(0, LONGEST_READ));
      length += value.length + 1;
    } else if (typeof value === 'object' && value !== null) {
      for (const each of Object.values(value)) collect(each, depth + 1);
    }
  };
  collect(json, 0);
  return found.join(' ').slice(0, LONGEST_READ);
}
