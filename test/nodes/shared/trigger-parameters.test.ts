import { runMsOf } from '../../../nodes/shared/trigger-parameters';

describe('the time that a run may take', () => {
  it.each([
    [60, 60_000],
    [undefined, 3_600_000],
    [-1, 3_600_000],
    [0, 3_600_000],
  ])('is, with an execution timeout of %p seconds, %p milliseconds', (executionTimeout, ms) => {
    const settings = executionTimeout === undefined ? {} : { executionTimeout };
    expect(runMsOf({ getWorkflowSettings: () => settings })).toBe(ms);
  });
});
