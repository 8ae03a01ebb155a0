import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { WatcherSettings } from '../../../lib/sftp/watcher-settings';
import { ConfigurationError, RetriableError, type SyncError } from '../../../lib/core/errors';
import { contentId, finish, FINISHED_LIMIT, newState } from '../../../lib/sync/export/export-state';
import { Host, MemoryServer, settings } from '../../support/watcher-harness';

const FIVE = 'id\tname\n1\ta\n2\tb\n3\tc\n4\td\n5\te\n';
const ROWS = ['a.txt:1', 'a.txt:2', 'a.txt:3', 'a.txt:4', 'a.txt:5'];

function setUp(more: Partial<WatcherSettings> = {}) {
  const server = new MemoryServer();
  const host = new Host(
    () => {
      server.alive = true;
      return server;
    },
    { ...settings, ...more },
  );
  return { server, host };
}

const names = (server: MemoryServer) => [...server.files.keys()].sort();
const denied = (code = 'SFTP_PERMISSION') => new ConfigurationError(code, 'not permitted');

/** Runs a watcher whose server can't be reached so often, until it has been; with the pauses that it made. */
async function runUntilConnected(error: Error, failures: number): Promise<{ host: Host; pauses: number[] }> {
  let left = failures;
  const host = new Host(() => {
    if (left-- > 0) throw error;
    return new MemoryServer();
  }, settings);
  const stop = new AbortController();
  const pauses: number[] = [];
  await host
    .start(stop.signal, async (ms) => {
      pauses.push(ms);
      if (left < 0) stop.abort();
      stop.signal.throwIfAborted();
    })
    .run();
  return { host, pauses };
}

describe('a file', () => {
  it('comes in batches, in order, and is moved only after its last one succeeded', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', FIVE);
    host.work = () => expect(names(server)).toEqual(['in/a.txt']);
    await host.untilIdle(host.start());
    expect(host.rows).toEqual(ROWS);
    expect(host.emitted.map((batch) => batch.length)).toEqual([2, 2, 1]);
    expect(names(server)).toEqual(['in/processed/a.txt']);
  });

  it.each([
    [{ kind: 'leave' }, ['in/a.txt']],
    [{ kind: 'delete' }, []],
  ] as const)('is treated afterwards as set: %j', async (afterwards, expected) => {
    const { server, host } = setUp({ afterwards });
    server.put('in/a.txt', FIVE);
    await host.untilIdle(host.start());
    expect(names(server)).toEqual(expected);
    expect(host.rows).toEqual(ROWS);
  });

  it('is not touched before size and time have been the same for long enough', async () => {
    const { server, host } = setUp({ stableMs: 90_000 });
    const watcher = host.start();
    server.put('in/a.txt', FIVE.slice(0, 20));
    await host.untilIdle(watcher);
    server.put('in/a.txt', FIVE, 2000);
    await host.untilIdle(watcher);
    await host.untilIdle(watcher);
    expect(server.opened).toBe(0);
    await host.untilIdle(watcher);
    expect(host.rows).toEqual(ROWS);
  });

  it.each([-3_600_000, 3_600_000])(
    'is taken after the same time when the clock is set by %d ms meanwhile',
    async (setMs) => {
      const { server, host } = setUp({ stableMs: 90_000 });
      const watcher = host.start();
      server.put('in/a.txt', FIVE);
      await host.untilIdle(watcher);
      host.clockSetMs += setMs;
      await host.untilIdle(watcher);
      expect(server.opened).toBe(0);
      await host.untilIdle(watcher);
      expect(host.rows).toEqual(ROWS);
    },
  );

  it('that changes while it is checked is neither broken nor processed', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', FIVE.slice(0, -1));
    server.fail = (operation) => {
      if (operation === 'read') server.put('in/a.txt', FIVE, 2000);
    };
    await host.start().look();
    expect(host.emitted).toEqual([]);
    expect(host.reports).toEqual([]);
    expect(names(server)).toEqual(['in/a.txt']);
  });

  it.each(['in/processed/a.txt', 'in/processed/20261121_120100_a.txt'])('never replaces %s', async (taken) => {
    const { server, host } = setUp();
    server.put('in/processed/a.txt', 'old');
    server.put(taken, 'old');
    server.put('in/a.txt', FIVE);
    await host.untilIdle(host.start());
    expect(server.files.get(taken)?.content.toString()).toBe('old');
    expect([...server.files.values()].filter(({ content }) => content.toString() === FIVE)).toHaveLength(1);
  });

  it('with a header alone is done without an execution', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id\n');
    await host.untilIdle(host.start());
    expect(host.emitted).toEqual([]);
    expect(names(server)).toEqual(['in/processed/a.txt']);
  });

  it('of an older time comes first', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id\nx\n', 2000);
    server.put('in/b.txt', 'id\ny\n', 1000);
    await host.untilIdle(host.start());
    expect(host.rows).toEqual(['b.txt:1', 'a.txt:1']);
  });
});

