import { startEmbeddedSftp } from '../../sandbox/sftp/embedded';
import type { SftpHandle } from '../../sandbox/sftp/sftp-handle';
import { hasOpenSsh, INSTALL_SSHD, startOpenSsh } from '../../sandbox/sftp/openssh';
import { parseSftpSettings, type SftpSettings } from '../../lib/sftp/sftp-settings';

/** The servers that the SFTP contract is held against. */
export const SERVERS: readonly { readonly name: string; readonly start: () => Promise<SftpHandle> }[] = [
  { name: 'the embedded server', start: () => startEmbeddedSftp() },
  { name: 'OpenSSH', start: () => startOpenSsh({ storage: 'own' }) },
];

/**
 * `describe` for one server: skipped by name where OpenSSH is not installed, but a failure in continuous integration, where it
 * must be.
 */
export function describeOn(server: (typeof SERVERS)[number], tests: () => void): void {
  if (server.name !== 'OpenSSH' || hasOpenSsh()) return void describe(`on ${server.name}`, tests);
  if (process.env['CI'] === 'true') {
    return void test('OpenSSH is installed', () => {
      throw new Error(`OpenSSH's server is missing. Run: ${INSTALL_SSHD}`);
    });
  }
  describe.skip(`on OpenSSH (skipped, it is not installed: ${INSTALL_SSHD})`, tests);
}

/** The settings that a credential for this server gives. */
export function settingsOf(handle: SftpHandle, more: Record<string, unknown> = {}): SftpSettings {
  return parseSftpSettings({
    host: handle.host,
    port: handle.port,
    user: handle.user,
    authentication: 'privateKey',
    privateKey: handle.privateKey,
    hostKeyFingerprint: handle.fingerprint,
    ...more,
  });
}
