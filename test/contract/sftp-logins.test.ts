import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { utils } from 'ssh2';
import { openSftp } from '../../lib/sftp/sftp-connection';
import type { SftpSettings } from '../../lib/sftp/sftp-settings';
import { startEmbeddedSftp, type EmbeddedOptions, type EmbeddedSftp } from '../../sandbox/sftp/embedded';
import { fingerprintOfKey, newPrivateKey } from '../../sandbox/sftp/keys';
import { hasOpenSsh, startOpenSsh } from '../../sandbox/sftp/openssh';
import type { SftpHandle } from '../../sandbox/sftp/sftp-handle';
import { settingsOf } from './sftp-servers';

jest.setTimeout(60_000);

async function connects(settings: SftpSettings): Promise<void> {
  const connection = await openSftp(settings);
  await connection.list('.');
  await connection.close();
}

const started: SftpHandle[] = [];
async function start(options: EmbeddedOptions): Promise<EmbeddedSftp> {
  const handle = await startEmbeddedSftp(options);
  started.push(handle);
  return handle;
}
afterAll(async () => void (await Promise.all(started.map((handle) => handle.close()))));

/** A host key of OpenSSH's liking. */
const edKey = () => utils.generateKeyPairSync('ed25519').private;
const ecKey = () => utils.generateKeyPairSync('ecdsa', { bits: 256 }).private;

describe('a private key is read', () => {
  let handle: EmbeddedSftp;
  beforeAll(async () => (handle = await start({})));
  const pem = (type: 'pkcs1' | 'pkcs8', more: { cipher?: string; passphrase?: string } = {}) =>
    createPrivateKey(handle.privateKey)
      .export({ type, format: 'pem', ...more } as Parameters<ReturnType<typeof createPrivateKey>['export']>[0] & {
        format: 'pem';
      })
      .toString();
  const encrypted = { cipher: 'aes-256-cbc', passphrase: 'over the moon' };

  it.each<[string, () => string, string?]>([
    ['in PKCS #8', () => pem('pkcs8')],
    ['in PKCS #8, encrypted', () => pem('pkcs8', encrypted), encrypted.passphrase],
    ['in PKCS #1, encrypted', () => pem('pkcs1', encrypted), encrypted.passphrase],
    [
      'in PKCS #1, encrypted, on one line',
      () => pem('pkcs1', encrypted).trim().replaceAll('\n', ' '),
      encrypted.passphrase,
    ],
    [
      'in PKCS #1, encrypted, with no line end at all',
      () => pem('pkcs1', encrypted).replaceAll('\n', ''),
      encrypted.passphrase,
    ],
    ['in PKCS #8, encrypted, on one line', () => pem('pkcs8', encrypted).replaceAll('\n', ' '), encrypted.passphrase],
    ['with line ends as backslash and n', () => pem('pkcs1', encrypted).replaceAll('\n', '\\n'), encrypted.passphrase],
    ['with line ends of Windows, in quotes', () => `"${pem('pkcs8').trim().replaceAll('\n', '\r\n')}"`],
    ['with blanks before each line', () => pem('pkcs1').replaceAll(/^/gm, '    ')],
    ['with empty lines between', () => pem('pkcs1').replaceAll('\n', '\n\n')],
    ['with carriage returns alone', () => pem('pkcs1').replaceAll('\n', '\r')],
  ])('%s', async (_, key, passphrase = '') => {
    await connects(settingsOf(handle, { privateKey: key(), passphrase }));
  });

  it.each<[string, () => string, string?]>([
    [
      'Ed25519 in PKCS #8',
      () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ],
    [
      'ECDSA in PKCS #8',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-256' })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
    ],
    ["Ed25519 in OpenSSH's format on one line", () => edKey().trim().replaceAll('\n', ' ')],
    ["Ed25519 in OpenSSH's format with no line end at all", () => edKey().replaceAll('\n', '')],
    [
      "in OpenSSH's format, encrypted, on one line",
      () =>
        utils
          .generateKeyPairSync('ed25519', { passphrase: 'moon', cipher: 'aes256-ctr', rounds: 16 })
          .private.replaceAll('\n', ' '),
      'moon',
    ],
  ])('%s: the server does not know it, and says so', async (_, key, passphrase = '') => {
    const refused = openSftp(settingsOf(handle, { privateKey: key(), passphrase }));
    await expect(refused).rejects.toMatchObject({ code: 'SFTP_LOGIN' });
  });

  const parsed = () => {
    const key = utils.parseKey(handle.privateKey);
    if (key instanceof Error || Array.isArray(key)) throw new Error('no key');
    return key;
  };
  it.each<[string, () => string, string, RegExp]>([
    [
      'a public key',
      () => `ssh-rsa ${parsed().getPublicSSH().toString('base64')} me@here`,
      '',
      /public key where the private key belongs/,
    ],
    ['a public key in PEM', () => parsed().getPublicPEM(), '', /public key where the private key belongs/],
    [
      'a public key of RFC 4716',
      () => '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----',
      '',
      /public key where/,
    ],
    ['PuTTY 3', () => 'PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nComment: x\n', '', /format of PuTTY/],
    ['PuTTY 3 on one line', () => 'PuTTY-User-Key-File-3: ssh-rsa Encryption: none Comment: x', '', /format of PuTTY/],
    ['an encrypted key without its passphrase', () => pem('pkcs8', encrypted), '', /no passphrase is given/],
    ['an encrypted older key without its passphrase', () => pem('pkcs1', encrypted), '', /no passphrase is given/],
    ['another passphrase', () => pem('pkcs8', encrypted), 'secret-words', /can not be decrypted/],
    ['half a key', () => pem('pkcs8').slice(0, 400), '', /can not be read/],
  ])('only as what it is: %s', async (_, key, passphrase, message) => {
    const error = await openSftp(settingsOf(handle, { privateKey: key(), passphrase })).catch(
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'SFTP_PRIVATE_KEY' });
    expect(error).toMatchObject({
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/secret-words|MII/);
  });

  it('for a user with a blank behind the name', async () => {
    await connects(settingsOf(handle, { user: ` ${handle.user} ` }));
  });
});