describe('a finished file is not read again', () => {
  it.each([
    ['compressed by Campaign', 'in/a.txt.gz', gzipSync(FIVE), 5000],
    ['compressed by Campaign under its name', 'in/a.txt', gzipSync(FIVE), 5000],
    ['put back into the folder', 'in/a.txt', Buffer.from(FIVE), 1000],
  ])('when it is %s', async (_, path, content, modifiedMs) => {
    const { server, host } = setUp();
    const watcher = host.start();
    server.put('in/a.txt', FIVE);
    await host.untilIdle(watcher);
    server.put(path, content, modifiedMs);
    await host.untilIdle(watcher);
    expect(host.rows).toEqual(ROWS);
    expect(names(server).filter((name) => !name.startsWith('in/processed/'))).toEqual([]);
  });

  it('when it is left in the folder, over a restart', async () => {
    const { server, host } = setUp({ afterwards: { kind: 'leave' } });
    server.put('in/a.txt', FIVE);
    await host.untilIdle(host.start());
    server.put('in/b.txt', 'id\nnew\n', 2000);
    const watcher = host.start();
    await host.untilIdle(watcher);
    await host.untilIdle(watcher);
    // n8n had saved the progress before the last batch only, so that one comes once more.
    expect(host.rows).toEqual([...ROWS, 'a.txt:5', 'b.txt:1']);
    const opened = server.opened;
    await host.untilIdle(watcher);
    expect(server.opened).toBe(opened);
  });

  it('when there are more finished files than can be remembered: then nothing is taken, and an alarm says so', async () => {
    const { server, host } = setUp({ afterwards: { kind: 'leave' } });
    const watcher = host.start();
    for (let i = 0; i < FINISHED_LIMIT; i++) server.put(`in/${i}.txt`, `id\n${i}\n`);
    await host.untilIdle(watcher);
    server.put('in/new.txt', 'id\nnew\n', 2000);
    await host.untilIdle(watcher);
    await host.untilIdle(watcher);
    expect(host.emitted).toHaveLength(FINISHED_LIMIT);
    expect(host.reports.map(({ code }) => code)).toEqual(['TOO_MANY_FILES_LEFT']);
    server.files.delete('in/0.txt');
    await host.untilIdle(watcher);
    expect(host.rows.at(-1)).toBe('new.txt:1');
    expect(host.clear).toHaveLength(1);
  });
});

