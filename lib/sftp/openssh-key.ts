import { randomBytes, type KeyObject } from 'node:crypto';

const NAME = 'ssh-ed25519';

/**
 * An Ed25519 key in OpenSSH's own format, not encrypted: the only one in which ssh2 reads such keys. Node does not write it.
 * Source: PROTOCOL.key of OpenSSH.
 */
export function openSshEd25519(key: KeyObject): string {
  const { x, d } = key.export({ format: 'jwk' });
  const [publicPart, secret] = [Buffer.from(x ?? '', 'base64url'), Buffer.from(d ?? '', 'base64url')];
  const check = randomBytes(4);
  const inside = [check, check, text(NAME), text(publicPart), text(Buffer.concat([secret, publicPart])), text('')];
  const length = Buffer.concat(inside).length;
  // Up to a multiple of eight, with 1, 2, 3 and so on.
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, i) => i + 1));
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    text('none'),
    text('none'),
    text(''),
    number(1),
    text(Buffer.concat([text(NAME), text(publicPart)])),
    text(Buffer.concat([...inside, padding])),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  return Buffer.concat([number(bytes.length), bytes]);
}
