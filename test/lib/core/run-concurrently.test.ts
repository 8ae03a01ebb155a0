import { runConcurrently } from '../../../lib/core/run-concurrently';
import { turn } from '../../support/turn';

describe('runConcurrently', () => {
  it.each([
    [1, 1],
    [3, 3],
    [50, 7],
    [0, 1],
  ])('keeps at most the asked number at work (%d lanes, 7 tasks)', async (lanes, expected) => {
    let now = 0;
    let most = 0;
    const done: number[] = [];
    await runConcurrently([1, 2, 3, 4, 5, 6, 7], lanes, async (task) => {
      most = Math.max(most, ++now);
      await turn();
      now--;
      done.push(task);
    });
    expect(most).toBe(expected);
    expect(done).toHaveLength(7);
  });

  it('starts nothing after an error, lets those at work end, and throws the first error', async () => {
    const ended: number[] = [];
    const run = runConcurrently([1, 2, 3, 4, 5], 2, async (task) => {
      if (task === 1) throw new Error('first');
      await turn();
      ended.push(task);
      throw new Error('second');
    });
    await expect(run).rejects.toThrow('first');
    expect(ended).toEqual([2]);
  });

  it('starts nothing after an abort', async () => {
    const stop = new AbortController();
    const started: number[] = [];
    await runConcurrently(
      [1, 2, 3],
      1,
      async (task) => {
        started.push(task);
        stop.abort();
      },
      stop.signal,
    );
    expect(started).toEqual([1]);
  });

  it('has nothing to do without tasks', async () => {
    await expect(runConcurrently([], 5, () => Promise.reject(new Error('never')))).resolves.toBeUndefined();
  });
});
