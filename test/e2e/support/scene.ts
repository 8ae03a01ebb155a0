import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compare, type Difference, type Pair } from '../../../sandbox/oracles/contacts';
import { mappedPairs } from '../../../sandbox/oracles/mapped-pairs';
import { SandboxControl } from '../../../sandbox/control-client';
import type { FaultInput } from '../../../sandbox/http/faults';
import { projectRoot } from '../../../sandbox/n8n-host/folders';
import type { WorkflowJson } from '../../../sandbox/n8n-host/rest';
import { sandboxCredentials } from '../../../sandbox/n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle, type WorkflowToImport } from '../../../sandbox/n8n-host/start-n8n';
import { startSandbox, type SandboxHandle, type SandboxOptions } from '../../../sandbox/start';

export const SYNC = 'Dynamics 365 to Campaign';
export const REJECTED = 'dynamics_campaign_rejected';
export const INCIDENTS = 'dynamics_campaign_incidents';

export interface RejectedRow {
  readonly recordTable: string;
  readonly recordId: string;
  readonly code: string;
  readonly message: string;
  readonly field: string;
  readonly mappingLine: number | null;
}

export interface SceneOptions {
  readonly sandbox?: SandboxOptions;
  /** What a user would set in the template before it is published. */
  readonly change?: (workflow: WorkflowJson) => void;
  readonly more?: readonly WorkflowToImport[];
  readonly publish?: boolean;
  readonly dynamics365?: Record<string, unknown>;
  readonly adobeCampaign?: Record<string, unknown>;
  /** n8n's queue mode with so many workers. @default regular mode */
  readonly workers?: number;
}

/** A sandbox and a real n8n with the template Dynamics 365 to Campaign in it. */
export class Scene {
  private constructor(
    readonly sandbox: SandboxHandle,
    readonly n8n: N8nHandle,
    readonly control: SandboxControl,
    readonly pairs: readonly Pair[],
  ) {}

  static async start(options: SceneOptions = {}): Promise<Scene> {
    const sandbox = await startSandbox(options.sandbox);
    try {
      const workflow = template('dynamics-to-campaign');
      options.change?.(workflow);
      const n8n = await startN8n({
        credentials: sandboxCredentials(sandbox, {
          ...(options.dynamics365 ? { dynamics365: options.dynamics365 } : {}),
          ...(options.adobeCampaign ? { adobeCampaign: options.adobeCampaign } : {}),
        }),
        workflows: [{ workflow, publish: options.publish ?? true }, ...(options.more ?? [])],
        ...(options.workers === undefined ? {} : { workers: options.workers }),
      });
      return new Scene(sandbox, n8n, new SandboxControl(sandbox.controlUrl), mappedPairs(workflow));
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  }

  get workflowId(): string {
    const id = this.n8n.workflowIds.get(SYNC);
    if (!id) throw new Error(`The workflow ${SYNC} was not imported.`);
    return id;
  }

  /** What differs between contacts and profiles at this moment. `without`: contacts that are not expected in Campaign. */
  async differences(without: ReadonlySet<string> = new Set()): Promise<Difference[]> {
    const [contacts, profiles] = await Promise.all([
      this.control.dump('dataverse', 'contact'),
      this.control.dump('campaign', 'profile'),
    ]);
    const expected = contacts.filter((contact) => !without.has(String(contact['contactid'])));
    return compare(expected, profiles, this.pairs);
  }

  /** Waits until both sides are equal, and fails with what still differs. */
  async settled(timeoutMs = 180_000, without: ReadonlySet<string> = new Set()): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const differences = await this.differences(without);
      if (differences.length === 0) return;
      if (Date.now() > deadline) {
        const shown = JSON.stringify(differences.slice(0, 5));
        throw new Error(
          `${differences.length} differences after ${timeoutMs} ms: ${shown}\n${await this.told()}\n${await this.n8n.logTail()}`,
        );
      }
      await sleep(500);
    }
  }

  /** What the workflow itself said of it so far: rejected records and incidents. */
  private async told(): Promise<string> {
    const rows = await Promise.all(
      [REJECTED, INCIDENTS].map(async (table) => {
        const found = await this.n8n.rest.dataTableRows<Record<string, unknown>>(table);
        return `${table}: ${JSON.stringify(found.slice(-5))}`;
      }),
    );
    return rows.join('\n');
  }

  async fault(...faults: FaultInput[]): Promise<void> {
    await this.order('POST', '/faults', faults);
  }

  async noFaults(): Promise<void> {
    await this.order('DELETE', '/faults');
  }

  async settings(settings: unknown): Promise<void> {
    await this.order('POST', '/settings', settings);
  }

  /** Creates, updates and deletes named rows. */
  async change(change: unknown): Promise<void> {
    await this.order('POST', '/change', change);
  }

  /** Changes the published workflow as a user does: edits the draft and publishes it. */
  async republish(change: (workflow: WorkflowJson) => void): Promise<void> {
    await this.n8n.rest.updateWorkflow(this.workflowId, change);
    await this.n8n.rest.publish(this.workflowId);
  }

  async close(): Promise<void> {
    await this.n8n.close();
    await this.sandbox.close();
  }

  private async order(method: string, path: string, body?: unknown): Promise<void> {
    await this.control.json(method, path, body);
  }
}

/** A shipped template as its file has it. */
export function template(name: string): WorkflowJson {
  return JSON.parse(readFileSync(join(projectRoot, 'templates', `${name}.json`), 'utf8')) as WorkflowJson;
}

/** The parameters of a node of a workflow, to be changed. */
export function parametersOf(workflow: WorkflowJson, node: string): Record<string, never> {
  const found = workflow.nodes.find((candidate) => candidate.name === node);
  if (!found) throw new Error(`The workflow has no node ${node}.`);
  return found.parameters as Record<string, never>;
}
