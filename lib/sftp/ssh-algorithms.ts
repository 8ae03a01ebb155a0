import type { Algorithms } from 'ssh2';

/** The kinds of host keys, best first, by the name that a key of the kind carries, with the signatures that the server may prove it by. */
const HOST_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
]);

export const HOST_KEY_KINDS: readonly string[] = [...HOST_KEYS.keys()];

/** What rests on SHA-1, or on ciphers of its time. Only what lets old servers in, not what is broken: no `ssh-dss`, no MD5, no `arcfour`. */
const OUTDATED = {
  kex: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1'],
  hmac: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'],
  cipher: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc'],
};

/**
 * What is offered to the server. ssh2 by itself offers SHA-1 for host keys and for the integrity of messages.
 *
 * @param kinds of host keys, best first
 * @param outdated offers what rests on SHA-1 as well
 */
export function algorithmsFor(kinds: readonly string[], outdated: boolean): Algorithms {
  const serverHostKey = kinds.flatMap((kind) => {
    const signatures = HOST_KEYS.get(kind) ?? [];
    return outdated && kind === 'ssh-rsa' ? [...signatures, 'ssh-rsa'] : signatures;
  });
  const hmac = [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    ...(outdated ? OUTDATED.hmac : []),
  ];
  const more = outdated ? { kex: { append: OUTDATED.kex }, cipher: { append: OUTDATED.cipher } } : {};
  return { serverHostKey, hmac, ...more } as unknown as Algorithms;
}
