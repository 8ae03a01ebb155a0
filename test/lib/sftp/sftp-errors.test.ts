import { bareCause, RetriableError } from '../../../lib/core/errors';
import {
  isLostConnection,
  isMissing,
  lostConnection,
  toConnectError,
  toSftpError,
} from '../../../lib/sftp/sftp-errors';

const error = (message: string, code?: string | number) =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('toSftpError', () => {
  it.each([
    ['ConfigurationError', 'SFTP_NOT_FOUND', error('No such file', 2)],
    ['ConfigurationError', 'SFTP_NOT_FOUND', error('gone', 'ENOENT')],
    ['ConfigurationError', 'SFTP_NOT_FOUND', error('gone', 'ERR_NOT_EXIST')],
    ['ConfigurationError', 'SFTP_PERMISSION', error('Permission denied', 3)],
    ['ConfigurationError', 'SFTP_PERMISSION', error('denied', 'EACCES')],
    ['RetriableError', 'SFTP_CONNECTION_LOST', error('read', 'ECONNRESET')],
    ['RetriableError', 'SFTP_CONNECTION_LOST', error('list: Not connected to server', 'ERR_GENERIC_CLIENT')],
    ['RetriableError', 'SFTP_CONNECTION_LOST', error('Keepalive timeout')],
    ['RetriableError', 'SFTP_FAILED', error('Failure', 4)],
    ['RetriableError', 'SFTP_FAILED', 'no error at all'],
  ])('takes for a %s %s: %s', (name, code, from) => {
    expect(toSftpError(from, 'list the folder "in"')).toMatchObject({ name, code, cause: bareCause(from) });
  });

  it('says what could not be done, and why', () => {
    expect(toSftpError(error('Failure.', 4), 'list the folder "in"').message).toBe(
      'Could not list the folder "in": Failure.',
    );
  });

  it('passes on what has a meaning already', () => {
    const known = new RetriableError('SFTP_TIMEOUT', 'Too late.');
    expect(toSftpError(known, 'list')).toBe(known);
  });
});

describe('toConnectError', () => {
  it.each([
    ['ConfigurationError', 'SFTP_LOGIN', error('All configured authentication methods failed', 'ERR_GENERIC_CLIENT')],
    ['ConfigurationError', 'SFTP_PRIVATE_KEY', error('Cannot parse privateKey: Unsupported key format')],
    ['ConfigurationError', 'SFTP_PRIVATE_KEY', error('Encrypted private key, but no passphrase given')],
    ['RetriableError', 'SFTP_UNREACHABLE', error('connect ECONNREFUSED', 'ECONNREFUSED')],
  ])('takes for a %s %s: %s', (name, code, from) => {
    expect(toConnectError(from, 'sftp.example.com', 'reader')).toMatchObject({ name, code });
  });

  it('names server and user where the login is refused', () => {
    const { message } = toConnectError(error('authentication methods failed'), 'sftp.example.com', 'reader');
    expect(message).toBe('The server sftp.example.com does not accept the login of the user "reader".');
  });

  it('cuts the reason short', () => {
    expect(toConnectError(error('x'.repeat(5000)), 'host', 'user').message.length).toBeLessThan(300);
  });
});

describe('what errors of both kinds are known by', () => {
  it('knows its own errors again', () => {
    expect(isLostConnection(lostConnection())).toBe(true);
    expect(isMissing(toSftpError(error('gone', 2), 'read'))).toBe(true);
  });

  it.each([undefined, null, 'text', 5, {}, error('Failure', 4)])('takes %j for neither', (from) => {
    expect(isLostConnection(from)).toBe(false);
    expect(isMissing(from)).toBe(false);
  });
});
