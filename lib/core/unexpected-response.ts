import { FatalError } from './errors';

/**
 * UNEXPECTED_RESPONSE: a system's response has another form than its documentation says.
 *
 * @param message what came from which system, and what it was asked for; a whole sentence
 */
export function unexpectedResponse(message: string): FatalError {
  return new FatalError('UNEXPECTED_RESPONSE', message, {
    hint: 'Look for a proxy in between that alters responses. If there is none, report it with this message. Nothing more is written meanwhile, and the batch of a trigger is delivered again.',
  });
}
