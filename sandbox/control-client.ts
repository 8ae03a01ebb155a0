/** A row or record as the sandbox dumps it. */
export type DumpedRow = Readonly<Record<string, unknown>>;

export interface ChangedIds {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
}

/** What the oracle of the timelines needs of a row of either log. */
export interface LogRow {
  readonly id: number;
  readonly externalId: string;
  readonly campaignLabel: string;
  readonly deliveryLabel: string;
  readonly mirrorPageUrl: string;
  readonly testAddress: boolean;
  /** The channel: email, sms, pushNotification, paper. */
  readonly deliveryType?: string;
  /** When the message was sent. */
  readonly contactDate?: string;
}
export interface DeliveryRow extends LogRow {
  /** 1 sent, 2 failed. */
  readonly status: number;
  /** 2 hard. */
  readonly failureType: number;
  readonly eventDate: string;
}
export interface TrackingRow extends LogRow {
  /** 1, 10, 11 click; 2 open. */
  readonly urlType: number;
  readonly urlSource: string;
  readonly urlLabel?: string;
  readonly logDate: string;
}
export interface Logs {
  readonly delivery: readonly DeliveryRow[];
  readonly tracking: readonly TrackingRow[];
}

/** A client of the sandbox's control interface; sandbox/README.md describes its routes. */
export class SandboxControl {
  /** @param url the `controlUrl` of the sandbox */
  constructor(readonly url: string) {}

  async engineCalls(): Promise<number> {
    const stats = (await this.json('GET', '/stats')) as { engineCalls?: number };
    return stats.engineCalls ?? 0;
  }

  /** Requests since the start, by system and kind, e.g. `campaign.profile.PATCH`. */
  async requests(): Promise<Readonly<Record<string, number>>> {
    const stats = (await this.json('GET', '/stats')) as { requests?: Record<string, number> };
    return stats.requests ?? {};
  }

  /** How often each fault that was ordered has struck, in the order of the orders. */
  async timesStruck(): Promise<number[]> {
    return ((await this.json('GET', '/faults')) as { hits: number }[]).map(({ hits }) => hits);
  }

  /** Every row of a table, as it is stored. */
  async dump(system: 'dataverse' | 'campaign', table: string): Promise<DumpedRow[]> {
    return await this.rows(`/dump?system=${system}&table=${table}`);
  }

  /** The row with this key; undefined when there is none. */
  async row(system: 'dataverse' | 'campaign', table: string, key: string): Promise<DumpedRow | undefined> {
    return (await this.rows(`/dump?system=${system}&table=${table}&key=${encodeURIComponent(key)}`))[0];
  }

  private async rows(path: string): Promise<DumpedRow[]> {
    return (await this.json('GET', path)) as DumpedRow[];
  }

  /** Creates, changes and deletes contacts at random, the same ones for the same seed. `columns`: what the changes change. */
  async changeContacts(counts: {
    creates: number;
    updates: number;
    deletes: number;
    seed: number;
    columns?: readonly string[];
  }): Promise<ChangedIds> {
    const changed = (await this.json('POST', '/change', {
      system: 'dataverse',
      table: 'contact',
      ...counts,
    })) as Partial<ChangedIds>;
    return { created: changed.created ?? [], updated: changed.updated ?? [], deleted: changed.deleted ?? [] };
  }

  /** Changes one row as a user of the system would. `values`: its key, and what changes. */
  async update(system: 'dataverse' | 'campaign', table: string, values: DumpedRow): Promise<void> {
    await this.json('POST', '/change', { system, table, updates: [values] });
  }

  /** An e-mail goes out to the profiles that may be contacted, at most `contacts` of them. */
  async deliver(order: {
    campaign: string;
    label: string;
    contacts: number;
    seed: number;
  }): Promise<{ readonly messages: number; readonly leftOut: number }> {
    return (await this.json('POST', '/deliver', order)) as { messages: number; leftOut: number };
  }

  /** Campaign's export job writes what changed since its last run. */
  async export(kind: 'opt-outs' | 'delivery-logs' | 'tracking-logs'): Promise<{
    readonly file: string;
    readonly rows: number;
  }> {
    return (await this.json('POST', '/export', { kind })) as { file: string; rows: number };
  }

  /** All rows of Campaign's delivery and tracking log. */
  async logs(): Promise<Logs> {
    return (await this.json('GET', '/logs')) as Logs;
  }

  /** A contact's timeline as text. */
  async timeline(contactId: string): Promise<string> {
    return await this.text('GET', `/timeline?contact=${contactId}`);
  }

  /** Any other call of the control interface. @throws Error with what the sandbox says */
  async json(method: string, path: string, body?: unknown): Promise<unknown> {
    return JSON.parse(await this.text(method, path, body)) as unknown;
  }

  private async text(method: string, path: string, body?: unknown): Promise<string> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`The sandbox answered ${method} ${path} with ${response.status}: ${text.slice(0, 300)}`);
    return text;
  }
}
