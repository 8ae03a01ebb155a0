import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildOnce } from '../../../sandbox/n8n-host/build-once';

describe('a folder that is built once', () => {
  let home: string;
  let folder: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'build-once-'));
    folder = join(home, 'deep', 'target');
  });
  afterEach(async () => await rm(home, { recursive: true, force: true }));

  const write = (content: string) => async (temporary: string) => await writeFile(join(temporary, 'file'), content);

  it('is whole when it appears, and nothing else is left beside it', async () => {
    await buildOnce(folder, async (temporary) => {
      await write('done')(temporary);
      expect(existsSync(folder)).toBe(false);
    });

    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('done');
    expect(await readdir(join(home, 'deep'))).toEqual(['target']);
  });

  it('is not built again', async () => {
    await buildOnce(folder, write('first'));
    await buildOnce(folder, write('second'));

    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('first');
  });

  it('is absent after a failure, and the next one tries again', async () => {
    await expect(
      buildOnce(folder, async (temporary) => {
        await write('half')(temporary);
        throw new Error('The line was cut.');
      }),
    ).rejects.toThrow('The line was cut.');
    expect(await readdir(join(home, 'deep'))).toEqual([]);

    await buildOnce(folder, write('whole'));
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('whole');
  });

  it('is built by one of two that want it at once; the other waits', async () => {
    let builds = 0;
    let waits = 0;
    const build = async (temporary: string) => {
      builds++;
      await new Promise((resolve) => setTimeout(resolve, 50));
      await write('one')(temporary);
    };
    await Promise.all([1, 2].map(async () => await buildOnce(folder, build, () => waits++)));

    expect([builds, waits]).toEqual([1, 1]);
  });

  it('is built although a killed process left its lock and half a folder', async () => {
    await mkdir(join(home, 'deep', 'target.part'), { recursive: true });
    await writeFile(join(home, 'deep', 'target.part', 'half'), '');
    await writeFile(join(home, 'deep', 'target.lock'), '99999999');

    await buildOnce(folder, write('whole'));

    expect(await readdir(folder)).toEqual(['file']);
  });
});
