import type { IDataObject } from 'n8n-workflow';
import { readChanges } from '../../../nodes/AdobeCampaign/read-changes';

const target = (parts: IDataObject = {}): IDataObject => ({
  resource: 'profile',
  api: 'profileAndServicesExt',
  key: { field: 'externalId', value: 'a' },
  fields: { firstName: 'Ada' },
  loadAndCreationFields: {},
  creationFields: {},
  ...parts,
});
const upsert = (parts: IDataObject = {}): IDataObject => ({ change: 'upsert', initial: false, target: target(parts) });
const read = (...items: IDataObject[]) => readChanges(items.map((json) => ({ json })));

describe('readChanges', () => {
  it('gives the items as they are, in their order', () => {
    const items = [
      upsert(),
      { change: 'delete', initial: false, target: target() },
      { outcome: { status: 'rejected', code: 'TOO_LONG', engineCalls: 0 } },
    ];
    expect(read(...items)).toEqual(items);
  });

  it('asks for no fields where a record is to be deleted', () => {
    const item = { change: 'delete', initial: false, target: target({ fields: null, creationFields: undefined }) };
    expect(read(item)).toEqual([item]);
  });

  it('asks for no target where the item has its outcome already', () => {
    expect(() => read({ change: 'upsert', outcome: { status: 'skipped', engineCalls: 0 } })).not.toThrow();
  });

  it.each<[string, IDataObject]>([
    ['has no target', { change: 'upsert', target: null }],
    ['names no resource, API or key field', upsert({ resource: '' })],
    ['names no resource, API or key field', upsert({ api: 5 })],
    ['names no resource, API or key field', upsert({ key: { field: null } })],
    ['has no fields', upsert({ fields: 'firstName' })],
    ['has no fields', upsert({ loadAndCreationFields: ['firstName'] })],
    ['has no fields', upsert({ creationFields: undefined })],
    ['neither "upsert" nor "delete"', { ...upsert(), change: 'insert' }],
  ])('refuses the whole batch for one item of which it says: %s', (why, item) => {
    expect(() => read(upsert(), upsert(), item)).toThrow(why);
    expect(() => read(upsert(), upsert(), item)).toThrow(
      expect.objectContaining({ code: 'NOT_A_CHANGE', message: expect.stringContaining('Item 2') }),
    );
  });

  it.each<[string, unknown]>([
    ['of another word', { status: 'done' }],
    ['that every object has', { status: 'constructor' }],
    ['that is no text', { status: 7 }],
    ['in no object', 'rejected'],
    ['in nothing', null],
  ])('refuses the whole batch for one item with a status %s', (_what, outcome) => {
    expect(() => read(upsert(), { ...upsert(), outcome: outcome as IDataObject })).toThrow(
      expect.objectContaining({ code: 'OUTCOME_UNKNOWN', message: expect.stringContaining('Item 1') }),
    );
  });

  it.each<[string, unknown]>([
    ['a time limit that is no time', { trigger: 'w:n', number: 1, attempt: 1, until: 'soon' }],
    ['no number', { trigger: 'w:n', attempt: 1, until: '2026-11-21T12:00:00Z' }],
    ['the number as text', { trigger: 'w:n', number: '1', attempt: 1, until: '2026-11-21T12:00:00Z' }],
    ['no trigger', { number: 1, attempt: 1, until: '2026-11-21T12:00:00Z' }],
    ['a text in its place', 'w:n'],
    ['null in its place', null],
  ])('rejects the one item whose delivery has %s, and lets the others go on', (_what, delivery) => {
    const [first, second] = read({ ...upsert(), delivery: delivery as IDataObject }, upsert());
    expect(first?.outcome).toMatchObject({ status: 'rejected', code: 'DELIVERY_UNREADABLE', field: 'delivery' });
    expect(second?.outcome).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['an object', { toString: 1 }],
    ['a list', ['Ada']],
    ['no number', NaN],
  ])('rejects the one item whose field has %s for a value, and lets the others go on', (_what, value) => {
    const [first, second] = read(upsert({ fields: { firstName: value as IDataObject } }), upsert());
    expect(first?.outcome).toMatchObject({ status: 'rejected', code: 'VALUE_NOT_PLAIN', field: 'firstName' });
    expect(second?.outcome).toBeUndefined();
  });
});
