import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openSftp } from '../../lib/sftp/sftp-connection';
import type { WatcherSettings } from '../../lib/sftp/watcher-settings';
import { startEmbeddedSftp, type EmbeddedSftp } from '../../sandbox/sftp/embedded';
import { hasOpenSsh, startOpenSsh } from '../../sandbox/sftp/openssh';
import type { SftpFaults } from '../../sandbox/sftp/sftp-faults';
import type { SftpHandle } from '../../sandbox/sftp/sftp-handle';
import { Host, settings as standard } from '../support/watcher-harness';
import { settingsOf } from './sftp-servers';

jest.setTimeout(60_000);

const settings: WatcherSettings = {
  ...standard,
  folder: 'exports',
  afterwards: { kind: 'move', folder: 'exports/processed' },
  brokenFolder: 'exports/broken',
};
const ROWS = ['a.txt:1', 'a.txt:2'];
const CONTENT = 'id\n1\n2\n';

let handle: EmbeddedSftp;
const inFolder = (name: string, of: SftpHandle = handle) => join(of.folder, 'exports', name);
beforeAll(async () => (handle = await startEmbeddedSftp()));
afterAll(async () => await handle?.close());
beforeEach(() => {
  handle.reset();
  mkdirSync(join(handle.folder, 'exports'));
});

const hostOf = (of: SftpHandle = handle, more: Partial<WatcherSettings> = {}) =>
  new Host(async () => await openSftp(settingsOf(of)), { ...settings, ...more });

/** So many looks as n8n takes them, until nothing is left to do after each pause. */
async function looks(host: Host, count: number): Promise<void> {
  const stop = new AbortController();
  let pauses = 0;
  await host
    .start(stop.signal, async (ms) => {
      host.nowMs += ms;
      if (++pauses >= count) stop.abort();
      stop.signal.throwIfAborted();
    })
    .run();
}

describe('a file is taken by a server', () => {
  it.each<[string, SftpFaults]>([
    ['that lists bare names', { longname: 'name' }],
    ['that lists empty lines', { longname: 'empty' }],
    ['that lists as DOS does', { longname: 'dos' }],
    ['that tells no times', { omit: ['time'] }],
    ['that tells no sizes', { omit: ['size'] }],
    ['that tells no permissions', { omit: ['permissions'] }],
    ['that tells permissions without the type', { omit: ['type'] }],
    ['that tells no times in listings', { omitListed: ['time'] }],
    ['that tells nothing in listings', { omitListed: ['size', 'time', 'permissions'] }],
    ['that tells nothing at all', { omit: ['size', 'time', 'permissions'], longname: 'name' }],
    ['that tells sizes too small', { sizeOff: -3 }],
    ['that tells all sizes as 0', { sizeOff: -1_000_000 }],
  ])('%s', async (_, faults) => {
    Object.assign(handle.faults, faults);
    writeFileSync(inFolder('a.txt'), CONTENT);
    mkdirSync(inFolder('folder.txt'));
    const host = hostOf();
    await looks(host, 6);
    expect(host.rows).toEqual(ROWS);
    expect(host.reports).toEqual([]);
    expect(readdirSync(inFolder('processed'))).toEqual(['a.txt']);
    expect(readdirSync(inFolder('')).sort()).toEqual(['folder.txt', 'processed']);
  });

  it('that tells sizes too large, where the file itself shows that it is whole', async () => {
    handle.faults.sizeOff = 100;
    writeFileSync(inFolder('a.txt'), gzipSync(CONTENT));
    const host = hostOf();
    await looks(host, 6);
    expect(host.rows).toEqual(ROWS);
    expect(host.reports).toEqual([]);
  });

  it.each(['move', 'delete'] as const)('that tells no times each time that it is uploaded (then: %s)', async (kind) => {
    handle.faults.omit = ['time'];
    const host = hostOf(handle, { afterwards: kind === 'move' ? settings.afterwards : { kind } });
    for (let day = 0; day < 3; day++) {
      writeFileSync(inFolder('a.txt'), CONTENT);
      await looks(host, 4);
      // What n8n saves in the course of a day.
      host.durable = host.state;
    }
    expect(host.rows).toEqual([...ROWS, ...ROWS, ...ROWS]);
  });
});

