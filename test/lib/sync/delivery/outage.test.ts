import { FatalError, RetriableError } from '../../../../lib/core/errors';
import { Outage } from '../../../../lib/sync/delivery/outage';

const outage = () =>
  new Outage({ report: () => {}, allClear: () => {}, log: () => {} }, 'It could not be read', 'All clear.');

describe('the pauses of an outage', () => {
  it.each([
    ['that may pass by itself', new RetriableError('CONNECTION_FAILED', 'The system is away.')],
    ['that somebody has to mend', new FatalError('SIGN_IN_REFUSED', 'The sign-in was refused.')],
  ])('stay short however long one lasts %s, so that its end is seen within a minute', (_what, error) => {
    const one = outage();
    const pauses = Array.from({ length: 40 }, () => one.failed(error, 300_000));
    expect(pauses.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(Math.max(...pauses)).toBe(20_000);
  });

  it('are as long as the server asks', () => {
    const asked = new RetriableError('THROTTLED', 'Too many requests.', { retryAfterMs: 90_000 });
    expect(outage().failed(asked, 300_000)).toBe(90_000);
  });

  it('are never longer than what is set', () => {
    const one = outage();
    const error = new RetriableError('CONNECTION_FAILED', 'The system is away.');
    expect(Math.max(...Array.from({ length: 10 }, () => one.failed(error, 5_000)))).toBe(5_000);
  });
});
