import type { Load } from '../http/service';
import type { Settings } from '../settings';
import { refuse } from './errors';

/** Dataverse's service protection limits over a sliding window, kept in steps of a second. */
export class Protection {
  private readonly steps: { second: number; requests: number; executionMs: number }[] = [];
  private requests = 0;
  private executionMs = 0;

  constructor(
    private readonly settings: Settings,
    private readonly now: () => number,
  ) {}

  reset(): void {
    this.steps.length = 0;
    this.requests = this.executionMs = 0;
  }

  /** Counts a request. @throws Refusal (429) with `Retry-After` past one of the limits */
  admit(load: Load): void {
    const limits = this.settings.dataverse.protection;
    if (!limits) return;
    const second = Math.floor(this.now() / 1_000);
    const oldest = second - Math.ceil(limits.windowMs / 1_000);
    while (this.steps.length > 0 && (this.steps[0]?.second ?? 0) <= oldest) {
      const gone = this.steps.shift();
      this.requests -= gone?.requests ?? 0;
      this.executionMs -= gone?.executionMs ?? 0;
    }
    const retryAfter = String(Math.max(1, (this.steps[0]?.second ?? second) - oldest));
    const tooMuch = (code: string, text: string): Error => refuse(429, code, text, { 'Retry-After': retryAfter });
    if (load.inFlight > limits.concurrency) {
      throw tooMuch('0x80072326', `Number of concurrent requests exceeded the limit of ${limits.concurrency}.`);
    }
    if (this.requests >= limits.requests) {
      throw tooMuch(
        '0x80072322',
        `Number of requests exceeded the limit of ${limits.requests} over time window of ${limits.windowMs / 1_000} seconds.`,
      );
    }
    if (this.executionMs >= limits.executionMs) {
      throw tooMuch(
        '0x80072321',
        `Combined execution time of incoming requests exceeded limit of ${limits.executionMs} milliseconds.`,
      );
    }
    let step = this.steps.at(-1);
    if (step?.second !== second) {
      step = { second, requests: 0, executionMs: 0 };
      this.steps.push(step);
    }
    step.requests++;
    step.executionMs += load.waitedMs;
    this.requests++;
    this.executionMs += load.waitedMs;
  }
}
