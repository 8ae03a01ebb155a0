import { Coalescer } from '../../../lib/dataverse/coalescer';

/** A coalescer whose "soon" comes when the test says so, with the batches that its work was given. */
function coalescer(size: number, work?: (items: readonly string[]) => Promise<readonly (string | Promise<string>)[]>) {
  const batches: (readonly string[])[] = [];
  const scheduled: (() => void)[] = [];
  const gathering = new Coalescer<string, string>(
    size,
    (items) => {
      batches.push(items);
      return work ? work(items) : Promise.resolve(items.map((item) => item.toUpperCase()));
    },
    (callback) => void scheduled.push(callback),
  );
  const add = (...items: string[]) => items.map((item) => gathering.add(item));
  const soonComes = () => {
    for (const callback of scheduled.splice(0)) callback();
  };
  return { add, batches, scheduled, soonComes };
}

describe('Coalescer', () => {
  it('works once on all that come together, and gives each its own result', async () => {
    const { add, batches, scheduled, soonComes } = coalescer(10);
    const results = add('a', 'b', 'c');
    expect(batches).toEqual([]);
    expect(scheduled).toHaveLength(1);
    soonComes();
    expect(await Promise.all(results)).toEqual(['A', 'B', 'C']);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('by itself waits until all who are about to add something in this turn have done so', async () => {
    const batches: (readonly number[])[] = [];
    const gathering = new Coalescer<number, number>(10, (items) => {
      batches.push(items);
      return Promise.resolve(items);
    });
    const late = Promise.resolve().then(() => gathering.add(2));
    expect(await Promise.all([gathering.add(1), late, gathering.add(3)])).toEqual([1, 2, 3]);
    expect(batches).toEqual([[1, 3, 2]]);
  });

  it('works at once when the size is reached, and never on more', async () => {
    const { add, batches, soonComes } = coalescer(2);
    const results = add('a', 'b', 'c', 'd', 'e');
    expect(batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    soonComes();
    expect(await Promise.all(results)).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(batches).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('with a size of one never waits', async () => {
    const { add, batches, scheduled } = coalescer(1);
    expect(await Promise.all(add('a', 'b'))).toEqual(['A', 'B']);
    expect(batches).toEqual([['a'], ['b']]);
    expect(scheduled).toEqual([]);
  });

  it('does nothing when "soon" comes after the size was reached already', async () => {
    const { add, batches, soonComes } = coalescer(2);
    await Promise.all(add('a', 'b'));
    soonComes();
    expect(batches).toEqual([['a', 'b']]);
  });

  it('schedules anew for what comes after a flush', async () => {
    const { add, batches, scheduled, soonComes } = coalescer(10);
    const first = add('a');
    soonComes();
    const second = add('b');
    expect(scheduled).toHaveLength(1);
    soonComes();
    expect(await Promise.all([...first, ...second])).toEqual(['A', 'B']);
    expect(batches).toEqual([['a'], ['b']]);
  });

  it('takes what is added while a flush works into the next one, which does not wait for it', async () => {
    const ends: (() => void)[] = [];
    const { add, batches, soonComes } = coalescer(
      10,
      (items) => new Promise((resolve) => ends.push(() => resolve(items.map((item) => `${item}!`)))),
    );
    const [first] = add('a');
    soonComes();
    const [second, third] = add('b', 'c');
    soonComes();
    expect(batches).toEqual([['a'], ['b', 'c']]);
    ends[1]?.();
    expect([await second, await third]).toEqual(['b!', 'c!']);
    ends[0]?.();
    expect(await first).toBe('a!');
  });

  it('throws an error of the work to all of that batch, and to no other', async () => {
    const broken = new Error('the connection broke');
    const { add } = coalescer(2, (items) =>
      items.includes('b') ? Promise.reject(broken) : Promise.resolve(items.map((item) => item.toUpperCase())),
    );
    const settled = await Promise.allSettled(add('a', 'b', 'c', 'd'));
    expect(settled).toEqual([
      { status: 'rejected', reason: broken },
      { status: 'rejected', reason: broken },
      { status: 'fulfilled', value: 'C' },
      { status: 'fulfilled', value: 'D' },
    ]);
  });

  it('throws to all when the work throws before its first await', async () => {
    const { add, soonComes } = coalescer(10, () => {
      throw new Error('not even a promise');
    });
    const settling = Promise.allSettled(add('a', 'b'));
    soonComes();
    expect(await settling).toEqual([
      { status: 'rejected', reason: new Error('not even a promise') },
      { status: 'rejected', reason: new Error('not even a promise') },
    ]);
  });

  it('throws the error of a single result to its own item alone', async () => {
    const { add } = coalescer(2, () => Promise.resolve(['A', Promise.reject(new Error('row 2 was refused'))]));
    expect(await Promise.allSettled(add('a', 'b'))).toEqual([
      { status: 'fulfilled', value: 'A' },
      { status: 'rejected', reason: new Error('row 2 was refused') },
    ]);
  });

  it.each([
    ['none', []],
    ['one too few', ['A']],
    ['one too many', ['A', 'B', 'C']],
  ])('gives no result at all when there are not as many as items: %s', async (_, results) => {
    const { add } = coalescer(2, () => Promise.resolve(results));
    const error = new RangeError(`${results.length} results for 2 requests`);
    expect(await Promise.allSettled(add('a', 'b'))).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ]);
  });

  it.each([0, -3, 1.7, NaN, Infinity])('refuses a size of %p', (size) => {
    expect(() => coalescer(size)).toThrow(new RangeError(`size must be a whole number from 1, got ${size}`));
  });
});
