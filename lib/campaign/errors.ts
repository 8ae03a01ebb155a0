import type { HttpResponse } from '../http/http-client';
import { isGatewayStatus, type IsTransient } from '../http/retry';
import { redact } from '../http/redact';
import { errorFrom } from '../core/error-table';
import type { SyncError } from '../core/errors';
import { CAMPAIGN_ERRORS } from './error-table';

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

/** `{"code":500,"message":"Oops. Something went wrong...."}`: the gateway, for now; for good with a wrong tenant. */
export function isGatewayOops(text: string): boolean {
  return text.includes('Oops. Something went wrong');
}

/** Another try may bring another response. A plain 500 may be permanent (always, on v8): it is tried a few times. */
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

/**
 * A response of 400 and above, or a redirect, as an error: the one that {@link CAMPAIGN_ERRORS} makes of it. Never holds
 * values of a record.
 */
export function campaignError(response: HttpResponse, context: CampaignErrorContext): SyncError {
  const { status, retryAfterMs } = response;
  const { purpose, record, once = false, sent, names } = context;
  const text = stringsOf(response.text);
  return errorFrom(CAMPAIGN_ERRORS, {
    status,
    retryAfterMs,
    purpose,
    record,
    once,
    gatewayCode: gatewayCode(response.text),
    oops: isGatewayOops(response.text),
    pKeyRefused: isPKeyRefused(response),
    text,
    said: () => {
      const shown = redact(text, sent, names);
      return shown === '' ? '' : `: ${shown}`;
    },
    fieldOf: (named) => {
      const name = named?.split(':').at(-1);
      return name === undefined ? fieldNamedIn(text, names) : (names?.get(name) ?? name);
    },
  });
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
