/**
 * True for a page: of a proxy, a portal or a sign-in that stands before a system, and says 200 with it. No API of the two systems answers
 * with one, so a write that got one did not arrive.
 */
export function isWebPage(text: string): boolean {
  return /^\s{0,1000}</.test(text);
}
