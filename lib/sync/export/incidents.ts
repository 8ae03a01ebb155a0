/** What the trigger reports to people. Each is reported once when it begins, and once when it is over. */
export const INCIDENTS = ['late', 'storage', 'unreachable', 'refused', 'too-many-files'] as const;
export type Incident = (typeof INCIDENTS)[number];

export interface IncidentChange {
  readonly incident: Incident;
  readonly begins: boolean;
}

/**
 * Compares what is known to be wrong with what is wrong now; an incident that is not among `judged` (the server could not be asked, for
 * example) stays as it is.
 */
export function compareIncidents(
  open: readonly string[],
  judged: ReadonlyMap<Incident, boolean>,
): { open: string[]; changes: IncidentChange[] } {
  const changes: IncidentChange[] = [];
  const now = new Set(open);
  for (const [incident, wrong] of judged) {
    if (wrong === now.has(incident)) continue;
    changes.push({ incident, begins: wrong });
    if (wrong) now.add(incident);
    else now.delete(incident);
  }
  return { open: [...now], changes };
}

/** True when no export was finished for longer than the user gives (`hours`; 0 switches the alarm off). */
export function isLate(lastExportAt: string, nowMs: number, hours: number): boolean {
  return hours > 0 && nowMs - Date.parse(lastExportAt) > hours * 3_600_000;
}

/** A file system's room as `statvfs` tells it, in bytes. */
export interface StorageRoom {
  readonly total: number;
  readonly available: number;
}

/** Percent of the storage that is used, from 0 to 100, as `df` counts. */
export function percentUsed(room: StorageRoom): number {
  return room.total <= 0 ? 0 : Math.round((1 - room.available / room.total) * 1000) / 10;
}
