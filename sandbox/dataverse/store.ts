import type { ColumnDefinition, Row, TableDefinition, Value } from './schema';
import { propertyName } from './schema';

/** One table: rows by slot, in the order of their creation, and a log of versions for change tracking. */
export class Table {
  definition: TableDefinition;
  /** Deleted rows leave an empty slot. */
  rows: (Row | undefined)[] = [];
  /** Version of the row in each slot. */
  versions: number[] = [];
  private slots = new Map<string, number>();
  /** Slot and version of each insert and update. An entry is out of date when the slot has a later version. */
  private logSlots: number[] = [];
  private logVersions: number[] = [];
  /** Ids and versions of deletions. */
  deletedIds: string[] = [];
  deletedVersions: number[] = [];
  count = 0;
  /** Moments (ms) at which metadata of this table changed last. */
  metadataChangedAt = 0;
  private keyIndexes = new Map<string, Map<string, number>>();
  private references = new Map<string, Map<string, number[]>>();
  private properties: Map<string, ColumnDefinition> | undefined;

  constructor(
    definition: TableDefinition,
    private readonly clock: VersionClock,
  ) {
    this.definition = definition;
  }

  /** The columns that the Web API has, by property name. */
  get columns(): ReadonlyMap<string, ColumnDefinition> {
    this.properties ??= new Map(
      this.definition.columns.filter((each) => each.kind !== 'virtual').map((each) => [propertyName(each), each]),
    );
    return this.properties;
  }

  redefine(definition: TableDefinition, atMs: number): void {
    this.definition = definition;
    this.properties = undefined;
    this.metadataChangedAt = atMs;
  }

  slotOf(id: string): number | undefined {
    return this.slots.get(id);
  }

  get(id: string): Row | undefined {
    const slot = this.slots.get(id);
    return slot === undefined ? undefined : this.rows[slot];
  }

  insert(row: Row): void {
    const id = row[this.definition.primaryId] as string;
    const slot = this.rows.length;
    this.rows.push(row);
    this.slots.set(id, slot);
    this.count++;
    this.log(slot);
    for (const [columns, index] of this.keyIndexes) index.set(keyText(row, columns), slot);
    for (const [key, index] of this.references) this.refer(index, key, slot);
  }

  replace(slot: number, row: Row): void {
    const before = this.rows[slot] as Row;
    this.rows[slot] = row;
    this.log(slot, true);
    for (const [columns, index] of this.keyIndexes) {
      index.delete(keyText(before, columns));
      index.set(keyText(row, columns), slot);
    }
    for (const [key, index] of this.references) if (row[key] !== before[key]) this.refer(index, key, slot);
  }

  remove(slot: number): void {
    const row = this.rows[slot] as Row;
    const id = row[this.definition.primaryId] as string;
    this.rows[slot] = undefined;
    this.versions[slot] = 0;
    this.slots.delete(id);
    this.count--;
    this.deletedIds.push(id);
    this.deletedVersions.push(this.clock.next());
    for (const [columns, index] of this.keyIndexes) index.delete(keyText(row, columns));
  }

  /** Puts a slot back as it was before a change, as if that had never been. `row` undefined: the slot's row was new. */
  undo(slot: number, row: Row | undefined, version: number, deletions: number): void {
    const now = this.rows[slot];
    if (now) this.slots.delete(now[this.definition.primaryId] as string);
    this.count += (row ? 1 : 0) - (now ? 1 : 0);
    this.rows[slot] = row;
    this.versions[slot] = version;
    this.deletedIds.length = this.deletedVersions.length = deletions;
    if (row) this.slots.set(row[this.definition.primaryId] as string, slot);
    this.keyIndexes.clear();
    this.references.clear();
  }

  /**
   * Slots of the rows whose lookup holds this id. The index is made at the first question; entries that have become out of
   * date are left in it and passed over.
   */
  referencing(key: string, id: string): number[] {
    let index = this.references.get(key);
    if (!index) {
      index = new Map();
      this.references.set(key, index);
      for (let slot = 0; slot < this.rows.length; slot++) this.refer(index, key, slot);
    }
    const slots = index.get(id);
    if (!slots) return [];
    index.delete(id);
    return [...new Set(slots)].filter((slot) => this.rows[slot]?.[key] === id);
  }

  private refer(index: Map<string, number[]>, key: string, slot: number): void {
    const id = this.rows[slot]?.[key];
    if (typeof id !== 'string') return;
    const slots = index.get(id);
    if (slots) slots.push(slot);
    else index.set(id, [slot]);
  }

  /** The slot of the row with these values of an alternate key. */
  findByKey(columns: readonly string[], values: readonly Value[]): number | undefined {
    const name = columns.join('\u0000');
    let index = this.keyIndexes.get(name);
    if (!index) {
      index = new Map();
      for (let slot = 0; slot < this.rows.length; slot++) {
        const row = this.rows[slot];
        if (row) index.set(keyText(row, name), slot);
      }
      this.keyIndexes.set(name, index);
    }
    return index.get(values.map((value) => String(value).toLowerCase()).join('\u0000'));
  }

  /** Position in the log of the first entry with a version above `version`. */
  logPosition(version: number): number {
    return upperBound(this.logVersions, version);
  }

  /** The slot of a log entry if it is the latest of its row, else undefined; `null` past the end. */
  logEntry(position: number): { slot: number; version: number } | undefined | null {
    if (position >= this.logSlots.length) return null;
    const slot = this.logSlots[position] as number;
    const version = this.logVersions[position] as number;
    return this.versions[slot] === version ? { slot, version } : undefined;
  }

  deletionPosition(version: number): number {
    return upperBound(this.deletedVersions, version);
  }

  private log(slot: number, mayCompact = false): void {
    const version = this.clock.next();
    this.versions[slot] = version;
    this.logSlots.push(slot);
    this.logVersions.push(version);
    // Updates leave entries behind that are out of date; without this, a long run would grow without end.
    if (mayCompact && !this.clock.inTransaction && this.logSlots.length > 2 * this.count + 10_000) this.compact();
  }

  private compact(): void {
    const slots: number[] = [];
    const versions: number[] = [];
    for (let i = 0; i < this.logSlots.length; i++) {
      const entry = this.logEntry(i);
      if (!entry) continue;
      slots.push(entry.slot);
      versions.push(entry.version);
    }
    this.logSlots = slots;
    this.logVersions = versions;
  }
}

/** The organization's version counter, as SQL Server's row version. */
export class VersionClock {
  current = 900_000;
  inTransaction = false;
  next(): number {
    return ++this.current;
  }
}

function keyText(row: Row, columns: string): string {
  // Dataverse compares text without regard to case.
  if (!columns.includes('\u0000')) return String(row[columns]).toLowerCase();
  return columns
    .split('\u0000')
    .map((name) => String(row[name]).toLowerCase())
    .join('\u0000');
}

function upperBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
