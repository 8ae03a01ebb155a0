import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Filter } from '../../lib/sync/filter/compile-filter';
import { readItemChange } from '../shared/read-change';
import { passOn } from '../shared/pass-on';

/** Every item leaves through one of the two outputs: kept, filtered out. */
export function filterItems(
  context: Pick<IExecuteFunctions, 'addExecutionHints'>,
  items: readonly INodeExecutionData[],
  filter: Filter,
): INodeExecutionData[][] {
  const kept: INodeExecutionData[] = [];
  const filteredOut: INodeExecutionData[] = [];
  items.forEach((item, index) => {
    const { kept: isKept, change } = filter(readItemChange(item.json, index));
    (isKept ? kept : filteredOut).push(passOn(item, change as unknown as IDataObject, index));
  });
  context.addExecutionHints({
    message: `${kept.length} kept, ${filteredOut.length} filtered out.`,
    location: 'outputPane',
    type: 'info',
  });
  return [kept, filteredOut];
}
