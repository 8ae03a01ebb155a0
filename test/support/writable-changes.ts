import type { WritableChange } from '../../lib/campaign/record-writer';
import type { TargetValue } from '../../lib/core/change';
import type { BatchReport } from '../../lib/sync/delivery/keyed-batch';
import type { Outcome } from '../../lib/core/outcome';
import { target } from './builders';

export function upsert(
  key: string,
  fields: Record<string, TargetValue> = {},
  parts: Partial<WritableChange> = {},
): WritableChange {
  return { change: 'upsert', initial: false, target: target(key, fields), ...parts };
}

export function remove(key: string): WritableChange {
  return { change: 'delete', initial: false, target: target(key) };
}

/** The outcomes of a batch that came to its end; throws what stopped one that did not. */
export function outcomesOf(report: BatchReport): readonly Outcome[] {
  if (report.kind === 'stopped') throw report.failure;
  return report.outcomes;
}
