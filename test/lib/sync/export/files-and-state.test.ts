import {
  canRemember,
  contentId,
  finish,
  FINISHED_LIMIT,
  isFinished,
  leaveBroken,
  newState,
  readState,
} from '../../../../lib/sync/export/export-state';
import { fileMark } from '../../../../lib/sync/export/finished-files';
import { matchesPattern } from '../../../../lib/sync/export/file-pattern';
import { FileStability } from '../../../../lib/sync/export/file-stability';
import { compareIncidents, isLate, percentUsed } from '../../../../lib/sync/export/incidents';

describe('matchesPattern', () => {
  it.each([
    ['optouts_20261121.txt', 'optouts_*.txt', true],
    ['OptOuts_1.TXT', 'optouts_*.txt', true],
    ['optouts_1.txt.gz', 'optouts_*.txt', true],
    ['a.csv', '*.txt, *.csv', true],
    ['a1.csv', 'a?.csv', true],
    ['a.csv', 'a?.csv', false],
    ['optouts_1.txt.part', 'optouts_*.txt', false],
    ['a+b(1).txt', 'a+b(1).*', true],
    ['Ma\u0308rz_1.txt', 'M\u00e4rz_*.txt', true],
    ['M\u00e4rz_1.txt.gz', 'Ma\u0308rz_?.txt', true],
    ['anything', '*', true],
    ['anything', '', false],
  ])('%s against %s: %s', (name, pattern, expected) => {
    expect(matchesPattern(name, pattern)).toBe(expected);
  });

  it('answers a pattern of many stars without trying every way', () => {
    expect(matchesPattern('a'.repeat(2000), `${'*a'.repeat(500)}b`)).toBe(false);
  });
});

describe('FileStability', () => {
  const file = (name: string, size: number, modifiedMs = 1000) => ({ name, size, modifiedMs });

  it('gives a file only once it has been the same for the time', () => {
    const stability = new FileStability(10_000);
    expect(stability.observe([file('a', 1)], 0)).toEqual([]);
    expect(stability.observe([file('a', 2)], 9_000)).toEqual([]);
    expect(stability.observe([file('a', 2)], 18_999)).toEqual([]);
    expect(stability.observe([file('a', 2)], 19_000)).toEqual([file('a', 2)]);
    expect(stability.observe([file('a', 2, 2000)], 30_000)).toEqual([]);
  });

  it('forgets a file that was gone in between', () => {
    const stability = new FileStability(10_000);
    stability.observe([file('a', 1)], 0);
    stability.observe([], 5_000);
    expect(stability.observe([file('a', 1)], 12_000)).toEqual([]);
  });

  it('gives the oldest first', () => {
    const stability = new FileStability(0);
    const names = stability.observe([file('b', 1, 2), file('c', 1, 1), file('a', 1, 2)], 0).map(({ name }) => name);
    expect(names).toEqual(['c', 'a', 'b']);
  });
});

