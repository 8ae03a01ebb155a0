import { mappedPairs } from '../../../sandbox/oracles/mapped-pairs';

describe('the pairs of columns and fields', () => {
  it('are read from the Field Mapper alone, without expressions and what travels on creation only', () => {
    const nodes = [
      {
        type: 'n8n-nodes-dynamics-campaign.recordFilter',
        parameters: { row: { column: 'statecode|state', field: 'x' } },
      },
      {
        type: 'n8n-nodes-dynamics-campaign.fieldMapper',
        parameters: {
          rows: {
            row: [
              { column: 'firstname|string', field: 'firstName|string' },
              { column: '', expression: '={{ 1 }}', field: 'cusOne|integer' },
              { column: '={{ $json.x }}', field: 'cusTwo|integer' },
              { column: 'address1_city', field: 'location.city' },
              { column: 'jobtitle', field: 'cusTitle', creationOnly: true },
            ],
          },
        },
      },
    ].map((node) => ({ ...node, name: node.type, typeVersion: 1, position: [0, 0] as [number, number] }));

    expect(mappedPairs({ name: 'x', nodes, connections: {} })).toEqual([
      { column: 'firstname', field: 'firstName' },
      { column: 'address1_city', field: 'location.city' },
    ]);
  });
});
