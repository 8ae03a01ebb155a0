import { randomUUID } from 'node:crypto';
import type { Row, Value } from './schema';
import type { Table } from './store';

/** A row was created (1) or updated (2). */
interface AuditEntry {
  readonly auditid: string;
  /** As Dataverse writes it: whole seconds. */
  readonly createdon: string;
  readonly operation: 1 | 2;
  readonly table: string;
  readonly objectId: string;
  /** By column, those that differ; an empty value is not listed. */
  readonly before: Readonly<Record<string, Value>>;
  readonly after: Readonly<Record<string, Value>>;
}

/** The audit log: what became of the columns for which auditing is on, oldest first. */
export class AuditLog {
  private entries: AuditEntry[] = [];

  get length(): number {
    return this.entries.length;
  }

  /** @param columns those that are audited; nothing is kept where none of them changed */
  keep(table: Table, columns: readonly string[], before: Row | undefined, after: Row): void {
    const changed = table.definition.columns.filter(
      ({ name, key }) => columns.includes(name) && (before?.[key] ?? null) !== (after[key] ?? null),
    );
    if (changed.length === 0) return;
    const valuesOf = (row: Row | undefined) =>
      Object.fromEntries(
        changed.flatMap(({ name, key }) => (row?.[key] === null || row?.[key] === undefined ? [] : [[name, row[key]]])),
      );
    this.entries.push({
      auditid: randomUUID(),
      createdon: String(after['modifiedon']),
      operation: before ? 2 : 1,
      table: table.definition.name,
      objectId: String(after[table.definition.primaryId]),
      before: valuesOf(before),
      after: valuesOf(after),
    });
  }

  /** Takes back what was kept after the log had so many entries. */
  cut(length: number): void {
    this.entries.length = length;
  }

  /** Newest first. */
  of(objectId: string, operations: readonly number[]): readonly AuditEntry[] {
    return this.entries
      .filter((entry) => entry.objectId === objectId && operations.includes(entry.operation))
      .reverse()
      .sort((a, b) => b.createdon.localeCompare(a.createdon));
  }

  byId(auditId: string): AuditEntry | undefined {
    return this.entries.find(({ auditid }) => auditid === auditId);
  }
}
