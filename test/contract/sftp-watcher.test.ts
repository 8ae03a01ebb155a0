import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openSftp } from '../../lib/sftp/sftp-connection';
import type { WatcherSettings } from '../../lib/sftp/watcher-settings';
import { startEmbeddedSftp, type EmbeddedSftp } from '../../sandbox/sftp/embedded';
import { fingerprintOfKey, newPrivateKey } from '../../sandbox/sftp/keys';
import type { SftpHandle } from '../../sandbox/sftp/sftp-handle';
import { Host, settings as standard } from '../support/watcher-harness';
import { describeOn, SERVERS, settingsOf } from './sftp-servers';

jest.setTimeout(60_000);

const settings: WatcherSettings = {
  ...standard,
  folder: 'exports',
  batchSize: 100,
  afterwards: { kind: 'move', folder: 'exports/processed' },
  brokenFolder: 'exports/broken',
};

function exportOf(rows: number, from = 0): string {
  const lines = Array.from({ length: rows }, (_, i) => `id-${from + i}\ttrue\t2026-11-21 16:30:00.304Z`);
  return `id\tblackListEmail\tblackListEmailLastModified\n${lines.join('\n')}\n`;
}

/** A host whose watcher works until it finds nothing to do. */
async function process(host: Host): Promise<void> {
  const stop = new AbortController();
  await host
    .start(stop.signal, async (ms) => {
      if (ms === settings.pollMs) stop.abort();
      stop.signal.throwIfAborted();
    })
    .run();
}

function hostOf(handle: SftpHandle, more: Partial<WatcherSettings> = {}): Host {
  return new Host(async () => await openSftp(settingsOf(handle)), { ...settings, ...more });
}

