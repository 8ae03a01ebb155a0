import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { EmbeddedSftp } from '../../sandbox/sftp/embedded';
import { newPrivateKey } from '../../sandbox/sftp/keys';
import type { SftpHandle } from '../../sandbox/sftp/sftp-handle';
import { describeOn, SERVERS } from '../contract/sftp-servers';
import { ExportWeather, type Told } from './support/export-weather';

jest.setTimeout(600_000);

/** Who is in the large files. Rows of 18,000 characters make them 3.6 MB: far more than a connection reads ahead. */
const CROWD = 200;
const WIDE = 18_000;
const BATCH = 25;

const ALL_CLEAR = { hint: expect.stringContaining('Nothing has failed') as string };
const text = (part: string): string => expect.stringContaining(part) as string;
const onceEach = (rows: number) => new Map(Array.from({ length: rows }, (_, index) => [index + 1, 1]));

for (const server of SERVERS) {
  describeOn(server, () => {
    let sftp: SftpHandle;
    let weather: ExportWeather;
    let crowd: readonly string[];
    let others: readonly string[];
    /** The last large file. */
    let large: string;
    beforeAll(async () => {
      sftp = await server.start();
      weather = await ExportWeather.start(sftp, { people: CROWD + 12, batchSize: BATCH });
      crowd = weather.people.slice(0, CROWD);
      others = weather.people.slice(CROWD);
    });
    afterAll(async () => {
      await weather?.close();
      await sftp?.close();
    });
    /** Two people who were in no weather yet. */
    const two = (): readonly string[] => {
      const [first, second, ...rest] = others as [string, string, ...string[]];
      others = rest;
      return [first, second];
    };

    it('a connection that is cut in the middle of a file costs no row and doubles none', async () => {
      await weather.say(crowd, true);
      // In the first reading, which checks the file, where the server can be told so.
      if (sftp.kind === 'embedded') (sftp as EmbeddedSftp).faults.dropAfterBytes = 2_000_000;
      const file = await weather.export({ wide: WIDE });
      await weather.begun(crowd, true);
      const before = sftp.loginsAsked;
      sftp.dropAll();
      await weather.scene.done(file);
      await weather.agreed(crowd, true);
      expect(sftp.loginsAsked).toBeGreaterThan(before);
      expect(await weather.runsOf(file)).toEqual(onceEach(CROWD + 12));
      await weather.nothingTold();
    });

    it('a kill -9 of n8n in the middle of a file costs no row, and doubles one batch at most', async () => {
      await weather.say(crowd, false);
      large = await weather.export({ wide: WIDE });
      await weather.begun(crowd, false);
      await weather.scene.n8n.kill();
      expect(await weather.arrived(crowd, false)).toBeLessThan(CROWD);
      await weather.scene.n8n.restart();
      await weather.scene.done(large);
      await weather.agreed(crowd, false);
      const runs = await weather.runsOf(large);
      expect([...runs.keys()].sort((a, b) => a - b)).toEqual([...onceEach(CROWD).keys()]);
      expect([...runs.values()].filter((times) => times > 1).length).toBeLessThanOrEqual(BATCH);
      await weather.nothingTold();
    });

    it('the file itself again, as it was or compressed, starts nothing and writes nothing', async () => {
      const content = readFileSync(weather.path('processed', large));
      const [runs, writes] = [await weather.runs(), await weather.scene.writes()];
      weather.put(`${large}.gz`, gzipSync(content));
      await weather.scene.done(`${large}.gz`);
      copyFileSync(weather.path('processed', large), weather.path(`.${large}.part`));
      const { atime, mtime } = statSync(weather.path('processed', large));
      utimesSync(weather.path(`.${large}.part`), atime, mtime);
      renameSync(weather.path(`.${large}.part`), weather.path(large));
      await weather.scene.until('it to be put away', async () => !existsSync(weather.path(large)));
      expect([await weather.runs(), await weather.scene.writes()]).toEqual([runs, writes]);
      await weather.nothingTold();
    });

    it('the same content in another file is another export: what it says counts again, and where nothing changed, nothing is written', async () => {
      const [first = ''] = crowd;
      const content = `externalId\tblackListEmail\n${first}\t0\n`;
      weather.put('optouts_day1.txt', content);
      await weather.scene.done('optouts_day1.txt');
      await weather.agreed([first], false);
      const writes = await weather.scene.writes();
      weather.put('optouts_day1_again.txt', content);
      weather.put('optouts_day1_packed.txt.gz', gzipSync(content));
      await weather.scene.done('optouts_day1_again.txt', 'optouts_day1_packed.txt.gz');
      expect(await weather.scene.writes()).toEqual(writes);
      for (const [day, optedOut] of [
        [2, true],
        [3, false],
        [4, true],
      ] as const) {
        await weather.say([first], optedOut);
        const line = `${first}\t${optedOut ? 1 : 0}`;
        weather.put(`optouts_day${day}.txt`, `externalId\tblackListEmail\n${line}\n`);
        await weather.scene.done(`optouts_day${day}.txt`);
        await weather.agreed([first], optedOut);
      }
      await weather.say([first], false);
      weather.put('optouts_day5.txt', content);
      await weather.scene.done('optouts_day5.txt');
      await weather.agreed([first], false);
      await weather.nothingTold();
    });

    it('broken files are moved aside with a report, people are told what to do, and the next file is read', async () => {
      const ids = two();
      await weather.say(ids, true);
      const torn = await weather.export({ torn: true });
      const short = await weather.export({ without: ['externalId'] });
      const empty = await weather.export({ empty: 'no-bytes' });
      const good = await weather.export({ overlap: true });
      const told = await weather.told(3);
      for (const [file, fault, toDo] of [
        [torn, 'was probably cut off', 'Upload it again'],
        [short, 'lacks the column "externalId"', 'Correct the export'],
        [empty, 'is empty: not even a header line', 'A full disk leaves such files'],
      ] as const) {
        const about = told.find(({ message }) => message.includes(file));
        expect(about).toMatchObject({ message: text('was not processed.'), hint: text(toDo) });
        expect(about?.message).toContain(fault);
        expect(about?.message).toContain(`It was moved to "d365_loads/exports/broken/${file}".`);
        const report = readFileSync(weather.path('broken', `${file}.report.txt`), 'utf8');
        expect(report).toContain(fault);
        expect(report).toContain('put it back into the watched folder');
        expect(weather.broken()).toContain(file);
      }
      await weather.scene.done(good);
      await weather.agreed(ids, true);
      expect((await weather.runsOf(good)).size).toBeGreaterThanOrEqual(2);
      for (const file of [torn, short, empty]) expect((await weather.runsOf(file)).size).toBe(0);
      await weather.nothingTold();
    });

    it('a file that is still being written is left alone, and an export of nothing starts no execution', async () => {
      const ids = two();
      await weather.say(ids, true);
      const lines = ['externalId\tblackListEmail', ...ids.map((id) => `${id}\t1`), ''].join('\n');
      const part = Math.ceil(lines.length / 8);
      for (let at = 0; at < lines.length; at += part) {
        appendFileSync(weather.path('optouts_growing.txt'), lines.slice(at, at + part));
        await sleep(500);
      }
      expect(await weather.arrived(ids, true)).toBe(0);
      await weather.scene.done('optouts_growing.txt');
      await weather.agreed(ids, true);
      expect(await weather.runsOf('optouts_growing.txt')).toEqual(onceEach(2));
      const runs = await weather.runs();
      await weather.scene.done(await weather.export({ empty: true }));
      expect(await weather.runs()).toBe(runs);
      await weather.nothingTold();
    });

    it('a changed host key is refused before any login, with the new fingerprint told, until the old one is back', async () => {
      const ids = two();
      await weather.say(ids, true);
      await sftp.stop();
      await sftp.start(newPrivateKey());
      const [logins, connections] = [sftp.loginsAsked, sftp.connectionsMade];
      const file = await weather.export();
      const [alarm] = await weather.told(1);
      expect(alarm).toMatchObject({
        message: text(`presents the ssh-rsa host key ${sftp.fingerprint}, which is not the one set in the credential`),
        hint: text('Ask its operator whether the key was changed, and only then enter the new fingerprint.'),
      });
      expect(alarm?.hint).toContain('HOST_KEY_CHANGED');
      await weather.scene.until('another try', async () => sftp.connectionsMade >= connections + 2);
      expect(sftp.loginsAsked).toBe(logins);
      expect(await weather.arrived(ids, true)).toBe(0);
      await sftp.stop();
      await sftp.start();
      await weather.scene.done(file);
      await weather.agreed(ids, true);
      expect(await weather.told(1)).toMatchObject([
        { message: 'All clear: the exports can be read again.', ...ALL_CLEAR },
      ]);
    });

    it('a server that is away is told of once, and everything goes on when it is back', async () => {
      const ids = two();
      await weather.say(ids, true);
      await sftp.stop();
      const file = await weather.export();
      expect(await weather.told(1)).toMatchObject([
        {
          message: text('The exports can not be read. The server 127.0.0.1 can not be reached'),
          hint: text('Check host and port'),
        },
      ]);
      await sftp.start();
      await weather.scene.done(file);
      await weather.agreed(ids, true);
      expect(await weather.told(1)).toMatchObject([
        { message: 'All clear: the exports can be read again.', ...ALL_CLEAR },
      ]);
    });

    it('a server that is away while n8n starts, longer than n8n itself would try, is told of once, and everything goes on when it is back', async () => {
      const ids = two();
      await weather.say(ids, true);
      await weather.scene.n8n.kill();
      await sftp.stop();
      const file = await weather.export();
      await weather.scene.n8n.restart();
      await sleep(20_000);
      expect(await weather.told(1)).toMatchObject([{ message: text('The server 127.0.0.1 can not be reached') }]);
      await sftp.start();
      const backAt = Date.now();
      await weather.scene.done(file);
      await weather.agreed(ids, true);
      process.stdout.write(`equal ${Date.now() - backAt} ms after the server was back\n`);
      expect(await weather.told(1)).toMatchObject([{ message: text('All clear') }]);
    });

    it('a full disk hinders no row and no alarm, and what it hindered is made up for once there is room', async () => {
      const ids = two();
      await weather.say(ids, true);
      for (const folder of ['processed', 'broken']) rmSync(weather.path(folder), { recursive: true, force: true });
      const good = await weather.export();
      const torn = await weather.export({ torn: true, overlap: true });
      // OpenSSH's disk is a file system in memory, or a limit on what may be written: both leave room for a folder.
      const foldersCanBeMade = sftp.kind === 'openssh';
      sftp.fillDisk();
      let told: readonly Told[];
      try {
        await weather.agreed(ids, true);
        told = await weather.told(foldersCanBeMade && !sftp.tellsRoom ? 1 : 2);
      } finally {
        sftp.freeDisk();
      }
      const rows = await weather.runsOf(good);
      expect(new Set(rows.values())).toEqual(new Set([1]));
      await weather.scene.done(good);
      await weather.scene.until('the report', async () => weather.broken().length === 2);
      expect(weather.broken()).toEqual([torn, `${torn}.report.txt`]);
      await weather.scene.until('its text', async () => {
        return readFileSync(weather.path('broken', `${torn}.report.txt`), 'utf8').includes('LAST_LINE_TORN');
      });
      const about = (file: string) => told.find(({ message }) => message.includes(file));
      expect(about(torn)).toMatchObject({ message: text('was probably cut off'), hint: text('Upload it again') });
      if (foldersCanBeMade) expect(about(torn)?.message).toMatch(/ The report beside it could not be written yet\.$/);
      else {
        expect(about(torn)?.message).toMatch(/stays in the folder; that is tried again by itself\.$/);
        expect(about(good)).toMatchObject({
          message: text('was processed but stays where it is'),
          hint: text('make room on the storage'),
        });
        const cleared = (await weather.told(2)).map(({ message }) => message).sort();
        expect(cleared).toEqual([
          `All clear: the broken export file "${torn}" is out of the way. It was moved to "d365_loads/exports/broken/${torn}".`,
          `All clear: the export file "${good}" was put away.`,
        ]);
      }
      if (sftp.tellsRoom) {
        expect(about('storage')).toMatchObject({
          message: 'The SFTP storage is 100 % full (limit: 80 %).',
          hint: text('Delete old files.'),
        });
        expect(await weather.told(1)).toMatchObject([
          { message: expect.stringMatching(/^All clear: the SFTP storage is \d/) as string, ...ALL_CLEAR },
        ]);
      }
      expect(await weather.runsOf(good)).toEqual(rows);
    });

    it('no export in time is told of once, as a failed execution, and the next export gives the all-clear', async () => {
      await weather.set({ lateAfterHours: 0.002 });
      const [alarm] = await weather.told(1);
      expect(alarm).toMatchObject({
        message: text('No export has come into the folder "d365_loads/exports" for more than 0.002 hours'),
        hint: text('Check in Adobe Campaign whether the export workflow runs'),
      });
      expect(await weather.lastFailure()).toMatchObject({ message: alarm?.message });
      await sleep(3000);
      await weather.nothingTold();
      await weather.say(crowd.slice(0, 1), true);
      const before = Date.now();
      await weather.export();
      // It would be late again some seconds later.
      const [clear] = await weather.told(1);
      expect(clear).toMatchObject({ message: text('All clear: the last export came at'), ...ALL_CLEAR });
      expect(Date.parse(/at (\S+)\.$/.exec(clear?.message ?? '')?.[1] ?? '')).toBeGreaterThan(before);
      await weather.set({ lateAfterHours: 26 });
      await weather.agreed(crowd.slice(0, 1), true);
    });
  });
}