describe('a signal that comes again is a signal', () => {
  const OUT = 'id\toptOut\n1\t1\n';
  const IN = 'id\toptOut\n1\t0\n';
  const told = (host: Host) => host.emitted.flat().map((row) => `${row.export.file}:${String(row['optOut'])}`);
  const MODES = [{ kind: 'leave' }, { kind: 'delete' }, { kind: 'move', folder: 'in/processed' }] as const;

  it.each(MODES)('in a third file with the content of the first, also within one second (%j)', async (afterwards) => {
    const { server, host } = setUp({ afterwards });
    const watcher = host.start();
    for (const [name, content] of [
      ['day1.txt', OUT],
      ['day2.txt', IN],
      ['day3.txt', OUT],
    ] as const) {
      server.put(`in/${name}`, content);
      await host.untilIdle(watcher);
    }
    for (let look = 0; look < 3; look++) await host.untilIdle(watcher);
    expect(told(host)).toEqual(['day1.txt:1', 'day2.txt:0', 'day3.txt:1']);
  });

  it.each(MODES)('in a file of the same name each day (%j)', async (afterwards) => {
    const { server, host } = setUp({ afterwards });
    const watcher = host.start();
    for (const [content, modifiedMs] of [
      [OUT, 1000],
      [IN, 2000],
      [OUT, 3000],
      [OUT, 4000],
    ] as const) {
      server.put('in/a.txt', content, modifiedMs);
      await host.untilIdle(watcher);
    }
    expect(told(host)).toEqual(['a.txt:1', 'a.txt:0', 'a.txt:1', 'a.txt:1']);
  });

  it('in a file that takes the place of an earlier one, even where the server gives both the same time', async () => {
    const { server, host } = setUp();
    const watcher = host.start();
    for (const content of [OUT, IN, OUT]) {
      server.put('in/a.txt', content);
      await host.untilIdle(watcher);
    }
    expect(told(host)).toEqual(['a.txt:1', 'a.txt:0', 'a.txt:1']);
  });

  it('in a compressed file beside one that still lies there', async () => {
    const { server, host } = setUp({ afterwards: { kind: 'leave' } });
    const watcher = host.start();
    server.put('in/a.txt', OUT);
    await host.untilIdle(watcher);
    server.put('in/a.txt.gz', gzipSync(OUT), 5000);
    for (let look = 0; look < 3; look++) await host.untilIdle(watcher);
    expect(told(host)).toEqual(['a.txt:1', 'a.txt.gz:1']);
  });

  it.each([true, false])(
    'in a file that came while n8n was down, the finished one being put away (%s)',
    async (last) => {
      const { server, host } = setUp({ batchSize: last ? 2 : 1 });
      server.put('in/a.txt', 'id\n1\n2\n');
      let died = false;
      host.work = () => {
        if (!last && !died) {
          died = true;
          throw new Error('died');
        }
      };
      const running = host.untilIdle(host.start());
      if (last) await running;
      else await expect(running).rejects.toThrow();
      // What n8n has stored is from before the end of the batch.
      server.put('in/a.txt', 'id\n1\n2\n', 9000);
      const before = host.rows.length;
      const watcher = host.start();
      for (let look = 0; look < 3; look++) await host.untilIdle(watcher);
      expect(host.rows.slice(before)).toEqual(['a.txt:1', 'a.txt:2']);
      expect(host.reports).toEqual([]);
      expect(names(server).filter((name) => !name.startsWith('in/processed/'))).toEqual([]);
    },
  );

  it('in a file that takes the place of the finished one before that is put away', async () => {
    for (const afterwards of MODES) {
      const { server, host } = setUp({ afterwards });
      server.put('in/a.txt', OUT);
      host.work = () => {
        if (host.emitted.length === 1) server.put('in/a.txt', IN, 7000);
      };
      const watcher = host.start();
      for (let look = 0; look < 4; look++) await host.untilIdle(watcher);
      expect(told(host)).toEqual(['a.txt:1', 'a.txt:0']);
    }
  });

  it('and a file whose rows are others with new settings is read from its beginning', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id;b;c\n1;"x\ny";z\n2;p;q\n3;p;q\n');
    host.work = () => {
      throw new Error('died');
    };
    await expect(host.untilIdle(host.start())).rejects.toThrow();
    const file = { ...settings.rows.file, quotes: 'none' as const };
    const changed = new Host(() => server, { ...settings, rows: { ...settings.rows, file } });
    changed.durable = { ...(host.durable as object), current: { ...host.state!.current, done: 2 } };
    server.alive = true;
    await changed.untilIdle(changed.start());
    expect(changed.rows).toEqual(['a.txt:1', 'a.txt:2', 'a.txt:3', 'a.txt:4']);
  });
});

describe('what an older version of this package kept', () => {
  const { finished: _, before: _before, ...rest } = newState('2026-11-20T00:00:00.000Z');
  const until = Date.parse(rest.lastExportAt);
  const idOf = (content: string) => contentId(createHash('sha256').update(content).digest(), content.length);
  const older = (finished: string[], current: object | null = null) => ({ ...rest, version: 1, finished, current });

  it('protects the files that lay in the folder then, for good, and no later ones', async () => {
    const { server, host } = setUp({ afterwards: { kind: 'leave' } });
    server.put('in/a.txt', FIVE, until - 5000);
    server.put('in/b.txt', FIVE, until + 5000);
    host.durable = older([idOf(FIVE)]);
    const watcher = host.start();
    for (let look = 0; look < 3; look++) await host.untilIdle(watcher);
    expect(host.rows).toEqual(ROWS.map((row) => row.replace('a.txt', 'b.txt')));
    expect(host.state).toMatchObject({ version: 2, before: null });
    expect(host.state?.finished).toHaveLength(2);
    host.durable = host.state;
    await host.untilIdle(host.start());
    expect(host.rows).toHaveLength(5);
  });

  it('lets a file that was begun go on at its row', async () => {
    const { server, host } = setUp();
    server.put('in/renamed.txt', FIVE);
    const current = { name: 'a.txt', id: idOf(FIVE), size: FIVE.length, rows: 5, done: 2, last: false };
    host.durable = older([], current);
    await host.untilIdle(host.start());
    expect(host.rows).toEqual(['renamed.txt:3', 'renamed.txt:4', 'renamed.txt:5']);
  });
});

