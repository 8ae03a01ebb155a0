import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSftp, type SftpConnection } from '../../lib/sftp/sftp-connection';
import { toSftpError } from '../../lib/sftp/sftp-errors';
import { startEmbeddedSftp, type EmbeddedSftp } from '../../sandbox/sftp/embedded';
import { newPrivateKey } from '../../sandbox/sftp/keys';
import type { SftpHandle } from '../../sandbox/sftp/sftp-handle';
import { hasOpenSsh, startOpenSsh } from '../../sandbox/sftp/openssh';
import { describeOn, SERVERS, settingsOf } from './sftp-servers';

jest.setTimeout(30_000);

async function expectNoRoom(handle: SftpHandle, connection: SftpConnection): Promise<void> {
  handle.fillDisk();
  try {
    await expect(connection.writeText('full.txt', 'text')).rejects.toMatchObject({
      name: 'RetriableError',
      code: 'SFTP_FAILED',
    });
    await connection.move('here.txt', 'there.txt');
  } finally {
    handle.freeDisk();
  }
  expect(existsSync(join(handle.folder, 'there.txt'))).toBe(true);
  await connection.writeText('full.txt', 'text');
  expect(readFileSync(join(handle.folder, 'full.txt'), 'utf8')).toBe('text');
}

for (const server of SERVERS) {
  describeOn(server, () => {
    let handle: SftpHandle;
    let connection: SftpConnection;
    beforeAll(async () => {
      handle = await server.start();
      connection = await openSftp(settingsOf(handle));
    });
    afterAll(async () => {
      await connection?.close();
      await handle?.close();
    });

    it('lists plain files with size and time, and no folders', async () => {
      writeFileSync(join(handle.folder, 'a.txt'), 'hello');
      mkdirSync(join(handle.folder, 'processed'));
      const files = await connection.list('.');
      expect(files).toEqual([{ name: 'a.txt', size: 5, modifiedMs: expect.any(Number) }]);
      expect(Math.abs((files[0]?.modifiedMs ?? 0) - Date.now())).toBeLessThan(60_000);
      await expect(connection.stat('a.txt')).resolves.toEqual(files[0]);
      await expect(connection.stat('absent.txt')).resolves.toBeUndefined();
    });

    it('reads a file, or its first bytes', async () => {
      const bytes = Buffer.alloc(700_001, 'abcdefg');
      writeFileSync(join(handle.folder, 'big.bin'), bytes);
      const read = async (end?: number) => {
        const parts: Buffer[] = [];
        for await (const part of connection.read('big.bin', end === undefined ? {} : { end }))
          parts.push(part as Buffer);
        return Buffer.concat(parts);
      };
      expect((await read()).equals(bytes)).toBe(true);
      expect((await read(1)).toString()).toBe('ab');
    });

    it('moves a file, but never over another one', async () => {
      writeFileSync(join(handle.folder, 'from.txt'), 'new');
      writeFileSync(join(handle.folder, 'taken.txt'), 'old');
      await expect(connection.move('from.txt', 'taken.txt')).rejects.toMatchObject({ code: 'SFTP_FAILED' });
      expect(readFileSync(join(handle.folder, 'taken.txt'), 'utf8')).toBe('old');
      await connection.makeFolder('sub/deeper');
      await connection.makeFolder('sub/deeper');
      await connection.move('from.txt', 'sub/deeper/to.txt');
      expect(existsSync(join(handle.folder, 'sub/deeper/to.txt'))).toBe(true);
    });

    it('deletes a file, and finds nothing wrong with an absent one', async () => {
      writeFileSync(join(handle.folder, 'gone.txt'), 'x');
      await connection.remove('gone.txt');
      await connection.remove('gone.txt');
      expect(existsSync(join(handle.folder, 'gone.txt'))).toBe(false);
    });

    it('writes a small file', async () => {
      await connection.writeText('report.txt', 'Größe\n');
      expect(readFileSync(join(handle.folder, 'report.txt'), 'utf8')).toBe('Größe\n');
    });

    it('does not take a text for written that a full disk did not take, and still moves files', async () => {
      writeFileSync(join(handle.folder, 'here.txt'), 'x');
      await expectNoRoom(handle, connection);
    });

    it('says what to do about a folder that is not there', async () => {
      await expect(connection.list('nowhere')).rejects.toMatchObject({
        name: 'ConfigurationError',
        code: 'SFTP_NOT_FOUND',
      });
      expect(connection.alive).toBe(true);
    });

    it('tells the room of the storage where the server can, and nothing otherwise', async () => {
      const room = await connection.room('.');
      if (handle.kind === 'embedded') expect(room).toBeUndefined();
      else {
        expect(room?.total).toBeGreaterThan(0);
        expect(room?.available).toBeLessThanOrEqual(room?.total ?? 0);
      }
    });

    it('shows the fingerprint to be pinned and connects to nothing without one', async () => {
      await expect(openSftp(settingsOf(handle, { hostKeyFingerprint: '' }))).rejects.toMatchObject({
        name: 'ConfigurationError',
        code: 'HOST_KEY_NOT_PINNED',
        message: expect.stringContaining(handle.fingerprint) as string,
      });
    });

    it('refuses a server with another host key', async () => {
      const pinned = `SHA256:${'A'.repeat(43)}`;
      await expect(openSftp(settingsOf(handle, { hostKeyFingerprint: pinned }))).rejects.toMatchObject({
        name: 'ConfigurationError',
        code: 'HOST_KEY_CHANGED',
        message: expect.stringContaining(handle.fingerprint) as string,
      });
    });

    it('accepts the second of two pinned fingerprints', async () => {
      const second = await openSftp(
        settingsOf(handle, { hostKeyFingerprint: `SHA256:${'A'.repeat(43)}, ${handle.fingerprint}` }),
      );
      await second.close();
      expect(second.alive).toBe(false);
    });

    it('does not let in another key', async () => {
      await expect(openSftp(settingsOf(handle, { privateKey: newPrivateKey() }))).rejects.toMatchObject({
        name: 'ConfigurationError',
        code: 'SFTP_LOGIN',
      });
    });

    it('reads a private key whose line ends were lost in a form', async () => {
      const second = await openSftp(settingsOf(handle, { privateKey: handle.privateKey.trim().replaceAll('\n', ' ') }));
      await second.close();
    });
  });
}

