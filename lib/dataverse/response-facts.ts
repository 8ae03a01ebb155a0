import type { HttpResponse } from '../http/http-client';
import { isWebPage } from '../http/web-page';
import { withoutValues } from '../core/redact';
import type { ErrorRow } from '../core/error-table';

/** The part of a response that errors are made from. */
export type RefusedResponse = Pick<HttpResponse, 'status' | 'text' | 'retryAfterMs'>;

export interface DataverseErrorContext {
  /** What was done: `read table "contact"`. */
  readonly purpose: string;
  /** Logical name. */
  readonly table?: string | undefined;
  /** The body of a write: its values are no part of what the server says. */
  readonly sent?: object | undefined;
  /** The path and query that were asked: columns that it names may stand in messages. */
  readonly asked?: string | undefined;
}

/** What the tables of Dataverse's errors look at. */
export interface ResponseFacts extends DataverseErrorContext {
  readonly status: number;
  /** In lower case without `0x`; empty where there is none. */
  readonly code: string;
  /** Without the values that were sent. It may hold others: only what `redact` leaves of it may be quoted. */
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  /** A web page: of a gateway or a proxy, which knows nothing of tables and rows. */
  readonly isPage: boolean;
}

/** A response as the error tables look at it. */
export function factsOf(
  { status, text, retryAfterMs }: RefusedResponse,
  context: DataverseErrorContext,
): ResponseFacts {
  const { code, message } = errorBodyOf(text);
  const names = new Set(Object.keys(context.sent ?? {}));
  const said = withoutValues(message, sentValues(context.sent), names);
  return { ...context, status, retryAfterMs, code, message: said, isPage: isWebPage(text) };
}

/** The values of a write's body, as they may stand in a text. */
export function sentValues(sent: object | undefined): string[] {
  return Object.values(sent ?? {})
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map(String);
}

/**
 * A name that the server quotes, where the request had it too; undefined for any other word, which may be a value. Where
 * nothing is known of the request, what looks like a logical name is taken for one.
 */
export function knownName(name: string, { sent, asked }: DataverseErrorContext): string | undefined {
  if (sent === undefined && asked === undefined) return /^[a-z_][a-z0-9_]*$/.test(name) ? name : undefined;
  if (sent && Object.hasOwn(sent, name)) return name;
  return asked?.split(/\W+/).includes(name) ? name : undefined;
}

/** {@link knownName} as a list: empty where the name must not be shown. */
export function knownNames(name: string, context: DataverseErrorContext): string[] {
  const known = knownName(name, context);
  return known === undefined ? [] : [known];
}

/** Which responses: all that is given has to fit, and one of several statuses or codes is enough. */
export interface Matcher {
  readonly status?: number | readonly number[] | ((status: number) => boolean);
  readonly code?: string | readonly string[];
  readonly message?: RegExp;
  /** What the message must not hold. */
  readonly without?: RegExp;
}

/** The `when` of a row: responses that one of the matchers fits. */
export function seen(...matchers: readonly Matcher[]): ErrorRow<ResponseFacts>['when'] {
  return (facts) => {
    for (const matcher of matchers) {
      const found = match(matcher, facts);
      if (found) return found;
    }
    return false;
  };
}

function match({ status, code, message, without }: Matcher, facts: ResponseFacts): boolean | RegExpExecArray | null {
  if (typeof status === 'function' && !status(facts.status)) return false;
  if (typeof status === 'number' && status !== facts.status) return false;
  if (typeof status === 'object' && !status.includes(facts.status)) return false;
  if (typeof code === 'string' && code !== facts.code) return false;
  if (typeof code === 'object' && !code.includes(facts.code)) return false;
  if (without?.test(facts.message)) return false;
  return message ? message.exec(facts.message) : true;
}

/** Characters of a refusal that are looked at. */
const LONGEST_REFUSAL = 1_000_000;

/** The parts of `{ error: { code, message } }`; codes may come as hex, as a signed decimal, or not at all. */
function errorBodyOf(text: string): Pick<ResponseFacts, 'code' | 'message'> {
  // No refusal is that long; a page that is may be made to take all memory.
  if (text.length > LONGEST_REFUSAL) return { code: '', message: '' };
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