describe('times in the future', () => {
  it('are told once for each column of a file, and taken as they are', async () => {
    const columns = [{ name: 'at', type: 'dateTime' as const, needed: true }];
    const { server, host } = setUp({ rows: { ...settings.rows, columns } });
    server.put('in/a.txt', 'id\tat\n1\t2026-11-21T12:03:00Z\n2\t2026-11-21T15:00:00Z\n3\t2026-11-21T15:00:00Z\n');
    await host.untilIdle(host.start());
    const rows = host.emitted.flat();
    expect(rows.map((row) => row.export.problems)).toEqual([
      undefined,
      [{ column: 'at', code: 'IN_THE_FUTURE' }],
      undefined,
    ]);
    expect(rows[1]?.['at']).toBe('2026-11-21T15:00:00.000Z');
    expect(host.logs.filter((text) => text.includes('lie in the future'))).toHaveLength(1);
  });
});

describe('after n8n dies', () => {
  /** Kills n8n while the given batch (from 0) is being worked on. */
  async function killAt(host: Host, batch: number): Promise<void> {
    const died = new Error('died');
    host.work = () => {
      if (host.emitted.length === batch + 1) throw died;
    };
    await expect(host.untilIdle(host.start())).rejects.toThrow();
    host.work = () => undefined;
  }

  it.each([0, 1, 2])('in batch %d, that batch comes again and no row is lost', async (batch) => {
    const { server, host } = setUp();
    server.put('in/a.txt', FIVE);
    await killAt(host, batch);
    const before = host.rows.length;
    await host.untilIdle(host.start());
    const again = host.rows.slice(before);
    expect(again).toEqual(ROWS.slice(batch * 2));
    expect(names(server)).toEqual(['in/processed/a.txt']);
  });

  it.each([
    ['renamed', 'in/renamed.txt', Buffer.from(FIVE)],
    ['compressed', 'in/a.txt.gz', gzipSync(FIVE)],
  ])('it goes on in a file that was %s meanwhile', async (_, path, content) => {
    const { server, host } = setUp();
    server.put('in/a.txt', FIVE);
    await killAt(host, 1);
    server.files.delete('in/a.txt');
    server.put(path, content);
    server.put('in/0.txt', 'id\nother\n', 1);
    const before = host.emitted.length;
    await host.untilIdle(host.start());
    const again = host.emitted
      .slice(before)
      .flat()
      .map(({ export: { row } }) => row);
    expect(again).toEqual([3, 4, 5, 1]);
    expect(host.reports).toEqual([]);
  });

  it('between the last batch and putting the file away, the file is put away and its last batch comes once more', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', FIVE);
    server.fail = (operation) => {
      if (operation === 'move') server.break();
    };
    await expect(host.untilIdle(host.start())).rejects.toThrow();
    server.fail = () => undefined;
    await host.untilIdle(host.start());
    expect(host.rows).toEqual([...ROWS, 'a.txt:5']);
    expect(names(server)).toEqual(['in/processed/a.txt']);
  });

  it.each([{ kind: 'delete' }, { kind: 'move', folder: 'in/processed' }] as const)(
    'right after the file was put away (%j), it is known to be done, and no alarm is given',
    async (afterwards) => {
      const { server, host } = setUp({ afterwards });
      server.put('in/a.txt', FIVE);
      await host.untilIdle(host.start());
      await host.untilIdle(host.start());
      expect(host.rows).toEqual(ROWS);
      expect(host.reports).toEqual([]);
    },
  );

  it.each([undefined, 'id\tname\nother\tx\n'])(
    'a file that was removed or replaced half-way (%j) is reported',
    async (content) => {
      const { server, host } = setUp();
      server.put('in/a.txt', FIVE);
      await killAt(host, 1);
      server.files.delete('in/a.txt');
      if (content !== undefined) server.put('in/a.txt', content, 2000);
      const before = host.rows.length;
      await host.untilIdle(host.start());
      expect(host.reports.map(({ code, message }) => [code, message])).toEqual([
        ['FILE_VANISHED', expect.stringContaining('2 of its 5 rows') as string],
      ]);
      expect(host.rows.slice(before)).toEqual(content === undefined ? [] : ['a.txt:1']);
    },
  );
});

