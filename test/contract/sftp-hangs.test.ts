import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../lib/core/clock';
import { openSftp } from '../../lib/sftp/sftp-connection';
import { FAREWELL_MS } from '../../lib/sftp/sftp-limits';
import type { WatcherSettings } from '../../lib/sftp/watcher-settings';
import { startEmbeddedSftp, type EmbeddedSftp } from '../../sandbox/sftp/embedded';
import { SFTP_STEPS, type SftpStep } from '../../sandbox/sftp/sftp-faults';
import { turns } from '../support/turn';
import { Host, settings as standard } from '../support/watcher-harness';
import { settingsOf } from './sftp-servers';

jest.setTimeout(60_000);

const settings: WatcherSettings = {
  ...standard,
  folder: 'exports',
  afterwards: { kind: 'move', folder: 'exports/processed' },
  brokenFolder: 'exports/broken',
};

/** A clock by which half a minute is over after 150 ms. */
const quick = {
  elapsed: () => systemClock.elapsed(),
  after: (ms: number, callback: () => void) => systemClock.after(ms / 200, callback),
};

/** A clock by which no limit ever passes: what ends, ends for another reason. */
const limitless = { elapsed: () => systemClock.elapsed(), after: () => () => undefined };

let handle: EmbeddedSftp;
const inFolder = (name: string) => join(handle.folder, 'exports', name);
beforeAll(async () => (handle = await startEmbeddedSftp()));
afterAll(async () => await handle?.close());
beforeEach(() => {
  handle.reset();
  mkdirSync(join(handle.folder, 'exports'));
});

/** What the step needs to come up, and a host for it. */
function hostFor(step: SftpStep, clock: typeof quick = quick, signal?: AbortSignal): Host {
  // Only a broken file is written about.
  writeFileSync(inFolder('a.txt'), step === 'WRITE' ? 'id\n1\n2' : 'id\n1\n2\n');
  const afterwards = step === 'REMOVE' ? ({ kind: 'delete' } as const) : settings.afterwards;
  return new Host(async () => await openSftp(settingsOf(handle), { clock, signal }), { ...settings, afterwards });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean): Promise<void> {
  for (const start = Date.now(); !condition(); await pause(5)) {
    if (Date.now() - start > 20_000) throw new Error('It did not happen.');
  }
}

// A report on a broken file is not waited for: the alarm about the file says that it is missing.
describe.each(SFTP_STEPS.filter((step) => step !== 'WRITE'))('a server that stops responding at %s', (step) => {
  it('is given up, told of once, connected to anew, and cleared once it responds again', async () => {
    handle.faults.hang = { step };
    const host = hostFor(step);
    const stop = new AbortController();
    const running = host.start(stop.signal, async () => {
      stop.signal.throwIfAborted();
      await pause(5);
    });
    const ended = running.run();
    const alarms = () => host.reports.filter(({ code }) => code === 'SFTP_UNREACHABLE');
    await until(() => alarms().length > 0);
    expect(alarms()[0]?.message).toMatch(/did not respond within \d+ seconds/);
    await pause(500);
    expect(alarms()).toHaveLength(1);
    expect(host.clear).toEqual([]);
    delete handle.faults.hang;
    await until(() => host.clear.length > 0);
    await until(() => !existsSync(inFolder('a.txt')));
    stop.abort();
    await ended;
    expect(host.clear[0]).toBe('All clear: the exports can be read again.');
    expect(new Set(host.rows)).toEqual(new Set(['a.txt:1', 'a.txt:2']));
    expect(host.connections).toBeGreaterThan(3);
  });
});

describe.each(SFTP_STEPS)('a server that stops responding at %s', (step) => {
  it('does not keep the watcher from ending at once when the workflow is stopped', async () => {
    handle.faults.hang = { step, once: true };
    const stop = new AbortController();
    const host = hostFor(step, limitless, stop.signal);
    const ended = host
      .start(stop.signal, async () => {
        stop.signal.throwIfAborted();
        await pause(5);
      })
      .run();
    await until(() => handle.faults.hang === undefined);
    await pause(50);
    stop.abort();
    await ended;
    expect(host.reports.filter(({ code }) => code === 'SFTP_UNREACHABLE')).toEqual([]);
  });
});

