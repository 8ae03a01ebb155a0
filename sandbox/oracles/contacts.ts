import type { DumpedRow } from '../control-client';

/** One line of the mapping as the oracle sees it: a column of the contact and a field of the profile (`location.city`: nested). */
export interface Pair {
  readonly column: string;
  readonly field: string;
}

export interface Difference {
  readonly id: string;
  readonly kind: 'missing' | 'different' | 'surplus' | 'doubled';
  /** The first field that differs. */
  readonly field?: string;
}

/** What choices are called on the other side. What is not listed here is compared as it stands. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  gendercode: { '1': 'male', '2': 'female' },
  new_segment: { '100000000': 'bronze', '100000001': 'silver', '100000002': 'gold' },
};

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Campaign holds no null: an empty text, date, number or boolean, or the choice `unknown` or `none`, stands for it. */
const EMPTY = new Set(['', '0', 'false', 'unknown', 'none']);

/**
 * Compares the contacts with the profiles whose `externalId` is a contact's id, record by record and field by field. Shares no code with
 * the product, so that a mistake there can't hide here. Profiles without an `externalId`, or with one that is no GUID, are not the sync's and are left alone.
 */
export function compare(
  contacts: readonly DumpedRow[],
  profiles: readonly DumpedRow[],
  pairs: readonly Pair[],
): Difference[] {
  const differences: Difference[] = [];
  const byKey = new Map<string, DumpedRow>();
  for (const profile of profiles) {
    const key = text(profile['externalId']).toLowerCase();
    if (!GUID.test(key)) continue;
    if (byKey.has(key)) differences.push({ id: key, kind: 'doubled' });
    byKey.set(key, profile);
  }
  for (const contact of contacts) {
    const id = text(contact['contactid']).toLowerCase();
    const profile = byKey.get(id);
    byKey.delete(id);
    if (!profile) differences.push({ id, kind: 'missing' });
    else {
      const differing = pairs.find(({ column, field }) => !isSame(column, contact[column], fieldOf(profile, field)));
      if (differing) differences.push({ id, kind: 'different', field: differing.field });
    }
  }
  for (const id of byKey.keys()) differences.push({ id, kind: 'surplus' });
  return differences;
}

function isSame(column: string, source: unknown, target: unknown): boolean {
  if (source === null || source === undefined || source === '') return EMPTY.has(text(target));
  const names = NAMES[column];
  if (names) return names[text(source)] === text(target);
  if (typeof source === 'boolean') return source === (target === true || target === 'true' || target === 1);
  if (typeof source === 'number') return source === Number(target);
  const [left, right] = [text(source), text(target)];
  if (left === right) return true;
  return /^\d{4}-\d\d-\d\dT/.test(left) && Date.parse(left) === Date.parse(right.replace(' ', 'T'));
}

/** A nested field: as the sandbox dumps it (`location.city` is one name), or as Campaign's interface gives it. */
function fieldOf(record: DumpedRow, path: string): unknown {
  if (path in record) return record[path];
  let value: unknown = record;
  for (const part of path.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as DumpedRow)[part] : undefined;
  }
  return value;
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value as string | number);
}
