import { withoutSecrets } from './secrets';

/**
 * The errors of the product, classed by what follows from them. Nothing else decides about retry, rejection or failure.
 *
 * | class               | follows                                                            |
 * | ------------------- | ------------------------------------------------------------------ |
 * | ConfigurationError  | the execution (or the activation) fails; the user has to change something |
 * | RetriableError      | tried again later; after the client's own tries the execution fails and the batch comes again |
 * | RejectedRecordError | this one record leaves through "rejected", all others go on         |
 * | FatalError          | the execution fails; nothing the user set explains it               |
 *
 * A message never holds a secret, nor values of a record; it may name its table and id. Secrets of this process are cut
 * out here, whoever wrote the message; of an underlying error nothing is kept but its kind and where it came about.
 */
export abstract class SyncError extends Error {
  /** A short name in capitals that docs/errors.md explains, e.g. `CHANGE_TRACKING_OFF`. */
  readonly code: string;
  /** What the user can do about it: a full sentence. */
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(withoutSecrets(message), options.cause === undefined ? undefined : { cause: bareCause(options.cause) });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint === undefined ? undefined : withoutSecrets(options.hint);
  }

  /** What happened and what the user can do about it, as whole sentences: wherever both are shown as one text. */
  get fullText(): string {
    return [this.message, this.hint ?? '']
      .filter((part) => part.trim() !== '')
      .map(sentence)
      .join(' ');
  }
}

/**
 * An underlying error as it may be kept: an error of ours as it is; of any other its kind, its code, and the places of
 * the program that its stack names. Its message and its properties may hold requests, tokens and values of records.
 */
export function bareCause(cause: unknown): Error {
  if (cause instanceof SyncError) return cause;
  if (!(cause instanceof Error)) return new Error('A value that is no error was thrown.');
  const kind = /^[A-Z][A-Za-z]{2,40}$/.test(cause.name) ? cause.name : 'Error';
  const { code } = cause as { code?: unknown };
  const known = typeof code === 'number' || (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code));
  const bare = new Error(known ? `${kind} (${code})` : kind);
  bare.name = kind;
  bare.stack = [`${kind}: ${bare.message}`, ...framesOf(cause)].join('\n');
  return bare;
}

/** The places that a stack names, behind the message that stands before them: a message may have lines like these. */
function framesOf({ message, stack = '' }: Error): string[] {
  const at = message === '' ? 0 : stack.indexOf(message);
  if (at < 0) return [];
  const lines = stack.slice(at + message.length).split('\n', 50);
  return lines.filter((line) =>
    /^ {4}at (?:[\w.<>[\] ]{1,120} )?\(?(?:file:\/\/|node:|[A-Za-z]:|\/)[^\s]{1,300}:\d+:\d+\)?$/.test(line),
  );
}

/** A text with the full stop that it may lack: a server's words have their own end, or none. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…]["')]?$/.test(trimmed) ? trimmed : `${trimmed.replace(/[:;,]$/, '')}.`;
}

/** Settings, rights or metadata are wrong: waiting does not help. */
export class ConfigurationError extends SyncError {}

/** The other system is out of reach or overloaded for now. */
export class RetriableError extends SyncError {
  /** What the server asked for (`Retry-After`), in milliseconds, if it did. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { hint?: string | undefined; cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** One record can't be processed as it is. */
export class RejectedRecordError extends SyncError {
  /** The target field or source column concerned, if it is known. */
  readonly field: string | undefined;
  /** The line of the mapping, counted from 1 as the panel shows it. */
  readonly mappingLine: number | undefined;

  constructor(
    code: string,
    message: string,
    options: {
      hint?: string | undefined;
      cause?: unknown;
      field?: string | undefined;
      mappingLine?: number | undefined;
    } = {},
  ) {
    super(code, message, options);
    this.field = options.field;
    this.mappingLine = options.mappingLine;
  }
}

/** Something that must not happen did. */
export class FatalError extends SyncError {}
