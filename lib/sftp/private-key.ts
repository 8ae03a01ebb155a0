import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ConfigurationError } from '../core/errors';
import { openSshEd25519 } from './openssh-key';

/** Characters of base64 on a line, as OpenSSL writes them. */
const LINE = 64;

/** Longest text that can be a key: RSA with 16,384 bits takes 13,000 characters. */
const LONGEST_KEY = 100_000;

/**
 * A key as the file was. Pasted into a one-line field it has lost its line ends, or has them as the two characters backslash and n; other
 * ways of pasting put quotes around it or blanks before each line. What is no key is given back as it is, with the line ends restored.
 */
export function restoreLines(key: string): string {
  const text = key
    .slice(0, LONGEST_KEY)
    .replace(/^\uFEFF/, '')
    .replaceAll('\\r', '')
    .replaceAll('\\n', '\n')
    .replaceAll(/\r\n?/g, '\n')
    .trim()
    .replace(/^(["'])([\s\S]*)\1$/, '$2')
    .trim();
  const match = /^(-----BEGIN [A-Z0-9 ]+-----)([\s\S]*)(-----END [A-Z0-9 ]+-----)$/.exec(text);
  if (!match) return `${text}\n`;
  const [, begin = '', inside = '', end = ''] = match;
  const { headers, body } = split(inside);
  const lines = body.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [begin, ...headers, ...(headers.length > 0 ? [''] : []), ...wrapped(inside, lines), end, ''].join('\n');
}

/** The lines of base64 as they stand, where they stand on lines or words of their own. */
function wrapped(inside: string, lines: readonly string[]): readonly string[] {
  const words = inside
    .replace(HEADERS, '')
    .split(/\s+/)
    .filter((word) => word !== '');
  return words.every((word) => word.length <= 76) ? words : lines;
}

/**
 * The two headers of an encrypted key (RFC 1421), which lose the line between them as well. The length of the last value is the block size of
 * the cipher: what follows may look like more of it.
 */
const HEADERS =
  /Proc-Type:\s*(4,ENCRYPTED)\s*DEK-Info:\s*(DES-(?:EDE3-)?CBC,\s*[0-9A-F]{16}|[A-Z0-9-]+,\s*[0-9A-F]{32})/i;

function split(inside: string): { headers: string[]; body: string } {
  const found = HEADERS.exec(inside);
  const headers = found ? [`Proc-Type: ${found[1]}`, `DEK-Info: ${found[2]?.replaceAll(/\s/g, '')}`] : [];
  return { headers, body: inside.replace(HEADERS, '').replaceAll(/\s+/g, '') };
}

/**
 * A private key in a form that ssh2 reads: PKCS #8, which OpenSSL 3 and most tools write by default, is none of them and is converted.
 *
 * @param text with its lines restored
 * @throws ConfigurationError SFTP_PRIVATE_KEY that says what was pasted instead, or that the passphrase does not fit; never with a part of it
 */
export function readPrivateKey(text: string, passphrase?: string): { privateKey: string; passphrase?: string } {
  for (const { is, message, hint } of NOT_READ) if (is.test(text)) throw noKey(message, hint);
  const asIs = { privateKey: text, ...(passphrase === undefined ? {} : { passphrase }) };
  const pkcs8 = /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.exec(text);
  if (!pkcs8) return asIs;
  const encrypted = pkcs8[1] !== undefined;
  if (encrypted && passphrase === undefined) throw passphraseMissing();
  try {
    return {
      privateKey: inOlderForm(createPrivateKey({ key: text, format: 'pem', ...(encrypted ? { passphrase } : {}) })),
    };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    // OpenSSL's own words may hold parts of what was pasted.
    if (encrypted) throw passphraseWrong();
    throw noKey(
      'The private key of the SFTP credential can not be read.',
      'Paste the whole file with its BEGIN and END lines.',
    );
  }
}

function inOlderForm(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString();
    case 'ed25519':
      return openSshEd25519(key);
    default:
      throw noKey(
        `The private key of the SFTP credential is of the kind ${key.asymmetricKeyType ?? 'unknown'}, which SSH does not have.`,
        'Make an RSA key of 2048 bits or more for Adobe Campaign.',
      );
  }
}

/** The error for an encrypted key without a passphrase. */
export function passphraseMissing(): ConfigurationError {
  return noKey(
    'The private key of the SFTP credential is encrypted, and no passphrase is given.',
    'Enter the passphrase of the key in the credential.',
  );
}

/** The error for a key that the passphrase does not decrypt. */
export function passphraseWrong(): ConfigurationError {
  return noKey(
    'The private key of the SFTP credential can not be decrypted.',
    'Check the passphrase; it is not the password of the user. If it is right, paste the whole key again.',
  );
}

function noKey(message: string, hint: string): ConfigurationError {
  return new ConfigurationError('SFTP_PRIVATE_KEY', message, { hint });
}

const CONVERT_PUTTY_KEY =
  'Convert it: open it in PuTTYgen and choose Conversions > Export OpenSSH key, or run "puttygen key.ppk -O private-openssh -o key". Then paste the new file.';

/** What people paste instead of a private key that can be read. */
const NOT_READ: readonly { readonly is: RegExp; readonly message: string; readonly hint: string }[] = [
  {
    is: /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-\S+|sk-\S+)\s|^-{4,5} ?BEGIN ([A-Z0-9]+ )*PUBLIC KEY|^-----BEGIN CERTIFICATE/,
    message: 'The SFTP credential has the public key where the private key belongs.',
    hint: 'Paste the private key: the file without .pub at the end of its name, with its BEGIN and END lines. The public key is for the server.',
  },
  {
    is: /^PuTTY-User-Key-File-(?!2:)/,
    message: 'The private key of the SFTP credential is in the format of PuTTY, in a version that is not read.',
    hint: CONVERT_PUTTY_KEY,
  },
  {
    is: /^PuTTY-User-Key-File-2:(?!.*\n)|^PuTTY-User-Key-File-2: (?!ssh-(rsa|dss)\n)/,
    message:
      'The private key of the SFTP credential is in the format of PuTTY, and its lines were lost or its kind is not read.',
    hint: CONVERT_PUTTY_KEY,
  },
  {
    is: /^---- BEGIN SSH2 ENCRYPTED PRIVATE KEY/,
    message: 'The private key of the SFTP credential is in the format of SSH Communications, which is not read.',
    hint: 'Convert it with "ssh-keygen -i -f key > new-key", then paste the new file.',
  },
];
