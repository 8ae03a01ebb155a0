import { ConfigurationError, FatalError, RejectedRecordError, RetriableError, type SyncError } from './errors';

/** What follows from a failure; see the classes in `errors.ts`. */
export type Consequence = 'configuration' | 'retriable' | 'rejected' | 'fatal';

/** What an error may carry beside its texts. */
export interface ErrorDetails {
  readonly cause?: unknown;
  /** `retriable` only: what the server asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** `rejected` only: the field or column concerned. */
  readonly field?: string | undefined;
}

/**
 * Made from the facts and what `when` found by name: the first filled group of its pattern, undefined where it has
 * none.
 */
export type FromFacts<Facts, Result> = (facts: Facts, named: string | undefined) => Result;

/** What a failure means. */
export type ErrorMeaning<Facts> =
  | {
      readonly consequence: Consequence;
      readonly code: string;
      readonly message: string | FromFacts<Facts, string>;
      readonly hint?: string | FromFacts<Facts, string>;
      readonly details?: FromFacts<Facts, ErrorDetails>;
    }
  /** An error that is made elsewhere too, or that is of a class of its own. */
  | { readonly error: FromFacts<Facts, SyncError> };

/**
 * One row: which failures it is about, and what they mean. A pattern's match counts as true and names what it captured.
 */
export type ErrorRow<Facts> = {
  readonly when: (facts: Facts) => boolean | RegExpExecArray | null;
} & ErrorMeaning<Facts>;

/** What the failures of one system mean: the first row that fits decides. */
export interface ErrorTable<Facts> {
  readonly rows: readonly ErrorRow<Facts>[];
  /** The meaning of what no row is about. */
  readonly otherwise: ErrorMeaning<Facts>;
}

const CLASS_OF: Readonly<
  Record<
    Consequence,
    new (code: string, message: string, options: ErrorDetails & { hint?: string | undefined }) => SyncError
  >
> = {
  configuration: ConfigurationError,
  retriable: RetriableError,
  rejected: RejectedRecordError,
  fatal: FatalError,
};

/** The error that a table makes of a failure. */
export function errorFrom<Facts>({ rows, otherwise }: ErrorTable<Facts>, facts: Facts): SyncError {
  for (const row of rows) {
    const found = row.when(facts);
    if (found) return errorOf(row, facts, found === true ? undefined : found.slice(1).find((group) => group));
  }
  return errorOf(otherwise, facts, undefined);
}

function errorOf<Facts>(meaning: ErrorMeaning<Facts>, facts: Facts, named: string | undefined): SyncError {
  if ('error' in meaning) return meaning.error(facts, named);
  const { consequence, code, message, hint, details } = meaning;
  const text = (from: string | FromFacts<Facts, string>) => (typeof from === 'string' ? from : from(facts, named));
  return new CLASS_OF[consequence](code, text(message), {
    ...details?.(facts, named),
    hint: hint === undefined ? undefined : text(hint),
  });
}
