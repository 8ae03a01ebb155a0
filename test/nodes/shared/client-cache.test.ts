import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ClientCache } from '../../../nodes/shared/client-cache';

const make = (id: string) => () => ({ id });

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 2; round++) {
    collect();
    await setTimeout(10);
  }
}

// Collecting the garbage of a process that has run many tests takes seconds.
jest.setTimeout(60_000);

describe('the cache of clients', () => {
  it('gives the client in use again, however many others were asked for meanwhile', async () => {
    const cache = new ClientCache<{ id: string }>(3);
    const first = cache.get('first', make('first'));
    for (let number = 0; number < 100; number++) cache.get(`other ${number}`, make('other'));
    await collectGarbage();
    expect(cache.get('first', make('another one'))).toBe(first);
  });

  it('keeps the ones that were asked for last, used or not, and lets the others go', async () => {
    const cache = new ClientCache<{ id: string }>(2);
    for (const id of ['a', 'b', 'a', 'c']) cache.get(id, make(`${id} of old`));
    await collectGarbage();
    expect(cache.size).toBe(2);
    expect(cache.get('a', make('a anew')).id).toBe('a of old');
    expect(cache.get('b', make('b anew')).id).toBe('b anew');
  });
});