describe('a file is named once, and holds up no other,', () => {
  const OTHER = 'b.txt:1';
  it.each<[string, SftpFaults, string]>([
    ['when it may not be opened', { refuse: [{ step: 'OPEN', status: 3, name: 'a.txt' }] }, 'does not permit it'],
    ['when it can not be opened', { refuse: [{ step: 'OPEN', status: 4, name: 'a.txt' }] }, 'Could not read'],
    ['when it is said not to be there', { refuse: [{ step: 'OPEN', status: 2, name: 'a.txt' }] }, 'no such file'],
    [
      'when the server does not know the request',
      { refuse: [{ step: 'OPEN', status: 8, name: 'a.txt' }] },
      'Could not read',
    ],
    ['when it can not be read', { refuse: [{ step: 'READ', status: 4, name: 'a.txt' }] }, 'Could not read'],
    ['when it may not be read', { refuse: [{ step: 'READ', status: 3, name: 'a.txt' }] }, 'does not permit it'],
    [
      'when it breaks in the middle',
      { refuse: [{ step: 'READ', status: 4, name: 'a.txt', from: 100_000 }] },
      'Could not read',
    ],
    ['when the connection breaks over it', { dropOn: 'a.txt' }, 'connection to the SFTP server was lost'],
    ['when its size is too large', { sizeOff: 10 }, 'Rows may be missing'],
    ['when its time never rests', { restless: true }, 'was another one at each look'],
  ])('%s', async (_, faults, message) => {
    Object.assign(handle.faults, faults);
    const large = Array.from({ length: 60_000 }, (__, i) => `${i}\n`).join('');
    writeFileSync(inFolder('a.txt'), `id\n${large}`);
    const everyFile = faults.sizeOff !== undefined || faults.restless !== undefined;
    if (!everyFile) writeFileSync(inFolder('b.txt'), 'id\n1\n');
    const host = hostOf(handle, { batchSize: 100_000, stableMs: faults.restless ? 60_000 : 0 });
    await looks(host, 130);
    expect(host.rows).toEqual(everyFile ? [] : [OTHER]);
    expect(host.reports).toEqual([
      expect.objectContaining({
        code: 'FILE_UNREADABLE',
        hint: expect.stringContaining('tried again by itself') as string,
      }),
    ]);
    expect(host.reports[0]?.message).toContain('"a.txt"');
    expect(host.reports[0]?.message).toContain(message);
    // Over a restart it is not told again, and once it can be read that is told.
    host.durable = host.state;
    await looks(host, 10);
    expect(host.reports).toHaveLength(1);
    expect(host.clear).toEqual([]);
    for (const key of Object.keys(faults)) delete handle.faults[key as keyof SftpFaults];
    await looks(host, 10);
    expect(host.rows).toHaveLength(60_000 + (everyFile ? 0 : 1));
    expect(host.clear).toEqual(['All clear: the export file "a.txt" can be read.']);
  });

  it('when it breaks while it is delivered, and goes on later at its row', async () => {
    const rows = 60_000;
    writeFileSync(inFolder('a.txt'), `id\n${Array.from({ length: rows }, (_, i) => `${i}\n`).join('')}`);
    writeFileSync(inFolder('b.txt'), 'id\n1\n');
    const host = hostOf(handle, { batchSize: 10_000 });
    host.work = () => {
      if (host.emitted.length === 2) handle.faults.refuse = [{ step: 'READ', status: 4, name: 'a.txt' }];
    };
    await looks(host, 20);
    expect(host.rows.at(-1)).toBe(OTHER);
    expect(host.reports.map(({ code }) => code)).toEqual(['FILE_UNREADABLE']);
    host.work = () => undefined;
    host.durable = host.state;
    delete handle.faults.refuse;
    await looks(host, 5);
    const numbers = host.rows.filter((row) => row !== OTHER);
    expect(numbers).toEqual(Array.from({ length: rows }, (_, i) => `a.txt:${i + 1}`));
    expect(readdirSync(inFolder('processed')).sort()).toEqual(['a.txt', 'b.txt']);
  });

  it.each(['../../etc/a.txt', `${'x'.repeat(400)}.txt`, 'a\nb.txt'])('when it is called %j', async (listedName) => {
    handle.faults.listedName = listedName;
    writeFileSync(inFolder('b.txt'), 'id\n1\n');
    const host = hostOf();
    await looks(host, 10);
    expect(host.rows).toEqual([OTHER]);
    expect(host.reports.map(({ code }) => code)).toEqual(['FILE_UNREADABLE']);
    expect(host.reports[0]?.message.length).toBeLessThan(500);
    expect(host.reports[0]?.message).not.toContain('\n');
    delete handle.faults.listedName;
    await looks(host, 2);
  });
});

