import { errorFrom, type ErrorTable } from '../core/error-table';
import { RetriableError, SyncError } from '../core/errors';
import { redact } from '../core/redact';
import { passphraseMissing, passphraseWrong } from './private-key';

const END_OF_FILE = 1;
const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;

/** The SFTP status or error code of an error of ssh2 or ssh2-sftp-client. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** True when the server says that a file or folder does not exist. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  if (code === NO_SUCH_FILE || code === 'ENOENT' || code === 'ERR_NOT_EXIST') return true;
  return error instanceof SyncError && error.code === 'SFTP_NOT_FOUND';
}

/** True when the server says that there is no more of a file, or of a list. */
export function isEndOfFile(error: unknown): boolean {
  return codeOf(error) === END_OF_FILE;
}

/** True when an error says that there is no connection any more. */
export function isLostConnection(error: unknown): boolean {
  if (error instanceof SyncError) return error.code === 'SFTP_CONNECTION_LOST' || error.code === 'SFTP_NO_RESPONSE';
  const code = codeOf(error);
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_NOT_CONNECTED') return true;
  const message = error instanceof Error ? error.message : '';
  return /No response from server|Not connected|Unexpected (end|close) event|No SFTP connection|Keepalive timeout/i.test(
    message,
  );
}

export function lostConnection(cause?: unknown): RetriableError {
  return new RetriableError('SFTP_CONNECTION_LOST', 'The connection to the SFTP server was lost.', {
    hint: 'It is made anew by itself, and reading goes on where it was.',
    cause,
  });
}

interface TransportFailure {
  readonly cause: unknown;
  /** The SFTP status or error code. */
  readonly code: unknown;
  /** Completes "could not ...". */
  readonly action: string;
}

const TRANSPORT_ERRORS: ErrorTable<TransportFailure> = {
  rows: [
    { when: ({ cause }) => isLostConnection(cause), error: ({ cause }) => lostConnection(cause) },
    {
      when: ({ cause }) => isMissing(cause),
      consequence: 'configuration',
      code: 'SFTP_NOT_FOUND',
      message: ({ action }) => `Could not ${action}: the server has no such file or folder.`,
      hint: 'Check the path. It is relative to the folder in which the user starts, unless it begins with a slash.',
      details: ({ cause }) => ({ cause }),
    },
    {
      when: ({ code }) => code === PERMISSION_DENIED || code === 'EACCES',
      consequence: 'configuration',
      code: 'SFTP_PERMISSION',
      message: ({ action }) => `Could not ${action}: the server does not permit it.`,
      hint: 'Ask the operator of the server for the right to read, rename and delete files there.',
      details: ({ cause }) => ({ cause }),
    },
  ],
  otherwise: {
    consequence: 'retriable',
    code: 'SFTP_FAILED',
    message: ({ action, cause }) => `Could not ${action}: ${reasonOf(cause)}.`,
    hint: 'It is tried again by itself. If it lasts, ask the operator of the server with this reason.',
    details: ({ cause }) => ({ cause }),
  },
};

/** What an error of the transport means. `action` completes "could not ...", e.g. `list the folder "exports"`. */
export function toSftpError(error: unknown, action: string): SyncError {
  if (error instanceof SyncError) return error;
  return errorFrom(TRANSPORT_ERRORS, { cause: error, code: codeOf(error), action });
}

interface ConnectFailure {
  readonly cause: unknown;
  /** The error's own text. */
  readonly text: string;
  readonly host: string;
  readonly user: string;
  readonly facts: ConnectFacts;
}

/** What is known of a connection that could not be made. */
export interface ConnectFacts {
  /** The ways to log in that the server takes, by their names in SSH. */
  readonly offered?: readonly string[] | undefined;
  /** Outdated algorithms were allowed. */
  readonly outdatedAlgorithms?: boolean;
}

/** What ssh2 calls the things that both sides have to agree on. */
const WORDS: Readonly<Record<string, string>> = {
  'key exchange': 'key exchange',
  'host key': 'kind of host key',
  signature: 'signature of a login by key',
};

const CONNECT_ERRORS: ErrorTable<ConnectFailure> = {
  rows: [
    {
      when: ({ text }) => /authentication methods failed/i.test(text),
      consequence: 'configuration',
      code: 'SFTP_LOGIN',
      message: ({ host, user }) => `The server ${host} does not accept the login of the user "${user}".`,
      hint: ({ facts }) =>
        [
          'Check user, private key and passphrase, or password.',
          'The public part of the key must be known to the server.',
          ...(facts.offered ? [`The server takes these ways to log in: ${namesOf(facts.offered)}.`] : []),
        ].join(' '),
    },
    {
      when: ({ text }) => /no matching (key exchange|host key|signature|.{4,6}(cipher|MAC))/i.exec(text),
      consequence: 'configuration',
      code: 'SFTP_ALGORITHMS',
      message: ({ host }, what) =>
        `The server ${host} and n8n have no ${what === undefined ? 'algorithm' : (WORDS[what] ?? what)} in common.`,
      hint: ({ facts }) =>
        facts.outdatedAlgorithms === true
          ? 'Ask the operator of the server to update it.'
          : 'The server offers outdated algorithms alone, as those that rest on SHA-1. Ask its operator to update it, or turn on Allow Outdated Algorithms in the credential until then.',
    },
    {
      when: ({ text }) => /no passphrase given/i.test(text),
      error: passphraseMissing,
    },
    {
      when: ({ text }) => /integrity check failed|bad passphrase/i.test(text),
      error: passphraseWrong,
    },
    {
      when: ({ text }) => /parse privateKey|passphrase|Cannot parse|Unsupported key/i.test(text),
      consequence: 'configuration',
      code: 'SFTP_PRIVATE_KEY',
      message: 'The private key of the SFTP credential can not be read.',
      hint: 'Paste the whole file with its BEGIN and END lines, and give the passphrase if it has one.',
    },
  ],
  otherwise: {
    consequence: 'retriable',
    code: 'SFTP_UNREACHABLE',
    message: ({ host, cause }) => `The server ${host} can not be reached: ${reasonOf(cause)}.`,
    hint: 'Check host and port, and whether the server lets in the address of this n8n.',
    details: ({ cause }) => ({ cause }),
  },
};

/** What went wrong while connecting. */
export function toConnectError(error: unknown, host: string, user: string, facts: ConnectFacts = {}): SyncError {
  if (error instanceof SyncError) return error;
  const text = error instanceof Error ? error.message : '';
  return errorFrom(CONNECT_ERRORS, { cause: error, text, host, user, facts });
}

/** What the server calls its ways to log in comes from outside. */
function namesOf(methods: readonly string[]): string {
  return methods
    .slice(0, 8)
    .map((method) => method.replaceAll(/[^a-z0-9@.-]/gi, '').slice(0, 40))
    .join(', ');
}

/** A server words its refusals as it likes: only what may be quoted. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? redact(error.message) : '';
  return reason === '' ? 'the server gave no reason that can be shown' : reason.replace(/\.$/, '');
}
