import type { Change, Target } from '../core/change';
import type { Clock } from '../core/clock';
import { RejectedRecordError, RetriableError } from '../core/errors';
import type { ItemContext } from '../sync/delivery/keyed-batch';
import type { Field } from '../core/metadata';
import { rejectedOutcome, skippedOutcome, type Outcome } from '../core/outcome';
import { rejectionOutcome } from '../core/rejection-outcome';
import type { CampaignClient } from './client';
import { keyProblem } from './record-key';
import { findInOtherForm } from './key-forms';
import { holdsDelete, type KeptOptOuts, type OptedOutProfiles } from './kept-opt-outs';
import type { FindRequest, FoundRecord, Lookup } from './records';
import { planWrite, type WritePlan } from './write-plan';

/** What the writer needs of the client. */
export type CampaignWrites = Pick<CampaignClient, 'find' | 'create' | 'update' | 'remove' | 'probe'> &
  Partial<Pick<CampaignClient, 'wasEmpty' | 'hasLookedAt'>>;

/** The part of an item that the writer reads. */
export type WritableChange = Pick<Change, 'change' | 'initial' | 'delivery' | 'outcome'> & {
  readonly target?: Target | undefined;
  /** What the flow remembers of an earlier profile with this key. */
  readonly keptOptOuts?: KeptOptOuts | undefined;
};

/** The same, ready to be written. */
export type TargetedChange = WritableChange & { readonly target: Target };

export interface RecordWriterContext extends ItemContext {
  readonly client: CampaignWrites;
  readonly lookup: Lookup;
  /** Campaign v8. */
  readonly locationIsFixed: boolean;
  readonly optedOutProfiles: OptedOutProfiles;
  /** Before a profile is made, look for one whose key is the same GUID in another form. */
  readonly otherKeyForms: boolean;
  fieldsOf(target: Target): ReadonlyMap<string, Field>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** How often a record is looked up and decided on when Campaign's state changes under the writer. */
export const MAX_ROUNDS = 4;

/** Pause before a look-up that shall tell whether an uncertain create arrived: it may still be at work. Grows. */
export const SETTLE_MS = 1000;

/** Refusals that name no reason. They may as well be a fault of the whole service, so that is looked at first. */
const UNEXPLAINED: ReadonlySet<string> = new Set(['REFUSED_BY_CAMPAIGN']);

/**
 * Refusals after which the record is looked up again: another writer was there in between (v8 names no reason for a
 * duplicate), or the link of the look-up is no longer understood.
 */
const STALE: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'RECORD_GONE', 'LINK_REFUSED', ...UNEXPLAINED]);

/** Looks one record up, plans, writes; and again, a few times at most, where Campaign's state was another one. */
export class RecordWriter {
  private probing: Promise<void> | undefined;

  constructor(private readonly context: RecordWriterContext) {}

  /**
   * One record, start to end. The caller holds the lock of its key.
   *
   * @throws SyncError other than RejectedRecordError: it concerns all records
   */
  async write(change: TargetedChange): Promise<Outcome> {
    try {
      return await this.lookUpAndWrite(change);
    } catch (error) {
      if (!isDatabaseBusy(error)) return rejectionOutcome(error, change.target.lines);
      // The client has tried for long. Where Campaign does its work otherwise, the others need not wait for this one.
      await this.probeService(change.target);
      return rejectionOutcome(new RejectedRecordError(error.code, error.message, { hint: error.hint }));
    }
  }

  private async lookUpAndWrite(change: TargetedChange): Promise<Outcome> {
    const { resource, key } = change.target;
    const unusable = keyProblem(key.value, { resource, field: key.field });
    if (unusable) return rejectedOutcome(unusable.code, unusable.message);
    let uncertain: RetriableError | undefined;
    let refusal: RejectedRecordError | undefined;
    for (let round = 1; ; round++) {
      const found = round === 1 && (await this.isFirstOfAll(change)) ? null : await this.lookUp(change.target);
      const plan = this.plan(change, found);
      // Refused as a duplicate, and yet there is none with this key: another unique field has the duplicate.
      if (refusal && plan.kind === 'create') throw refusal;
      if (round === 1 && plan.kind === 'create') await this.refuseOtherForm(change);
      try {
        const outcome = await this.carryOut(plan, found, change);
        return uncertain ? afterUncertainCreate(outcome) : outcome;
      } catch (error) {
        if (round === MAX_ROUNDS) throw error;
        // Neither is repeated by the client for a create; the look-up tells whether it was done.
        const unsettled = error instanceof RetriableError && error.code === 'WRITE_UNCERTAIN';
        if (unsettled || (isDatabaseBusy(error) && plan.kind === 'create')) {
          uncertain = error;
          await this.context.clock.sleep(SETTLE_MS * round, this.context.stop);
        } else if (error instanceof RejectedRecordError && STALE.has(error.code)) {
          if (UNEXPLAINED.has(error.code)) await this.probeService(change.target);
          if (UNEXPLAINED.has(error.code) && plan.kind !== 'create') throw error;
          refusal = plan.kind === 'create' ? error : refusal;
        } else throw error;
      }
    }
  }

  private requestFor(target: Target): FindRequest {
    return {
      resource: { name: target.resource, api: target.api },
      keyField: target.key.field,
      keyValue: target.key.value,
      lookup: this.context.lookup,
    };
  }

  /**
   * The first look of a load: into an empty Campaign it stands for the look-up of the record, and for all look-ups in
   * other forms.
   */
  private async isFirstOfAll({ target, initial }: TargetedChange): Promise<boolean> {
    const { client, stop, otherKeyForms } = this.context;
    if (!initial || !otherKeyForms || target.resource !== PROFILE) return false;
    const { resource } = this.requestFor(target);
    if (client.hasLookedAt?.(resource) !== false) return false;
    return (await client.wasEmpty?.(resource, { signal: stop })) === true;
  }