describe('the state', () => {
  const now = '2026-11-21T00:00:00.000Z';

  it('begins anew where nothing is stored, and is read back as it was stored', () => {
    const state = finish(leaveBroken(newState(now), 'a/1/1'), 'id', new Set(), now);
    expect(readState(undefined, now)).toEqual(newState(now));
    expect(readState(JSON.parse(JSON.stringify(state)), now)).toEqual(state);
  });

  it.each([{}, { version: 2 }, 'text', { ...newState(now), finished: 'x' }])(
    'never begins anew over what it can not read: %j',
    (stored) => {
      expect(() => readState(stored, now)).toThrow(expect.objectContaining({ code: 'STATE_UNREADABLE' }));
    },
  );

  it('never forgets a finished file that still lies in the folder', () => {
    let state = newState(now);
    for (let i = 0; i < FINISHED_LIMIT; i++) state = finish(state, `id${i}`, new Set(), now);
    state = finish(state, 'new', new Set(['id0', 'id1']), now);
    expect(state.finished).toHaveLength(FINISHED_LIMIT);
    expect(state.finished).toEqual(expect.arrayContaining(['id0', 'id1', 'id3', 'new']));
    expect(state.finished).not.toContain('id2');
    expect(canRemember(state, new Set(state.finished))).toBe(false);
    expect(canRemember(state, new Set(state.finished.slice(1)))).toBe(true);
  });

  it('stays within 16 KB', () => {
    let state = newState(now);
    for (let i = 0; i < FINISHED_LIMIT + 5; i++) {
      state = finish(state, contentId(new Uint8Array(32).fill(i % 256), 2 ** 40 + i), new Set(), now);
    }
    for (let i = 0; i < 50; i++) state = leaveBroken(state, `${'n'.repeat(60)}${i}/1/1`);
    expect(JSON.stringify(state).length).toBeLessThan(16_384);
  });

  it('stays within 16 KB with the longest names, sizes and times', () => {
    let state = newState(now);
    for (let i = 0; i < FINISHED_LIMIT + 5; i++) {
      const id = contentId(new Uint8Array(32).fill(i % 256), 2 ** 40 + i);
      const mark = fileMark({ name: `${'n'.repeat(200)}${i}`, size: 2 ** 40, modifiedMs: 2 ** 41, id, gzip: true });
      state = finish(state, mark, new Set(), now);
    }
    expect(state.finished).toHaveLength(FINISHED_LIMIT);
    expect(JSON.stringify(state).length).toBeLessThan(16_384);
  });

  it.each([
    ['name', { name: 'b.txt' }],
    ['time', { modifiedMs: 2000 }],
    ['size', { size: 6 }],
    ['content', { id: 'x.5' }],
  ])('knows a finished file by its %s as well as by all the rest', (_, other) => {
    const file = { name: 'a.txt', size: 5, modifiedMs: 1000, id: 'c.5', gzip: false };
    const state = finish(newState(now), fileMark(file), new Set(), now);
    expect(isFinished(state, file, new Set(['a.txt']))).toBe(true);
    expect(isFinished(state, { ...file, ...other }, new Set(['a.txt', 'b.txt']))).toBe(false);
  });

  it('forgets a file whose place another one took, and none that still lies there', () => {
    const file = { name: 'a.txt', size: 5, modifiedMs: 1000, id: 'c.5', gzip: false };
    const [first, second] = [fileMark(file), fileMark({ ...file, id: 'd.5' })];
    const state = finish(finish(newState(now), first, new Set(), now), second, new Set(), now);
    expect(state.finished).toEqual([second]);
    expect(finish(state, first, new Set([second]), now).finished).toEqual([second, first]);
  });

  it('reads what version 1 kept: a content that was finished stands for the files that lay there until then', () => {
    const { before: _, ...rest } = newState(now);
    const current = { name: 'a.txt', id: 'c.5', size: 5, rows: 9, done: 4, last: false };
    const state = readState({ ...rest, version: 1, finished: ['c.5'], current }, now);
    expect(state).toMatchObject({ version: 2, finished: [], current: { ...current, modifiedMs: null, gzip: null } });
    const file = { name: 'a.txt', size: 5, modifiedMs: Date.parse(now), id: 'c.5', gzip: false };
    expect(isFinished(state, file, new Set())).toBe(true);
    expect(isFinished(state, { ...file, modifiedMs: file.modifiedMs + 1000 }, new Set())).toBe(false);
  });

  it('knows a content by its first 96 bits and its length', () => {
    const id = contentId(new Uint8Array(32).fill(255), 10);
    expect(id).toBe('________________.a');
    expect(contentId(new Uint8Array(32).fill(255), 11)).not.toBe(id);
  });
});

describe('incidents', () => {
  it('begin once and end once', () => {
    const first = compareIncidents([], new Map([['late', true]]));
    expect(first.changes).toEqual([{ incident: 'late', begins: true }]);
    expect(compareIncidents(first.open, new Map([['late', true]])).changes).toEqual([]);
    const last = compareIncidents(first.open, new Map([['late', false]]));
    expect(last).toEqual({ open: [], changes: [{ incident: 'late', begins: false }] });
  });

  it('stay as they are while they can not be judged', () => {
    expect(compareIncidents(['storage'], new Map()).open).toEqual(['storage']);
  });

  it('know when an export is late, and no alarm with 0 hours', () => {
    const at = '2026-11-21T00:00:00Z';
    expect(isLate(at, Date.parse('2026-11-22T02:00:00Z'), 26)).toBe(false);
    expect(isLate(at, Date.parse('2026-11-22T02:00:01Z'), 26)).toBe(true);
    expect(isLate(at, Date.parse('2027-11-22T02:00:01Z'), 0)).toBe(false);
  });

  it.each([
    [{ total: 100, available: 20 }, 80],
    [{ total: 0, available: 0 }, 0],
    [{ total: 3, available: 1 }, 66.7],
  ])('count %j as %d percent used', (room, used) => {
    expect(percentUsed(room)).toBe(used);
  });
});
