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
    ['no known status', { ...upsert(), outcome: { status: 'done' } }],
  ])('refuses the whole batch for one item of which it says: %s', (why, item) => {
    expect(() => read(upsert(), upsert(), item)).toThrow(why);
    expect(() => read(upsert(), upsert(), item)).toThrow(
      expect.objectContaining({ code: 'NOT_A_CHANGE', message: expect.stringContaining('Item 2') }),
    );
  });
});