describe('a broken file', () => {
  it('is moved aside with a report, tells the error workflow, and the next one is processed', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', FIVE.slice(0, -3), 1);
    server.put('in/b.txt', 'name\nsecret-value\n', 2);
    server.put('in/c.txt', '', 3);
    server.put('in/d.txt', 'id\nx\n', 4);
    await host.untilIdle(host.start());
    expect(host.rows).toEqual(['d.txt:1']);
    expect(host.reports.map(({ code }) => code)).toEqual(['LAST_LINE_TORN', 'COLUMN_MISSING', 'FILE_EMPTY']);
    expect(names(server)).toEqual([
      'in/broken/a.txt',
      'in/broken/a.txt.report.txt',
      'in/broken/b.txt',
      'in/broken/b.txt.report.txt',
      'in/broken/c.txt',
      'in/broken/c.txt.report.txt',
      'in/processed/d.txt',
    ]);
    const report = server.files.get('in/broken/b.txt.report.txt')?.content.toString() ?? '';
    expect(report).toContain('COLUMN_MISSING');
    expect(report).toContain('"id"');
    expect(report).not.toContain('secret-value');
  });

  it('is moved aside and reported on also where its name has as many bytes as a disk takes, and is taken', async () => {
    const { server, host } = setUp();
    const long = `${'ü'.repeat(125)}a.txt`;
    server.put(`in/${long}`, 'id\n1', 1);
    server.put(`in/broken/${long}`, 'an earlier one', 1);
    server.fail = (_, path) => {
      for (const part of path.split('/')) if (Buffer.byteLength(part) > 255) throw new Error('File name too long');
    };
    await host.untilIdle(host.start());
    expect(host.reports.map(({ message }) => message)).toEqual([
      expect.stringMatching(/It was moved to "in\/broken\/\d{8}_\d{6}_ü+\.txt"\.$/) as string,
    ]);
    expect(names(server)).toEqual([
      expect.stringMatching(/^in\/broken\/\d{8}_\d{6}_ü+\.txt\.report\.txt$/) as string,
      expect.stringMatching(/^in\/broken\/\d{8}_\d{6}_ü+\.txt$/) as string,
      `in/broken/${long}`,
    ]);
  });

  it('is moved aside even when the report can not be written, which is made up for once there is room', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id\n1');
    let full = true;
    server.fail = (operation) => {
      if (full && operation === 'writeText') throw new Error('No space left on device');
    };
    const watcher = host.start();
    await host.untilIdle(watcher);
    expect(names(server)).toEqual(['in/broken/a.txt']);
    expect(host.reports.map(({ message }) => message)).toEqual([
      expect.stringMatching(/It was moved to "in\/broken\/a.txt"\. The report beside it could not be written yet\.$/),
    ]);
    full = false;
    for (let look = 0; look < 4; look++) await host.untilIdle(watcher);
    expect(names(server)).toEqual(['in/broken/a.txt', 'in/broken/a.txt.report.txt']);
    expect(server.files.get('in/broken/a.txt.report.txt')?.content.toString()).toContain('LAST_LINE_TORN');
    expect(host.reports).toHaveLength(1);
  });

  it('that somebody took away gets no report afterwards', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id\n1');
    server.fail = (operation) => {
      if (operation === 'writeText') throw new Error('No space left on device');
    };
    const watcher = host.start();
    await host.untilIdle(watcher);
    server.fail = () => undefined;
    server.files.clear();
    for (let look = 0; look < 4; look++) await host.untilIdle(watcher);
    expect(names(server)).toEqual([]);
  });

  it('that can not be moved is told of once, also over a restart, holds up nothing, and is moved once that is possible', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id\n1', 1);
    server.put('in/b.txt', 'id\n1\n', 2);
    let refused = true;
    server.fail = (operation, path) => {
      if (refused && operation === 'move' && path === 'in/a.txt') throw denied();
    };
    const watcher = host.start();
    await host.untilIdle(watcher);
    expect(host.rows).toEqual(['b.txt:1']);
    host.durable = host.state;
    const next = host.start();
    for (let look = 0; look < 5; look++) await host.untilIdle(next);
    expect(host.reports.map(({ message }) => message)).toEqual([
      expect.stringContaining('could not be moved aside and stays in the folder; that is tried again by itself'),
    ]);
    expect(host.clear).toEqual([]);
    refused = false;
    for (let look = 0; look < 9; look++) await host.untilIdle(next);
    expect(host.clear).toEqual([
      'All clear: the broken export file "a.txt" is out of the way. It was moved to "in/broken/a.txt".',
    ]);
    expect(host.reports).toHaveLength(1);
    expect(host.state?.leftBroken).toEqual([]);
  });

  it('that can not be moved is tried again after the same pauses when the clock is set back meanwhile', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id\n1');
    let refused = true;
    server.fail = (operation) => {
      if (refused && operation === 'move') throw denied();
    };
    const watcher = host.start();
    await host.untilIdle(watcher);
    host.clockSetMs = -24 * 3_600_000;
    refused = false;
    for (let look = 0; look < 3; look++) await host.untilIdle(watcher);
    expect(host.clear).toHaveLength(1);
    expect([...server.files.keys()]).toContain('in/broken/a.txt');
  });

  it('that can not be moved is not read at each look', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id\n1');
    server.fail = (operation) => {
      if (operation === 'move') throw denied();
    };
    const watcher = host.start();
    for (let look = 0; look < 60; look++) await host.untilIdle(watcher);
    // After 1, 2, 4, 8, 16 and 32 minutes; a reading opens the file three times.
    expect(server.opened).toBeLessThanOrEqual(7 * 3);
  });

  it('that could not be moved is processed once the settings fit it', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id\n1');
    server.fail = (operation) => {
      if (operation === 'move') throw denied();
    };
    await host.untilIdle(host.start());
    server.fail = () => undefined;
    host.durable = host.state;
    const file = { ...settings.rows.file, openEndAllowed: true };
    const corrected = new Host(() => server, { ...settings, rows: { ...settings.rows, file } });
    corrected.durable = host.state;
    await corrected.untilIdle(corrected.start());
    expect(corrected.rows).toEqual(['a.txt:1']);
    expect(corrected.state?.leftBroken).toEqual([]);
    expect(corrected.clear).toEqual(['All clear: the export file "a.txt" is no longer broken.']);
  });

  it.each<[string, (server: MemoryServer) => void, string[]]>([
    ['taken out of the folder', (server) => server.files.delete('in/a.txt'), []],
    ['replaced by a whole one', (server) => server.put('in/a.txt', 'id\n1\n', 2000), ['a.txt:1']],
  ])('that could not be moved and is %s is told to be over', async (_what, change, rows) => {
    const { server, host } = setUp();
    server.put('in/a.txt', 'id\n1');
    server.fail = (operation) => {
      if (operation === 'move') throw denied();
    };
    const watcher = host.start();
    await host.untilIdle(watcher);
    server.fail = () => undefined;
    change(server);
    for (let look = 0; look < 3; look++) await host.untilIdle(watcher);
    expect(host.clear).toEqual(['All clear: the broken export file "a.txt" is no longer in the folder.']);
    expect(host.rows).toEqual(rows);
    expect(host.state?.leftBroken).toEqual([]);
  });

  it('whose move is carried out, and the connection lost before the response, is told of', async () => {
    const { host, server } = setUp();
    server.put('in/a.txt', 'id\n1');
    const move = server.move.bind(server);
    let isLost = false;
    server.move = async (from, to) => {
      await move(from, to);
      if (isLost) return;
      isLost = true;
      server.break();
    };
    const watcher = host.start();
    await expect(host.untilIdle(watcher)).rejects.toMatchObject({ code: 'SFTP_CONNECTION_LOST' });
    server.alive = true;
    await host.untilIdle(watcher);
    expect(host.reports.map(({ message }) => message)).toEqual([
      expect.stringContaining('The export file "a.txt" was not processed.'),
    ]);
  });

  it('is not what a file is that grows on a server which tells neither its size nor its time', async () => {
    const { server, host } = setUp();
    const list = server.list.bind(server);
    const stat = server.stat.bind(server);
    server.list = async (folder) => (await list(folder)).map((file) => ({ ...file, size: 0, modifiedMs: 0 }));
    server.stat = async (path) => {
      const file = await stat(path);
      return file && { ...file, size: 0, modifiedMs: 0 };
    };
    const watcher = host.start();
    const whole = 'id\tname\n1\tx\n';
    for (let length = 1; length < whole.length; length++) {
      server.put('in/a.txt', whole.slice(0, length));
      // Cut off at the end of a line it would be whole.
      if (!whole.slice(0, length).endsWith('\n')) await host.untilIdle(watcher);
    }
    expect(host.reports).toEqual([]);
    server.put('in/a.txt', whole);
    for (let look = 0; look < 3; look++) await host.untilIdle(watcher);
    expect(host.rows).toEqual(['a.txt:1']);
  });

  it('is looked at again once it was mended', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', FIVE.slice(0, -1));
    const watcher = host.start();
    await host.untilIdle(watcher);
    server.put('in/a.txt', FIVE, 2000);
    await host.untilIdle(watcher);
    expect(host.rows).toEqual(ROWS);
  });
});