  /**
   * A second profile of a person would not have the opt-outs of the first.
   *
   * @throws RejectedRecordError KEY_IN_OTHER_FORM
   */
  private async refuseOtherForm({ target, initial }: TargetedChange): Promise<void> {
    const { client, stop, otherKeyForms } = this.context;
    if (!otherKeyForms || target.resource !== PROFILE) return;
    const request = this.requestFor(target);
    if (initial && (await client.wasEmpty?.(request.resource, { signal: stop }))) return;
    const other = await findInOtherForm(client, request, { signal: stop });
    if (other) throw keyInOtherForm(target, other.words);
  }

  private async lookUp(target: Target): Promise<FoundRecord | null> {
    const { client, stop } = this.context;
    try {
      return await client.find(this.requestFor(target), { signal: stop });
    } catch (error) {
      if (error instanceof RejectedRecordError && UNEXPLAINED.has(error.code)) await this.probeService(target);
      throw error;
    }
  }

  private plan(change: TargetedChange, found: FoundRecord | null): WritePlan {
    return planWrite(change, found && found.record, {
      fields: this.context.fieldsOf(change.target),
      locationIsFixed: this.context.locationIsFixed,
    });
  }

  private async carryOut(plan: WritePlan, found: FoundRecord | null, change: TargetedChange): Promise<Outcome> {
    const { client, fence } = this.context;
    const { target } = change;
    switch (plan.kind) {
      case 'reject':
        return rejectedOutcome(plan.code, plan.message);
      case 'absent':
        return change.change === 'delete' ? { status: 'absent', engineCalls: 0 } : NOT_IN_CAMPAIGN;
      case 'nothing':
        return withRefused({ status: 'unchanged', engineCalls: 0 }, plan.refused, target);
      case 'create':
        fence.check(change.delivery);
        await client.create({ name: target.resource, api: target.api }, plan.body, { signal: fence.signal });
        return { status: 'created', engineCalls: 1 };
      case 'update':
        fence.check(change.delivery);
        await client.update(hrefOf(found), plan.body, { signal: fence.signal });
        return withRefused({ status: 'updated', engineCalls: 2 }, plan.refused, target);
      case 'delete': {
        const held = target.resource === PROFILE && found ? this.holds(found, change) : undefined;
        if (held) return held;
        fence.check(change.delivery);
        const status = await client.remove(hrefOf(found), { signal: fence.signal });
        return { status, engineCalls: status === 'deleted' ? 1 : 0 };
      }
    }
  }

  private holds({ record }: FoundRecord, { keptOptOuts }: TargetedChange): Outcome | undefined {
    return holdsDelete(record, keptOptOuts, this.context.optedOutProfiles);
  }

  /**
   * Shared by all records that ask at the same time. Returns when Campaign answers; throws what concerns all records
   * when not.
   */
  private probeService(target: Target): Promise<void> {
    const { client, stop } = this.context;
    this.probing ??= client
      .probe({ name: target.resource, api: target.api }, { signal: stop })
      .catch((error: unknown) => {
        if (!(error instanceof RejectedRecordError)) throw error;
        throw new RetriableError(
          'CAMPAIGN_FAILING',
          'Adobe Campaign answers errors without a reason, even when only asked for a list.',
          {
            hint: 'Interruptions pass by themselves. If it lasts, ask those who run the Campaign instance to look into its log.',
            cause: error,
          },
        );
      })
      .finally(() => {
        this.probing = undefined;
      });
    return this.probing;
  }
}

/** The resource of people: the one with opt-outs. */
const PROFILE = 'profile';

function keyInOtherForm({ key, resource }: Target, words: string): RejectedRecordError {
  return new RejectedRecordError(
    'KEY_IN_OTHER_FORM',
    `Adobe Campaign has a ${resource} with this ${key.field} ${words}. It was not touched, and no second one was made.`,
    {
      hint: `Write the GUID into that ${resource}'s ${key.field} in lower case, without braces and blanks; the sync then takes it for its own.`,
      field: key.field,
    },
  );
}

const NOT_IN_CAMPAIGN = skippedOutcome(
  'NOT_IN_CAMPAIGN',
  'The record is not in Adobe Campaign, and this change only updates.',
);

function isDatabaseBusy(error: unknown): error is RetriableError {
  return error instanceof RetriableError && error.code === 'DATABASE_BUSY';
}

function hrefOf(found: FoundRecord | null): string {
  if (!found) throw new Error('An update or delete was planned for a record that was not found.');
  return found.href;
}

/** After a create without a response, the record as we sent it means that the create had arrived. */
function afterUncertainCreate(outcome: Outcome): Outcome {
  return outcome.status === 'unchanged' ? { ...outcome, status: 'created', engineCalls: 1 } : outcome;
}

function withRefused(outcome: Outcome, refused: readonly string[], target: Target): Outcome {
  const [field] = refused;
  if (field === undefined) return outcome;
  const mappingLine = target.lines?.[field];
  return {
    status: 'rejected',
    code: 'LOCATION_NOT_UPDATABLE',
    message: `Adobe Campaign v8 does not let ${refused.join(', ')} be changed. The record's other fields are up to date. Turn off Apply Updates for the lines of "location" in the Field Mapper, or change the address in Adobe Campaign.`,
    field,
    ...(mappingLine === undefined ? {} : { mappingLine }),
    engineCalls: outcome.engineCalls,
  };
}
