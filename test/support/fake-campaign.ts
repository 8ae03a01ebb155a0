import type { CampaignBody, CampaignRecord, FindRequest, FoundRecord, ResourceRef } from '../../lib/campaign/records';
import type { CampaignWrites } from '../../lib/campaign/record-writer';
import type { CallOptions } from '../../lib/http/call-options';
import { RejectedRecordError, RetriableError } from '../../lib/core/errors';
import { turn } from './turn';

type Verb = 'find' | 'create' | 'update' | 'remove' | 'probe';
export interface Call {
  readonly verb: Verb;
  readonly key: string;
  readonly body?: CampaignBody;
}
type Fault = (call: Call) => void | Promise<void>;

/** Thrown where the real client does not know whether the create arrived. */
export const uncertain = () => new RetriableError('WRITE_UNCERTAIN', 'The connection ended before Campaign answered.');

/**
 * A Campaign with one resource in memory, behind the interface of the client. Faults are one-shot and stand before or after the effect of the
 * call they meet.
 */
export class FakeCampaign implements CampaignWrites {
  readonly records = new Map<string, CampaignRecord>();
  readonly calls: Call[] = [];
  /** What the client found when it looked first. */
  emptyAtFirst = false;
  private looked = false;
  /** Most calls at once, over all keys and for one key. */
  mostInFlight = 0;
  mostInFlightOfOneKey = 0;
  private readonly inFlight: string[] = [];
  private readonly faults: {
    verb: Verb;
    key: string | undefined;
    when: 'before' | 'after';
    fault: Fault;
    left: number;
  }[] = [];

  constructor(private readonly keyField = 'externalId') {}

  /** The next call (or `times` calls) of this verb meets a fault: before it has its effect, or after. */
  on(verb: Verb, when: 'before' | 'after', fault: Fault, options: { key?: string; times?: number } = {}): this {
    this.faults.push({ verb, key: options.key, when, fault, left: options.times ?? 1 });
    return this;
  }

  put(key: string, record: CampaignRecord = {}): this {
    this.records.set(key, { [this.keyField]: key, ...record });
    return this;
  }

  verbs(key?: string): string[] {
    return this.calls.filter((call) => key === undefined || call.key === key).map((call) => call.verb);
  }

  find(request: FindRequest, options?: CallOptions): Promise<FoundRecord | null> {
    return this.call({ verb: 'find', key: request.keyValue }, options, () => {
      const record = this.records.get(request.keyValue);
      return record ? { href: `http://campaign/${request.keyValue}`, record } : null;
    });
  }

  create(_resource: ResourceRef, body: CampaignBody, options?: CallOptions): Promise<FoundRecord> {
    const key = String(body[this.keyField]);
    return this.call({ verb: 'create', key, body }, options, () => {
      if (this.records.has(key)) throw new RejectedRecordError('DUPLICATE_KEY', 'There is one with this key already.');
      this.records.set(key, { ...body });
      return { href: `http://campaign/${key}`, record: body };
    });
  }

  update(href: string, body: CampaignBody, options?: CallOptions): Promise<void> {
    const key = keyOf(href);
    return this.call({ verb: 'update', key, body }, options, () => {
      const record = this.records.get(key);
      if (!record) throw new RejectedRecordError('RECORD_GONE', 'It is gone.');
      this.records.set(key, { ...record, ...body });
    });
  }

  remove(href: string, options?: CallOptions): Promise<'deleted' | 'absent'> {
    const key = keyOf(href);
    return this.call({ verb: 'remove', key }, options, () => (this.records.delete(key) ? 'deleted' : 'absent'));
  }

  /** The real client asks once for many records. */
  async wasEmpty(_resource?: ResourceRef, options?: CallOptions): Promise<boolean> {
    if (this.hasLookedAt()) return this.emptyAtFirst;
    this.looked = true;
    return await this.call({ verb: 'probe', key: '' }, options, () => this.emptyAtFirst);
  }

  hasLookedAt(): boolean {
    return this.looked;
  }

  probe(_resource?: ResourceRef, options?: CallOptions): Promise<void> {
    return this.call({ verb: 'probe', key: '' }, options, () => undefined);
  }

  private async call<T>(call: Call, options: CallOptions | undefined, effect: () => T): Promise<T> {
    if (options?.signal?.aborted) throw new RetriableError('ABORTED', 'Aborted.');
    this.calls.push(call);
    this.inFlight.push(call.key);
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight.length);
    this.mostInFlightOfOneKey = Math.max(
      this.mostInFlightOfOneKey,
      this.inFlight.filter((key) => key === call.key).length,
    );
    try {
      await this.meet(call, 'before');
      await turn();
      const result = effect();
      await this.meet(call, 'after');
      return result;
    } finally {
      this.inFlight.splice(this.inFlight.indexOf(call.key), 1);
    }
  }

  private async meet(call: Call, when: 'before' | 'after'): Promise<void> {
    const fault = this.faults.find(
      ({ verb, key, left, ...other }) =>
        left > 0 && verb === call.verb && other.when === when && (key ?? call.key) === call.key,
    );
    if (!fault) return;
    fault.left--;
    await fault.fault(call);
  }
}

function keyOf(href: string): string {
  return href.slice(href.lastIndexOf('/') + 1);
}