describe('a server that fails', () => {
  it('in the middle of a file is connected to again, and the rows go on where they were', async () => {
    const { server, host } = setUp({ batchSize: 1 });
    const big = `id\n${Array.from({ length: 50 }, (_, i) => `row-number-${i}`).join('\n')}\n`;
    server.put('in/a.txt', big);
    const stop = new AbortController();
    let broken = 0;
    const read = server.read.bind(server);
    server.read = (path, range) => {
      const stream = read(path, range);
      if (range === undefined && host.emitted.length >= 3 && broken++ === 0) {
        setImmediate(() => stream.destroy(new Error('No response from server')));
        server.alive = false;
      }
      return stream;
    };
    host.work = () => {
      if (host.emitted.length === 3) {
        server.alive = false;
        throw new Error('No response from server');
      }
    };
    const watcher = host.start(stop.signal, async (ms) => {
      if (ms === settings.pollMs) stop.abort();
      stop.signal.throwIfAborted();
    });
    await watcher.run();
    expect(broken).toBeGreaterThan(0);
    expect(host.rows).toEqual(Array.from({ length: 51 }, (_, i) => `a.txt:${i < 3 ? i + 1 : i}`));
    expect(host.connections).toBeGreaterThan(1);
  });

  it('is reported once when it stays away, at once when it refuses, and cleared once', async () => {
    for (const [error, failures, code] of [
      [new Error('ECONNREFUSED'), 5, 'SFTP_UNREACHABLE'],
      [denied('HOST_KEY_CHANGED'), 1, 'HOST_KEY_CHANGED'],
    ] as const) {
      const { host, pauses } = await runUntilConnected(error, failures);
      expect(host.reports.map((report) => report.code)).toEqual([code]);
      expect(host.clear).toEqual(['All clear: the exports can be read again.']);
      expect(pauses.slice(0, failures)).toEqual([1000, 2000, 4000, 8000, 16000].slice(0, failures));
    }
  });

  it.each<[string, SyncError, number]>([
    [
      'that may pass by itself is looked for every 20 seconds',
      new RetriableError('SFTP_UNREACHABLE', 'It is away.'),
      20_000,
    ],
    ['that somebody has to mend, every minute', new ConfigurationError('SFTP_LOGIN', 'It was refused.'), 60_000],
  ])('however long it lasts: the end of one %s', async (_what, error, longestMs) => {
    const { pauses } = await runUntilConnected(error, 40);
    expect(Math.max(...pauses.slice(0, 40))).toBe(longestMs);
  });

  it('and does not let a finished file be moved, holds up nothing, is told of once, and cleared once it does', async () => {
    const { server, host } = setUp();
    let refused = true;
    server.put('in/a.txt', FIVE, 1);
    server.put('in/b.txt', 'id\n1\n', 2);
    server.fail = (operation, path) => {
      if (refused && operation === 'move' && path === 'in/a.txt') throw denied();
    };
    const watcher = host.start();
    for (let look = 0; look < 5; look++) await host.untilIdle(watcher);
    expect(host.rows).toEqual([...ROWS, 'b.txt:1']);
    expect(host.reports.map(({ code }) => code)).toEqual(['NOT_PUT_AWAY']);
    refused = false;
    for (let look = 0; look < 9; look++) await host.untilIdle(watcher);
    expect(names(server)).toEqual(['in/processed/a.txt', 'in/processed/b.txt']);
    expect(host.clear).toEqual(['All clear: the export file "a.txt" was put away.']);
    expect(host.rows).toHaveLength(6);
    expect(host.reports).toHaveLength(1);
  });

  it('and lets one file not be read, still gives the others', async () => {
    const { server, host } = setUp();
    server.put('in/a.txt', FIVE, 1);
    server.put('in/b.txt', 'id\n1\n', 2);
    server.fail = (operation, path) => {
      if (operation === 'read' && path === 'in/a.txt') throw denied();
    };
    await expect(host.untilIdle(host.start())).rejects.toMatchObject({ code: 'SFTP_PERMISSION' });
    expect(host.rows).toEqual(['b.txt:1']);
  });
});

