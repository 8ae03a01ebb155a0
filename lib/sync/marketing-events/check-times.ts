import { TimeZone } from '../../core/time-zone';
import { ConfigurationError } from '../../core/errors';
import { compilePattern, type DateTimeFormat } from '../../core/date-time';

/**
 * Finds a format or time zone that does not exist before the first row.
 *
 * @param node display name of the node, for the message
 * @throws ConfigurationError DATE_TIME_FORMAT, UNKNOWN_TIME_ZONE
 */
export function checkTimes(format: DateTimeFormat, timeZone: string, node: string): void {
  TimeZone.named(timeZone);
  try {
    if (format !== 'auto') compilePattern(format);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigurationError('DATE_TIME_FORMAT', `The date-time format of the ${node} node: ${error.message}.`, {
      hint: 'A format looks like DD.MM.YYYY HH:mm.',
    });
  }
}
