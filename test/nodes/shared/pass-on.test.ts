import { NodeOperationError, type INode, type INodeExecutionData } from 'n8n-workflow';
import { passOn } from '../../../nodes/shared/pass-on';

const node = { name: 'Earlier' } as INode;

describe('an item that is passed on', () => {
  it('keeps what belongs to it, and is paired with itself', () => {
    const binary = { file: { mimeType: 'text/plain', data: '' } };
    const item: INodeExecutionData = { json: { id: 1 }, binary, pairedItem: { item: 9 } };
    expect(passOn(item, { id: 1, outcome: 'x' }, 3)).toStrictEqual({
      json: { id: 1, outcome: 'x' },
      binary,
      pairedItem: { item: 3 },
    });
  });

  it('leaves the error of an earlier node behind, and the item that came in as it was', () => {
    const item: INodeExecutionData = { json: {}, error: new NodeOperationError(node, 'of an earlier node') };
    expect(passOn(item, { id: 1 }, 0)).toStrictEqual({ json: { id: 1 }, pairedItem: { item: 0 } });
    expect(item.error).toBeDefined();
  });
});