describe('an alarm', () => {
  const HOUR = 3_600_000;

  it('is given once when no export came in time, and cleared by the next export', async () => {
    const { server, host } = setUp({ lateAfterHours: 26 });
    const watcher = host.start();
    for (let hour = 0; hour < 60; hour++) {
      host.nowMs += HOUR;
      await watcher.look();
      expect(host.reports).toHaveLength(hour < 26 ? 0 : 1);
    }
    expect(host.reports[0]).toMatchObject({ code: 'EXPORT_LATE' });
    server.put('in/a.txt', FIVE);
    await host.untilIdle(watcher);
    expect(host.clear).toEqual([expect.stringMatching(/^All clear: the last export came at /)]);
  });

  it('is not given where each export has the same content and is left in the folder', async () => {
    const { server, host } = setUp({ lateAfterHours: 26, afterwards: { kind: 'leave' } });
    const watcher = host.start();
    for (let day = 0; day < 5; day++) {
      host.nowMs += 24 * HOUR;
      server.put(`in/day${day}.txt`, 'id\n', host.nowMs - HOUR);
      await host.untilIdle(watcher);
    }
    expect(host.reports).toEqual([]);
  });

  it('is given once over restarts', async () => {
    const { host } = setUp({ lateAfterHours: 1 });
    host.start();
    host.nowMs += 2 * HOUR;
    // The state with the open incident is stored at the next emit or, as here, by n8n at activation.
    await host.start().look();
    host.durable = host.state;
    await host.start().look();
    expect(host.reports).toHaveLength(1);
  });

  it('is given once when the storage is nearly full, and cleared once there is room', async () => {
    const { server, host } = setUp({ storagePercent: 80 });
    const watcher = host.start();
    for (const available of [50, 21, 20, 10, 5, 19, 30, 50]) {
      server.room_ = { total: 100, available };
      await host.untilIdle(watcher);
    }
    expect(host.reports.map(({ message }) => message)).toEqual(['The SFTP storage is 80 % full (limit: 80 %).']);
    expect(host.clear).toEqual(['All clear: the SFTP storage is 70 % full.']);
  });

  it.each<[Partial<WatcherSettings>, string, string]>([
    [{ lateAfterHours: 0 }, 'EXPORT_LATE', 'All clear: the time between exports is no longer watched.'],
    [{ lateAfterHours: 100 }, 'EXPORT_LATE', 'All clear: the last export came at 2026-11-21T12:00:00.000Z.'],
    [{ storagePercent: 0 }, 'STORAGE_NEARLY_FULL', 'All clear: the room of the SFTP storage is no longer watched.'],
    [{ storagePercent: 95 }, 'STORAGE_NEARLY_FULL', 'All clear: the SFTP storage is 90 % full.'],
  ])('that %j makes void is cleared truthfully, and given again once it applies again', async (less, code, clear) => {
    const before: Partial<WatcherSettings> = code === 'EXPORT_LATE' ? { lateAfterHours: 1 } : { storagePercent: 80 };
    const { server, host } = setUp(before);
    server.room_ = { total: 100, available: 10 };
    host.start();
    host.nowMs += 2 * HOUR;
    await host.start().look();
    const changed = new Host(() => server, { ...settings, ...less });
    changed.nowMs = host.nowMs;
    changed.durable = host.state;
    await changed.start().look();
    expect(changed.clear).toEqual([clear]);
    host.durable = changed.state;
    await host.start().look();
    expect(host.reports.map((report) => report.code)).toEqual([code, code]);
  });

  it('is not given where the server can not tell its room', async () => {
    const { host } = setUp({ storagePercent: 1 });
    await host.untilIdle(host.start());
    expect(host.reports).toEqual([]);
  });
});

it('the memory of finished files does not grow past its limit when files are moved away', async () => {
  const { server, host } = setUp();
  const now = new Date(host.nowMs).toISOString();
  let state = host.start() && host.state!;
  for (let i = 0; i < FINISHED_LIMIT; i++) state = finish(state, `old${i}`, new Set(), now);
  host.durable = state;
  server.put('in/a.txt', FIVE);
  await host.untilIdle(host.start());
  expect(host.state?.finished).toHaveLength(FINISHED_LIMIT);
});
