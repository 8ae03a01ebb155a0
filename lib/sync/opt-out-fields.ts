const OPT_OUT = /^(?:(?:black|deny)List(?:Email|Fax|Mobile|Phone|PostalMail|Pushnotification)?|ccpaOptOut)$/;

/**
 * True for Campaign's eight opt-out fields (`blackList…`, also by the name `denyList…`, and `ccpaOptOut`). A value that says
 * nothing is never written to one of them: an empty column is no consent.
 */
export function isOptOutField(name: string): boolean {
  return OPT_OUT.test(name);
}
