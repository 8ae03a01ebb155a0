import type { ResourceDescription } from '../../../../lib/core/metadata';
import { deleteChange } from '../../../../nodes/AdobeCampaign/operations/delete.operation';

const description: ResourceDescription = {
  resource: { name: 'cusMembership', api: 'customResources', label: 'Membership' },
  fields: [],
};

describe('deleteChange', () => {
  it('names the record by its key, and no fields', async () => {
    const asked: string[] = [];
    const settings = { resource: 'customResources/cusMembership', keyField: 'cusNumber', keyValue: '7' };
    const change = await deleteChange(settings, async (resource) => {
      asked.push(resource);
      return description;
    });
    expect(asked).toEqual(['customResources/cusMembership']);
    expect(change).toEqual({
      change: 'delete',
      initial: false,
      target: {
        resource: 'cusMembership',
        api: 'customResources',
        key: { field: 'cusNumber', value: '7' },
        fields: {},
        loadAndCreationFields: {},
        creationFields: {},
      },
    });
  });
});
