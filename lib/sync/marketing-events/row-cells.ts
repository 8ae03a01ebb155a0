/** A row of an export, whatever its columns. */
export type LogRow = Readonly<Record<string, unknown>>;

/** The value of a column; its name's case does not matter where there is none of exactly that name. */
export function cellOf(row: LogRow, name: string): unknown {
  if (Object.hasOwn(row, name)) return row[name];
  const folded = name.toLowerCase();
  for (const key of Object.keys(row)) if (key.toLowerCase() === folded) return row[key];
  return undefined;
}

/** The text of a cell; empty where there is none, and for what is neither a text nor a number. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : '';
}
