import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileWatch } from '../../../sandbox/dev/file-watch';

describe('the watch on files of npm run dev', () => {
  const ending = new AbortController();
  let root: string;
  let watch: FileWatch;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'dev-watch-'));
    mkdirSync(join(root, 'lib/sync'), { recursive: true });
    put('lib/sync/rules.ts', 'one');
    put('lib/word.ts', 'one');
    put('package.json', '{}');
    watch = await FileWatch.start(root, ['lib', 'nodes', 'package.json'], 20);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const put = (file: string, text: string) => writeFileSync(join(root, file), text);
  const next = async () => await watch.next(ending.signal);

  it('names changed, new and removed files together', async () => {
    put('lib/sync/rules.ts', 'another');
    put('lib/new.ts', 'one');
    put('package.json', '{"a":1}');
    rmSync(join(root, 'lib/word.ts'));

    expect(await next()).toEqual(['lib/new.ts', 'lib/sync/rules.ts', 'lib/word.ts', 'package.json']);
  });

  it('notices what changes while nobody waits, and a file that an editor replaced', async () => {
    put('lib/word.ts~', 'another');
    renameSync(join(root, 'lib/word.ts~'), join(root, 'lib/word.ts'));

    expect(await next()).toEqual(['lib/word.ts']);
  });

  it('notices a folder that was not there before', async () => {
    mkdirSync(join(root, 'nodes/New'), { recursive: true });
    put('nodes/New/New.node.ts', '');

    expect(await next()).toEqual(['nodes/New/New.node.ts']);
  });

  it('reports each change once', async () => {
    put('lib/word.ts', 'another');
    await next();
    put('package.json', '{"a":1}');

    expect(await next()).toEqual(['package.json']);
  });

  it('waits until nothing changes any more', async () => {
    let isOver = false;
    const changed = next();
    const saving = (async () => {
      for (let round = 0; round < 20; round++) {
        put('lib/word.ts', 'x'.repeat(round + 10));
        await sleep(5);
      }
      put('lib/sync/rules.ts', 'the last one');
      isOver = true;
    })();

    const files = await changed;

    // A round may fall between two writes on a busy machine; then the rest is the next change.
    const all = isOver ? files : [...(files ?? []), ...((await next()) ?? [])];
    await saving;
    expect(all).toContain('lib/sync/rules.ts');
    expect(all).toContain('lib/word.ts');
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const changed = watch.next(stop.signal);

    stop.abort();

    expect(await changed).toBeUndefined();
  });
});
