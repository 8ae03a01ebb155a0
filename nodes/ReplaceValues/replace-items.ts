import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { Change, Mapped } from '../../lib/core/change';
import type { Replaced } from '../../lib/sync/replacement/replacement-settings';
import { readItemChange, rejectedChange } from '../shared/read-change';
import { readEach } from '../../lib/core/read-each';
import { passOn } from '../shared/pass-on';
import { requireAllOut } from '../shared/require-all-out';

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
  const changes = readEach(items, ({ json }, index) => readItemChange(json, index, needsRecord), rejectedChange);
  const results = items.map((item, index): INodeExecutionData => {
    const before = changes[index] as Change;
    const { change, count } = replace(before);
    values += count;
    if (count > 0) records++;
    if (change.outcome && !before.outcome) rejected++;
    return passOn(item, change as unknown as IDataObject, index);
  });
  requireAllOut(items, [results]);
  context.addExecutionHints({
    message: `${values} values replaced in ${records} of ${items.length} records${rejected > 0 ? `, ${rejected} rejected` : ''}.`,
    location: 'outputPane',
    type: rejected > 0 ? 'warning' : 'info',
  });
  return results;
}
