/** Credentials that are edited leave old clients behind. */
const MOST_CLIENTS = 50;

/**
 * Clients by what they were made of. The ones used last are kept; of any other one nothing is kept but the way to find
 * it again while somebody has it. So a client in use is never doubled, which would double its limits, and one that nobody
 * has and nobody asked for lately goes, with its connections.
 */
export class ClientCache<Client extends object> {
  /** The one that was asked for last stands last. */
  private readonly recent = new Map<string, Client>();
  private readonly inUse = new Map<string, WeakRef<Client>>();
  private readonly gone = new FinalizationRegistry<string>((id) => {
    if (this.inUse.get(id)?.deref() === undefined) this.inUse.delete(id);
  });

  constructor(private readonly most = MOST_CLIENTS) {}

  /** The client that is known by this id, or else the one that `make` gives. */
  get(id: string, make: () => Client): Client {
    let client = this.recent.get(id) ?? this.inUse.get(id)?.deref();
    if (client === undefined) {
      client = make();
      this.inUse.set(id, new WeakRef(client));
      this.gone.register(client, id);
    }
    this.recent.delete(id);
    this.recent.set(id, client);
    const [oldest] = this.recent.keys();
    if (this.recent.size > this.most && oldest !== undefined) this.recent.delete(oldest);
    return client;
  }

  /** How many clients there are, in use or kept. */
  get size(): number {
    return this.inUse.size;
  }
}
