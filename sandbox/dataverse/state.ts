import type { Settings } from '../settings';
import { AuditLog } from './audit-log';
import { noSegment } from './errors';
import type { Row, TableDefinition } from './schema';
import { Table, VersionClock } from './store';
import { TABLES } from './tables/index';
import { TIMELINE_TABLES } from './tables/timeline';

/** One undone step per change within a transaction. */
interface Undo {
  readonly table: Table;
  readonly slot: number;
  readonly row: Row | undefined;
  readonly version: number;
  readonly deletions: number;
}

/** The organization: its tables and the clock that all of them share. */
export class Organization {
  readonly id = '0a1b2c3d-0000-4000-8000-00000000000f';
  clock = new VersionClock();
  audit = new AuditLog();
  private tables = new Map<string, Table>();
  private sets = new Map<string, Table>();
  private undos: Undo[] | undefined;
  /** Delta tokens of this version or an earlier one have expired. */
  expiredUpTo = 0;

  constructor(
    readonly settings: Settings,
    readonly now: () => number,
  ) {
    this.reset();
  }

  reset(): void {
    this.clock = new VersionClock();
    this.audit = new AuditLog();
    this.tables = new Map();
    this.sets = new Map();
    this.undos = undefined;
    this.expiredUpTo = 0;
    for (const definition of [...TABLES, ...TIMELINE_TABLES]) this.add(definition);
  }

  add(definition: TableDefinition): Table {
    const table = new Table(definition, this.clock);
    this.tables.set(definition.name, table);
    this.sets.set(definition.setName, table);
    return table;
  }

  /** By logical name. */
  table(name: string): Table | undefined {
    return this.installed(this.tables.get(name));
  }

  all(): Table[] {
    return [...this.tables.values()].filter((table) => this.installed(table) !== undefined);
  }

  /** By the name in URLs. @throws Refusal (404) */
  bySet(setName: string): Table {
    const table = this.installed(this.sets.get(setName));
    if (!table) throw noSegment(setName);
    return table;
  }

  private installed(table: Table | undefined): Table | undefined {
    return table?.definition.timeline && !this.settings.dataverse.timelineTables ? undefined : table;
  }

  /** Now as Dataverse writes it: whole seconds. */
  timestamp(): string {
    return `${new Date(this.now()).toISOString().slice(0, 19)}Z`;
  }

  insert(table: Table, row: Row): void {
    this.remember(table, table.length);
    table.insert(row);
    this.keep(table, undefined, row);
  }

  replace(table: Table, slot: number, row: Row): void {
    this.remember(table, slot);
    const before = table.row(slot);
    table.replace(slot, row);
    this.keep(table, before, row);
  }

  /** Removes a row and empties the lookups of other rows that point to it (the relationships' cascade "remove link"). */
  remove(table: Table, slot: number): void {
    const id = table.idAt(slot);
    this.remember(table, slot);
    table.remove(slot);
    for (const other of this.tables.values()) {
      if (other.count === 0) continue;
      for (const column of other.definition.columns) {
        if (column.kind !== 'lookup' || column.compute || !column.targets?.[table.definition.name]) continue;
        for (const child of other.referencing(column.key, id, table.definition.name)) {
          this.replace(other, child, {
            ...other.rowAt(child),
            [column.key]: null,
            modifiedon: this.timestamp(),
          });
        }
      }
    }
  }

  /** All of `work`'s changes, or, when it throws, none. */
  transaction<T>(work: () => T): T {
    if (this.undos) return work();
    const undos: Undo[] = [];
    const audited = this.audit.length;
    this.undos = undos;
    this.clock.inTransaction = true;
    try {
      return work();
    } catch (error) {
      for (const undo of undos.reverse()) undo.table.undo(undo.slot, undo.row, undo.version, undo.deletions);
      this.audit.cut(audited);
      throw error;
    } finally {
      this.undos = undefined;
      this.clock.inTransaction = false;
    }
  }

  private keep(table: Table, before: Row | undefined, after: Row): void {
    const columns = this.settings.dataverse.auditing[table.definition.name];
    if (columns) this.audit.keep(table, columns, before, after);
  }

  private remember(table: Table, slot: number): void {
    this.undos?.push({
      table,
      slot,
      row: table.row(slot),
      version: table.versions[slot] ?? 0,
      deletions: table.deletedIds.length,
    });
  }
}
