import {
  NodeHelpers,
  type IDataObject,
  type IExecuteFunctions,
  type INode,
  type INodeExecutionData,
  type INodeParameters,
  type INodeType,
} from 'n8n-workflow';

export interface FakeExecution {
  readonly context: IExecuteFunctions;
  readonly hints: { message: string; type?: string }[];
  /** Expressions that were worked out, with the index of their item. */
  readonly evaluated: { expression: string; item: number }[];
  readonly node: INode;
}

/**
 * What a node sees while it runs: parameters as n8n's own code completes them (defaults filled in, hidden ones dropped), and
 * expressions worked out by a function of the test.
 */
export function fakeExecution(
  type: INodeType,
  parameters: INodeParameters,
  items: readonly object[],
  options: { evaluate?: (expression: string, item: number) => unknown; continueOnFail?: boolean } = {},
): FakeExecution {
  const node: INode = {
    id: 'n',
    name: type.description.displayName,
    type: type.description.name,
    typeVersion: 1,
    position: [0, 0],
    parameters,
    ...(options.continueOnFail ? { onError: 'continueRegularOutput' as const } : {}),
  };
  const completed =
    NodeHelpers.getNodeParameters(type.description.properties, parameters, true, false, node, type.description) ?? {};
  const hints: FakeExecution['hints'] = [];
  const evaluated: FakeExecution['evaluated'] = [];
  const evaluate = (expression: string, item: number): unknown => {
    evaluated.push({ expression, item });
    if (!options.evaluate) throw new Error(`unexpected expression ${expression}`);
    return options.evaluate(expression, item);
  };
  const context = {
    getNode: () => node,
    getInputData: () => items.map((json): INodeExecutionData => ({ json: json as IDataObject })),
    getExecutionCancelSignal: () => undefined,
    continueOnFail: () => options.continueOnFail === true,
    getExecuteData: () => ({ node }),
    addExecutionHints: (...added: FakeExecution['hints']) => void hints.push(...added),
    evaluateExpression: evaluate,
    getNodeParameter: (
      path: string,
      item: number,
      fallback: unknown,
      more: { rawExpressions?: boolean; extractValue?: boolean } = {},
    ) => {
      const raw =
        path.split('.').reduce<unknown>((value, key) => (value as IDataObject | undefined)?.[key], completed) ??
        fallback;
      const value = more.extractValue && typeof raw === 'object' && raw !== null && 'value' in raw ? raw.value : raw;
      if (more.rawExpressions) return value;
      return typeof value === 'string' && value.startsWith('=') ? evaluate(value.slice(1), item) : value;
    },
  };
  return { context: context as unknown as IExecuteFunctions, hints, evaluated, node };
}

/** Names of the parameters that the panel shows for these values, as n8n's own code decides it. */
export function shownParameters(
  type: INodeType,
  properties: INodeType['description']['properties'],
  values: INodeParameters,
  root: INodeParameters = values,
): string[] {
  const node = { typeVersion: 1 };
  return properties
    .filter((property) => NodeHelpers.displayParameter(values, property, node, type.description, root))
    .map(({ name }) => name);
}
