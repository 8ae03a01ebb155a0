import { outputOf, rejectedOutcome, skippedOutcome, unchangedOutcome, waitingOutcome } from '../../../lib/core/outcome';

describe('outcomes of items for which nothing was written', () => {
  it('take no engine call and say why', () => {
    expect(skippedOutcome('A', 'Left out.')).toStrictEqual({
      status: 'skipped',
      code: 'A',
      message: 'Left out.',
      engineCalls: 0,
    });
    expect(outputOf(waitingOutcome('B', 'Later.').status)).toBe('waiting');
    expect(outputOf(unchangedOutcome('C', 'There already.').status)).toBe('skipped');
  });

  it('name the field where it is known, and have no such property where it is not', () => {
    expect(rejectedOutcome('D', 'Wrong.', 'email')).toHaveProperty('field', 'email');
    expect(rejectedOutcome('D', 'Wrong.')).not.toHaveProperty('field');
  });
});
