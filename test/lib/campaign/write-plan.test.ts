import type { Target } from '../../../lib/core/change';
import { planWrite, type PlannedChange } from '../../../lib/campaign/write-plan';
import { byName, field, target as profile } from '../../support/builders';

const context = {
  fields: byName(
    field('externalId', 'string'),
    field('firstName', 'string'),
    field('birthDate', 'date'),
    field('blackListEmail', 'boolean'),
    field('location.city', 'string'),
    field('cusNumber', 'integer'),
  ),
  locationIsFixed: false,
};
const KEY = 'f3b1f2de-0000-4000-8000-000000000001';
const target = (parts: Partial<Target> = {}) => profile(KEY, {}, parts);
const upsert = (parts: Partial<Target> = {}, initial = false): PlannedChange => ({
  change: 'upsert',
  initial,
  target: target(parts),
});

describe('planWrite', () => {
  it('creates what is not there, with the key, all fields and those that travel with a create', () => {
    const change = upsert({
      fields: { firstName: 'Ada', 'location.city': 'Ulm' },
      loadAndCreationFields: { birthDate: '1815-12-10' },
      creationFields: { blackListEmail: true },
    });
    expect(planWrite(change, null, context)).toEqual({
      kind: 'create',
      body: {
        externalId: KEY,
        firstName: 'Ada',
        location: { city: 'Ulm' },
        birthDate: '1815-12-10',
        blackListEmail: true,
      },
    });
  });

  it('patches only what differs', () => {
    const change = upsert({ fields: { firstName: 'Ada', birthDate: '1815-12-10', 'location.city': 'London' } });
    const record = { externalId: KEY, firstName: 'Ada', birthDate: '', location: { city: 'Ulm', zipCode: '89073' } };
    expect(planWrite(change, record, context)).toEqual({
      kind: 'update',
      body: { birthDate: '1815-12-10', location: { city: 'London' } },
      changed: ['birthDate', 'location.city'],
      refused: [],
    });
  });

  it('finds nothing to do where Campaign holds the same already', () => {
    const change = upsert({ fields: { firstName: null, blackListEmail: null, 'location.city': '' } });
    const record = { externalId: KEY, firstName: '', blackListEmail: false, location: {} };
    expect(planWrite(change, record, context)).toEqual({ kind: 'nothing', refused: [] });
  });

  it('sends an emptied field, so that clearing a value in the source clears it in Campaign', () => {
    const plan = planWrite(upsert({ fields: { firstName: '' } }), { externalId: KEY, firstName: 'Ada' }, context);
    expect(plan).toMatchObject({ kind: 'update', body: { firstName: '' } });
  });

  it.each([
    [false, { kind: 'nothing', refused: [] }],
    [true, { kind: 'update', body: { firstName: 'Ada' }, changed: ['firstName'], refused: [] }],
  ])(
    'sends fields without "Apply updates" to a record that exists only on an initial load (initial: %s)',
    (initial, plan) => {
      const change = upsert({ loadAndCreationFields: { firstName: 'Ada' } }, initial);
      expect(planWrite(change, { externalId: KEY, firstName: 'Augusta' }, context)).toEqual(plan);
    },
  );

  it.each([false, true])(
    'leaves fields that travel on creation alone as they are in Campaign, on an initial load too (initial: %s)',
    (initial) => {
      const opted = { creationFields: { blackListEmail: false } };
      const plan = planWrite(upsert(opted, initial), { externalId: KEY, blackListEmail: true }, context);
      expect(plan).toEqual({ kind: 'nothing', refused: [] });
      expect(planWrite(upsert(opted, initial), null, context)).toMatchObject({
        kind: 'create',
        body: { blackListEmail: false },
      });
    },
  );

  it.each([
    ['another key', { externalId: 'other' }],
    ['the key in other letters', { externalId: KEY.toUpperCase() }],
    ['the key with a blank', { externalId: `${KEY} ` }],
    ['no key', {}],
    ['an object for a key', { externalId: { toString: (): string => KEY } }],
    ['null for a key', { externalId: null }],
  ])('never touches a record with %s', (_what, record) => {
    for (const change of ['upsert', 'delete'] as const) {
      expect(
        planWrite({ change, initial: true, target: target({ fields: { firstName: 'x' } }) }, record, context),
      ).toMatchObject({
        kind: 'reject',
        code: 'KEY_MISMATCH',
      });
    }
  });

  it.each(['', ' ', '\t\n', '.', '..', undefined, null, 7])('rejects %j as a key', (value) => {
    const change = upsert({ key: { field: 'externalId', value: value as string } });
    for (const found of [null, { externalId: value }]) {
      expect(planWrite(change, found, context)).toMatchObject({ kind: 'reject', code: 'KEY_NOT_USABLE' });
    }
  });

  it('deletes what is there, and takes what is not there as absent', () => {
    const change: PlannedChange = { change: 'delete', initial: false, target: target() };
    expect(planWrite(change, { externalId: KEY }, context)).toEqual({ kind: 'delete' });
    expect(planWrite(change, null, context)).toEqual({ kind: 'absent' });
  });

  it('never creates a record for a change that only updates', () => {
    expect(planWrite(upsert({ fields: { firstName: 'x' }, updateOnly: true }), null, context)).toEqual({
      kind: 'absent',
    });
  });

  it('sends the key of a number field as a number, and compares it as one', () => {
    const change = upsert({ key: { field: 'cusNumber', value: '42' }, fields: { firstName: 'x' } });
    expect(planWrite(change, null, context)).toMatchObject({ body: { cusNumber: 42 } });
    expect(planWrite(change, { cusNumber: 42, firstName: 'x' }, context)).toEqual({ kind: 'nothing', refused: [] });
    const text = upsert({ key: { field: 'cusNumber', value: '042' } });
    expect(planWrite(text, null, context)).toMatchObject({ body: { cusNumber: '042' } });
  });

  it('lets no mapped field replace the key', () => {
    const change = upsert({ fields: { externalId: 'other' } });
    expect(planWrite(change, null, context)).toMatchObject({ body: { externalId: KEY } });
  });

  describe('where location can not be patched (v8)', () => {
    const fixed = { ...context, locationIsFixed: true };
    const record = { externalId: KEY, firstName: 'Ada', blackListEmail: false, location: { city: 'Ulm' } };

    it('writes the other fields and names those that stay as they are', () => {
      const change = upsert({ fields: { blackListEmail: true, 'location.city': 'London' } });
      expect(planWrite(change, record, fixed)).toEqual({
        kind: 'update',
        body: { blackListEmail: true },
        changed: ['blackListEmail'],
        refused: ['location.city'],
      });
    });

    it('leaves out a location that travels with a load and a create, on a replay', () => {
      const change = upsert({ loadAndCreationFields: { 'location.city': 'London' } }, true);
      expect(planWrite(change, record, fixed)).toEqual({ kind: 'nothing', refused: [] });
    });

    it('still creates with a location', () => {
      const change = upsert({ fields: { 'location.city': 'London' } });
      expect(planWrite(change, null, fixed)).toMatchObject({ body: { location: { city: 'London' } } });
    });
  });
});