describe('a connection', () => {
  it('that is called off while the server says nothing ends at once', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const stop = new AbortController();
    const reason = new Error('stopped');
    const opening = openSftp({ ...settingsOf(handle), port }, { signal: stop.signal });
    setTimeout(() => stop.abort(reason), 50);
    await expect(opening).rejects.toBe(reason);
    await expect(openSftp({ ...settingsOf(handle), port }, { clock: quick })).rejects.toMatchObject({
      name: 'RetriableError',
      code: 'SFTP_UNREACHABLE',
      message: expect.stringContaining('did not respond within 30 seconds') as string,
    });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('whose end the server does not acknowledge is closed all the same', async () => {
    // Stands between client and server, and lets nothing through any more once told to: not even the end of the client's stream.
    let deaf = false;
    const clients: Socket[] = [];
    const proxy = createServer({ allowHalfOpen: true }, (client) => {
      clients.push(client);
      const server = connect(handle.port, '127.0.0.1');
      client.on('data', (data) => void (deaf || server.write(data))).on('error', () => undefined);
      server.on('data', (data) => void (deaf || client.write(data))).on('error', () => undefined);
      client.on('close', () => server.destroy());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.once('listening', resolve));
    const { port } = proxy.address() as { port: number };
    const connection = await openSftp({ ...settingsOf(handle), port });
    deaf = true;
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'setInterval', 'queueMicrotask'] });
    try {
      let closed = false;
      void connection.close().then(() => (closed = true));
      jest.advanceTimersByTime(FAREWELL_MS - 1);
      await turns(20);
      expect(closed).toBe(false);
      jest.advanceTimersByTime(1);
      await turns(20);
      expect(closed).toBe(true);
    } finally {
      jest.useRealTimers();
    }
    for (const client of clients) client.destroy();
    await new Promise((resolve) => proxy.close(resolve));
    await until(() => handle.connections.open === 0);
  });

  it('ends whatever is under way as soon as its signal aborts', async () => {
    writeFileSync(inFolder('a.txt'), Buffer.alloc(1_000_000));
    const stop = new AbortController();
    const reason = new Error('stopped');
    const { open } = handle.connections;
    const connection = await openSftp(settingsOf(handle), { signal: stop.signal });
    expect(handle.connections.open).toBe(open + 1);
    handle.faults.hang = { step: 'READ' };
    const stream = connection.read('exports/a.txt');
    const failed = new Promise((resolve) => stream.once('error', resolve));
    stream.resume();
    await pause(100);
    handle.faults.hang = { step: 'STAT' };
    const looking = connection.stat('exports/a.txt');
    setTimeout(() => stop.abort(reason), 50);
    await expect(looking).rejects.toBe(reason);
    expect(await failed).toBe(reason);
    expect(connection.alive).toBe(false);
    await until(() => handle.connections.open <= open);
  });

  it('is not kept by a file whose bytes stop coming in the middle', async () => {
    writeFileSync(inFolder('a.txt'), Buffer.alloc(1_000_000));
    const connection = await openSftp(settingsOf(handle), { clock: quick });
    const stream = connection.read('exports/a.txt');
    let bytes = 0;
    const failed = new Promise((resolve) => stream.once('error', resolve));
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      handle.faults.hang = { step: 'READ' };
    });
    expect(await failed).toMatchObject({ name: 'RetriableError', code: 'SFTP_NO_RESPONSE' });
    expect(bytes).toBeGreaterThan(0);
    expect(connection.alive).toBe(false);
  });
});

it('a file over which the server stops responding holds up no other, and is named once others were read', async () => {
  writeFileSync(inFolder('a.txt'), 'id\n1\n');
  handle.faults.hang = { step: 'READ', name: 'a.txt' };
  const host = new Host(async () => await openSftp(settingsOf(handle), { clock: quick }), settings);
  const stop = new AbortController();
  const ended = host
    .start(stop.signal, async (ms) => {
      stop.signal.throwIfAborted();
      host.nowMs += ms;
      await pause(5);
    })
    .run();
  await until(() => host.reports.length > 0);
  expect(host.reports[0]).toMatchObject({ code: 'SFTP_UNREACHABLE' });
  writeFileSync(inFolder('b.txt'), 'id\n2\n');
  writeFileSync(inFolder('c.txt'), 'id\n3\n');
  await until(() => host.reports.length > 1);
  expect(host.rows).toEqual(['b.txt:1', 'c.txt:1']);
  expect(host.reports[1]).toMatchObject({
    code: 'FILE_UNREADABLE',
    message: expect.stringContaining('"a.txt"') as string,
  });
  await pause(1_500);
  expect(host.reports).toHaveLength(2);
  expect(host.clear).toEqual(['All clear: the exports can be read again.']);
  delete handle.faults.hang;
  await until(() => !existsSync(inFolder('a.txt')));
  stop.abort();
  await ended;
  expect(host.clear).toEqual([
    'All clear: the exports can be read again.',
    'All clear: the export file "a.txt" can be read.',
  ]);
  expect(readdirSync(inFolder('processed')).sort()).toEqual(['a.txt', 'b.txt', 'c.txt']);
});
