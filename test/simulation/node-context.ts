import {
  NodeHelpers,
  type IDataObject,
  type IExecuteFunctions,
  type INode,
  type INodeExecutionData,
  type INodeParameters,
  type INodeType,
} from 'n8n-workflow';
import { CAMPAIGN_CREDENTIAL, DATAVERSE_CREDENTIAL } from './systems';

/** A node of a flow. */
export interface FlowNode {
  readonly id: string;
  readonly name: string;
  readonly type: INodeType;
  readonly parameters: INodeParameters;
}

const completed = new WeakMap<INodeParameters, INodeParameters>();

/** Parameters as n8n completes them: defaults filled in, hidden ones dropped. */
export function completedParameters({ type, parameters, ...rest }: FlowNode): INodeParameters {
  const known = completed.get(parameters);
  if (known) return known;
  const node: INode = { ...rest, type: type.description.name, typeVersion: 1, position: [0, 0], parameters };
  const { properties } = type.description;
  const made = NodeHelpers.getNodeParameters(properties, parameters, true, false, node, type.description) ?? {};
  completed.set(parameters, made);
  return made;
}

const CREDENTIALS: Readonly<Record<string, object>> = {
  dynamics365Api: { ...DATAVERSE_CREDENTIAL, maxConcurrency: 6 },
  adobeCampaignApi: { ...CAMPAIGN_CREDENTIAL, maxConcurrency: 4 },
  campaignSftpApi: {
    host: 'sftp.example',
    port: 22,
    user: 'exports',
    authentication: 'password',
    password: 'sftp-secret',
    hostKeyFingerprint: 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  },
};

/** Reads a parameter as n8n's contexts do. Expressions are worked out before, by the flow. */
function parameterReader(parameters: INodeParameters) {
  return (path: string, fallback: unknown, more: { extractValue?: boolean } = {}): unknown => {
    const found = path
      .split('.')
      .reduce<unknown>((value, key) => (value as IDataObject | undefined)?.[key], parameters as unknown);
    const value = found ?? fallback;
    return more.extractValue && typeof value === 'object' && value !== null && 'value' in value ? value.value : value;
  };
}

/** Parts that the contexts of triggers and of executions share. */
export function commonContext(node: FlowNode) {
  const read = parameterReader(completedParameters(node));
  const asNode = { id: node.id, name: node.name, type: node.type.description.name, typeVersion: 1, position: [0, 0] };
  return {
    read,
    getNode: () => asNode,
    getCredentials: async (type: string) => CREDENTIALS[type] ?? {},
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  };
}

/** What a node sees while it runs. */
export function executionContext(
  node: FlowNode,
  items: readonly INodeExecutionData[],
  signal: AbortSignal,
  resolve?: (path: string, item: number) => unknown,
): IExecuteFunctions {
  const { read, ...common } = commonContext(node);
  return {
    ...common,
    getInputData: () => [...items],
    getExecutionCancelSignal: () => signal,
    continueOnFail: () => false,
    getExecuteData: () => ({ node: common.getNode() }),
    addExecutionHints: () => undefined,
    evaluateExpression: (expression: string) => {
      throw new Error(`No flow of the simulation has an expression like ${expression}.`);
    },
    getNodeParameter: (path: string, item: number, fallback: unknown, more?: { extractValue?: boolean }) =>
      resolve?.(path, item) ?? read(path, fallback, more),
  } as unknown as IExecuteFunctions;
}
