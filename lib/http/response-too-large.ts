import { FatalError } from '../core/errors';

/** A response is more than is taken of one. Whoever can ask for less, a page with fewer rows for example, does so. */
export class ResponseTooLargeError extends FatalError {
  /**
   * @param what the response has too much of, e.g. `is larger than 128 MB`
   * @param purpose `read table "contact"`
   */
  constructor(system: string, purpose: string, what: string) {
    super('RESPONSE_TOO_LARGE', `The response of ${system} ${what}; it was not read, when trying to ${purpose}.`, {
      hint: 'Choose fewer columns or smaller batches. If it stays, something between n8n and the system alters its responses.',
    });
  }
}
