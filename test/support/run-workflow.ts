import { fork, type ChildProcess } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { plainEnvironment } from '../../sandbox/n8n-host/folders';
import { installN8n } from '../../sandbox/n8n-host/install';
import { installPackage, packPackage } from '../../sandbox/n8n-host/pack';
import { removeFolder, temporaryFolder } from '../../sandbox/n8n-host/temporary-folder';
import type { WorkflowJson, WorkflowNode } from '../../sandbox/n8n-host/rest';

export interface Item {
  json: Record<string, unknown>;
  pairedItem?: unknown;
  error?: unknown;
}

/** An error as n8n would show it. */
export interface RunError {
  readonly name: string;
  readonly message: string;
  readonly description?: string;
  readonly itemIndex?: number;
  readonly node?: string;
}

export interface NodeRun {
  /** The items of each output, in the order of the outputs. */
  readonly outputs: Item[][];
  readonly error?: RunError;
  /** In ms. */
  readonly executionTime: number;
  readonly hints: Array<{ message: string; type?: string }>;
}

export interface WorkflowRun {
  /** `success`, `error`, `canceled` ... */
  readonly status: string;
  readonly error?: RunError;
  readonly lastNode?: string;
  /** By the nodes' names, one entry for each time that a node ran. Nodes that did not run are missing. */
  readonly nodes: Record<string, NodeRun[]>;
  readonly staticData: Record<string, unknown>;
}

export interface RunOptions {
  /** What the start node puts out, as if its trigger had fired. */
  readonly items?: ReadonlyArray<Record<string, unknown>>;
  /** Name of the node to start with. @default the workflow's own start node */
  readonly startNode?: string;
  /** `trigger` as in production; `manual` calls a trigger's own test step. @default 'trigger' */
  readonly mode?: 'trigger' | 'manual';
  /** The data of one credential for each type, decrypted. */
  readonly credentials?: Readonly<Record<string, Record<string, unknown>>>;
  readonly staticData?: Readonly<Record<string, unknown>>;
  /** Name of a node that fails with a TypeError, in the midst of its own code. */
  readonly defectIn?: string;
}

/** A node of the package that has an input. */
export interface FlowNode {
  /** `<package>.<node>` */
  readonly type: string;
  readonly name: string;
  /** Types of credentials. */
  readonly credentials: readonly string[];
}

export interface ListOptions {
  /** The name of a method below `methods.loadOptions`, `methods.listSearch` ... */
  readonly method: string;
  readonly kind: 'loadOptions' | 'listSearch' | 'resourceMapping';
  readonly credentials?: RunOptions['credentials'];
  /** Text that a user has typed into a list with search. */
  readonly filter?: string;
}

export interface WorkflowRunner {
  run(workflow: WorkflowJson, options?: RunOptions): Promise<WorkflowRun>;
  /** Calls a method of a node that fills one of its drop-downs. */
  list(node: WorkflowNode, options: ListOptions): Promise<unknown>;
  /** All nodes of the package with an input, as n8n's loader finds them in what was packed. */
  flowNodes(): Promise<FlowNode[]>;
  close(): Promise<void>;
}

/**
 * Runs workflows in the execution engine of n8n 2.40.7 without its server and database: n8n-core, n8n's own nodes and our package as
 * `npm pack` makes it, in a process of its own. Much quicker than a whole n8n; it has no database, no Code node, no sub-workflows.
 * Close it in `afterAll`.
 *
 * @param withPackage false for n8n's own nodes only
 */
export async function startWorkflowRunner(withPackage = true): Promise<WorkflowRunner> {
  const host = await installN8n();
  const n8nFolder = dirname(dirname(await realpath(host.bin)));
  const userFolder = await temporaryFolder('n8n-runner');
  const packages = withPackage ? [await installPackage(await packPackage(), join(userFolder, '.n8n'))] : [];
  const child = fork(join(__dirname, 'workflow-runner.cjs'), [n8nFolder, ...packages], {
    execPath: process.execPath,
    execArgv: [],
    cwd: userFolder,
    env: {
      ...plainEnvironment(),
      N8N_USER_FOLDER: userFolder,
      N8N_ENCRYPTION_KEY: 'only-for-tests',
      N8N_LOG_LEVEL: 'error',
      // Where n8n lets community packages find n8n-workflow.
      NODE_PATH: dirname(n8nFolder),
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const runner = new ForkedRunner(child, userFolder);
  await runner.ready();
  return runner;
}

interface RunnerResponse {
  readonly id?: number;
  readonly ready?: boolean;
  readonly result?: unknown;
  readonly failure?: string;
}

class ForkedRunner implements WorkflowRunner {
  private readonly open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private count = 1;
  private readonly started: Promise<void>;
  private readonly ended: Promise<void>;

  constructor(
    private readonly child: ChildProcess,
    private readonly userFolder: string,
  ) {
    this.started = new Promise((resolve, reject) => {
      child.on('message', (response: RunnerResponse) => (response.ready ? resolve() : this.settle(response)));
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`The workflow runner ended with code ${code}.`)));
    });
    this.ended = new Promise((resolve) => child.once('exit', () => resolve()));
    child.once('exit', (code) => {
      for (const { reject } of this.open.values()) reject(new Error(`The workflow runner ended with code ${code}.`));
    });
  }

  async ready(): Promise<void> {
    await this.started;
  }

  async run(workflow: WorkflowJson, options: RunOptions = {}): Promise<WorkflowRun> {
    const { items, mode = 'trigger', credentials = {}, staticData = {} } = options;
    const input = { ...options, workflow, mode, credentials, staticData, items: items?.map((json) => ({ json })) };
    return (await this.call('run', input)) as WorkflowRun;
  }

  async list(node: WorkflowNode, options: ListOptions): Promise<unknown> {
    return await this.call('list', { node, credentials: {}, ...options });
  }

  async flowNodes(): Promise<FlowNode[]> {
    return (await this.call('flowNodes', {})) as FlowNode[];
  }

  async close(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
    await removeFolder(this.userFolder);
  }

  private async call(operation: string, input: object): Promise<unknown> {
    const id = this.count++;
    return await new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject });
      this.child.send({ id, operation, ...input });
    });
  }

  private settle({ id, result, failure }: RunnerResponse): void {
    const call = this.open.get(id ?? 0);
    this.open.delete(id ?? 0);
    if (failure === undefined) call?.resolve(result);
    else call?.reject(new Error(failure));
  }
}
