import { freePort } from '../free-port';
import { sandboxCredentials } from '../n8n-host/sandbox-credentials';
import { startN8n, type N8nHandle } from '../n8n-host/start-n8n';
import { startSandbox, type SandboxHandle } from '../start';
import type { DemoArguments } from './arguments';
import { mappedPairs } from '../oracles/mapped-pairs';
import { optOutPairs, type OptOutPair } from '../oracles/opt-outs';
import type { Pair } from '../oracles/contacts';
import { SandboxControl } from '../control-client';
import { demoWorkflows, runThrough, type DemoWorkflows } from './workflows';

/** Both emulated systems, and n8n with all templates. */
export class Systems {
  private constructor(
    readonly control: SandboxControl,
    readonly n8n: N8nHandle,
    readonly workflows: DemoWorkflows,
    /** What the templates map; read from them, without the product's code. */
    readonly pairs: { readonly fields: readonly Pair[]; readonly optOuts: readonly OptOutPair[] },
  ) {}

  /**
   * Nothing is published yet but the workflow that waits for the logs.
   *
   * @param own is told of everything that has to be closed, as soon as it is there
   */
  static async start(
    { contacts, seed, port }: DemoArguments,
    say: (line: string) => void,
    own: (closable: { close(): Promise<void> }) => void,
  ): Promise<Systems> {
    say(`Starting Dynamics 365 with ${contacts} contacts and Adobe Campaign with its SFTP storage, all emulated ...`);
    const sandbox: SandboxHandle = await startSandbox({ contacts, seed, sftp: true });
    own(sandbox);
    const workflows = await demoWorkflows();
    const { sync, retry, optOuts, timeline } = workflows;
    say('Starting n8n with the nodes and the four workflows ...');
    const n8n = await startN8n({
      port: port || (await freePort(5678)),
      credentials: sandboxCredentials(sandbox),
      workflows: [sync, retry, optOuts, timeline].map((workflow) => ({ workflow, publish: workflow === timeline })),
      progress: say,
    });
    own(n8n);
    const pairs = { fields: mappedPairs(sync), optOuts: optOutPairs(optOuts) };
    return new Systems(new SandboxControl(sandbox.controlUrl), n8n, workflows, pairs);
  }

  /** Toggles the transfer of contacts active: the initial load begins. */
  async publishSync(): Promise<void> {
    await this.n8n.rest.publish(this.idOf('sync'));
  }

  /**
   * Toggles the other workflows active. After the initial load: a contact's opt-out can't be decided before its profile is there, and
   * would wait among the rejected ones.
   */
  async publishOthers(): Promise<void> {
    const { rest } = this.n8n;
    await rest.updateWorkflow(this.idOf('retry'), (workflow) => runThrough(workflow, this.idOf('sync')));
    await rest.publish(this.idOf('retry'));
    await rest.publish(this.idOf('optOuts'));
  }

  private idOf(workflow: keyof DemoWorkflows): string {
    const { name } = this.workflows[workflow];
    const id = this.n8n.workflowIds.get(name);
    if (!id) throw new Error(`The workflow "${name}" was not imported.`);
    return id;
  }
}