(hasOpenSsh() ? describe : describe.skip)('OpenSSH where nothing can be mounted', () => {
  it('has a full disk all the same, by a limit on what it may write', async () => {
    const handle = await startOpenSsh({ storage: 'limit' });
    try {
      const connection = await openSftp(settingsOf(handle));
      writeFileSync(join(handle.folder, 'here.txt'), 'x');
      await expectNoRoom(handle, connection);
      await connection.close();
    } finally {
      await handle.close();
    }
  });
});

describe('a connection', () => {
  let handle: EmbeddedSftp;
  beforeAll(async () => (handle = await startEmbeddedSftp()));
  afterAll(() => handle.close());
  afterEach(() => handle.reset());

  it('logs in with a password', async () => {
    const settings = settingsOf(handle, { authentication: 'password', password: handle.password });
    const connection = await openSftp(settings);
    await expect(connection.list('.')).resolves.toEqual([]);
    await connection.close();
    const wrong = settingsOf(handle, { authentication: 'password', password: 'not the one' });
    const error = await openSftp(wrong).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ code: 'SFTP_LOGIN' });
    expect(String(error)).not.toContain('not the one');
  });

  it('that drops in the middle of a file fails the reading as something to be tried again', async () => {
    writeFileSync(join(handle.folder, 'a.bin'), Buffer.alloc(2_000_000));
    const connection = await openSftp(settingsOf(handle));
    handle.faults.dropAfterBytes = 500_000;
    const read = async () => {
      let bytes = 0;
      for await (const part of connection.read('a.bin')) bytes += (part as Buffer).length;
      return bytes;
    };
    const error = toSftpError(await read().catch((reason: unknown) => reason), 'read');
    expect(error).toMatchObject({ name: 'RetriableError', code: 'SFTP_CONNECTION_LOST' });
    expect(connection.alive).toBe(false);
    await expect(connection.list('.')).rejects.toMatchObject({ code: 'SFTP_CONNECTION_LOST' });
    await connection.close();
  });

  it('that drops while nobody reads the stream fails it too', async () => {
    writeFileSync(join(handle.folder, 'a.bin'), Buffer.alloc(2_000_000));
    const connection = await openSftp(settingsOf(handle));
    const stream = connection.read('a.bin');
    const closed = new Promise((resolve) => stream.once('error', resolve));
    await new Promise((resolve) => stream.once('readable', resolve));
    handle.dropAll();
    expect(toSftpError(await closed, 'read')).toMatchObject({ code: 'SFTP_CONNECTION_LOST' });
    expect(connection.alive).toBe(false);
  });

  it('to a port where nobody listens is something to be tried again', async () => {
    const other = await startEmbeddedSftp();
    await other.close();
    await expect(openSftp(settingsOf(other))).rejects.toMatchObject({
      name: 'RetriableError',
      code: 'SFTP_UNREACHABLE',
    });
  });

  it('needs a private key that can be read', async () => {
    await expect(openSftp(settingsOf(handle, { privateKey: 'no key' }))).rejects.toMatchObject({
      code: 'SFTP_PRIVATE_KEY',
    });
  });
});
