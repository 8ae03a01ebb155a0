import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Mapping } from '../../lib/sync/mapping/compile-mapping';
import type { Change } from '../../lib/core/change';
import { readItemChange, rejectedChange } from '../shared/read-change';
import { readEach } from '../../lib/core/read-each';
import { passOn } from '../shared/pass-on';
import { requireAllOut } from '../shared/require-all-out';

type MapContext = Pick<IExecuteFunctions, 'addExecutionHints' | 'evaluateExpression'>;

/** Every item leaves through the one output: with its target, or with its outcome. */
export function mapItems(
  context: MapContext,
  items: readonly INodeExecutionData[],
  mapping: Mapping,
  expressions: ReadonlyMap<number, string>,
): INodeExecutionData[] {
  let mapped = 0;
  let rejected = 0;
  const changes = readEach(items, ({ json }, index) => readItemChange(json, index), rejectedChange);
  const results = items.map((item, index): INodeExecutionData => {
    const change = mapping.map(changes[index] as Change, (line) =>
      evaluate(context, expressions.get(line) ?? '', index),
    );
    if (change.outcome?.status === 'rejected') rejected++;
    else if (!change.outcome) mapped++;
    return passOn(item, change as unknown as IDataObject, index);
  });
  requireAllOut(items, [results]);
  const passedOn = results.length - mapped - rejected;
  context.addExecutionHints({
    message: `${mapped} mapped, ${rejected} rejected${passedOn > 0 ? `, ${passedOn} passed on as they were skipped` : ''}.`,
    location: 'outputPane',
    type: rejected > 0 ? 'warning' : 'info',
  });
  for (const message of mapping.warnings)
    context.addExecutionHints({ message, location: 'outputPane', type: 'warning' });
  return results;
}

/** A text without a leading `=` is a fixed value, and costs nothing. */
function evaluate(context: MapContext, expression: string, index: number): unknown {
  return expression.startsWith('=') ? context.evaluateExpression(expression.slice(1), index) : expression;
}
