// The other half of run-workflow.ts: a plain Node process that holds n8n's core from a real installation and runs workflows in it.
// It answers each message `{id, workflow, ...}` with `{id, result}`.
/* eslint-disable @typescript-eslint/no-require-imports */
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [n8nFolder, ...packageFolders] = process.argv.slice(2);
const fromN8n = createRequire(join(n8nFolder, 'package.json'));
const core = fromN8n('n8n-core');
const workflowApi = fromN8n('n8n-workflow');

const loaders = new Map();

async function prepare() {
  const folders = [join(fromN8n.resolve('n8n-nodes-base/package.json'), '..'), ...packageFolders];
  for (const folder of folders) {
    const loader = new core.LazyPackageDirectoryLoader(folder);
    await loader.loadAll();
    loaders.set(loader.packageName, loader);
  }
  // The values of n8n's own ExpressionEngineConfig.
  await workflowApi.Expression.initExpressionEngine({
    engine: 'vm',
    poolSize: 1,
    maxCodeCacheSize: 1024,
    bridgeTimeout: 5000,
    bridgeMemoryLimit: 128,
  });
}

function loadedNode(type) {
  const dot = type.indexOf('.');
  const loader = loaders.get(type.slice(0, dot));
  if (!loader) throw new core.UnrecognizedNodeTypeError(type.slice(0, dot), type.slice(dot + 1));
  return loader.getNode(type.slice(dot + 1)).type;
}

const nodeTypes = {
  getByName: loadedNode,
  getByNameAndVersion(type, version) {
    const node = workflowApi.NodeHelpers.getVersionedNodeType(loadedNode(type), version);
    if (
      !node.execute &&
      !node.trigger &&
      !node.poll &&
      !node.webhook &&
      !node.methods &&
      node.description.requestDefaults
    ) {
      node.execute = async function () {
        return (await new core.RoutingNode(this, node).runNode()) ?? [];
      };
    }
    return node;
  },
  getKnownTypes: () => Object.assign({}, ...[...loaders.values()].map((loader) => loader.known.nodes)),
};

function credentialType(type) {
  for (const loader of loaders.values()) {
    if (type in loader.known.credentials) return loader.getCredential(type).type;
  }
  throw new core.UnrecognizedCredentialTypeError(type);
}

/** Credentials by type; each with the defaults of its type filled in, as n8n does. */
function credentialsHelper(given) {
  const decrypted = (type) => {
    if (!given[type]) throw new Error(`This run was given no credential of type ${type}.`);
    const defaults = credentialType(type).properties.map(({ name, default: value }) => [name, value]);
    return { ...Object.fromEntries(defaults), ...given[type] };
  };
  return {
    getParentTypes: (type) => credentialType(type).extends ?? [],
    isCredentialUsableByNode: () => true,
    authenticate: async (credentials, type, options) => {
      const { authenticate } = credentialType(type);
      return typeof authenticate === 'function' ? await authenticate(credentials, options) : options;
    },
    preAuthentication: async () => undefined,
    runPreAuthentication: async () => undefined,
    getCredentials: async (details, type) => ({ ...details, type, data: '' }),
    getDecrypted: async (_additional, _details, type) => decrypted(type),
    updateCredentials: async () => undefined,
    updateCredentialsOauthTokenData: async () => undefined,
    getCredentialsProperties: (type) => credentialType(type).properties,
  };
}

