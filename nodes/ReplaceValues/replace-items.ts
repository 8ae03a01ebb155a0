import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Change, Mapped } from '../../lib/core/change';
import type { Replaced } from '../../lib/sync/replacement/replacement-settings';
import { readItemChange } from '../shared/read-change';
import { passOn } from '../shared/pass-on';

/** Every item leaves through the one output, with its values replaced. */
export function replaceItems(
  context: Pick<IExecuteFunctions, 'addExecutionHints'>,
  items: readonly INodeExecutionData[],
  replace: (change: Change) => Replaced<Change | Mapped>,
  needsRecord: boolean,
): INodeExecutionData[] {
  let values = 0;
  let records = 0;
  let rejected = 0;
  const results = items.map((item, index): INodeExecutionData => {
    const before = readItemChange(item.json, index, needsRecord);
    const { change, count } = replace(before);
    values += count;
    if (count > 0) records++;
    if (change.outcome && !before.outcome) rejected++;
    return passOn(item, change as unknown as IDataObject, index);
  });
  context.addExecutionHints({
    message: `${values} values replaced in ${records} of ${items.length} records${rejected > 0 ? `, ${rejected} rejected` : ''}.`,
    location: 'outputPane',
    type: rejected > 0 ? 'warning' : 'info',
  });
  return results;
}
