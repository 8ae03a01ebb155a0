import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

export interface PlainExecution {
  readonly context: IExecuteFunctions;
  readonly hints: { message: string; type?: string }[];
}

/**
 * What an operation sees while it runs, with parameters as they are given: no panel, no defaults but those of the code that reads them.
 * A parameter that is a function is asked with the item's index. (`fakeExecution` puts n8n's own reading of the panel in between.)
 */
export function plainExecution(
  items: readonly object[],
  parameters: Readonly<Record<string, unknown>>,
  more: Partial<Record<keyof IExecuteFunctions, unknown>> = {},
): PlainExecution {
  const hints: PlainExecution['hints'] = [];
  const context = {
    getInputData: () => items.map((json) => ({ json: json as IDataObject })),
    getNodeParameter: (name: string, item: number, fallback?: unknown) => {
      const value = parameters[name] ?? fallback;
      return typeof value === 'function' ? (value as (item: number) => unknown)(item) : value;
    },
    evaluateExpression: () => undefined,
    getNode: () => ({ id: 'n', name: 'Node', type: 'x', typeVersion: 1, position: [0, 0], parameters: {} }),
    continueOnFail: () => false,
    getExecutionCancelSignal: () => undefined,
    addExecutionHints: (...added: PlainExecution['hints']) => void hints.push(...added),
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    ...more,
  };
  return { context: context as unknown as IExecuteFunctions, hints };
}
