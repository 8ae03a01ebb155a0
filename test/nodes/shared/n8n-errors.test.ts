import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { ConfigurationError, FatalError, RejectedRecordError, RetriableError } from '../../../lib/core/errors';
import { toNodeError } from '../../../nodes/shared/n8n-errors';

const node: INode = { id: '1', name: 'Node', type: 'x', typeVersion: 1, position: [0, 0], parameters: {} };

describe('toNodeError', () => {
  it.each([
    ['ConfigurationError', new ConfigurationError('SOME_CODE', 'What happened', { hint: 'What to do.' })],
    ['FatalError', new FatalError('SOME_CODE', 'What happened', { hint: 'What to do.' })],
    ['RejectedRecordError', new RejectedRecordError('SOME_CODE', 'What happened', { hint: 'What to do.' })],
  ])('shows message, hint and code of a %s', (_name, error) => {
    const shown = toNodeError(node, error, 3);
    expect(shown).toBeInstanceOf(NodeOperationError);
    expect(shown).toMatchObject({ message: 'What happened', description: 'What to do. (SOME_CODE)' });
    expect(shown.context['itemIndex']).toBe(3);
  });

  it('makes an API error of a system that is out of reach, and keeps its name', () => {
    const message = 'System at host could not be reached (ECONNREFUSED)';
    const shown = toNodeError(node, new RetriableError('CONNECTION_FAILED', message));
    expect(shown).toBeInstanceOf(NodeApiError);
    expect(shown).toMatchObject({ message, description: 'Code: CONNECTION_FAILED' });
  });

  it('does not let n8n replace the message by a general one', () => {
    const error = new ConfigurationError('X', 'Campaign at host: ENOTFOUND');
    expect(toNodeError(node, error).message).toBe('Campaign at host: ENOTFOUND');
  });

  it.each([new NodeOperationError(node, 'own'), new NodeApiError(node, { message: 'own' })])(
    "gives back what is n8n's own: %p",
    (error) => {
      expect(toNodeError(node, error)).toBe(error);
    },
  );

  it.each([new TypeError('x is not a function'), 'text', undefined])('survives %p', (error) => {
    expect(toNodeError(node, error)).toBeInstanceOf(NodeOperationError);
  });
});
