import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runThrough } from '../demo/workflows';
import type { Credential, N8nRest, WorkflowJson } from '../n8n-host/rest';

const TEMPLATES = 'templates';

/** The credentials and the templates inside an n8n that is developed with. */
export class Workspace {
  constructor(
    private readonly root: string,
    private readonly rest: N8nRest,
  ) {}

  /** Makes these credentials, or gives those of the same name the present values: the sandbox's ports are others at each start. */
  async bringCredentials(credentials: readonly Credential[]): Promise<void> {
    const present = await this.rest.credentials();
    for (const credential of credentials) {
      const known = present.find(({ name, type }) => name === credential.name && type === credential.type);
      if (known) await this.rest.updateCredential(known.id, credential);
      else await this.rest.createCredential(credential);
    }
  }

  /** Imports the templates that are not there yet, unpublished. */
  async bringTemplates(): Promise<void> {
    const files = (await readdir(join(this.root, TEMPLATES))).filter((file) => file.endsWith('.json')).sort();
    for (const file of files) {
      const template = await this.read(join(TEMPLATES, file));
      if (!(await this.find(template.name))) await this.import(template);
    }
  }

  /**
   * Brings the workflow of a template to what the file says now; what was published is published again.
   *
   * @param file relative to the project
   * @returns the workflow's name
   * @throws Error when the file is no JSON, or n8n refuses the workflow
   */
  async renewTemplate(file: string): Promise<string> {
    const template = await this.read(file);
    const workflow = await this.find(template.name);
    if (!workflow) {
      await this.import(template);
      return template.name;
    }
    await this.prepare(template);
    const nodes = await this.rest.bindCredentials(template.nodes);
    await this.rest.updateWorkflow(workflow.id, (stored) => {
      stored.nodes = nodes;
      stored.connections = template.connections;
      stored.settings = { ...stored.settings, ...template.settings };
    });
    if (workflow.activeVersionId) await this.rest.publish(workflow.id);
    return template.name;
  }

  private async import(template: WorkflowJson): Promise<void> {
    await this.prepare(template);
    await this.rest.importWorkflow(template);
  }

  /** What a user would choose: retries run through the workflow that transfers contacts. */
  private async prepare(template: WorkflowJson): Promise<void> {
    if (!template.nodes.some(({ type }) => type.endsWith('.executeWorkflow'))) return;
    const { name } = await this.read(join(TEMPLATES, 'dynamics-to-campaign.json'));
    const sync = await this.find(name);
    if (sync) runThrough(template, sync.id);
  }

  private async find(name: string) {
    return (await this.rest.workflows()).find((workflow) => workflow.name === name);
  }

  private async read(file: string): Promise<WorkflowJson> {
    return JSON.parse(await readFile(join(this.root, file), 'utf8')) as WorkflowJson;
  }
}