for (const server of SERVERS) {
  describeOn(server, () => {
    let handle: SftpHandle;
    const inFolder = (name: string) => join(handle.folder, 'exports', name);
    beforeAll(async () => (handle = await server.start()));
    afterAll(async () => await handle?.close());
    beforeEach(() => {
      rmSync(join(handle.folder, 'exports'), { recursive: true, force: true });
      mkdirSync(join(handle.folder, 'exports'));
    });

    it('delivers each row of each file, compressed or not, over one connection, and a file with the rows of another too', async () => {
      writeFileSync(inFolder('a.txt'), exportOf(250));
      writeFileSync(inFolder('b.txt.gz'), gzipSync(exportOf(50, 1000)));
      writeFileSync(inFolder('c.txt'), gzipSync(exportOf(7, 2000)));
      writeFileSync(inFolder('again.txt'), exportOf(250));
      const host = hostOf(handle);
      await process(host);
      expect(host.rows).toHaveLength(557);
      expect(new Set(host.rows).size).toBe(557);
      expect(new Set(host.emitted.flat().map(({ id }) => id)).size).toBe(307);
      expect(host.connections).toBe(1);
      expect(readdirSync(inFolder('processed')).sort()).toEqual(['a.txt', 'again.txt', 'b.txt.gz', 'c.txt']);
    });

    it('moves broken files aside with a report and goes on with the next', async () => {
      writeFileSync(inFolder('torn.txt'), exportOf(10).slice(0, -5));
      writeFileSync(inFolder('columns.txt'), 'other\nx\n');
      writeFileSync(inFolder('empty.txt'), '');
      writeFileSync(inFolder('torn.gz.txt'), gzipSync(exportOf(500)).subarray(0, -9));
      writeFileSync(inFolder('good.txt'), Buffer.from('id\nJosé\n', 'latin1'));
      const host = hostOf(handle);
      await process(host);
      expect(host.emitted.flat()).toEqual([{ id: 'José', export: { file: 'good.txt', row: 1 } }]);
      expect(host.reports.map(({ code }) => code).sort()).toEqual([
        'COLUMN_MISSING',
        'FILE_EMPTY',
        'GZIP_TORN',
        'LAST_LINE_TORN',
      ]);
      expect(readFileSync(inFolder('broken/torn.txt.report.txt'), 'utf8')).toContain('LAST_LINE_TORN');
      expect(existsSync(inFolder('broken/torn.txt'))).toBe(true);
    });

    it('goes on at the next batch when the connection is lost while n8n works', async () => {
      writeFileSync(inFolder('a.txt'), exportOf(20_000));
      const connections: { close(): Promise<void> }[] = [];
      const host = new Host(
        async () => {
          const connection = await openSftp(settingsOf(handle));
          connections.push(connection);
          return connection;
        },
        { ...settings, batchSize: 2_000 },
      );
      host.work = async () => {
        if (host.emitted.length === 3 || host.emitted.length === 6) await connections.at(-1)?.close();
      };
      await process(host);
      expect(host.rows).toEqual(Array.from({ length: 20_000 }, (_, i) => `a.txt:${i + 1}`));
      expect(host.connections).toBeGreaterThan(1);
      expect(host.reports).toEqual([]);
    });

    it('refuses a server whose host key was changed, says so once, and delivers nothing from it', async () => {
      const pinned = fingerprintOfKey(newPrivateKey());
      const logins = handle.loginsAsked;
      writeFileSync(inFolder('a.txt'), exportOf(3));
      let tries = 0;
      const stop = new AbortController();
      const host = new Host(async () => await openSftp(settingsOf(handle, { hostKeyFingerprint: pinned })), settings);
      await host
        .start(stop.signal, async () => {
          if (++tries === 4) stop.abort();
          stop.signal.throwIfAborted();
        })
        .run();
      expect(host.reports.map(({ code }) => code)).toEqual(['HOST_KEY_CHANGED']);
      expect(host.reports[0]?.message).toContain(handle.fingerprint);
      expect(host.emitted).toEqual([]);
      expect(handle.loginsAsked).toBe(logins);
    });

    it('gives an alarm when the storage is nearly full, where the server can tell', async () => {
      writeFileSync(inFolder('large.bin'), Buffer.alloc(1_000_000));
      const host = hostOf(handle, { storagePercent: 0.1 });
      await process(host);
      expect(host.reports.map(({ code }) => code)).toEqual(handle.kind === 'openssh' ? ['STORAGE_NEARLY_FULL'] : []);
    });

    it('a full disk hinders no row and no alarm, and what it hindered is made up for once there is room', async () => {
      writeFileSync(inFolder('a.txt'), exportOf(10));
      writeFileSync(inFolder('b.txt'), 'torn');
      handle.fillDisk();
      const host = hostOf(handle);
      const watcher = host.start();
      try {
        await host.untilIdle(watcher);
        expect(host.rows).toHaveLength(10);
        const report = host.reports.find(({ code }) => code === 'LAST_LINE_TORN');
        expect(report?.message).toMatch(/could not be (moved aside|written yet)/);
      } finally {
        handle.freeDisk();
      }
      for (let look = 0; look < 4; look++) await host.untilIdle(watcher);
      expect(readdirSync(inFolder('processed'))).toEqual(['a.txt']);
      expect(readdirSync(inFolder('broken')).sort()).toEqual(['b.txt', 'b.txt.report.txt']);
      expect(readFileSync(inFolder('broken/b.txt.report.txt'), 'utf8')).toContain('LAST_LINE_TORN');
      expect(host.rows).toHaveLength(10);
      // On a disk in memory folders can still be made.
      expect(host.clear.sort()).toEqual(
        handle.kind === 'openssh'
          ? []
          : [
              'All clear: the broken export file "b.txt" is out of the way. It was moved to "exports/broken/b.txt".',
              'All clear: the export file "a.txt" was put away.',
            ],
      );
    });
  });
}

describe('on a server that misbehaves', () => {
  let handle: EmbeddedSftp;
  const inFolder = (name: string) => join(handle.folder, 'exports', name);
  beforeAll(async () => (handle = await startEmbeddedSftp()));
  afterAll(async () => await handle?.close());
  beforeEach(() => {
    handle.reset();
    mkdirSync(join(handle.folder, 'exports'));
  });

  it.each([10_000, 700_000, 1_500_000])(
    'a connection cut after %d bytes costs no row and doubles no batch',
    async (bytes) => {
      writeFileSync(inFolder('a.txt'), exportOf(20_000));
      handle.faults.dropAfterBytes = bytes;
      const host = hostOf(handle, { batchSize: 2_000 });
      await process(host);
      expect(handle.faults.dropAfterBytes).toBeUndefined();
      expect(host.rows).toEqual(Array.from({ length: 20_000 }, (_, i) => `a.txt:${i + 1}`));
    },
  );

  it('no more than one connection is open at a time', async () => {
    writeFileSync(inFolder('a.txt'), exportOf(20_000));
    handle.faults.dropAfterBytes = 700_000;
    await process(hostOf(handle));
    expect(handle.connections.largest).toBe(1);
  });
});
