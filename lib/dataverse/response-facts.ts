import type { HttpResponse } from '../http/http-client';
import type { ErrorRow } from '../core/error-table';

/** The part of a response that errors are made from. */
export type RefusedResponse = Pick<HttpResponse, 'status' | 'text' | 'retryAfterMs'>;

export interface DataverseErrorContext {
  /** What was done: `read table "contact"`. */
  readonly purpose: string;
  /** Logical name. */
  readonly table?: string | undefined;
  /** The body of a write: its values are cut out of messages. */
  readonly sent?: object | undefined;
}

/** What the tables of Dataverse's errors look at. */
export interface ResponseFacts extends DataverseErrorContext {
  readonly status: number;
  /** In lower case without `0x`; empty where there is none. */
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

/** A response as the error tables look at it. */
export function factsOf(
  { status, text, retryAfterMs }: RefusedResponse,
  context: DataverseErrorContext,
): ResponseFacts {
  return { ...context, status, retryAfterMs, ...errorBodyOf(text) };
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

/** The parts of `{ error: { code, message } }`; codes may come as hex, as a signed decimal, or not at all. */
function errorBodyOf(text: string): Pick<ResponseFacts, 'code' | 'message'> {
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