(hasOpenSsh() ? describe : describe.skip)('on OpenSSH', () => {
  let openssh: SftpHandle;
  beforeAll(async () => (openssh = await startOpenSsh()));
  afterAll(async () => await openssh?.close());
  beforeEach(() => {
    rmSync(join(openssh.folder, 'exports'), { recursive: true, force: true });
    mkdirSync(join(openssh.folder, 'exports'));
  });

  it('takes what a link leads to, leaves links to folders alone, and names a link that leads nowhere once', async () => {
    writeFileSync(join(openssh.folder, 'target'), CONTENT);
    symlinkSync('../target', inFolder('a.txt', openssh));
    symlinkSync('..', inFolder('folder.txt', openssh));
    symlinkSync('nowhere', inFolder('dead.txt', openssh));
    const host = hostOf(openssh);
    await looks(host, 20);
    expect(host.rows).toEqual(ROWS);
    expect(host.reports.map(({ message }) => message)).toEqual([
      expect.stringContaining('The link "dead.txt" leads to no file'),
    ]);
    rmSync(inFolder('dead.txt', openssh));
    host.durable = host.state;
    await looks(host, 2);
    expect(host.clear).toEqual(['All clear: the export file "dead.txt" is no longer in the folder.']);
  });

  it('names a file whose name is not UTF-8 once, and takes the others', async () => {
    writeFileSync(Buffer.from(inFolder('m\xe4rz.txt', openssh), 'latin1'), CONTENT);
    writeFileSync(inFolder('märz2.txt', openssh), 'id\n1\n');
    const host = hostOf(openssh, { pattern: 'mär*.txt' });
    await looks(host, 20);
    expect(host.rows).toEqual(['märz2.txt:1']);
    expect(host.reports.map(({ code, message }) => [code, message])).toEqual([
      ['FILE_UNREADABLE', expect.stringContaining('not encoded in UTF-8') as string],
    ]);
  });

  it('does not open a pipe, which would never respond, and names it', async () => {
    execFileSync('mkfifo', [inFolder('a.txt', openssh)]);
    writeFileSync(inFolder('b.txt', openssh), 'id\n1\n');
    const host = hostOf(openssh);
    await looks(host, 10);
    expect(host.rows).toEqual(['b.txt:1']);
    expect(host.reports.map(({ message }) => message)).toEqual([
      expect.stringContaining('is a pipe, a socket or a device'),
    ]);
  });
});

describe('a list without end', () => {
  it.each(['entries', 'empty'] as const)('is given up with a message of its own (%s)', async (endless) => {
    handle.faults.endless = endless;
    const host = hostOf();
    const before = process.memoryUsage().heapUsed;
    await looks(host, 3);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
    expect(host.reports.map(({ code }) => code)).toEqual(['FOLDER_TOO_LARGE']);
    delete handle.faults.endless;
    writeFileSync(inFolder('a.txt'), CONTENT);
    host.durable = host.state;
    await looks(host, 2);
    expect(host.rows).toEqual(ROWS);
    expect(host.clear).toEqual(['All clear: the exports can be read again.']);
  });
});
