import { setTimeout as sleep } from 'node:timers/promises';

/** A workflow as n8n exports it; templates have this form. */
export interface WorkflowJson {
  name: string;
  nodes: WorkflowNode[];
  connections: Record<string, unknown>;
  settings?: Record<string, unknown>;
  [more: string]: unknown;
}

export interface WorkflowNode {
  id?: string;
  name: string;
  type: string;
  typeVersion: number;
  position: [number, number];
  parameters: Record<string, unknown>;
  credentials?: Record<string, { id: string | null; name: string }>;
  [more: string]: unknown;
}

export interface StoredWorkflow extends WorkflowJson {
  id: string;
  versionId: string;
  activeVersionId: string | null;
}

export interface Credential {
  readonly name: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

export interface ExecutionSummary {
  readonly id: string;
  readonly workflowId: string;
  readonly status: string;
  readonly mode: string;
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
}

export interface Execution extends ExecutionSummary {
  /** n8n's IRunExecutionData. */
  readonly data: { resultData?: { runData?: Record<string, unknown[]>; error?: unknown }; [more: string]: unknown };
}

export interface DataTable {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
}

/** A refused call: method, path, status and what n8n said. */
export class N8nRestError extends Error {
  constructor(
    readonly status: number,
    method: string,
    path: string,
    readonly body: string,
  ) {
    super(`n8n answered ${method} ${path} with ${status}: ${body.slice(0, 600)}`);
    this.name = 'N8nRestError';
  }
}

/** Sent with each call; n8n ties a session to the browser that signed in. */
const BROWSER_ID = 'n8n-host';

/** n8n's own interface, the one that its editor uses, signed in as the owner. */
export class N8nRest {
  private cookie = '';

  constructor(
    readonly url: string,
    private readonly owner: { readonly email: string; readonly password: string },
  ) {}

  /** Makes the owner of a fresh n8n. */
  async setUpOwner(): Promise<void> {
    await this.call('POST', '/owner/setup', { ...this.owner, firstName: 'Olga', lastName: 'Owner' });
  }

  async login(): Promise<void> {
    await this.call('POST', '/login', { emailOrLdapLoginId: this.owner.email, password: this.owner.password });
  }

