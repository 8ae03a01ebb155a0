import type { Clock } from '../../lib/core/clock';
import { ConfigurationError } from '../../lib/core/errors';

/** A credential that was changed in n8n counts after this at the latest: its limits, for example. */
const LOOK_AGAIN_MS = 30_000;

/**
 * The client of a credential as it is now. A trigger runs for months, while secrets are changed: n8n gives the present credential whenever it
 * is asked, and starts no trigger again for it. It is looked at every half a minute, and at once after a refusal.
 */
export class CurrentClient<Client> {
  private client: Client | undefined;
  private lookedAt = -Infinity;

  constructor(
    private readonly look: () => Promise<Client>,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {}

  async get(): Promise<Client> {
    const now = this.clock.elapsed();
    if (this.client === undefined || now - this.lookedAt >= LOOK_AGAIN_MS) {
      this.client = await this.look();
      this.lookedAt = now;
    }
    return this.client;
  }

  /** Works with the present client. What is refused may be so because the credential was changed: it is looked at before the next use. */
  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = await this.get();
    return await work(client).catch((error: unknown) => {
      if (error instanceof ConfigurationError) this.lookedAt = -Infinity;
      throw error;
    });
  }
}
