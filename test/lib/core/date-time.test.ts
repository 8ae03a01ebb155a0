import { compilePattern, parseDateTime } from '../../../lib/core/date-time';
import { thrown } from '../../support/errors';

describe('parseDateTime', () => {
  it.each([
    ['2026-11-21T16:30:00Z', 'UTC', '2026-11-21T16:30:00.000Z'],
    ['2020-07-31 11:19:00.304Z', 'Europe/Berlin', '2020-07-31T11:19:00.304Z'],
    ['2026/11/21 16:30:00', 'Europe/Berlin', '2026-11-21T15:30:00.000Z'],
    ['2026/07/21 16:30', 'Europe/Berlin', '2026-07-21T14:30:00.000Z'],
    ['2026-11-21', 'America/New_York', '2026-11-21T05:00:00.000Z'],
    ['2026-11-21T16:30:00.1234567+05:30', 'UTC', '2026-11-21T11:00:00.123Z'],
    ['2026-11-21T16:30:00-0300', 'UTC', '2026-11-21T19:30:00.000Z'],
    ['2026-11-21 16:30:00 UTC', 'Asia/Tokyo', '2026-11-21T16:30:00.000Z'],
  ])('reads %s in %s', (text, zone, expected) => {
    expect(parseDateTime(text, 'auto', zone)).toBe(expected);
  });

  it('takes the hour that happens twice as its first, and moves the one that does not exist forward', () => {
    expect(parseDateTime('2026-10-25 02:30:00', 'auto', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z');
    expect(parseDateTime('2026-03-29 02:30:00', 'auto', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
  });

  it.each([
    '11/21/2026 16:30',
    '21.11.2026',
    '2026-02-29',
    '2026-13-01',
    '2026-11-21T24:00:00Z',
    '2026-11-21T16:60:00Z',
    '0001-01-01T00:00:00Z',
    '2026-11-21T16:30:00+99:00',
    '2026-11-21T16',
    'never',
    '1763742600',
    '2026-11-21 16:30:00; DROP',
  ])('does not guess at %s', (text) => {
    expect(parseDateTime(text, 'auto', 'UTC')).toBeUndefined();
  });

  it.each([
    ['DD.MM.YYYY HH:mm', '21.11.2026 16:30', '2026-11-21T16:30:00.000Z'],
    ['M/D/YYYY h:mm A', '1/2/2026 12:05 am', '2026-01-02T00:05:00.000Z'],
    ['M/D/YYYY h:mm A', '1/2/2026 12:05 PM', '2026-01-02T12:05:00.000Z'],
    ['YYYYMMDDTHHmmssZ', '20261121T163000+0100', '2026-11-21T15:30:00.000Z'],
    ['YYYY-MM-DD HH:mm:ss.SSS', '2026-11-21 16:30:00.5', '2026-11-21T16:30:00.500Z'],
  ])('reads the pattern %s', (pattern, text, expected) => {
    expect(parseDateTime(text, pattern, 'UTC')).toBe(expected);
  });

  it.each([
    ['DD.MM.YYYY', '2026-11-21'],
    ['M/D/YYYY h:mm A', '1/2/2026 13:05 PM'],
  ])('refuses for the pattern %s the text %s', (pattern, text) => {
    expect(parseDateTime(text, pattern, 'UTC')).toBeUndefined();
  });

  it.each(['', 'HH:mm', 'YYYY-MM', 'YYYY-MM-DD EEE', 'YYYY-MM-DD-YYYY'])('refuses the pattern "%s"', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(RangeError);
  });

  it('refuses an unknown time zone', () => {
    expect(thrown(() => parseDateTime('2026-11-21', 'auto', 'Mars/Olympus')).code).toBe('UNKNOWN_TIME_ZONE');
  });
});
