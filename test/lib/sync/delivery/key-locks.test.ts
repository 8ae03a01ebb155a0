import { KeyLocks } from '../../../../lib/sync/delivery/key-locks';

describe('KeyLocks', () => {
  it('gives a free key at once', () => {
    expect(new KeyLocks().acquire('a')).toBeUndefined();
  });

  it('lets the others wait in the order in which they came', async () => {
    const locks = new KeyLocks();
    const order: string[] = [];
    locks.acquire('a');
    const second = locks.acquire('a')?.then(() => order.push('second'));
    const third = locks.acquire('a')?.then(() => order.push('third'));
    await Promise.resolve();
    expect(order).toEqual([]);
    locks.release('a');
    await second;
    expect(order).toEqual(['second']);
    locks.release('a');
    await third;
    expect(order).toEqual(['second', 'third']);
  });

  it('does not let one key wait for another', () => {
    const locks = new KeyLocks();
    locks.acquire('a');
    expect(locks.acquire('b')).toBeUndefined();
  });

  it('forgets keys that nobody holds', () => {
    const locks = new KeyLocks();
    locks.acquire('a');
    locks.release('a');
    expect(locks.size).toBe(0);
    expect(locks.acquire('a')).toBeUndefined();
  });

  it('ends the wait of one who gives up, and passes the key to the next', async () => {
    const locks = new KeyLocks();
    const gaveUp = new AbortController();
    locks.acquire('a');
    const second = locks.acquire('a', gaveUp.signal);
    const third = locks.acquire('a');
    gaveUp.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    locks.release('a');
    await expect(third).resolves.toBeUndefined();
    locks.release('a');
    expect(locks.size).toBe(0);
  });

  it('does not wait for one who has given up before', async () => {
    const locks = new KeyLocks();
    locks.acquire('a');
    await expect(locks.acquire('a', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
