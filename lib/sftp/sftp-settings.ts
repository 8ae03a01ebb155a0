import { z } from 'zod';
import { ConfigurationError } from '../core/errors';
import { parseFingerprints } from './host-key';
import { restoreLines } from './private-key';

/** A host as it was copied out of an address: without what stands before it, the slash behind it, and the brackets of IPv6. */
function bareHost(host: string): string {
  return host
    .replace(/^(?:sftp|ssh):\/\//i, '')
    .replace(/\/$/, '')
    .replace(/^\[([\da-f:.]+)\]$/i, '$1');
}

const shape = z.object({
  host: z
    .string()
    .trim()
    .transform(bareHost)
    .pipe(
      z
        .string()
        .min(1, 'the host is empty')
        .regex(/^[^\s/@\\]+$/, 'the host has more in it than a name (a user, a path or a blank)')
        .regex(
          /^(?:[^:]*|[\da-f]*(?::[\da-f.]*){2,}(?:%\w+)?)$/i,
          'the host has a port behind it, which has a field of its own',
        ),
    ),
  port: z.coerce.number().int().min(1).max(65_535).default(22),
  // A blank that was pasted along is no part of a name, and no server says that it was the blank.
  user: z.string().trim().min(1, 'the user is empty'),
  authentication: z.enum(['privateKey', 'password']).default('privateKey'),
  privateKey: z.string().default(''),
  passphrase: z.string().default(''),
  password: z.string().default(''),
  hostKeyFingerprint: z.string().default(''),
  allowOutdatedAlgorithms: z.boolean().default(false),
});

/** What it takes to connect: made from the credential `campaignSftpApi`. */
export interface SftpSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly login: { readonly privateKey: string; readonly passphrase?: string } | { readonly password: string };
  /** `SHA256:...`; empty when none was given, and then no connection is made. */
  readonly fingerprints: readonly string[];
  /** Signatures and checks of integrity with SHA-1 are accepted. */
  readonly outdatedAlgorithms?: boolean;
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
  const { allowOutdatedAlgorithms } = parsed.data;
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
    ...(allowOutdatedAlgorithms ? { outdatedAlgorithms: true } : {}),
  };
}

function incomplete(reason: string): ConfigurationError {
  return new ConfigurationError('SFTP_CREDENTIAL', `The Campaign SFTP credential is not complete: ${reason}.`, {
    hint: 'Open the credential and fill in the field.',
  });
}
