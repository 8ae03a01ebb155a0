import { TARGET_FIELDS, type Change, type Delivery } from './change';
import { ConfigurationError, RejectedRecordError, sentence } from './errors';
import { isOutcomeStatus, type Outcome } from './outcome';
import { isNameLike } from './name-like';

/**
 * The boundary between n8n's items and what the product works with. Items come from other nodes and may have been edited on the way, so
 * their shape is looked at here, once for all nodes, as far as a wrong one would do harm; what else is in them is kept.
 */
export type ItemJson = Readonly<Record<string, unknown>>;

/** Which item it is, and what a user can do where it is another than the node takes. */
export interface ItemPlace {
  /** From 0, as n8n counts. */
  readonly index: number;
  /** Where such items come from: a sentence. */
  readonly hint: string;
}

/**
 * The outcome that an earlier node gave an item; undefined where it has none.
 *
 * @throws ConfigurationError OUTCOME_UNKNOWN for one that no node of the package has set: nobody knows where the item belongs
 */
export function readOutcome(json: ItemJson, { index, hint }: ItemPlace): Outcome | undefined {
  const outcome = json['outcome'];
  if (outcome === undefined) return undefined;
  if (isObject(outcome) && isOutcomeStatus(outcome['status'])) return outcome as unknown as Outcome;
  throw new ConfigurationError('OUTCOME_UNKNOWN', `Item ${index} has an "outcome" without a known status.`, {
    hint: sentence(`Do not change "outcome" in the flow; the nodes of this package set it. ${hint}`),
  });
}

/**
 * The delivery that an item belongs to; undefined where it came with none, as in a flow that was started by hand.
 *
 * @throws RejectedRecordError DELIVERY_UNREADABLE: without its time limit and number nobody can tell whether it may still be written
 */
export function readDelivery(json: ItemJson): Delivery | undefined {
  const delivery = json['delivery'];
  if (delivery === undefined) return undefined;
  if (isDelivery(delivery)) return delivery;
  throw new RejectedRecordError(
    'DELIVERY_UNREADABLE',
    'The "delivery" of this item is not as the trigger made it, so nobody can tell whether it may still be written.',
    {
      field: 'delivery',
      hint: 'Leave "delivery" as it is in the flow: it keeps a late run from writing over a later one.',
    },
  );
}

function isDelivery(value: unknown): value is Delivery {
  if (!isObject(value)) return false;
  const { trigger, number, attempt, until } = value;
  return (
    typeof trigger === 'string' &&
    trigger !== '' &&
    isCount(number) &&
    isCount(attempt) &&
    typeof until === 'string' &&
    !Number.isNaN(Date.parse(until))
  );
}

/**
 * An item as the change that it must be. One that has an outcome already is given back as it is.
 *
 * @param needs the part that the node works on: the record before the mapping, the target behind it
 * @throws ConfigurationError NOT_A_CHANGE, OUTCOME_UNKNOWN
 */
export function readChange(json: ItemJson, place: ItemPlace, needs: 'record' | 'target' | 'nothing'): Change {
  const change = json as unknown as Change;
  if (readOutcome(json, place) !== undefined) return change;
  const problem = changeProblem(json, needs);
  if (problem !== undefined) {
    throw new ConfigurationError(
      'NOT_A_CHANGE',
      `Item ${place.index} is no change of a Dynamics 365 row: ${problem}.`,
      place,
    );
  }
  if (needs !== 'record' || change.change === 'delete' || isObject(change.labels)) return change;
  return { ...change, labels: {} };
}

function changeProblem(json: ItemJson, needs: 'record' | 'target' | 'nothing'): string | undefined {
  const { change, id, record, target } = json;
  if (change !== 'upsert' && change !== 'delete') return 'its "change" is neither "upsert" nor "delete"';
  if (needs === 'target') return targetProblem(target, change);
  if (typeof id !== 'string' || id === '') return 'it has no id';
  if (needs === 'record' && change === 'upsert' && (!isObject(record) || Array.isArray(record)))
    return 'it has no record';
  return undefined;
}

function targetProblem(target: unknown, change: 'upsert' | 'delete'): string | undefined {
  if (!isObject(target)) return 'it has no target';
  const { resource, api, key } = target;
  if (!isNameLike(resource) || !isNameLike(api) || !isObject(key) || !isNameLike(key['field'])) {
    return 'its target names no resource, API or key field';
  }
  const hasFields = TARGET_FIELDS.every((part) => isObject(target[part]) && !Array.isArray(target[part]));
  return change === 'upsert' && !hasFields ? 'its target has no fields' : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
