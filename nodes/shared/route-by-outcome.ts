import type { INodeExecutionData } from 'n8n-workflow';
import { OUTPUTS, outputOf, type Outcome } from '../../lib/core/outcome';
import { passOn } from './pass-on';
import { requireAllOut } from './require-all-out';

/** The items as they came in, each with its outcome, on the output of its status: Written, Skipped, Waiting, Rejected. */
export function routeByOutcome(
  items: readonly INodeExecutionData[],
  outcomes: readonly Outcome[],
): INodeExecutionData[][] {
  const outputs = OUTPUTS.map((): INodeExecutionData[] => []);
  items.forEach((item, index) => {
    const outcome = outcomes[index] as Outcome;
    outputs[OUTPUTS.indexOf(outputOf(outcome.status))]?.push(passOn(item, { ...item.json, outcome }, index));
  });
  requireAllOut(items, outputs);
  return outputs;
}
