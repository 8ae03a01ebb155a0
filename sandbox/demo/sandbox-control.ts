/** A row or record as the sandbox dumps it. */
export type DumpedRow = Readonly<Record<string, unknown>>;

export interface ChangedIds {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
}

/** The part of the sandbox's control API that the demo needs; sandbox/README.md describes it. */
export class SandboxControl {
  /** @param url the `controlUrl` of the sandbox */
  constructor(private readonly url: string) {}

  async engineCalls(): Promise<number> {
    const stats = (await this.json('GET', '/stats')) as { engineCalls?: number };
    return stats.engineCalls ?? 0;
  }

  /** Requests answered since the start, by system and kind, e.g. `campaign.profile.PATCH`. */
  async requests(): Promise<Readonly<Record<string, number>>> {
    const stats = (await this.json('GET', '/stats')) as { requests?: Record<string, number> };
    return stats.requests ?? {};
  }

  /** Every row of a table, as it is stored. */
  async dump(system: 'dataverse' | 'campaign', table: string): Promise<DumpedRow[]> {
    const text = await this.text('GET', `/dump?system=${system}&table=${table}`);
    if (text.trimStart().startsWith('[')) return JSON.parse(text) as DumpedRow[];
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as DumpedRow);
  }

  /** Creates, changes and deletes contacts at random, the same ones for the same seed. */
  async changeContacts(counts: {
    creates: number;
    updates: number;
    deletes: number;
    seed: number;
  }): Promise<ChangedIds> {
    const changed = (await this.json('POST', '/change', {
      system: 'dataverse',
      table: 'contact',
      ...counts,
    })) as Partial<ChangedIds>;
    return { created: changed.created ?? [], updated: changed.updated ?? [], deleted: changed.deleted ?? [] };
  }

  private async json(method: string, path: string, body?: unknown): Promise<unknown> {
    return JSON.parse(await this.text(method, path, body)) as unknown;
  }

  private async text(method: string, path: string, body?: unknown): Promise<string> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok)
      throw new Error(`The sandbox answered ${method} ${path} with ${answer.status}: ${text.slice(0, 300)}`);
    return text;
  }
}