describe('a server with several host keys', () => {
  const rsa = newPrivateKey();
  const [ed, ec] = [edKey(), ecKey()];
  const servers: [string, () => Promise<SftpHandle>][] = [
    ['the embedded server', () => start({ hostKey: rsa, moreHostKeys: [ed, ec] })],
    ...(hasOpenSsh()
      ? ([['OpenSSH', () => startOpenSsh({ hostKey: rsa, moreHostKeys: [ed, ec] })]] as [
          string,
          () => Promise<SftpHandle>,
        ][])
      : []),
  ];

  it.each(servers)(
    'is taken with whichever of them is pinned, and asked for that one first from then on: %s',
    async (_, begin) => {
      const handle = await begin();
      started.push(handle);
      for (const key of [rsa, ed, ec]) {
        const settings = settingsOf(handle, { hostKeyFingerprint: fingerprintOfKey(key) });
        await connects(settings);
        const before = handle.connectionsMade;
        await connects(settings);
        expect(handle.connectionsMade).toBe(before + 1);
      }
    },
  );

  it.each(servers)('is refused when none is pinned, with all that it has, and sees no login: %s', async (_, begin) => {
    const handle = await begin();
    started.push(handle);
    const error = await openSftp(settingsOf(handle, { hostKeyFingerprint: `SHA256:${'A'.repeat(43)}` })).catch(
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'HOST_KEY_CHANGED' });
    for (const key of [rsa, ed, ec]) expect(String(error)).toContain(fingerprintOfKey(key));
    expect(handle.loginsAsked).toBe(0);
  });
});

describe('a server that asks for the password with a prompt', () => {
  let handle: EmbeddedSftp;
  beforeAll(async () => (handle = await start({ logins: 'keyboard-interactive' })));
  const withPassword = (password: string | undefined) => settingsOf(handle, { authentication: 'password', password });

  it('is answered', async () => {
    await connects(withPassword(handle.password));
  });

  it('refuses a wrong one once, and is asked no further', async () => {
    const asked = handle.loginsAsked;
    await expect(openSftp(withPassword('wrong'))).rejects.toMatchObject({ code: 'SFTP_LOGIN' });
    // The question what it takes, and one try.
    expect(handle.loginsAsked - asked).toBe(2);
  });

  it('is said to take no keys', async () => {
    const error = await openSftp(settingsOf(handle)).catch((reason: Error) => reason);
    expect(error).toMatchObject({
      code: 'SFTP_LOGIN',
      hint: expect.stringContaining('keyboard-interactive') as string,
    });
  });
});

describe('a server that offers nothing but SHA-1', () => {
  let handle: EmbeddedSftp;
  beforeAll(async () => (handle = await start({ sha1Only: true })));

  it('is not connected to, and the message says what can be done', async () => {
    await expect(openSftp(settingsOf(handle))).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'SFTP_ALGORITHMS',
      hint: expect.stringContaining('Allow Outdated Algorithms') as string,
    });
    expect(handle.loginsAsked).toBe(0);
  });

  it('is connected to where the credential allows it', async () => {
    await connects(settingsOf(handle, { allowOutdatedAlgorithms: true }));
  });
});

describe.each<[string, EmbeddedOptions['sha1']]>([
  ['host keys', 'hostKey'],
  ['the integrity of messages', 'integrity'],
  ['the key exchange', 'keyExchange'],
  ['signatures of logins', 'login'],
])('a server that offers SHA-1 alone for %s', (_, sha1) => {
  it('is not connected to, unless the credential allows it', async () => {
    const handle = await start({ sha1 });
    await expect(openSftp(settingsOf(handle))).rejects.toMatchObject({ code: 'SFTP_ALGORITHMS' });
    await connects(settingsOf(handle, { allowOutdatedAlgorithms: true }));
  });
});
