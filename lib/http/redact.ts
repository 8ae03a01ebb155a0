// The clients' errors take it from here.
export { LONGEST_READ, redact, withoutValues } from '../core/redact';
