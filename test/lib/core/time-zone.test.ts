import { TimeZone } from '../../../lib/core/time-zone';
import { thrown } from '../../support/errors';

describe('TimeZone', () => {
  it.each([
    ['Europe/Berlin', '2023-03-26T00:59:59Z', 1],
    ['Europe/Berlin', '2023-03-26T01:00:00Z', 2],
    ['America/New_York', '2023-11-05T05:59:59Z', -4],
    ['America/New_York', '2023-11-05T06:00:00Z', -5],
    ['Asia/Kathmandu', '2023-01-01T00:00:00Z', 5.75],
    ['Australia/Lord_Howe', '2023-01-01T00:00:00Z', 11],
    ['Australia/Lord_Howe', '2023-07-01T00:00:00Z', 10.5],
    ['Pacific/Apia', '2011-12-31T12:00:00Z', 14],
    ['UTC', '2023-01-01T00:00:00Z', 0],
  ])('%s is at %s %p hours from UTC', (name, at, hours) => {
    expect(TimeZone.named(name).offsetAt(Date.parse(at))).toBe(hours * 3_600_000);
  });

  it('gives back every local hour of a year', () => {
    for (const name of ['Europe/Berlin', 'America/Sao_Paulo', 'Asia/Tehran']) {
      const zone = TimeZone.named(name);
      for (let ms = Date.UTC(2022, 0, 1); ms < Date.UTC(2023, 0, 1); ms += 3_600_000) {
        const local = ms + zone.offsetAt(ms);
        const back = zone.toUtc(local);
        // In the hour that comes twice, the first one is meant.
        expect([ms, ms - 3_600_000]).toContain(back);
        expect(back + zone.offsetAt(back)).toBe(local);
      }
    }
  });

  it.each(['', 'Berlin', 'CEST+2', '../etc'])('names %p as no time zone', (name) => {
    expect(thrown(() => TimeZone.named(name)).code).toBe('UNKNOWN_TIME_ZONE');
  });
});
