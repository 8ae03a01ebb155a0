import type { Table } from '../core/metadata';
import { rejectedOutcome, waitingOutcome, type Outcome } from '../core/outcome';

type Named = Pick<Table, 'name'>;

/** An update of a row that is not there. */
export function rowNotFound({ name }: Named): Outcome {
  const message = `The row is not in the table "${name}" (any more). Nothing was written. For a new row choose Upsert; otherwise correct the ID.`;
  return rejectedOutcome('ROW_NOT_FOUND', message);
}

/** The row is another one than the item was decided on. */
export function changedMeanwhile({ name }: Named): Outcome {
  const message = `The row of the table "${name}" has changed in Dynamics 365 since these values were decided. Decide again on the present row; nothing was written.`;
  return waitingOutcome('CHANGED_MEANWHILE', message);
}

/** The row changed under the writer as often as it was read. */
export function rowBusy({ name }: Named): Outcome {
  const message = `The row of the table "${name}" changed in Dynamics 365 again and again while it was to be written. Try again later; nothing was written.`;
  return waitingOutcome('ROW_BUSY', message);
}
