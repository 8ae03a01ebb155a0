import { z } from 'zod';
import { createRandom, type Random } from '../seed/random';
import { SYSTEMS, type Incoming, type SystemName } from './service';

export const faultSchema = z
  .object({
    target: z.enum(SYSTEMS),
    match: z
      .object({
        method: z.string().optional(),
        /** A part of the path with its query, or `/expression/flags`. */
        path: z.string().optional(),
      })
      .strict()
      .default({}),
    kind: z.enum([
      ...(['status', 'delay', 'drop', 'drop-after', 'expired-token', 'rate-limit', 'refuse-all'] as const),
      ...(['database-busy', 'proxy', 'echo', 'hang'] as const),
    ]),
    status: z.number().int().min(200).max(599).optional(),
    body: z.union([z.string(), z.record(z.unknown())]).optional(),
    /** Seconds; sent as `Retry-After`. */
    retryAfter: z.number().min(0).optional(),
    delayMs: z.number().min(0).optional(),
    /** Requests that it strikes; without it and without `rate` 1, for `refuse-all` all. */
    times: z.number().int().min(1).optional(),
    /** Share of matching requests that it strikes. */
    rate: z.number().min(0).max(1).optional(),
    /** For `rate`: the same seed strikes the same requests. */
    seed: z.number().int().default(1),
    /** Matching requests let through before the first is struck. */
    skip: z.number().int().min(0).default(0),
  })
  .strict();
export type FaultInput = z.input<typeof faultSchema>;
export type Fault = z.output<typeof faultSchema>;

interface ArmedFault {
  readonly fault: Fault;
  readonly random: Random;
  readonly path: RegExp | undefined;
  readonly limit: number;
  seen: number;
  hits: number;
}

/** The faults that were ordered, and which of them strike a request. */
export class Faults {
  private armed: ArmedFault[] = [];

  add(fault: Fault): void {
    const limit = fault.times ?? (fault.rate === undefined && fault.kind !== 'refuse-all' ? 1 : Infinity);
    this.armed.push({
      fault,
      random: createRandom(fault.seed),
      path: toExpression(fault.match.path),
      limit,
      seen: 0,
      hits: 0,
    });
  }

  clear(): void {
    this.armed = [];
  }

  list(): { fault: Fault; seen: number; hits: number }[] {
    return this.armed.map(({ fault, seen, hits }) => ({ fault, seen, hits }));
  }

  /** The faults that strike this request; asking counts. */
  strike(system: SystemName, incoming: Incoming): readonly Fault[] {
    if (this.armed.length === 0) return [];
    const struck: Fault[] = [];
    for (const entry of this.armed) {
      const { fault } = entry;
      if (fault.target !== system || entry.hits >= entry.limit) continue;
      if (fault.match.method && fault.match.method.toUpperCase() !== incoming.method) continue;
      if (entry.path && !entry.path.test(incoming.query ? `${incoming.path}?${incoming.query}` : incoming.path))
        continue;
      entry.seen++;
      if (entry.seen <= fault.skip) continue;
      if (fault.rate !== undefined && entry.random.next() >= fault.rate) continue;
      entry.hits++;
      struck.push(fault);
    }
    return struck;
  }
}

function toExpression(path: string | undefined): RegExp | undefined {
  if (path === undefined) return undefined;
  const parts = /^\/(.+)\/([imsu]*)$/s.exec(path);
  if (parts && /[\\^$.*+?()[\]{}|]/.test(parts[1] ?? '')) return new RegExp(parts[1] ?? '', parts[2]);
  return new RegExp(path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
}
