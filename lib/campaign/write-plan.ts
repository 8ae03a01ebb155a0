import type { Target, TargetValue } from '../core/change';
import { readField, toBody } from './dotted-fields';
import { sameFieldValue } from './field-equality';
import type { Field } from '../core/metadata';
import { optOutFields, type KeptOptOuts } from './kept-opt-outs';
import { hasKey, KEY_MISMATCH_HINT, keyProblem } from './record-key';
import type { CampaignBody, CampaignRecord } from './records';

/** What is to be done with one record. Made from what was found alone; the RecordWriter carries it out. */
export type WritePlan =
  | { readonly kind: 'create'; readonly body: CampaignBody }
  | {
      readonly kind: 'update';
      readonly body: CampaignBody;
      /** The fields of the body by their dotted names. */
      readonly changed: readonly string[];
      /**
       * Fields that differ and that this product can't change any more; the record is rejected after the others are
       * written.
       */
      readonly refused: readonly string[];
    }
  | { readonly kind: 'nothing'; readonly refused: readonly string[] }
  | { readonly kind: 'delete' }
  /** A delete of what is not there, or an update-only change of what is not there. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'reject'; readonly code: string; readonly message: string };

/** The part of an item that decides. `initial`: a full load or a replay. */
export interface PlannedChange {
  readonly change: 'upsert' | 'delete';
  readonly initial: boolean;
  readonly target: Target;
  /** Opt-outs of an earlier profile of this key: a new one starts with them, whatever the source says. */
  readonly keptOptOuts?: KeptOptOuts | undefined;
}

/** What is known of the resource. */
export interface PlanContext {
  readonly fields: ReadonlyMap<string, Field>;
  /** Campaign v8 refuses a PATCH of `location` (docs/facts/campaign.md, "Campaign v8"); Campaign Standard takes it. */
  readonly locationIsFixed: boolean;
}

/**
 * Plans the write of one record.
 *
 * @param found what the look-up by key gave, null for nothing. Several matches never come here: the look-up refuses
 * them (AMBIGUOUS_KEY).
 *
 * - Only a record that carries exactly the key of the change is touched.
 * - An update holds what differs and nothing else.
 * - `loadAndCreationFields` ("Apply Updates" is off) travel with a create, and with an update on an initial load or a
 *   replay.
 * - `creationFields` ("Only on Creation" is on) travel with a create alone.
 * - An opt-out that was remembered of an earlier profile goes before all of them.
 *
 * @throws RejectedRecordError OPT_OUT_NOT_WRITABLE
 */
export function planWrite(change: PlannedChange, found: CampaignRecord | null, context: PlanContext): WritePlan {
  const { target } = change;
  const { resource, key } = target;
  const unusable = keyProblem(key.value, { resource, field: key.field });
  if (unusable) return unusable;
  if (found === null) {
    if (change.change === 'delete' || target.updateOnly) return { kind: 'absent' };
    return { kind: 'create', body: createBody(change, context.fields) };
  }
  if (!hasKey(found, key.field, key.value)) {
    return {
      kind: 'reject',
      code: 'KEY_MISMATCH',
      message: `Adobe Campaign answered the look-up in ${resource} with a record whose ${key.field} is another one. It was not touched. ${KEY_MISMATCH_HINT}`,
    };
  }
  return change.change === 'delete' ? { kind: 'delete' } : planUpdate(change, found, context);
}

function planUpdate(change: PlannedChange, record: CampaignRecord, context: PlanContext): WritePlan {
  const { fields, loadAndCreationFields } = change.target;
  const differing: Record<string, TargetValue> = {};
  const refused: string[] = [];
  for (const name in fields) {
    const value = fields[name] as TargetValue;
    if (sameFieldValue(context.fields.get(name), readField(record, name), value)) continue;
    if (context.locationIsFixed && isLocation(name)) refused.push(name);
    else differing[name] = value;
  }
  if (change.initial) {
    for (const name in loadAndCreationFields) {
      const value = loadAndCreationFields[name] as TargetValue;
      if (context.locationIsFixed && isLocation(name)) continue;
      if (!sameFieldValue(context.fields.get(name), readField(record, name), value)) differing[name] = value;
    }
  }
  const changed = Object.keys(differing);
  return changed.length === 0
    ? { kind: 'nothing', refused }
    : { kind: 'update', body: toBody(differing), changed, refused };
}

function isLocation(name: string): boolean {
  return name.startsWith('location.');
}

function createBody({ target, keptOptOuts }: PlannedChange, known: ReadonlyMap<string, Field>): CampaignBody {
  const { fields, loadAndCreationFields, creationFields } = target;
  const optOuts = optOutFields(keptOptOuts, known);
  const { field, value } = target.key;
  const type = known.get(field)?.type;
  const number = Number(value);
  const isNumber = (type === 'integer' || type === 'double' || type === 'float') && String(number) === value;
  const all = { ...creationFields, ...loadAndCreationFields, ...fields, ...optOuts };
  return toBody({ ...all, [field]: isNumber ? number : value });
}
