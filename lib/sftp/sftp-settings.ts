import { z } from 'zod';
import { ConfigurationError } from '../core/errors';
import { parseFingerprints } from './host-key';

const shape = z.object({
  host: z.string().trim().min(1, 'the host is empty'),
  port: z.coerce.number().int().min(1).max(65_535).default(22),
  user: z.string().min(1, 'the user is empty'),
  authentication: z.enum(['privateKey', 'password']).default('privateKey'),
  privateKey: z.string().default(''),
  passphrase: z.string().default(''),
  password: z.string().default(''),
  hostKeyFingerprint: z.string().default(''),
});

/** What it takes to connect: made from the credential `campaignSftpApi`. */
export interface SftpSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly login: { readonly privateKey: string; readonly passphrase?: string } | { readonly password: string };
  /** `SHA256:...`; empty when none was given, and then no connection is made. */
  readonly fingerprints: readonly string[];
}

/**
 * Reads the credential's fields.
 *
 * @throws ConfigurationError SFTP_CREDENTIAL (never with a field's value), HOST_KEY_FORMAT
 */
export function parseSftpSettings(credential: unknown): SftpSettings {
  const parsed = shape.safeParse(credential);
  if (!parsed.success) {
    const first = parsed.error.issues[0];
    throw incomplete(`${first?.path.join('.') ?? ''}: ${first?.message ?? 'not valid'}`);
  }
  const { host, port, user, authentication, privateKey, passphrase, password, hostKeyFingerprint } = parsed.data;
  if (authentication === 'privateKey' && privateKey.trim() === '') throw incomplete('the private key is empty');
  if (authentication === 'password' && password === '') throw incomplete('the password is empty');
  return {
    host,
    port,
    user,
    login:
      authentication === 'password'
        ? { password }
        : { privateKey: restoreLines(privateKey), ...(passphrase === '' ? {} : { passphrase }) },
    fingerprints: parseFingerprints(hostKeyFingerprint),
  };
}

function incomplete(reason: string): ConfigurationError {
  return new ConfigurationError('SFTP_CREDENTIAL', `The Campaign SFTP credential is not complete: ${reason}.`, {
    hint: 'Open the credential and fill in the field.',
  });
}

/** A key pasted into a one-line field has lost its line ends, or has them as the two characters backslash and n. */
function restoreLines(key: string): string {
  const text = key.trim().replaceAll('\r\n', '\n').replaceAll('\\n', '\n');
  if (text.includes('\n')) return `${text}\n`;
  const match = /^(-----BEGIN [A-Z ]+-----)\s*(.*?)\s*(-----END [A-Z ]+-----)$/.exec(text);
  return match ? `${match[1]}\n${(match[2] ?? '').split(/\s+/).join('\n')}\n${match[3]}\n` : `${text}\n`;
}