async function run({ workflow: json, items, startNode, mode, credentials, staticData, defectIn }) {
  const executionId = String(run.count++);
  const workflow = new workflowApi.Workflow({
    id: 'test',
    name: json.name,
    nodes: json.nodes,
    connections: json.connections,
    settings: { executionOrder: 'v1', ...json.settings },
    active: mode === 'trigger',
    staticData,
    nodeTypes,
  });
  const start = startNode ? workflow.getNode(startNode) : workflow.getStartNode();
  if (!start)
    throw new Error(startNode ? `There is no node "${startNode}".` : 'The workflow has no node to start with.');
  const hooks = new core.ExecutionLifecycleHooks(mode, executionId, { ...json, id: 'test', active: false });
  const url = 'http://127.0.0.1';
  const additionalData = {
    hooks,
    executionId,
    currentNodeExecutionIndex: 0,
    defectIn,
    credentialsHelper: credentialsHelper(credentials),
    variables: {},
    restApiUrl: url,
    instanceBaseUrl: url,
    formBaseUrl: url,
    formWaitingBaseUrl: url,
    formTestBaseUrl: url,
    webhookBaseUrl: url,
    webhookWaitingBaseUrl: url,
    webhookTestBaseUrl: url,
    mcpBaseUrl: url,
    mcpTestBaseUrl: url,
    logAiEvent: () => undefined,
    getRunExecutionData: async () => undefined,
    getRuntimeCredential: async () => undefined,
    executeWorkflow: async () => {
      throw new Error('This runner has no sub-workflows.');
    },
    startRunnerTask: async () => {
      throw new Error('This runner has no Code node.');
    },
    setExecutionStatus: () => undefined,
    sendDataToUI: () => undefined,
  };
  // As n8n starts a run for a trigger: its items lie on the stack already.
  const data = workflowApi.createRunExecutionData({});
  data.executionData.nodeExecutionStack.push({ node: start, data: { main: [items ?? [{ json: {} }]] }, source: null });
  const ended = await workflow.expression.withIsolate(
    async () => await new core.WorkflowExecute(additionalData, mode, data).processRunExecutionData(workflow),
  );
  const { resultData } = ended.data;
  const nodes = {};
  for (const [name, runs] of Object.entries(resultData.runData)) {
    nodes[name] = runs.map(({ data: out, error, executionTime, hints }) => ({
      outputs: (out?.main ?? []).map((output) => output ?? []),
      error: error && plainError(error),
      executionTime,
      hints: hints ?? [],
    }));
  }
  return {
    status: ended.status,
    error: resultData.error && plainError(resultData.error),
    lastNode: resultData.lastNodeExecuted,
    nodes,
    staticData: workflow.staticData,
  };
}
run.count = 1;

function plainError(error) {
  const { name, message, description, context, node } = error;
  return { name, message, description: description ?? undefined, itemIndex: context?.itemIndex, node: node?.name };
}

/** What a drop-down or a resource locator's list of a node shows. */
async function list({ node, method, kind, credentials, filter }) {
  const type = nodeTypes.getByNameAndVersion(node.type, node.typeVersion);
  const call = type.methods?.[kind]?.[method];
  if (!call) throw new Error(`${node.type} has no method ${kind}.${method}.`);
  const workflow = new workflowApi.Workflow({ nodes: [node], connections: {}, active: false, nodeTypes });
  const additionalData = {
    credentialsHelper: credentialsHelper(credentials),
    variables: {},
    currentNodeParameters: node.parameters,
    webhookWaitingBaseUrl: 'http://127.0.0.1',
    formWaitingBaseUrl: 'http://127.0.0.1',
  };
  const context = new core.LoadOptionsContext(workflow, workflow.getNode(node.name), additionalData, '');
  return await workflow.expression.withIsolate(async () => await call.call(context, filter));
}

/** A node that a run names in `defectIn` fails as if it had a defect, in the midst of its own code. */
const { getInputData } = core.ExecuteContext.prototype;
core.ExecuteContext.prototype.getInputData = function (...given) {
  if (this.additionalData.defectIn === this.node.name) throw new TypeError('undefined is not a function');
  return getInputData.apply(this, given);
};

/** The node types of our package that n8n runs in the midst of a flow. */
async function flowNodes() {
  const [, ...ours] = loaders.values();
  return ours.flatMap((loader) =>
    Object.keys(loader.known.nodes)
      .map((name) => workflowApi.NodeHelpers.getVersionedNodeType(loader.getNode(name).type))
      .filter((type) => type.execute)
      .map(({ description }) => ({
        type: `${loader.packageName}.${description.name}`,
        name: description.displayName,
        credentials: (description.credentials ?? []).map(({ name }) => name),
      })),
  );
}

const operations = { run, list, flowNodes };

prepare().then(
  () => {
    process.on('message', ({ id, operation, ...input }) => {
      operations[operation](input).then(
        (result) => process.send({ id, result }),
        (error) => process.send({ id, failure: String(error?.stack ?? error) }),
      );
    });
    process.on('disconnect', () => process.exit(0)); // the test process is gone
    process.send({ ready: true });
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
