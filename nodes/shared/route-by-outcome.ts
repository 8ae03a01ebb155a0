import type { INodeExecutionData } from 'n8n-workflow';
import { OUTPUTS, outputOf, type Outcome } from '../../lib/core/outcome';

/** The items as they came in, each with its outcome, on the output of its status: Written, Skipped, Waiting, Rejected. */
export function routeByOutcome(
  items: readonly INodeExecutionData[],
  outcomes: readonly Outcome[],
): INodeExecutionData[][] {
  const outputs = OUTPUTS.map((): INodeExecutionData[] => []);
  items.forEach((item, index) => {
    const outcome = outcomes[index] as Outcome;
    outputs[OUTPUTS.indexOf(outputOf(outcome.status))]?.push({
      ...item,
      json: { ...item.json, outcome },
      pairedItem: { item: index },
    });
  });
  return outputs;
}
