import type { SeededRandom } from './random';

/** Whom an operation belongs to: with its end nothing of it happens any more. */
export interface Owner {
  readonly name: string;
  readonly alive: boolean;
  /** Until then nothing of it goes on; what ends meanwhile is noticed afterwards, in any order. */
  readonly standsUntilMs: number;
  /** Comes before anything of this owner goes on. False: it has just ended, so nothing does. */
  enter(): boolean;
}

/** An operation that is under way: a timer, a request on its way, a write of a database. */
interface Pending {
  atMs: number;
  /** Decides between those of the same moment. */
  rank: number;
  readonly owner: Owner | undefined;
  readonly what: string;
  end: () => void;
  cancelled: boolean;
}

/** Immediates that the code under test has asked for and that have not run. */
let immediates = 0;
const realSetImmediate = globalThis.setImmediate;
const realClearImmediate = globalThis.clearImmediate;

/** From here on the scheduler knows when everything that runs by itself has ended. */
export function watchImmediates(): void {
  const open = new Set<NodeJS.Immediate>();
  const watched = (callback: (...args: unknown[]) => void, ...args: unknown[]): NodeJS.Immediate => {
    const immediate = realSetImmediate(() => {
      if (open.delete(immediate)) immediates--;
      callback(...args);
    });
    open.add(immediate);
    immediates++;
    return immediate;
  };
  globalThis.setImmediate = watched as unknown as typeof setImmediate;
  globalThis.clearImmediate = (immediate) => {
    if (immediate && open.delete(immediate)) immediates--;
    realClearImmediate(immediate);
  };
}

export function unwatchImmediates(): void {
  globalThis.setImmediate = realSetImmediate;
  globalThis.clearImmediate = realClearImmediate;
}

/** Everything that can go on by itself goes on, until all wait for an operation to end. */
async function settle(withStreams: boolean): Promise<void> {
  // A tick comes when no promise is left to go on; it costs a tenth of a turn of the event loop.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  // Streams go on in ticks of their own, several for each piece.
  for (let turn = 0; immediates > 0 || (withStreams && turn < 3); turn++) {
    await new Promise<void>((resolve) => realSetImmediate(resolve));
  }
}

/**
 * The time and the order of a simulated world. Nobody waits: when all wait for something, the operation that is due first ends, and of those
 * that are due at the same moment one by chance. Everything that happens follows from the seed.
 */
export class Scheduler {
  /** Milliseconds since the epoch, as nobody's clock shows them. */
  now = Date.parse('2026-11-21T12:00:00Z');
  /** Operations that have ended so far. */
  steps = 0;
  /** Streams are read in this world. */
  withStreams = false;
  /** Hears of each operation that ends. */
  onStep: ((step: number, atMs: number, owner: string, what: string) => void) | undefined;
  private readonly heap: Pending[] = [];

  constructor(private readonly random: SeededRandom) {}

  /** How many operations are under way, cancelled ones included that are not yet forgotten. */
  get pending(): number {
    return this.heap.length;
  }

  /** How many operations of this owner are under way. */
  pendingOf(owner: Owner): number {
    return this.heap.filter((each) => !each.cancelled && each.owner === owner).length;
  }

  /** Begins an operation. @returns what cancels it */
  after(ms: number, owner: Owner | undefined, what: string, end: () => void): () => void {
    const atMs = this.now + Math.max(0, Number.isFinite(ms) ? ms : 0);
    const pending: Pending = { atMs, rank: this.random.next(), owner, what, end, cancelled: false };
    this.push(pending);
    return () => {
      pending.cancelled = true;
      // Whatever it would have needed is let go at once, not when its time comes.
      pending.end = nothing;
    };
  }

  /**
   * Lets operations end, one after the other, as long as there are any and `goOn` says so.
   *
   * @param goOn asked before each; it may throw
   */
  async run(goOn: () => boolean): Promise<void> {
    await settle(this.withStreams);
    while (this.heap.length > 0 && goOn()) {
      const next = this.pop();
      if (next.cancelled || (next.owner && !next.owner.alive)) continue;
      if (next.owner && next.owner.standsUntilMs > next.atMs) {
        next.atMs = next.owner.standsUntilMs;
        next.rank = this.random.next();
        this.push(next);
        continue;
      }
      this.now = Math.max(this.now, next.atMs);
      this.steps++;
      this.onStep?.(this.steps, this.now, next.owner?.name ?? 'world', next.what);
      if (next.owner && !next.owner.enter()) continue;
      next.end();
      await settle(this.withStreams);
    }
  }

  private push(pending: Pending): void {
    const { heap } = this;
    let at = heap.push(pending) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!before(pending, heap[above] as Pending)) break;
      heap[at] = heap[above] as Pending;
      at = above;
    }
    heap[at] = pending;
  }

  private pop(): Pending {
    const { heap } = this;
    const first = heap[0] as Pending;
    const last = heap.pop() as Pending;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && before(heap[below + 1] as Pending, heap[below] as Pending)) below++;
      if (!before(heap[below] as Pending, last)) break;
      heap[at] = heap[below] as Pending;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

const nothing = () => undefined;

const before = (a: Pending, b: Pending) => a.atMs < b.atMs || (a.atMs === b.atMs && a.rank < b.rank);
