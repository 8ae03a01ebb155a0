import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SftpHandle } from '../../../sandbox/sftp/sftp-handle';
import { ExportScene } from './export-scene';
import { INCIDENTS, parametersOf } from './scene';

const TRIGGER = 'SFTP Export Trigger';

/** What people were told: a row of the template's table of incidents. */
export interface Told {
  readonly message: string;
  /** What they can do, with the code. */
  readonly hint: string;
}

/** n8n's own word on an execution that was under way when it was killed. */
const KILLED = 'Workflow did not finish, possible out-of-memory issue';

export interface WeatherOptions {
  readonly people: number;
  readonly batchSize: number;
}

/**
 * A real n8n with the template Opt-ins and Opt-outs, in which Campaign decides and nothing but its exports starts a run, and the SFTP server
 * that the weather strikes.
 */
export class ExportWeather {
  /** Contact IDs; each has a profile. */
  readonly people: readonly string[];
  private toldBefore = 0;
  /** Rows that an execution was given and that it ended well with, by execution. */
  private readonly rowsOf = new Map<string, readonly string[]>();

  private constructor(
    readonly scene: ExportScene,
    readonly sftp: SftpHandle,
    people: readonly string[],
  ) {
    this.people = people;
  }

  static async start(sftp: SftpHandle, { people, batchSize }: WeatherOptions): Promise<ExportWeather> {
    const scene = await ExportScene.start('opt-in-out', {
      sandbox: { contacts: people, latency: 2, sftp },
      prepare: async (order) => {
        await order('/seed', { table: 'profile', count: people, profilesFrom: 'contact' });
      },
      change: (workflow) => {
        Object.assign(parametersOf(workflow, 'Opt-Out Resolver'), { direction: 'campaignToDynamics' });
        const storagePercent = sftp.tellsRoom ? 80 : 0;
        Object.assign(parametersOf(workflow, TRIGGER), { batchSize, storagePercent });
        for (const node of workflow.nodes) if (node.name === 'Dynamics 365 Trigger') node['disabled'] = true;
        // So that the rows of each execution can be counted.
        workflow.settings = { ...workflow.settings, saveDataSuccessExecution: 'all' };
      },
    });
    const contacts = (await scene.control.dump('dataverse', 'contact')).map(({ contactid }) => String(contactid));
    // Who said no to bulk e-mail is opted out of e-mail already: an opt-out in Campaign would have nothing to write.
    const updates = contacts.map((contactid) => ({ contactid, donotbulkemail: false }));
    await scene.order('/change', { system: 'dataverse', table: 'contact', updates });
    return new ExportWeather(scene, sftp, contacts);
  }

  path(...parts: string[]): string {
    return join(this.scene.sandbox.sftp?.localFolder ?? '', ...parts);
  }

  /** Puts a whole file into the watched folder at once. */
  put(name: string, content: string | Buffer): void {
    writeFileSync(this.path(`.${name}.part`), content);
    renameSync(this.path(`.${name}.part`), this.path(name));
  }

  broken(): string[] {
    try {
      return readdirSync(this.path('broken')).sort();
    } catch {
      return [];
    }
  }

  async export(more: object = {}): Promise<string> {
    return await this.scene.export('opt-outs', more);
  }

  /** People opt out of e-mail, or in again, in Campaign. */
  async say(ids: readonly string[], optedOut: boolean): Promise<void> {
    const updates = ids.map((externalId) => ({ externalId, blackListEmail: optedOut }));
    await this.scene.order('/change', { system: 'campaign', table: 'profile', updates });
  }

  /** How many of them Dynamics 365 has as said. */
  async arrived(ids: readonly string[], optedOut: boolean): Promise<number> {
    const wanted = new Set(ids);
    const contacts = await this.scene.control.dump('dataverse', 'contact');
    return contacts.filter((row) => wanted.has(String(row['contactid'])) && row['donotemail'] === optedOut).length;
  }

  /** Waits until both sides have what was said in Campaign. */
  async agreed(ids: readonly string[], optedOut: boolean): Promise<void> {
    const all = async () => (await this.arrived(ids, optedOut)) === ids.length;
    await this.scene.until('the opt-outs in Dynamics 365', all);
    const wanted = new Set(ids);
    const profiles = await this.scene.control.dump('campaign', 'profile');
    const kept = profiles.filter((row) => wanted.has(String(row['externalId'])) && row['blackListEmail'] === optedOut);
    expect(kept).toHaveLength(ids.length);
  }

  /** Waits until the middle of a file is being processed: some of its people have arrived, and not all. */
  async begun(ids: readonly string[], optedOut: boolean): Promise<void> {
    await this.scene.until('the first rows', async () => (await this.arrived(ids, optedOut)) > 0, 60_000, 50);
    expect(await this.arrived(ids, optedOut)).toBeLessThan(ids.length);
  }

  /** The next things that people are told, waited for; there must be just so many. */
  async told(count: number): Promise<readonly Told[]> {
    let fresh: readonly Told[] = [];
    await this.scene.until(`${count} incidents`, async () => (fresh = await this.fresh()).length >= count);
    this.toldBefore += fresh.length;
    expect(fresh.map(({ message }) => message)).toHaveLength(count);
    return fresh;
  }

  /** Nobody was told anything since. */
  async nothingTold(): Promise<void> {
    expect((await this.fresh()).map(({ message }) => message)).toEqual([]);
  }

  /** What the last failed execution says. */
  async lastFailure(): Promise<unknown> {
    const { rest } = this.scene.n8n;
    const [failed] = await rest.executions({ workflowId: this.scene.workflowId, status: ['error'] }, 1);
    return failed && (await rest.execution(failed.id)).data.resultData?.error;
  }

  private async fresh(): Promise<readonly Told[]> {
    const rows = await this.scene.n8n.rest.dataTableRows<Told>(INCIDENTS);
    return rows.filter(({ message }) => message !== KILLED).slice(this.toldBefore);
  }

  /** How often each row of a file went through an execution that ended well, by row number. */
  async runsOf(file: string): Promise<ReadonlyMap<number, number>> {
    await this.readRuns();
    const counts = new Map<number, number>();
    for (const row of [...this.rowsOf.values()].flat()) {
      const [name = '', number] = row.split('\t');
      if (name === file) counts.set(Number(number), (counts.get(Number(number)) ?? 0) + 1);
    }
    return counts;
  }

  /** Executions that the exports have started so far. */
  async runs(): Promise<number> {
    await this.readRuns();
    return [...this.rowsOf.values()].filter((rows) => rows.length > 0).length;
  }

  async set(parameters: Record<string, unknown>): Promise<void> {
    await this.scene.republish((workflow) => void Object.assign(parametersOf(workflow, TRIGGER), parameters));
  }

  async close(): Promise<void> {
    await this.scene.close();
  }

  private async readRuns(): Promise<void> {
    const { rest } = this.scene.n8n;
    const ended = await rest.executions({ workflowId: this.scene.workflowId, status: ['success'] });
    for (const { id, mode } of ended) {
      if (this.rowsOf.has(id) || mode !== 'trigger') continue;
      const { data } = await rest.execution(id);
      const run = data.resultData?.runData?.[TRIGGER]?.[0] as TriggerRun | undefined;
      const items = run?.data?.main?.[0] ?? [];
      this.rowsOf.set(
        id,
        items.map(({ json }) => `${json.export.file}\t${json.export.row}`),
      );
    }
  }
}

interface TriggerRun {
  readonly data?: {
    readonly main?: readonly (readonly { readonly json: { readonly export: { file: string; row: number } } }[])[];
  };
}
