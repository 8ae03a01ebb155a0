import type { INodeExecutionData, INodeType } from 'n8n-workflow';
import { executionContext, type FlowNode } from './node-context';
import type { Run } from './n8n';

/**
 * Runs a node of the package as n8n's engine does: between two nodes other things happen, and nothing begins once the run is cancelled.
 *
 * @param resolve values of parameters that are expressions, by their path; undefined: the parameter is none
 * @throws what the node throws
 */
export async function runNode(
  run: Run,
  node: FlowNode,
  items: readonly INodeExecutionData[],
  resolve?: (path: string, item: number) => unknown,
): Promise<INodeExecutionData[][]> {
  await run.process.take(1, `run ${node.name}`);
  run.signal.throwIfAborted();
  const context = executionContext(node, items, run.signal, resolve);
  const execute = node.type.execute as NonNullable<INodeType['execute']>;
  const outputs = (await execute.call(context)) as INodeExecutionData[][];
  // n8n hands items on as data: nobody changes what another node has.
  return outputs.map((output) => output.map(({ json }) => ({ json: { ...json } })));
}

/** A Data table node that upserts: row by row, as n8n does it. */
export async function upsertRows(
  run: Run,
  table: string,
  keyed: readonly (readonly [key: string, row: INodeExecutionData['json']])[],
): Promise<void> {
  for (const [key, row] of keyed) {
    await run.process.take(5, `upsert a row of ${table}`);
    run.signal.throwIfAborted();
    run.n8n.table(table).set(key, row);
  }
}
