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

  it('keeps nothing of a foreign error that n8n would save with the execution', () => {
    const error = Object.assign(new Error('Unexpected token A, "Ada Lovelace" is not valid JSON'), {
      config: { headers: { Authorization: 'Bearer secret-token' } },
      request: { body: 'Lovelace' },
    });
    const shown = toNodeError(node, error);
    const all = [shown.message, shown.stack, String(shown.cause), (shown.cause as Error).stack, JSON.stringify(shown)];
    expect(all.join()).not.toMatch(/Lovelace|secret-token/);
    expect(shown.message).toContain('is not valid JSON');
    expect((shown.cause as Error).stack).toContain('n8n-errors.test.ts');
  });

  it.each(['ExpressionError', 'NodeOperationError', 'UserError'])("keeps the words of n8n's own %s", (name) => {
    const error = Object.assign(new Error('The parameter "Table" is empty'), { name });
    expect(toNodeError(node, error).message).toBe('The parameter "Table" is empty');
  });
});
