import { ConfigurationError, RetriableError, SyncError } from '../core/errors';

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

/** True when an error says that there is no connection any more. */
export function isLostConnection(error: unknown): boolean {
  if (error instanceof SyncError) return error.code === 'SFTP_CONNECTION_LOST';
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

/** What an error of the transport means. `action` completes "could not ...", e.g. `list the folder "exports"`. */
export function toSftpError(error: unknown, action: string): SyncError {
  if (error instanceof SyncError) return error;
  if (isLostConnection(error)) return lostConnection(error);
  if (isMissing(error)) {
    return new ConfigurationError('SFTP_NOT_FOUND', `Could not ${action}: the server has no such file or folder.`, {
      hint: 'Check the path. It is relative to the folder in which the user starts, unless it begins with a slash.',
      cause: error,
    });
  }
  const code = codeOf(error);
  if (code === PERMISSION_DENIED || code === 'EACCES') {
    return new ConfigurationError('SFTP_PERMISSION', `Could not ${action}: the server does not permit it.`, {
      hint: 'Ask the operator of the server for the right to read, rename and delete files there.',
      cause: error,
    });
  }
  return new RetriableError('SFTP_FAILED', `Could not ${action}: ${reasonOf(error)}.`, { cause: error });
}

/** What went wrong while connecting. */
export function toConnectError(error: unknown, host: string, user: string): SyncError {
  if (error instanceof SyncError) return error;
  const message = error instanceof Error ? error.message : '';
  if (/authentication methods failed/i.test(message)) {
    return new ConfigurationError('SFTP_LOGIN', `The server ${host} does not accept the login of the user "${user}".`, {
      hint: 'Check user, private key and passphrase, or password. The public part of the key must be known to the server.',
    });
  }
  if (/parse privateKey|passphrase|Cannot parse|Unsupported key/i.test(message)) {
    return new ConfigurationError('SFTP_PRIVATE_KEY', 'The private key of the SFTP credential can not be read.', {
      hint: 'Paste the whole file with its BEGIN and END lines, and give the passphrase if it has one.',
    });
  }
  return new RetriableError('SFTP_UNREACHABLE', `The server ${host} can not be reached: ${reasonOf(error)}.`, {
    hint: 'Check host and port, and whether the server lets in the address of this n8n.',
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : 'unknown reason';
  return message.slice(0, 200).replace(/\.$/, '');
}
