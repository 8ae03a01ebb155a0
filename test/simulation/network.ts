import { AxiosError } from 'axios';
import type { Incoming, Reply, SystemName } from '../../sandbox/http/service';
import type { TransportOptions, WireRequest, WireResponse } from '../../lib/http/transport';
import type { SimulatedProcess } from './process';
import type { SeededRandom } from './random';
import type { Scheduler } from './scheduler';
import { ORIGINS, type Systems } from './systems';

/** What may happen to a request. */
export const FAULTS = [
  /** No connection comes about. */
  'refused',
  /** The connection breaks before the system has the request. */
  'lost-before',
  /** The system carries the request out; its response is lost. */
  'lost-after',
  /** Nothing comes back, although the system has carried the request out. */
  'hangs',
  /** It arrives late. */
  'late',
  'throttled',
  'throttled-for-long',
  'failing',
  'gateway',
  /** Carried out, and answered with a gateway's error all the same. */
  'gateway-after',
  'web-page',
  /** A gateway's own page for "not found", whatever was asked for. */
  'not-found-page',
  'expired-token',
  'busy-database',
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** What the next try of the same request does not meet any more, or a look at what is there. */
export const PASSING_FAULTS = [
  'refused',
  'lost-before',
  'lost-after',
  'late',
  'throttled',
  'gateway',
  'gateway-after',
] as const satisfies readonly FaultKind[];

/** A fault that strikes the requests to a system from the n-th on, `count` of them. */
export interface PlannedFault {
  readonly system: SystemName;
  /** From 0. */
  readonly nth: number;
  readonly count: number;
  readonly fault: FaultKind;
  /** It strikes nothing but requests that change something: the next ones that come. */
  readonly writesOnly?: boolean;
}

/** The longest that a request may be on its way; the grace of deliveries is longer. */
const LATEST_MS = 4_000;

const SYSTEM_OF = new Map<string, SystemName>(
  Object.entries(ORIGINS).map(([system, origin]) => [origin, system as SystemName]),
);

/** Carries requests of processes to the systems, each in its own time, with what is planned to go wrong. */
export class Network {
  private readonly requests = new Map<SystemName, number>();
  /** How many requests a fault of writes has struck. */
  private readonly struckWrites = new Map<PlannedFault, number>();
  /** How often each fault has struck. */
  readonly struck = new Map<FaultKind, number>();
  /** False: nothing goes wrong any more. */
  faulty = true;
  /** The next request that changes something in Campaign is on its way for long, and this comes meanwhile. */
  duringNextWrite: (() => void) | undefined;
  /** Comes when a process has asked for a profile, and its response is on its way. */
  duringNextLookUp: ((process: SimulatedProcess, key: string) => void) | undefined;
  /** True while a system can't be reached at all. */
  readonly away = new Set<SystemName>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly systems: Systems,
    private readonly random: SeededRandom,
    private readonly planned: readonly PlannedFault[],
  ) {}

  /** What a client of this process sends its requests with. */
  transportOf(process: SimulatedProcess) {
    return ({ timeoutMs }: TransportOptions) =>
      async (request: WireRequest): Promise<WireResponse> =>
        await this.exchange(process, request, timeoutMs);
  }

  private exchange(process: SimulatedProcess, request: WireRequest, timeoutMs: number): Promise<WireResponse> {
    const origin = /^https:\/\/[^/]+/.exec(request.url)?.[0] ?? '';
    const system = SYSTEM_OF.get(origin);
    if (!system) throw new Error(`Nothing is at ${origin}.`);
    const isWrite = request.method !== 'GET';
    const fault = system === 'campaign' && isWrite && this.hold() ? 'late' : this.strike(system, isWrite);
    const key = system === 'campaign' && !isWrite ? /\/profile\/([^/?]+)$/.exec(request.url)?.[1] : undefined;
    if (key !== undefined) this.lookedUp(process, key);
    // Campaign's internal keys are drawn anew each time.
    const path = request.url.slice(origin.length, origin.length + 90).replace(/@[\w-]+/, '@');
    const what = `${request.method} ${path}`;
    return new Promise((resolve, reject) => {
      let over = false;
      const cancels: (() => void)[] = [];
      const finish = (then: () => void) => {
        if (over) return;
        over = true;
        for (const cancel of cancels) cancel();
        request.signal?.removeEventListener('abort', onAbort);
        then();
      };
      const fail = (code: string, sent: boolean) =>
        finish(() => reject(new AxiosError(code, code, undefined, sent ? {} : undefined)));
      const onAbort = () => fail(AxiosError.ERR_CANCELED, true);
      if (request.signal?.aborted) return onAbort();
      request.signal?.addEventListener('abort', onAbort, { once: true });
      const inProcess = (ms: number, label: string, end: () => void) =>
        void cancels.push(this.scheduler.after(ms, process, label, end));

      const outMs = this.latency() + (fault === 'late' ? this.random.between(500, LATEST_MS) : 0);
      if (fault === 'refused') return inProcess(outMs, `refused ${what}`, () => fail('ECONNREFUSED', false));
      if (fault === 'lost-before') return inProcess(outMs, `lost ${what}`, () => fail('ECONNRESET', true));
      inProcess(timeoutMs, `time-out ${what}`, () => fail('ETIMEDOUT', true));
      // On its way: whatever happens to the process, it arrives.
      this.scheduler.after(outMs, undefined, `${system} gets ${what}`, () => {
        const reply = this.respond(system, request, origin, fault);
        if (fault === 'hangs') return;
        inProcess(this.latency(), `${String(reply.status)} ${what}`, () => {
          if (fault === 'lost-after') return fail('ECONNRESET', true);
          const headers = Object.fromEntries(
            Object.entries(reply.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
          );
          finish(() => resolve({ status: reply.status, headers, text: reply.body ?? '' }));
        });
      });
    });
  }

  private respond(system: SystemName, request: WireRequest, origin: string, fault: FaultKind | undefined): Reply {
    const { systems } = this;
    const [path = '', query = ''] = request.url.slice(origin.length).split(/\?(.*)/s);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const incoming: Incoming = { method: request.method, path, query, headers, body: request.body ?? '', origin };
    const failed = (status: number, more: Readonly<Record<string, string>> = {}): Reply => ({
      status,
      headers: { 'Content-Type': 'application/json', ...more },
      body: systems.service(system).faultBody(status),
    });
    switch (fault) {
      case 'throttled':
        return failed(429, { 'Retry-After': '3' });
      case 'throttled-for-long':
        return failed(429, { 'Retry-After': '90' });
      case 'failing':
        return failed(500);
      case 'gateway':
        return failed(503);
      case 'gateway-after':
        systems.respond(system, incoming);
        return failed(504);
      case 'web-page':
        return { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html><body>Sign in</body></html>' };
      case 'busy-database':
        if (system !== 'campaign') return failed(503);
        return {
          status: 500,
          headers: { 'Content-Type': 'application/json' },
          body: '{"error_code":"RST-360011","message":"RST-360011 An error has occurred - please contact your administrator. PGS-220000 PostgreSQL error: ERROR:  deadlock detected"}',
        };
      case 'not-found-page':
        return { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html><body>Not found</body></html>' };
      case 'expired-token':
        systems.service(system).expireToken?.(incoming);
        return systems.respond(system, incoming);
      default:
        return systems.respond(system, incoming);
    }
  }

  private lookedUp(process: SimulatedProcess, key: string): void {
    const then = this.duringNextLookUp;
    this.duringNextLookUp = undefined;
    if (this.faulty) then?.(process, key);
  }

  /** True where something waits for a write that is on its way. */
  private hold(): boolean {
    const { duringNextWrite } = this;
    if (!duringNextWrite) return false;
    this.duringNextWrite = undefined;
    if (!this.faulty) return false;
    this.scheduler.after(this.random.between(1, 100), undefined, 'while a write is on its way', duringNextWrite);
    return true;
  }

  private strike(system: SystemName, isWrite: boolean): FaultKind | undefined {
    const nth = this.requests.get(system) ?? 0;
    this.requests.set(system, nth + 1);
    if (!this.faulty) return undefined;
    if (this.away.has(system)) return 'refused';
    for (const planned of this.planned) {
      const { system: where, nth: from, count, fault, writesOnly } = planned;
      if (where !== system || nth < from) continue;
      if (writesOnly) {
        const before = this.struckWrites.get(planned) ?? 0;
        if (!isWrite || before >= count) continue;
        this.struckWrites.set(planned, before + 1);
      } else if (nth >= from + count) continue;
      this.struck.set(fault, (this.struck.get(fault) ?? 0) + 1);
      return fault;
    }
    return undefined;
  }

  /** Mostly short; sometimes long enough for anything else to overtake. */
  private latency(): number {
    const { random } = this;
    return random.chance(0.1) ? random.between(50, 900) : random.between(2, 40);
  }
}
