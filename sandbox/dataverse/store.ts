import type { ColumnDefinition, Row, TableDefinition, Value } from './schema';
import { propertyName } from './schema';

/**
 * Rows that are worked out when they are read: a table of a million seeded rows then takes a tenth of the memory. One
 * source stands in the slots of all its rows.
 */
export class RowSource {
  /**
   * @param newest milliseconds: no row of the source has a later date in any column that tells of changes (`modifiedon`)
   * @param pointsTo lookups of the rows, by column, to the one table that they point to
   */
  constructor(
    private readonly firstSlot: number,
    private readonly make: (offset: number) => Row,
    readonly newest: number,
    readonly pointsTo: Readonly<Record<string, string>>,
  ) {}

  row(slot: number): Row {
    return this.make(slot - this.firstSlot);
  }
}

/** One table: rows by slot, in the order of their creation, and a log of versions for change tracking. */
export class Table {
  definition: TableDefinition;
  /** Deleted rows leave an empty slot. */
  private readonly content: (Row | RowSource | undefined)[] = [];
  /** Id of the row in each slot, also of a deleted one. */
  private readonly ids: string[] = [];
  /** The row that was worked out last: a filter asks for several values of one row. */
  private last: { slot: number; row: Row } | undefined;
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
      this.definition.columns
        .filter((each) => each.kind !== 'virtual' && !each.notServed)
        .map((each) => [propertyName(each), each]),
    );
    return this.properties;
  }

  redefine(definition: TableDefinition, atMs: number): void {
    this.definition = definition;
    this.properties = undefined;
    this.metadataChangedAt = atMs;
  }

  /** Number of slots, empty ones included. */
  get length(): number {
    return this.content.length;
  }

  has(slot: number): boolean {
    return this.content[slot] !== undefined;
  }

  row(slot: number): Row | undefined {
    const found = this.content[slot];
    if (!(found instanceof RowSource)) return found;
    if (this.last?.slot !== slot) this.last = { slot, row: found.row(slot) };
    return this.last.row;
  }

  /** The row in a slot that is not empty. */
  rowAt(slot: number): Row {
    return this.row(slot) as Row;
  }

  idAt(slot: number): string {
    return this.ids[slot] as string;
  }

  /** Ids of all rows. */
  liveIds(): string[] {
    return this.ids.filter((_, slot) => this.content[slot] !== undefined);
  }

  /** False when the row in the slot is certainly older than `ms`; spares working it out. */
  mayBeNewerThan(slot: number, ms: number): boolean {
    const found = this.content[slot];
    return !(found instanceof RowSource) || found.newest >= ms;
  }

  slotOf(id: string): number | undefined {
    return this.slots.get(id);
  }

  get(id: string): Row | undefined {
    const slot = this.slots.get(id);
    return slot === undefined ? undefined : this.row(slot);
  }

  insert(row: Row): void {
    const id = row[this.definition.primaryId] as string;
    const slot = this.content.length;
    this.append(id, row);
    for (const [columns, index] of this.keyIndexes) index.set(keyText(row, columns), slot);
    for (const [name, index] of this.references) this.refer(index, name.split(' ')[0] as string, slot);
  }

  /** Adds rows that are worked out when they are read. */
  insertSource(ids: Iterable<string>, source: RowSource): void {
    for (const id of ids) this.append(id, source);
    this.keyIndexes.clear();
    this.references.clear();
  }

  private append(id: string, content: Row | RowSource): void {
    const slot = this.content.length;
    this.content.push(content);
    this.ids.push(id);
    this.slots.set(id, slot);
    this.count++;
    this.log(slot);
  }

  replace(slot: number, row: Row): void {
    const before = this.rowAt(slot);
    this.content[slot] = row;
    this.last = undefined;
    this.log(slot, true);
    for (const [columns, index] of this.keyIndexes) {
      index.delete(keyText(before, columns));
      index.set(keyText(row, columns), slot);
    }
    for (const [name, index] of this.references) {
      const key = name.split(' ')[0] as string;
      if (row[key] !== before[key]) this.refer(index, key, slot);
    }
  }

  remove(slot: number): void {
    const id = this.idAt(slot);
    if (this.keyIndexes.size > 0) {
      const row = this.rowAt(slot);
      for (const [columns, index] of this.keyIndexes) index.delete(keyText(row, columns));
    }
    this.content[slot] = undefined;
    this.last = undefined;
    this.versions[slot] = 0;
    this.slots.delete(id);
    this.count--;
    this.deletedIds.push(id);
    this.deletedVersions.push(this.clock.next());
  }

  /** Puts a slot back as it was before a change, as if that had never been. `row` undefined: the slot's row was new. */
  undo(slot: number, row: Row | undefined, version: number, deletions: number): void {
    const exists = this.has(slot);
    if (exists) this.slots.delete(this.idAt(slot));
    this.count += (row ? 1 : 0) - (exists ? 1 : 0);
    this.content[slot] = row;
    this.last = undefined;
    this.versions[slot] = version;
    this.deletedIds.length = this.deletedVersions.length = deletions;
    if (row) this.slots.set(this.idAt(slot), slot);
    this.keyIndexes.clear();
    this.references.clear();
  }

  /**
   * Slots of the rows whose lookup holds this id. The index is made at the first question; entries that have become out of
   * date are left in it and passed over.
   */
  referencing(key: string, id: string, target: string): number[] {
    // Rows that point to another table alone need not be looked at, so such an index is one of the target too.
    const name = `${key} ${target}`;
    let index = this.references.get(name);
    if (!index) {
      index = new Map();
      this.references.set(name, index);
      for (let slot = 0; slot < this.content.length; slot++) {
        const found = this.content[slot];
        if (found instanceof RowSource && (found.pointsTo[key] ?? target) !== target) continue;
        this.refer(index, key, slot);
      }
    }
    const slots = index.get(id);
    if (!slots) return [];
    index.delete(id);
    return [...new Set(slots)].filter((slot) => this.row(slot)?.[key] === id);
  }

  private refer(index: Map<string, number[]>, key: string, slot: number): void {
    const id = this.row(slot)?.[key];
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
      for (let slot = 0; slot < this.content.length; slot++) {
        const row = this.row(slot);
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
