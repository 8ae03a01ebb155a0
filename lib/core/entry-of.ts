/**
 * The entry of a table under a text that comes from outside. What objects inherit is none: `constructor` would otherwise be found in
 * every table.
 */
export function entryOf<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
