/** What became of one item. */
export type OutcomeStatus =
  'created' | 'updated' | 'unchanged' | 'deleted' | 'absent' | 'skipped' | 'waiting' | 'rejected';

export interface Outcome {
  readonly status: OutcomeStatus;
  /** Explained in docs/errors.md, e.g. `TOO_LONG`, `FILTERED_OUT`. */
  readonly code?: string;
  /** For a person; never the record's values. */
  readonly message?: string;
  /** Target field or source column concerned. */
  readonly field?: string;
  /** Line of the mapping, from 1. */
  readonly mappingLine?: number;
  /** Campaign's opt-out fields that are set in a profile, where an item waits until they are kept. */
  readonly optOuts?: readonly string[];
  /**
   * Campaign's engine calls: insert 1, delete 1, update 2, none if nothing was written (docs/facts/campaign.md,
   * "Volume").
   */
  readonly engineCalls: 0 | 1 | 2;
}

/** An item that can't be processed as it is: nothing was written. A field that is not known is left out. */
export function rejectedOutcome(code: string, message: string, field?: string): Outcome {
  return withoutWrite('rejected', code, message, field);
}

/** An item that is left out, as it should be: nothing was written. */
export function skippedOutcome(code: string, message: string): Outcome {
  return withoutWrite('skipped', code, message);
}

/** An item that has to come again: nothing was written. */
export function waitingOutcome(code: string, message: string): Outcome {
  return withoutWrite('waiting', code, message);
}

/** An item whose values stand on the other side already: nothing was written. */
export function unchangedOutcome(code: string, message: string): Outcome {
  return withoutWrite('unchanged', code, message);
}

function withoutWrite(status: OutcomeStatus, code: string, message: string, field?: string): Outcome {
  return { status, code, message, ...(field === undefined ? {} : { field }), engineCalls: 0 };
}

/** The outputs of a writing node, in their order. */
export const OUTPUTS = ['written', 'skipped', 'waiting', 'rejected'] as const;
export type OutputName = (typeof OUTPUTS)[number];

const OUTPUT_OF: ReadonlyMap<unknown, OutputName> = new Map<OutcomeStatus, OutputName>([
  ['created', 'written'],
  ['updated', 'written'],
  ['deleted', 'written'],
  ['unchanged', 'skipped'],
  ['absent', 'skipped'],
  ['skipped', 'skipped'],
  ['waiting', 'waiting'],
  ['rejected', 'rejected'],
]);

/** True for a status of ours; an item's may be any text, `constructor` too. */
export function isOutcomeStatus(status: unknown): status is OutcomeStatus {
  return OUTPUT_OF.has(status);
}

/** The output through which an item with this status leaves. */
export function outputOf(status: OutcomeStatus): OutputName {
  return OUTPUT_OF.get(status) as OutputName;
}
