/**
 * True for a text that may be the name of a table, column, resource or field. Names may come from items, and what does not look like one
 * may be a value that stands in the wrong place: it is not shown.
 */
export function isNameLike(name: unknown): name is string {
  return typeof name === 'string' && name.length <= 128 && /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(name);
}
