import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from '../core/errors';

/** The fingerprint of a host key as OpenSSH writes it: `SHA256:` and base64 without padding. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/**
 * The pinned fingerprints of a credential: several may be given (a server that has more than one key, or is about to change it), separated
 * by spaces, commas or lines. `ssh-keygen -l` output is accepted too: only its `SHA256:...` part counts.
 *
 * @throws ConfigurationError HOST_KEY_FORMAT when something is given but no fingerprint is in it
 */
export function parseFingerprints(text: string): string[] {
  const found = [...text.matchAll(/SHA256:([A-Za-z0-9+/]{43})=?(?![A-Za-z0-9+/])/g)].map(
    (match) => `SHA256:${match[1]}`,
  );
  if (found.length === 0 && text.trim() !== '') {
    throw new ConfigurationError(
      'HOST_KEY_FORMAT',
      'The host key fingerprint of the SFTP credential is not in the form SHA256:...',
      {
        hint: 'Leave it empty and test the credential: the message shows the fingerprint that the server presents.',
      },
    );
  }
  return found;
}

/** True when the presented fingerprint is among the pinned ones. */
export function isPinned(presented: string, pinned: readonly string[]): boolean {
  const shown = Buffer.from(presented);
  return pinned.some((pin) => pin.length === presented.length && timingSafeEqual(Buffer.from(pin), shown));
}

/**
 * The error for a server that has no pinned key: none was given, or others.
 *
 * @param presented the keys that the server showed, at least one
 */
export function hostKeyError(
  host: string,
  presented: readonly { readonly kind: string; readonly fingerprint: string }[],
  pinned: readonly string[],
): ConfigurationError {
  const keys = presented.map(({ kind, fingerprint }) => `the ${kind} host key ${fingerprint}`).join(' and ');
  if (pinned.length === 0) {
    return new ConfigurationError(
      'HOST_KEY_NOT_PINNED',
      `The server ${host} presents ${keys}. Nothing was sent to it, because no fingerprint is set in the credential.`,
      {
        hint: 'Compare the fingerprint with what the operator of the server says, then enter it in the field Host Key Fingerprint.',
      },
    );
  }
  return new ConfigurationError(
    'HOST_KEY_CHANGED',
    `The server ${host} presents ${keys}, ${presented.length > 1 ? 'neither of which is' : 'which is not'} the one set in the credential. The connection was refused.`,
    {
      hint: 'Somebody may be standing between n8n and the server. Ask its operator whether the key was changed, and only then enter the new fingerprint.',
    },
  );
}

/** The type that a host key in SSH's wire format names, e.g. `ssh-ed25519`. */
export function keyTypeOf(key: Uint8Array): string {
  const view = Buffer.from(key);
  const length = view.length >= 4 ? view.readUInt32BE(0) : 0;
  const name = view.subarray(4, 4 + length).toString('latin1');
  return /^[a-z0-9@.-]{3,60}$/.test(name) ? name : 'unknown';
}
