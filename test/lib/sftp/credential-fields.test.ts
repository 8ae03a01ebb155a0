import { fingerprintOf, isPinned, keyTypeOf, parseFingerprints } from '../../../lib/sftp/host-key';
import { parseSftpSettings } from '../../../lib/sftp/sftp-settings';

const PIN = `SHA256:${'abcDEF12/+'.repeat(4)}xyz`;
const fields = {
  host: 'h',
  port: 22,
  user: 'u',
  authentication: 'password',
  password: 'secret',
  hostKeyFingerprint: PIN,
};

describe('the SFTP credential', () => {
  it('gives one way to log in', () => {
    expect(parseSftpSettings({ ...fields, privateKey: 'left over' })).toEqual({
      host: 'h',
      port: 22,
      user: 'u',
      login: { password: 'secret' },
      fingerprints: [PIN],
    });
    expect(
      parseSftpSettings({ ...fields, authentication: 'privateKey', privateKey: 'a\\nb', passphrase: 'p' }).login,
    ).toEqual({
      privateKey: 'a\nb\n',
      passphrase: 'p',
    });
  });

  it.each([
    ['sftp://files.example.org/', 'files.example.org'],
    [' files.example.org ', 'files.example.org'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ])('takes the host out of what was copied with it: %s', (host, expected) => {
    expect(parseSftpSettings({ ...fields, host }).host).toBe(expected);
  });

  it.each([
    ['files.example.org:22', /port/],
    ['10.0.0.1:22', /port/],
    ['user@files.example.org', /a user/],
    ['files.example.org/exports', /a path/],
    ['sftp://', /empty/],
  ])('says what does not belong to the host, rather than that it is out of reach: %s', (host, reason) => {
    expect(() => parseSftpSettings({ ...fields, host })).toThrow(
      expect.objectContaining({ code: 'SFTP_CREDENTIAL', message: expect.stringMatching(reason) as string }),
    );
  });

  it.each([
    [{ host: ' ' }],
    [{ user: '' }],
    [{ port: 0 }],
    [{ port: 'ssh' }],
    [{ password: '' }],
    [{ authentication: 'privateKey' }],
    [{ authentication: 'none' }],
  ])('says what is missing and no secret: %j', (wrong) => {
    const read = () => parseSftpSettings({ ...fields, ...wrong });
    expect(read).toThrow(expect.objectContaining({ code: 'SFTP_CREDENTIAL' }));
    expect(read).not.toThrow(/secret/);
  });

  it.each([
    [PIN, [PIN]],
    [`2048 ${PIN} host (RSA)`, [PIN]],
    [`${PIN}=`, [PIN]],
    [`${PIN},\n${PIN}`, [PIN, PIN]],
    ['', []],
  ])('reads the fingerprint from %j', (text, expected) => {
    expect(parseFingerprints(text)).toEqual(expected);
  });

  it.each(['MD5:00:11', 'SHA256:short', PIN.slice(7), `${PIN}abc`])('refuses what is no fingerprint: %s', (text) => {
    expect(() => parseFingerprints(text)).toThrow(expect.objectContaining({ code: 'HOST_KEY_FORMAT' }));
  });

  it('compares whole fingerprints', () => {
    const presented = fingerprintOf(Buffer.from('key'));
    expect(presented).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(isPinned(presented, [PIN, presented])).toBe(true);
    expect(isPinned(presented, [PIN])).toBe(false);
    expect(isPinned(presented, [presented.slice(0, -1)])).toBe(false);
    expect(isPinned(presented, [])).toBe(false);
  });

  it.each([
    [Buffer.concat([Buffer.from([0, 0, 0, 7]), Buffer.from('ssh-rsaXYZ')]), 'ssh-rsa'],
    [Buffer.from([0]), 'unknown'],
    [Buffer.from('\xff\xff\xff\xffevil\n', 'latin1'), 'unknown'],
  ])('names the type of a key', (key, type) => {
    expect(keyTypeOf(key)).toBe(type);
  });
});
