import type { Column } from '../../../../lib/core/metadata';
import { TimeZone } from '../../../../lib/core/time-zone';
import { cut, cutToUnits } from '../../../../lib/core/text';
import { conversions } from '../../../../lib/sync/conversion/conversions';
import { subjectOf } from '../../../../lib/dataverse/timeline/activity-body';
import { field } from '../../../support/builders';
import { thrown } from '../../../support/errors';

function convert(value: string | number, from: Column['type'], to = field('f', 'string'), more: object = {}) {
  const settings = {
    place: { line: 7, source: 'c', field: 'f' },
    field: to,
    choices: 'value',
    options: undefined,
    zone: TimeZone.named('Europe/Berlin'),
    tooLong: 'cut',
    unknownEntries: 'reject',
    whenEmpty: 'clear',
    ...more,
  } as const;
  return conversions.compile(from, settings)?.(value, undefined);
}

describe('a text on its way to Campaign', () => {
  it.each(['\0', 'a\ud83d', '\ude00b', 'a\u0001', '\u001f', '\u007f', '\u0085'])(
    'is refused with its line where it is damaged: case %#',
    (text) => {
      const refused = thrown(() => convert(text + 'x', 'string'));
      expect(refused).toMatchObject({ code: 'INVALID_CHARACTER', mappingLine: 7, field: 'f' });
      expect(JSON.stringify([refused.message, refused.hint])).not.toContain('\\u');
    },
  );

  it('keeps tabs, line ends and whole pairs', () => {
    const text = 'a\tb\r\nc\n😀 \u200f é';
    expect(convert(text, 'memo')).toBe(text);
  });

  it('is cut between characters, everywhere', () => {
    expect(convert('ab😀c', 'string', field('f', 'string', { maxLength: 3 }))).toBe('ab😀');
    expect(cut('😀😀', 1)).toBe('😀');
    expect([0, 1, 2, 3, 4].map((max) => cutToUnits('a😀b', max))).toEqual(['', 'a', 'a', 'a😀', 'a😀b']);
    for (let max = 20; max < 60; max++) {
      const subject = subjectOf({ campaignName: '😀'.repeat(30), deliveryName: 'x' } as never, max);
      expect(subject.length).toBeLessThanOrEqual(max);
      expect(subject).not.toMatch(/\p{Surrogate}/u);
    }
  });
});

describe('a number with more digits than a double has', () => {
  it('stays exact as text', () => {
    expect(convert('922337203685477.5807', 'money')).toBe('922337203685477.5807');
    expect(convert('9223372036854775807', 'bigint')).toBe('9223372036854775807');
  });

  it.each(['double', 'float', 'integer'] as const)('is refused with its line in a field of type %s', (type) => {
    expect(thrown(() => convert('922337203685477.5807', 'decimal', field('f', type)))).toMatchObject({
      code: 'TOO_MANY_DIGITS',
      mappingLine: 7,
    });
  });
});

describe('a day that is kept as a moment', () => {
  const day = (value: string, zone: string) =>
    convert(value, 'datetime', field('f', 'date'), { localDay: true, zone: TimeZone.named(zone) });

  it.each([
    ['2026-11-20T23:00:00Z', 'Europe/Berlin', '2026-11-21'],
    ['2026-06-20T22:00:00Z', 'Europe/Berlin', '2026-06-21'],
    ['2026-11-21T05:00:00Z', 'America/New_York', '2026-11-21'],
    ['2026-11-21T00:00:00Z', 'Europe/Berlin', '2026-11-21'],
    ['2026-11-21T00:00:00Z', 'UTC', '2026-11-21'],
  ])('is that day: %s in %s', (value, zone, expected) => {
    expect(day(value, zone)).toBe(expected);
  });

  it.each([
    ['2026-11-20T23:00:00Z', 'UTC'],
    ['2026-11-21T00:00:00Z', 'America/New_York'],
    ['2026-11-21T05:00:00Z', 'Europe/Berlin'],
  ])('is refused where it may be two: %s in %s', (value, zone) => {
    expect(thrown(() => day(value, zone))).toMatchObject({ code: 'DAY_NOT_CERTAIN', mappingLine: 7 });
  });
});
