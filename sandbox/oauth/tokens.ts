import { randomBytes } from 'node:crypto';
import type { Incoming } from '../http/service';

interface Grant {
  readonly expiresAt: number;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** The access tokens that one login service issued. */
export class Tokens {
  private readonly grants = new Map<string, Grant>();

  constructor(private readonly now: () => number) {}

  issue(clientId: string, scopes: readonly string[], lifetimeSeconds: number): string {
    const token = `eyJ0eXAiOiJKV1QifQ.${randomBytes(48).toString('base64url')}`;
    this.grants.set(token, { expiresAt: this.now() + lifetimeSeconds * 1_000, clientId, scopes });
    return token;
  }

  /** The grant behind a request, unless its token is missing, unknown or expired. */
  check(incoming: Incoming): Grant | undefined {
    const token = bearer(incoming);
    const grant = token === undefined ? undefined : this.grants.get(token);
    if (!grant || token === undefined) return undefined;
    if (grant.expiresAt > this.now()) return grant;
    this.grants.delete(token);
    return undefined;
  }

  expire(incoming: Incoming): void {
    const token = bearer(incoming);
    if (token !== undefined) this.grants.delete(token);
  }

  clear(): void {
    this.grants.clear();
  }
}

export function bearer(incoming: Incoming): string | undefined {
  const header = incoming.headers.authorization;
  return header?.startsWith('Bearer ') ? header.slice(7) : undefined;
}