  /**
   * Any call below `/rest`; signs in when that is needed. Gives the `data` of the response.
   *
   * @throws N8nRestError for every status but 2xx
   */
  async request<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    if (!this.cookie) await this.login();
    return await this.call<T>(method, path, body);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/rest${path}`, {
      method,
      headers: {
        'browser-id': BROWSER_ID,
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (!response.ok) throw new N8nRestError(response.status, method, path, text);
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    if (cookies.length) this.cookie = cookies.join('; ');
    const parsed: unknown = text ? JSON.parse(text) : undefined;
    return (isRecord(parsed) && 'data' in parsed && !('count' in parsed) ? parsed['data'] : parsed) as T;
  }

  /** @returns the credential's id */
  async createCredential(credential: Credential): Promise<string> {
    const made = await this.request<{ id: string }>('POST', '/credentials', credential);
    return made.id;
  }

  /** Gives a credential that exists other data. */
  async updateCredential(id: string, credential: Credential): Promise<void> {
    await this.request('PATCH', `/credentials/${id}`, credential);
  }

  /** The credentials without their secrets. */
  async credentials(): Promise<Array<{ id: string; name: string; type: string }>> {
    return listOf(await this.request('GET', '/credentials'));
  }

  /** What the test button of a credential says. */
  async testCredential(id: string): Promise<{ status: string; message: string }> {
    const credential = await this.request('GET', `/credentials/${id}?includeData=true`);
    return await this.request('POST', '/credentials/test', { credentials: credential });
  }

  /**
   * Imports a workflow as the editor does ("Import from file"). Credentials that its nodes name are bound to those of this
   * n8n with the same type and name, or else with the same type, as a user does by choosing them.
   */
  async importWorkflow(workflow: WorkflowJson): Promise<StoredWorkflow> {
    const nodes = await this.bindCredentials(workflow.nodes);
    const { name, connections, settings = {}, pinData, meta, staticData } = workflow;
    const body = { name, nodes, connections, settings, pinData, meta, staticData };
    return await this.request('POST', '/workflows', body);
  }

  /** The nodes with the credentials of this n8n in place of those that they name, as `importWorkflow` describes. */
  async bindCredentials(nodes: readonly WorkflowNode[]): Promise<WorkflowNode[]> {
    const credentials = await this.credentials();
    return nodes.map((node) => {
      if (!node.credentials) return node;
      const bound = Object.entries(node.credentials).map(([type, wanted]) => {
        const fitting = credentials.filter((credential) => credential.type === type);
        const chosen = fitting.find((credential) => credential.name === wanted.name) ?? fitting[0];
        return [type, chosen ? { id: chosen.id, name: chosen.name } : wanted] as const;
      });
      return { ...node, credentials: Object.fromEntries(bound) };
    });
  }

  async workflows(): Promise<Array<{ id: string; name: string; activeVersionId: string | null }>> {
    return listOf(await this.request('GET', '/workflows'));
  }

  async workflow(id: string): Promise<StoredWorkflow> {
    return await this.request('GET', `/workflows/${id}`);
  }

  /** Saves a changed draft; what is published goes on until `publish`. */
  async updateWorkflow(id: string, change: (workflow: StoredWorkflow) => void): Promise<StoredWorkflow> {
    const { nodes, connections, settings, name, versionId } = await this.workflow(id);
    const changed = { id, nodes, connections, settings, name, versionId } as StoredWorkflow;
    change(changed);
    return await this.request('PATCH', `/workflows/${id}`, changed);
  }

  /** Publishes the latest version: toggles the workflow active. Fails when a trigger can't be activated. */
  async publish(id: string): Promise<void> {
    const { versionId } = await this.workflow(id);
    await this.request('POST', `/workflows/${id}/activate`, { versionId });
  }

  /** Toggles the workflow inactive. */
  async unpublish(id: string): Promise<void> {
    await this.request('POST', `/workflows/${id}/deactivate`, {});
  }

  /** Newest first; at most `limit` (default 100). */
  async executions(
    filter: { workflowId?: string; status?: string[] } = {},
    limit = 100,
  ): Promise<readonly ExecutionSummary[]> {
    const query = `filter=${encodeURIComponent(JSON.stringify(filter))}&limit=${limit}`;
    const response = await this.request<{ results: ExecutionSummary[] }>('GET', `/executions?${query}`);
    return response.results;
  }

  /** One execution with the data of its nodes. */
  async execution(id: string): Promise<Execution> {
    const response = await this.request<ExecutionSummary & { data: string }>('GET', `/executions/${id}`);
    return { ...response, data: unflatten(response.data) as Execution['data'] };
  }

  /** The node types that the editor offers, n8n's own among them. */
  async nodeTypes(): Promise<ReadonlyArray<{ name: string; displayName: string; description: string }>> {
    if (!this.cookie) await this.login();
    const response = await fetch(`${this.url}/types/nodes.json`, { headers: { cookie: this.cookie } });
    if (!response.ok) {
      throw new N8nRestError(response.status, 'GET', '/types/nodes.json', await response.text());
    }
    return (await response.json()) as Array<{ name: string; displayName: string; description: string }>;
  }

  async stopExecution(id: string): Promise<void> {
    await this.request('POST', `/executions/${id}/stop`);
  }

  async dataTables(): Promise<readonly DataTable[]> {
    return listOf(await this.request('GET', '/data-tables-global?take=100'));
  }

  /** All rows of a Data table; none when there is no table of that name yet. */
  async dataTableRows<Row = Record<string, unknown>>(name: string): Promise<readonly Row[]> {
    const table = (await this.dataTables()).find((candidate) => candidate.name === name);
    if (!table) return [];
    const rows: Row[] = [];
    for (;;) {
      const path = `/projects/${table.projectId}/data-tables/${table.id}/rows?take=250&skip=${rows.length}`;
      const page = await this.request<{ count: number; data: Row[] }>('GET', path);
      rows.push(...page.data);
      if (!page.data.length || rows.length >= page.count) return rows;
    }
  }

  /** Asks until `condition` gives something that counts as true. `timeoutMs` default 60,000. */
  async waitFor<T>(
    what: string,
    condition: () => Promise<T | false | undefined | null>,
    timeoutMs = 60_000,
  ): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const result = await condition();
      if (result) return result;
      if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
      await sleep(200);
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** n8n's lists come bare or as `{count, data}`. */
function listOf<T>(response: unknown): T[] {
  if (Array.isArray(response)) return response as T[];
  return isRecord(response) && Array.isArray(response['data']) ? (response['data'] as T[]) : [];
}

/**
 * Reads the form in which n8n stores the data of an execution: a JSON array whose first value is the root, and in whose objects
 * and arrays every string is the index of a value.
 */
export function unflatten(text: string): unknown {
  const values = JSON.parse(text) as unknown[];
  const made = new Map<number, unknown>();
  const resolve = (index: number): unknown => {
    if (made.has(index)) return made.get(index);
    const value = values[index];
    if (typeof value !== 'object' || value === null) return value;
    const target: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    made.set(index, target);
    for (const [key, part] of Object.entries(value)) {
      (target as Record<string, unknown>)[key] = typeof part === 'string' ? resolve(Number(part)) : part;
    }
    return target;
  };
  return resolve(0);
}
