import type { Delivery } from '../../../../lib/core/change';
import { DeliveryRegistry } from '../../../../lib/sync/delivery/deliveries';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  trigger: 'w:n',
  number: 3,
  attempt: 1,
  until: '2026-11-21T12:00:01.000Z',
  ...more,
});

describe('the registry of deliveries', () => {
  it('lets the delivery in force write until its time is over', () => {
    const registry = new DeliveryRegistry();
    registry.begin(delivery());
    expect(registry.mayWrite(delivery(), NOW)).toBe(true);
    expect(registry.mayWrite(delivery(), NOW + 999)).toBe(true);
    expect(registry.mayWrite(delivery(), NOW + 1000)).toBe(false);
  });

  it.each([
    ['an earlier attempt', { attempt: 0 }],
    ['a later attempt that nobody began', { attempt: 2 }],
    ['another delivery', { number: 2 }],
  ])('lets %s of the same trigger not write', (_what, other) => {
    const registry = new DeliveryRegistry();
    registry.begin(delivery());
    expect(registry.mayWrite(delivery(other), NOW)).toBe(false);
  });

  it('goes by the time alone where the trigger runs in another process', () => {
    expect(new DeliveryRegistry().mayWrite(delivery(), NOW)).toBe(true);
    expect(new DeliveryRegistry().mayWrite(delivery(), NOW + 1000)).toBe(false);
  });

  it.each(['', 'tomorrow', 'NaN', '2026-13-45', undefined, null])(
    'takes a time limit that is no time for over: %p',
    (until) => {
      const registry = new DeliveryRegistry();
      registry.begin(delivery());
      expect(registry.mayWrite(delivery({ until: until as string }), NOW)).toBe(false);
    },
  );

  it('lets what no trigger delivered write', () => {
    expect(new DeliveryRegistry().mayWrite(undefined, NOW)).toBe(true);
  });
});
