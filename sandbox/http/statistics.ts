import type { SystemName } from './service';

interface SystemStatistics {
  requests: number;
  inFlight: number;
  largestConcurrency: number;
  errors: Record<string, number>;
}

/** Milliseconds since the epoch, with fractions. */
interface Moments {
  /** When the first request of a kind came in. */
  readonly firstBegan: number;
  /** When the latest response of that kind was sent. */
  lastEnded: number;
}

/** Counts what the systems were asked and what they answered. */
export class Statistics {
  private readonly systems = new Map<string, SystemStatistics>();
  private kinds = new Map<string, number>();
  private moments = new Map<string, Moments>();
  /** Campaign's engine calls: insert 1, delete 1, update 2, or 1 when nothing changed. */
  engineCalls = 0;

  private of(system: SystemName): SystemStatistics {
    let found = this.systems.get(system);
    if (!found) {
      found = { requests: 0, inFlight: 0, largestConcurrency: 0, errors: {} };
      this.systems.set(system, found);
    }
    return found;
  }

  begin(system: SystemName, kind: string): void {
    const entry = this.of(system);
    entry.requests++;
    entry.inFlight++;
    if (entry.inFlight > entry.largestConcurrency) entry.largestConcurrency = entry.inFlight;
    const name = `${system}.${kind}`;
    this.kinds.set(name, (this.kinds.get(name) ?? 0) + 1);
    if (!this.moments.has(name)) this.moments.set(name, { firstBegan: epochNow(), lastEnded: 0 });
  }

  inFlight(system: SystemName): number {
    return this.of(system).inFlight;
  }

  /** `status`: what was answered, or `dropped` when the connection was cut instead. */
  end(system: SystemName, kind: string, status: number | 'dropped'): void {
    const moments = this.moments.get(`${system}.${kind}`);
    if (moments) moments.lastEnded = epochNow();
    const entry = this.of(system);
    entry.inFlight--;
    if (status === 'dropped' || status >= 400) entry.errors[status] = (entry.errors[status] ?? 0) + 1;
  }

  /** Begins again at zero; requests in flight stay known. */
  reset(): void {
    this.kinds = new Map();
    this.moments = new Map();
    this.engineCalls = 0;
    for (const entry of this.systems.values()) {
      entry.requests = 0;
      entry.largestConcurrency = entry.inFlight;
      entry.errors = {};
    }
  }

  snapshot(): {
    requests: Record<string, number>;
    moments: Record<string, Readonly<Moments>>;
    systems: Record<string, SystemStatistics>;
    engineCalls: number;
  } {
    return {
      requests: Object.fromEntries([...this.kinds].sort(([a], [b]) => (a < b ? -1 : 1))),
      moments: Object.fromEntries([...this.moments].map(([name, moments]) => [name, { ...moments }])),
      systems: Object.fromEntries([...this.systems].map(([name, entry]) => [name, { ...entry }])),
      engineCalls: this.engineCalls,
    };
  }
}

const epochNow = (): number => performance.timeOrigin + performance.now();
