/** Display labels of choices, names of lookups. */
export const FORMATTED_VALUE = '@OData.Community.Display.V1.FormattedValue';

/** The logical name of the table that a lookup points to. */
export const LOOKUP_TABLE = '@Microsoft.Dynamics.CRM.lookuplogicalname';

/** The Web API names a lookup `_ownerid_value`; the column is `ownerid`. */
export function logicalNameOf(name: string): string {
  return /^_(.+)_value$/.exec(name)?.[1] ?? name;
}

/** Whether one of these columns, named as in the Web API's JSON, is a lookup. */
export function hasLookup(columns: readonly string[]): boolean {
  return columns.some((name) => logicalNameOf(name) !== name);
}

/** The `Prefer` header of a read; undefined when nothing is preferred. */
export function preferOf(options: {
  readonly trackChanges?: boolean | undefined;
  readonly pageSize?: number | undefined;
  readonly annotations?: boolean | undefined;
  readonly lookupTables?: boolean | undefined;
}): string | undefined {
  const preferences = [];
  if (options.trackChanges) preferences.push('odata.track-changes');
  if (options.pageSize !== undefined) preferences.push(`odata.maxpagesize=${options.pageSize}`);
  const annotations = [
    ...(options.annotations ? [FORMATTED_VALUE] : []),
    ...(options.lookupTables ? [LOOKUP_TABLE] : []),
  ].map((name) => name.slice(1));
  if (annotations.length > 0) preferences.push(`odata.include-annotations="${annotations.join(',')}"`);
  return preferences.length === 0 ? undefined : preferences.join(',');
}

/** Query options as `$name=value&...`, values encoded; undefined ones are left out. */
export function queryOf(options: Readonly<Record<string, string | number | undefined>>): string {
  const parts = [];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    parts.push(`$${name}=${encodeURIComponent(value).replace(/%2C/g, ',').replace(/%24/g, '$')}`);
  }
  return parts.join('&');
}

/** A string literal for URLs, quotes doubled and encoded. */
export function literal(text: string): string {
  return `'${encodeURIComponent(text.replace(/'/g, "''"))}'`;
}

/** `$deltatoken` of a delta link, exactly as it stands there. */
export function deltaTokenOf(link: string): string | undefined {
  return /[?&](?:\$|%24)deltatoken=([^&#]*)/i.exec(link)?.[1];
}
