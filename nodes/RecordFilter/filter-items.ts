import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Filter } from '../../lib/sync/filter/compile-filter';
import type { Change } from '../../lib/core/change';
import { readItemChange, rejectedChange } from '../shared/read-change';
import { readEach } from '../../lib/core/read-each';
import { passOn } from '../shared/pass-on';
import { requireAllOut } from '../shared/require-all-out';

/** Every item leaves through one of the two outputs: kept, filtered out. */
export function filterItems(
  context: Pick<IExecuteFunctions, 'addExecutionHints'>,
  items: readonly INodeExecutionData[],
  filter: Filter,
): INodeExecutionData[][] {
  const kept: INodeExecutionData[] = [];
  const filteredOut: INodeExecutionData[] = [];
  const changes = readEach(items, ({ json }, index) => readItemChange(json, index), rejectedChange);
  items.forEach((item, index) => {
    const { kept: isKept, change } = filter(changes[index] as Change);
    (isKept ? kept : filteredOut).push(passOn(item, change as unknown as IDataObject, index));
  });
  requireAllOut(items, [kept, filteredOut]);
  context.addExecutionHints({
    message: `${kept.length} kept, ${filteredOut.length} filtered out.`,
    location: 'outputPane',
    type: 'info',
  });
  return [kept, filteredOut];
}
