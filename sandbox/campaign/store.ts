import type { Settings } from '../settings';
import { RESOURCES } from './resources';
import { emptyValue, type CampaignRow, type FieldDefinition, type FieldValue, type ResourceDefinition } from './schema';

/** One resource: rows by slot, in the order of their creation. The slot is Campaign's internal id. */
export class Resource {
  definition: ResourceDefinition;
  rows: (CampaignRow | undefined)[] = [];
  count = 0;
  private readonly indexes = new Map<string, Map<FieldValue, number | number[]>>();
  private byName: Map<string, FieldDefinition> | undefined;
  private emptyRow: CampaignRow | undefined;

  constructor(definition: ResourceDefinition) {
    this.definition = definition;
    for (const each of definition.fields) if (each.unique) this.indexes.set(each.key, new Map());
  }

  /** Fields by name. */
  get fields(): ReadonlyMap<string, FieldDefinition> {
    this.byName ??= new Map(this.definition.fields.map((each) => [each.name, each]));
    return this.byName;
  }

  redefine(definition: ResourceDefinition): void {
    this.definition = definition;
    this.byName = undefined;
    this.emptyRow = undefined;
  }

  /**
   * A row of empty values, to be copied. It comes out of JSON.parse because an object that grew key by key is kept as a hash
   * table by V8, as are its copies, and takes four times the memory.
   */
  get empty(): CampaignRow {
    this.emptyRow ??= JSON.parse(
      JSON.stringify(Object.fromEntries(this.definition.fields.map((each) => [each.key, emptyValue(each)]))),
    ) as CampaignRow;
    return this.emptyRow;
  }

  get keyField(): FieldDefinition {
    const { definition } = this;
    return definition.fields.find((each) => each.key === definition.key) as FieldDefinition;
  }

  insert(row: CampaignRow): number {
    const slot = this.rows.length;
    this.rows.push(row);
    this.count++;
    for (const [key, index] of this.indexes) add(index, row[key], slot);
    return slot;
  }

  replace(slot: number, row: CampaignRow): void {
    const before = this.rows[slot] as CampaignRow;
    this.rows[slot] = row;
    for (const [key, index] of this.indexes) {
      if (before[key] === row[key]) continue;
      drop(index, before[key], slot);
      add(index, row[key], slot);
    }
  }

  remove(slot: number): void {
    const row = this.rows[slot] as CampaignRow;
    this.rows[slot] = undefined;
    this.count--;
    for (const [key, index] of this.indexes) drop(index, row[key], slot);
  }

  /** Slots of the rows with this value; an index is made at the first question. */
  find(key: string, value: FieldValue): readonly number[] {
    let index = this.indexes.get(key);
    if (!index) {
      index = new Map();
      for (let slot = 0; slot < this.rows.length; slot++) {
        const row = this.rows[slot];
        if (row) add(index, row[key], slot);
      }
      this.indexes.set(key, index);
    }
    const found = index.get(value);
    return found === undefined ? [] : typeof found === 'number' ? [found] : found;
  }
}

// A value that one row has is kept as a number, not as a list: with a million rows that is a third of the memory.
function add(index: Map<FieldValue, number | number[]>, value: FieldValue | undefined, slot: number): void {
  if (value === undefined || value === '') return;
  const found = index.get(value);
  if (found === undefined) index.set(value, slot);
  else if (typeof found === 'number') index.set(value, [found, slot]);
  else found.push(slot);
}

function drop(index: Map<FieldValue, number | number[]>, value: FieldValue | undefined, slot: number): void {
  if (value === undefined) return;
  const found = index.get(value);
  if (typeof found === 'number') index.delete(value);
  else if (found)
    index.set(
      value,
      found.filter((each) => each !== slot),
    );
}

/** The instance of one tenant: its resources. */
export class Instance {
  private resources = new Map<string, Resource>();

  constructor(
    readonly settings: Settings,
    readonly tenant: string,
    readonly now: () => number,
  ) {
    this.reset();
  }

  reset(): void {
    this.resources = new Map(RESOURCES.map((definition) => [definition.name, new Resource(definition)]));
  }

  resource(name: string): Resource | undefined {
    return this.resources.get(name);
  }

  all(): Resource[] {
    return [...this.resources.values()];
  }

  /** Now as Campaign writes it: `2020-07-31 11:19:00.304Z`. */
  timestamp(): string {
    return new Date(this.now()).toISOString().replace('T', ' ');
  }

  /** A row with every field, those that were not given empty. */
  complete(resource: Resource, values: Readonly<Record<string, FieldValue>>): CampaignRow {
    const row: Record<string, FieldValue> = { ...resource.empty };
    for (const each of resource.definition.fields) {
      const value = values[each.key];
      if (value !== undefined) row[each.key] = value;
    }
    row['created'] = values['created'] ?? this.timestamp();
    row['lastModified'] = values['lastModified'] ?? row['created'];
    return row;
  }

  /** Sets the times of the fields that differ between two rows. */
  stamp(resource: Resource, before: CampaignRow | undefined, after: Record<string, FieldValue>): void {
    const at = this.timestamp();
    let optOut = false;
    for (const each of resource.definition.fields) {
      if (each.stampedBy === undefined || after[each.key] === (before?.[each.key] ?? false)) continue;
      after[each.stampedBy] = at;
      optOut = true;
    }
    if (optOut) after['blackListAllLastModified'] = at;
    after['lastModified'] = at;
  }
}
