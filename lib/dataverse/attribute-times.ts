import { z } from 'zod';
import { entryOf } from '../core/entry-of';
import type { AttributeTime } from '../sync/opt-out/sources';
import type { DataverseRow } from './rows';

/** Newest entries of the audit log that are looked at for one row. */
const MOST_ENTRIES = 20;

const values = z.record(z.unknown()).nullish();
const detail = z.object({ AuditDetail: z.object({ OldValue: values, NewValue: values }) });

/** The reads that this needs of a client. */
export interface AuditReads {
  /** The newest entries of the log for a row, creations and updates, newest first. */
  entries(id: string, most: number): Promise<readonly DataverseRow[]>;
  /** RetrieveAuditDetails of one entry. */
  details(auditId: string): Promise<unknown>;
}

/**
 * When columns of one row were changed last, from the audit log (Dataverse keeps no other time for a single column). A column that is
 * not among the newest 20 entries, or whose change was not audited, is not in the response.
 */
export async function readAttributeTimes(
  id: string,
  columns: readonly string[],
  reads: AuditReads,
): Promise<Record<string, AttributeTime>> {
  const times: Record<string, AttributeTime> = {};
  const open = new Set(columns);
  for (const entry of await reads.entries(id, MOST_ENTRIES)) {
    if (open.size === 0) break;
    const { auditid, createdon } = entry;
    // An entry that can't be read may be the change that is looked for: what is older proves nothing then.
    if (typeof auditid !== 'string' || typeof createdon !== 'string') break;
    const parsed = detail.safeParse(await reads.details(auditid));
    if (!parsed.success) break;
    const { OldValue, NewValue } = parsed.data.AuditDetail;
    for (const column of open) {
      // A column that was emptied stands in the old values only.
      if (!Object.hasOwn(NewValue ?? {}, column) && !Object.hasOwn(OldValue ?? {}, column)) continue;
      times[column] = { changedOn: createdon, value: entryOf(NewValue ?? {}, column) ?? null };
      open.delete(column);
    }
  }
  return times;
}
