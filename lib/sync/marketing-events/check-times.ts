import { ConfigurationError } from '../errors';
import { compilePattern, parseDateTime, type DateTimeFormat } from '../export/date-time';

/**
 * Finds a format or time zone that does not exist before the first row.
 *
 * @param node display name of the node, for the message
 * @throws ConfigurationError DATE_TIME_FORMAT
 */
export function checkTimes(format: DateTimeFormat, timeZone: string, node: string): void {
  try {
    if (format !== 'auto') compilePattern(format);
    parseDateTime('2026-11-21 00:00:00', 'auto', timeZone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigurationError(
      'DATE_TIME_FORMAT',
      `The date-time format or time zone of the ${node} node: ${error.message}.`,
      { hint: 'A format looks like DD.MM.YYYY HH:mm, a time zone like Europe/Berlin.' },
    );
  }
}
