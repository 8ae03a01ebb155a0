import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SandboxControl } from '../../../sandbox/control-client';
import type { WorkflowJson } from '../../../sandbox/n8n-host/rest';
import { sandboxCredentials } from '../../../sandbox/n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../../../sandbox/n8n-host/start-n8n';
import { startSandbox, type SandboxHandle, type SandboxOptions } from '../../../sandbox/start';
import { template } from './scene';

/** A sandbox with its SFTP storage, and a real n8n with one of the templates that take exports. */
export class ExportScene {
  private constructor(
    readonly sandbox: SandboxHandle,
    readonly n8n: N8nHandle,
    readonly control: SandboxControl,
    private readonly workflowName: string,
  ) {}

  static async start(
    file: 'opt-in-out' | 'campaign-to-dynamics',
    options: {
      readonly sandbox: SandboxOptions;
      readonly change: (workflow: WorkflowJson) => void;
      /** Before n8n is there. */
      readonly prepare?: (order: ExportScene['order']) => Promise<void>;
    },
  ): Promise<ExportScene> {
    const sandbox = await startSandbox({ sftp: true, ...options.sandbox });
    const control = new SandboxControl(sandbox.controlUrl);
    try {
      await options.prepare?.(async (path, body) => await order(control, path, body));
      const workflow = template(file);
      // A file is taken as soon as it lies still for a second, not for a minute.
      for (const { type, parameters } of workflow.nodes) {
        if (type.endsWith('.sftpExportTrigger')) parameters['options'] = { stableSeconds: 1, pollSeconds: 1 };
      }
      options.change(workflow);
      const n8n = await startN8n({ credentials: sandboxCredentials(sandbox), workflows: [{ workflow }] });
      return new ExportScene(sandbox, n8n, control, workflow.name);
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  }

  get workflowId(): string {
    const id = this.n8n.workflowIds.get(this.workflowName);
    if (!id) throw new Error(`The workflow ${this.workflowName} was not imported.`);
    return id;
  }

  /** An order to the sandbox's control interface. */
  async order(path: string, body: unknown = {}): Promise<Record<string, unknown>> {
    return await order(this.control, path, body);
  }

  /** Campaign exports. @returns the file's name */
  async export(kind: string, more: object = {}): Promise<string> {
    return String((await this.order('/export', { kind, ...more }))['file']);
  }

  /** Waits until files were put away as done. */
  async done(...files: string[]): Promise<void> {
    await this.until(
      `${files.join(', ')} processed`,
      async () => files.every((file) => this.processed().includes(file)),
      400_000,
    );
  }

  processed(): string[] {
    try {
      return readdirSync(join(this.sandbox.sftp?.localFolder ?? '', 'processed'));
    } catch {
      return [];
    }
  }

  /** Requests that write, counted by the sandbox. */
  async writes(): Promise<number> {
    const requests = await this.control.requests();
    const writing = Object.entries(requests).filter(([kind]) => /\.(PATCH|POST|DELETE)$|[Mm]ultiple|batch/.test(kind));
    return writing.filter(([kind]) => /^(campaign|dataverse)\./.test(kind)).reduce((sum, [, count]) => sum + count, 0);
  }

  /** Changes the published workflow as a user does: edits the draft and publishes it. */
  async republish(change: (workflow: WorkflowJson) => void): Promise<void> {
    await this.n8n.rest.updateWorkflow(this.workflowId, change);
    await this.n8n.rest.publish(this.workflowId);
  }

  /** Waits for a condition, and fails with the end of n8n's log and its failed executions. */
  async until(what: string, condition: () => Promise<boolean>, timeoutMs = 120_000, everyMs = 500): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await condition())) {
      if (Date.now() > deadline) {
        throw new Error(
          `Waited ${timeoutMs} ms in vain: ${what}\n${await this.failures()}\n${await this.n8n.logTail()}`,
        );
      }
      await sleep(everyMs);
    }
  }

  /** What the last failed executions say. */
  async failures(): Promise<string> {
    const failed = await this.n8n.rest.executions({ workflowId: this.workflowId, status: ['error', 'crashed'] }, 5);
    const texts = await Promise.all(
      failed.map(async ({ id }) => JSON.stringify((await this.n8n.rest.execution(id)).data.resultData?.error)),
    );
    return texts.map((text) => String(text).slice(0, 600)).join('\n');
  }

  async close(): Promise<void> {
    await this.n8n.close();
    await this.sandbox.close();
  }
}

async function order(control: SandboxControl, path: string, body: unknown = {}): Promise<Record<string, unknown>> {
  return (await control.json('POST', path, body)) as Record<string, unknown>;
}
