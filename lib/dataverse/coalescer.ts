interface Pending<T, R> {
  readonly item: T;
  readonly resolve: (result: R | Promise<R>) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls back soon, when those who are about to add something had the time to do it. */
export type Soon = (callback: () => void) => void;

/**
 * Coalesces single requests that come at about the same time into batches that are worked on together.
 *
 * `work` gets at most `size` items and gives one result for each, at its index; what it throws is thrown to all of them.
 */
export class Coalescer<T, R> {
  private pending: Pending<T, R>[] = [];
  private scheduled = false;

  constructor(
    private readonly size: number,
    private readonly work: (items: readonly T[]) => Promise<readonly (R | Promise<R>)[]>,
    private readonly soon: Soon = setImmediate,
  ) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`size must be a whole number from 1, got ${size}`);
  }

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.pending.push({ item, resolve, reject });
      if (this.pending.length >= this.size) {
        this.flush();
      } else if (!this.scheduled) {
        this.scheduled = true;
        this.soon(() => {
          this.scheduled = false;
          this.flush();
        });
      }
    });
  }

  private flush(): void {
    const batch = this.pending;
    this.pending = [];
    if (batch.length > 0) void this.run(batch);
  }

  private async run(batch: readonly Pending<T, R>[]): Promise<void> {
    try {
      const results = await this.work(batch.map(({ item }) => item));
      if (results.length !== batch.length)
        throw new RangeError(`${results.length} results for ${batch.length} requests`);
      batch.forEach(({ resolve }, index) => resolve(results[index] as R | Promise<R>));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
