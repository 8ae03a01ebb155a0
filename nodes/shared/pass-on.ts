import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

/**
 * An item as it came in, with other values, paired with itself.
 *
 * The error that an earlier node may have left in it stays behind: n8n would put its message in the place of the values, and lead the
 * item to the error output where there is one.
 */
export function passOn(item: INodeExecutionData, json: IDataObject, index: number): INodeExecutionData {
  const passed = { ...item, json, pairedItem: { item: index } };
  if (passed.error !== undefined) delete passed.error;
  return passed;
}
