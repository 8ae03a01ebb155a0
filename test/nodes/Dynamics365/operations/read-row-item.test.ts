import { readRowItem } from '../../../../nodes/Dynamics365/operations/read-row-item';
import type { WriteSettings } from '../../../../nodes/Dynamics365/operations/write-rows.settings';
import { ID } from '../../../support/builders';
import { thrown } from '../../../support/errors';
import { plainExecution } from '../../../support/plain-execution';

const settings: WriteSettings = { table: 'contact', valuesFrom: 'item', findBy: 'id', onlyChanges: true, batchSize: 0 };
const delivery = { trigger: 't', number: 1, attempt: 1, until: '2026-11-21T12:00:00Z' };

function read(json: Record<string, unknown>, over: Partial<WriteSettings> = {}, parameters = {}) {
  const { context } = plainExecution([json as never], parameters);
  return readRowItem(context, { json: json as never }, 0, { ...settings, ...over });
}

describe('an item of Update and Upsert', () => {
  it('says itself what to write, on which state of the row, and of which delivery', () => {
    const item = { table: 'contact', id: ID, columns: { donotemail: true }, ifMatch: 'W/"7"', delivery };
    expect(read(item)).toEqual({ address: { id: ID }, values: { donotemail: true }, ifMatch: 'W/"7"', delivery });
  });

  it('is given its values by the panel where that is set', () => {
    const parameters = { columnsJson: '{"donotemail":true}', id: ID };
    expect(read({ delivery }, { valuesFrom: 'json' }, parameters)).toMatchObject({
      address: { id: ID },
      values: { donotemail: true },
      delivery,
    });
  });

  it('keeps an outcome that an earlier node gave it, and is not written', () => {
    const outcome = { status: 'skipped', code: 'FILTERED_OUT', engineCalls: 0 };
    expect(read({ outcome })).toEqual({ address: { id: '' }, values: {}, outcome });
  });

  it.each([
    ['is for another table', { table: 'account', id: ID, columns: {} }, 'OTHER_TABLE'],
    [
      'has a delivery that can not be read',
      { id: ID, columns: {}, delivery: { ...delivery, until: 1 } },
      'DELIVERY_UNREADABLE',
    ],
  ])('is rejected where it %s', (_name, json, code) => {
    expect(read(json).outcome).toMatchObject({ status: 'rejected', code });
  });

  it.each([undefined, null, 'x', []])('fails the batch where it has no columns but %p', (columns) => {
    expect(thrown(() => read({ id: ID, columns }))).toMatchObject({ code: 'NOT_A_WRITE' });
  });
});
