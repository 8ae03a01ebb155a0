import type { Clock } from '../core/clock';

export interface Token {
  readonly value: string;
  readonly expiresInSeconds: number;
}

/** A token is renewed this long before its end, at most; a short-lived one after half its life. */
const RENEW_BEFORE_END_MS = 60_000;

/** Keeps one access token: fetched when first needed, by one request however many wait for it, and renewed before it ends. */
export class TokenSource {
  private current: { readonly value: string; readonly renewAt: number } | undefined;
  private fetching: Promise<string> | undefined;

  constructor(
    private readonly fetchToken: () => Promise<Token>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** The token, at once where there is one. Throws what `fetchToken` throws. */
  get(): string | Promise<string> {
    if (this.current && this.clock.now() < this.current.renewAt) return this.current.value;
    this.fetching ??= this.fetch().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  /** The server did not take this token: it is not given out again. A newer one stays. */
  reject(value: string): void {
    if (this.current?.value === value) this.current = undefined;
  }

  private async fetch(): Promise<string> {
    const token = await this.fetchToken();
    const life = Math.max(0, token.expiresInSeconds * 1000);
    this.current = { value: token.value, renewAt: this.clock.now() + Math.max(life / 2, life - RENEW_BEFORE_END_MS) };
    return token.value;
  }
}
