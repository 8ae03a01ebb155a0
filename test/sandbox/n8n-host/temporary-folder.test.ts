import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder, temporaryFolder } from '../../../sandbox/n8n-host/temporary-folder';

describe('a temporary folder', () => {
  let home: string;
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'temporary-'))));
  afterEach(async () => await rm(home, { recursive: true, force: true }));

  it('is removed when it is no longer needed', async () => {
    const folder = await temporaryFolder('some', home);
    await removeFolder(folder);

    expect(existsSync(folder)).toBe(false);
  });

  it('takes the place of those that a killed process left, and of no others', async () => {
    const left = join(home, 'some-99999999-abc');
    const spared = [join(home, `some-${process.pid}-abc`), join(home, 'some-notes'), join(home, 'other-99999999-abc')];
    for (const folder of [left, ...spared]) await mkdir(folder);

    await temporaryFolder('some', home);

    expect(existsSync(left)).toBe(false);
    expect(spared.filter((folder) => !existsSync(folder))).toEqual([]);
  });
});
