import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import template from '../../../templates/campaign-to-dynamics.json';
import { Dynamics365 } from '../../../nodes/Dynamics365/Dynamics365.node';
import { MarketingEvents } from '../../../nodes/MarketingEvents/MarketingEvents.node';
import { SftpExportTrigger } from '../../../nodes/SftpExportTrigger/SftpExportTrigger.node';
import type { Row } from '../../../sandbox/dataverse/schema';
import type { Incident, Run, Workflow } from '../n8n';
import type { FlowNode } from '../node-context';
import { SeededRandom } from '../random';
import { runNode, upsertRows } from '../run-node';
import type { StoredFile } from '../sftp';
import { CampaignLogs, CONTACTS, type Kind, type Log, type LogRow, type Upload } from './export-log';
import type { Action, Flow, FlowKind, FlowWorld } from './flow';

const FOLDER = 'd365_loads/exports';
const PROCESSED = `${FOLDER}/processed`;
const BROKEN = `${FOLDER}/broken`;
const REJECTED = 'dynamics_campaign_rejected';
const LOGS = ['delivery', 'tracking'] as const;
const TABLES: Readonly<Record<Kind, string>> = {
  send: 'xyz_acxsnd',
  open: 'xyz_acxopn',
  click: 'xyz_acxclk',
  bounce: 'xyz_acxbnc',
};
const KINDS = Object.keys(TABLES) as Kind[];

const types = { trigger: new SftpExportTrigger(), events: new MarketingEvents(), timeline: new Dynamics365() };

/** The settings that a publish may change, and those that are drawn. */
interface TimelineSettings {
  readonly batchSize: number;
  readonly stableSeconds: number;
  readonly pollSeconds: number;
  readonly afterwards: 'move' | 'delete' | 'leave';
  readonly lateAfterHours: number;
  readonly method: 'auto' | 'single' | 'batch';
}

/** A node of the template, with other settings here and there. */
function nodeOf(name: string, type: FlowNode['type'], changed: object): FlowNode {
  const found = template.nodes.find((node) => node.name === name);
  if (!found) throw new Error(`The template has no node "${name}".`);
  const parameters = { ...found.parameters, ...changed } as unknown as FlowNode['parameters'];
  return { id: found.id, name, type, parameters };
}

/** Nodes are the same objects for the same settings, so that their parameters are completed once. */
const nodesBySettings = new Map<string, ReturnType<typeof makeNodes>>();
function nodesFor(settings: TimelineSettings) {
  const key = JSON.stringify(settings);
  let nodes = nodesBySettings.get(key);
  if (!nodes) nodesBySettings.set(key, (nodes = makeNodes(settings)));
  return nodes;
}

function makeNodes({ batchSize, stableSeconds, pollSeconds, afterwards, lateAfterHours, method }: TimelineSettings) {
  const options = { stableSeconds, pollSeconds, longestRetryPause: 60 };
  const trigger = { batchSize, afterwards, lateAfterHours, options };
  return {
    delivery: nodeOf('Delivery Log Export', types.trigger, trigger),
    tracking: nodeOf('Tracking Log Export', types.trigger, trigger),
    events: nodeOf('Marketing Events', types.events, {}),
    timeline: nodeOf('Dynamics 365', types.timeline, { options: method === 'auto' ? {} : { method } }),
  };
}

const DRAWN = [
  ['upload', 34],
  ['grow', 14],
  ['torn', 7],
  ['spoil', 2],
  ['again', 5],
  ['copy', 6],
  ['replace', 7],
  ['remove', 4],
  ['rename', 4],
  ['put-back', 4],
  ['foreign-file', 2],
  ['storage', 3],
  ['publish', 3],
  ['unpublish', 2],
  ['clock', 3],
] as const;

export const timeline: FlowKind = {
  readsExports: true,
  looksAtIncidents: true,
  contactColumns: 'firstname lastname emailaddress1',
  make: (world) => new Timeline(world),
  drawActions(random, lengthMs) {
    const weights = DRAWN.reduce((sum, [, weight]) => sum + weight, 0);
    return Array.from({ length: random.between(2, 12) }, (): Action => {
      let at = random.below(weights);
      const kind = DRAWN.find(([, weight]) => (at -= weight) < 0)?.[0] ?? 'upload';
      return { atMs: random.below(lengthMs), kind, subject: random.below(1_000), value: random.below(1_000_000) };
    });
  },
};

/**
 * Exports of Campaign's logs that come by SFTP, and the events that they put on the timelines of contacts.
 *
 * A file that people remove, or whose place another one takes, owes nothing any more, whatever of it was read. So a hole that is known does
 * not show: where n8n is killed during the last batch of a file, and that file is gone before n8n is back, the trigger takes it for put away.
 * Nor does another one: where n8n is killed or the workflow stopped right after a broken file was moved aside, nobody is told of that file.
 */
class Timeline implements Flow {
  workflows: Workflow[] = [];
  private settings: TimelineSettings;
  private readonly logs = new CampaignLogs();
  private readonly uploads: Upload[] = [];
  /** Kind and label of what stands on timelines. */
  private there = new Set<string>();
  private names = 0;

  constructor(private readonly world: FlowWorld) {
    const { random, systems, sftp } = world;
    this.settings = {
      batchSize: random.pick([1, 2, 3, 500]),
      stableSeconds: random.pick([3, 6, 12]),
      pollSeconds: random.pick([3, 10]),
      afterwards: random.pick(['move', 'move', 'move', 'move', 'delete', 'leave']),
      lateAfterHours: random.pick([26, 26, 0.1]),
      method: random.pick(['auto', 'auto', 'single', 'batch']),
    };
    this.workflows = [this.workflow()];
    systems.onDataverseWrite = () => this.look();
    sftp.onPutAway = (file, from, to, isThere) => this.putAway(file, from, to, isThere);
  }

  prepare(): void {
    for (const id of CONTACTS) this.world.systems.putContact(id, { lastname: 'Lovelace' });
  }

  private workflow(): Workflow {
    const nodes = nodesFor(this.settings);
    return {
      id: 'timeline',
      triggers: [nodes.delivery, nodes.tracking],
      timeoutSeconds: 120,
      run: async (items, run) => await this.run(items, run, nodes),
    };
  }

  /** The nodes of `templates/campaign-to-dynamics.json`. */
  private async run(items: readonly INodeExecutionData[], run: Run, nodes: ReturnType<typeof nodesFor>): Promise<void> {
    for (const { json } of items) this.checkOrigin(json['export'] as IDataObject);
    const [events = [], leftOut = []] = await runNode(run, nodes.events, items);
    const outputs = await runNode(run, nodes.timeline, [...events, ...leftOut]);
    const out = outputs.reduce((sum, output) => sum + output.length, 0);
    if (out !== items.length) this.world.violated('every item has one outcome', `${items.length} in, ${out} out`);
    await upsertRows(
      run,
      REJECTED,
      (outputs[3] ?? []).map(({ json }) => [
        recordIdOf(json),
        { code: (json['outcome'] as IDataObject)['code'] ?? '' },
      ]),
    );
  }

  /** Rows come of whole files alone. */
  private checkOrigin({ file, row }: IDataObject): void {
    const name = String(file);
    const isThere = ({ whole, broken, names, rows }: Upload) =>
      whole && !broken && names.has(name) && rows.length >= Number(row);
    if (this.uploads.some(isThere)) return;
    this.world.violated('a file that is not whole gives nothing', `row ${String(row)} of ${name}`);
  }

  act({ kind, subject, value }: Action): void {
    const { n8n, sftp, scheduler } = this.world;
    const random = new SeededRandom(value, 'rows');
    const log = LOGS[subject % 2] as Log;
    switch (kind) {
      case 'upload':
        this.put(log, this.freshName(log), this.logs.draw(log, random, scheduler.now));
        return;
      case 'grow':
        return this.grow(log, this.freshName(log), random);
      case 'torn':
        return this.tear(log, this.freshName(log), random);
      case 'spoil':
        // Nothing that an export could be.
        this.upload(log, this.freshName(log), [], value % 2 ? '' : 'PK\u0003\u0004\n', true);
        return;
      case 'again': {
        const before = this.pick(subject);
        const [name] = before ? [...before.names] : [];
        if (before && name !== undefined && !before.broken) {
          this.upload(before.log, name, before.rows, before.text, false);
        }
        return;
      }
      case 'copy': {
        const before = this.pick(subject);
        if (before && !before.broken) {
          this.upload(before.log, this.freshName(before.log), before.rows, before.text, false);
        }
        return;
      }
      case 'replace': {
        const before = this.pickInFolder(subject);
        if (before) this.put(before.log, this.nameOf(before), this.logs.draw(before.log, random, scheduler.now));
        return;
      }
      case 'remove': {
        const before = this.pickInFolder(subject);
        if (!before) return;
        sftp.files.delete(`${FOLDER}/${this.nameOf(before)}`);
        before.must = false;
        return;
      }
      case 'rename': {
        const before = this.pickInFolder(subject);
        if (!before) return;
        const name = this.freshName(before.log);
        if (sftp.rename(`${FOLDER}/${this.nameOf(before)}`, `${FOLDER}/${name}`)) before.names.add(name);
        return;
      }
      case 'put-back': {
        // One that got the time into its name does not fit the pattern.
        const done = [...sftp.files.keys()].filter((path) => path.startsWith(`${PROCESSED}/`) && !/\/\d/.test(path));
        const from = done[subject % Math.max(1, done.length)];
        if (from === undefined) return;
        const upload = this.uploadOf(sftp.files.get(from));
        const name = from.slice(PROCESSED.length + 1);
        if (sftp.rename(from, `${FOLDER}/${name}`)) upload?.names.add(name);
        return;
      }
      case 'foreign-file':
        if (!sftp.files.has(`${FOLDER}/README.md`)) sftp.put(`${FOLDER}/README.md`, 'Exports for Dynamics 365');
        return;
      case 'storage':
        sftp.room = { total: 1_000, available: value % 2 ? 900 : 100 };
        return;
      case 'publish':
        this.settings = { ...this.settings, batchSize: [1, 2, 4][value % 3] as number };
        return this.publish();
      case 'unpublish':
        n8n.unpublish('timeline');
        scheduler.after(5_000 + (value % 20_000), undefined, 'publish again', () => this.publish());
        return;
      case 'clock':
        // Within the grace that processes may differ by.
        if (n8n.main) n8n.main.clock.offsetMs = (value % 4_000) - 2_000;
        return;
    }
  }

  private publish(): void {
    this.world.n8n.publish(this.workflow());
  }

  private freshName(log: Log): string {
    return `${log}log_${++this.names}.txt`;
  }

  private pick(subject: number): Upload | undefined {
    return this.uploads.length === 0 ? undefined : this.uploads[subject % this.uploads.length];
  }

  private pickInFolder(subject: number): Upload | undefined {
    const inFolder = this.uploads.filter((upload) => this.pathInFolder(upload) !== undefined);
    return inFolder[subject % Math.max(1, inFolder.length)];
  }

  /** Where an upload lies, as long as it is in the watched folder. */
  private pathInFolder({ file, names }: Upload): string | undefined {
    for (const name of names) {
      const path = `${FOLDER}/${name}`;
      if (this.world.sftp.files.get(path) === file) return path;
    }
    return undefined;
  }

  private nameOf(upload: Upload): string {
    return (this.pathInFolder(upload) as string).slice(FOLDER.length + 1);
  }

  private uploadOf(file: StoredFile | undefined): Upload | undefined {
    return this.uploads.find((upload) => upload.file === file);
  }

  private put(log: Log, name: string, rows: readonly LogRow[]): void {
    this.upload(log, name, rows, this.logs.text(log, rows), false);
  }

  /** A file that is there at once, as after a rename. */
  private upload(log: Log, name: string, rows: readonly LogRow[], text: string, broken: boolean): void {
    const upload = this.begin(log, name, rows, text, text, broken);
    if (upload && !broken) this.isWhole(upload);
  }

  private begin(
    log: Log,
    name: string,
    rows: readonly LogRow[],
    text: string,
    first: string,
    broken: boolean,
  ): Upload | undefined {
    const { sftp, scheduler } = this.world;
    const path = `${FOLDER}/${name}`;
    const before = sftp.files.get(path);
    // Servers tell whole seconds: two uploads of the same second can't be told apart where their size is the same.
    if (before && scheduler.now - this.putMs < 1_000) return undefined;
    this.putMs = scheduler.now;
    const replaced = this.uploadOf(before);
    const file = sftp.put(path, first);
    const isSameToThem =
      before !== undefined && JSON.stringify(sftp.listed(path, before)) === JSON.stringify(sftp.listed(path, file));
    if (replaced) replaced.must = false;
    const upload = {
      log,
      rows,
      text,
      names: new Set([name]),
      file,
      whole: false,
      broken,
      must: !broken && !isSameToThem,
    };
    this.uploads.push(upload);
    return upload;
  }
  private putMs = 0;

  private isWhole(upload: Upload): void {
    upload.whole = true;
    for (const { event } of upload.rows) if (event) event.mayCome = true;
  }

  /** A file that is written over some time, with pauses that are shorter than the time of rest. */
  private grow(log: Log, name: string, random: SeededRandom): void {
    const { sftp, scheduler } = this.world;
    const rows = this.logs.draw(log, random, scheduler.now);
    const text = this.logs.text(log, rows);
    const cut = random.below(text.length - 2);
    const upload = this.begin(log, name, rows, text, text.slice(0, cut), false);
    if (!upload) return;
    const second = random.between(cut + 1, text.length - 1);
    const pause = () => random.between(500, this.settings.stableSeconds * 900);
    scheduler.after(pause(), undefined, `${name} grows`, () => {
      sftp.append(upload.file, text.slice(cut, second));
      scheduler.after(pause(), undefined, `${name} is whole`, () => {
        sftp.append(upload.file, text.slice(second));
        this.isWhole(upload);
      });
    });
  }

  /** An upload that ends in the middle of a line. Mostly the file is uploaded again later. */
  private tear(log: Log, name: string, random: SeededRandom): void {
    const { scheduler } = this.world;
    const rows = this.logs.draw(log, random, scheduler.now);
    const text = this.logs.text(log, rows);
    let cut = random.between(1, text.length - 1);
    if (text[cut - 1] === '\n') cut--;
    this.begin(log, name, rows, text, text.slice(0, cut), true);
    if (random.chance(0.3)) return;
    scheduler.after(random.between(2_000, 60_000), undefined, `upload ${name} again`, () =>
      this.upload(log, name, rows, text, false),
    );
  }

  onCampaignWrite(): void {}

  /** What stands on timelines now. */
  private look(): void {
    const { systems } = this.world;
    const there = new Set<string>();
    for (const kind of KINDS) {
      const table = systems.world.organization.table(TABLES[kind]);
      for (let slot = 0; slot < (table?.length ?? 0); slot++) {
        if (!table?.has(slot)) continue;
        this.lookAt(kind, table.rowAt(slot), there);
      }
    }
    this.there = there;
  }

  private lookAt(kind: Kind, row: Row, there: Set<string>): void {
    const { world } = this;
    const key = `${kind} ${String(row['xyz_dname'])}`;
    const event = this.logs.events.get(key);
    if (!event) return world.violated('no event is invented', key);
    if (!event.mayCome) return world.violated('a file that is not whole gives nothing', key);
    if (there.has(key)) return world.violated('each event is once on the timeline', key);
    there.add(key);
    const found = [
      row['regardingobjectid'],
      row['subject'],
      row['xyz_cname'],
      row['xyz_when'],
      row['xyz_url'] ?? '',
      row['xyz_mirror'] ?? '',
    ];
    const { campaign, label, contact, at, url, mirror } = event;
    const wanted = [contact, `Campaign Name: ${campaign}; Delivery Name: ${label}`, campaign, at, url, mirror];
    if (found.join(' | ') !== wanted.join(' | ')) {
      world.violated(
        'an event is on the timeline as it was logged',
        `${found.join(' | ')} and not ${wanted.join(' | ')}`,
      );
    }
  }

  /** A client of the server has renamed or deleted a file. */
  private putAway(file: StoredFile, from: string, to: string | undefined, isThere: boolean): void {
    const { world } = this;
    const upload = this.uploadOf(file);
    if (!upload || !from.startsWith(`${FOLDER}/`)) return;
    // SFTP has no rename of a file that is still the one which was looked at: what takes its place at the last moment goes with it.
    if (world.sftp.lookedAt.get(from) !== file.number) {
      upload.must = false;
      return;
    }
    const isBroken = !upload.whole || upload.broken;
    if (to?.startsWith(`${BROKEN}/`)) {
      upload.asideBy = isThere ? world.n8n.activations.get(triggerOf(upload.log)) : undefined;
      if (!isBroken && upload.must) world.violated('no whole file is put aside as broken', from);
    } else if (upload.must || isBroken) {
      const missing = isBroken ? 'it is broken' : this.missingOf(upload);
      if (missing !== undefined) world.violated('a file is put away when it is done', `${from}: ${missing}`);
    }
  }

  /** What of the first rows of a file has not arrived; undefined: nothing. */
  private missingOf({ rows, names }: Upload, upTo = rows.length): string | undefined {
    const rejected = this.world.n8n.table(REJECTED);
    for (const [index, row] of rows.slice(0, upTo).entries()) {
      const { event } = row;
      if (row.rejected === undefined) {
        if (event && !this.there.has(`${event.kind} ${event.label}`)) return `${event.kind} ${event.label}`;
        continue;
      }
      const ids = event ? [`${event.kind} ${event.logId}`] : [...names].map((name) => `${name} ${index + 1}`);
      const code = ids.map((id) => rejected.get(id)?.['code']).find((found) => found !== undefined);
      if (code === undefined || (row.rejected !== '*' && code !== row.rejected)) {
        // Another file of this name may have had a wrong row at the same place, which the table's key does not tell.
        if (code !== undefined && !event) continue;
        return `row ${index + 1}, to be rejected as ${row.rejected}, has ${String(code)}`;
      }
    }
    return undefined;
  }

  /** A stored state must not be ahead of what has arrived. */
  onStored(_workflow: string, text: string): void {
    const stored = JSON.parse(text) as Record<string, StoredState>;
    const nodes = nodesFor(this.settings);
    for (const log of LOGS) {
      const state = Object.entries(stored).find(([key]) => key.endsWith(nodes[log].id))?.[1];
      if (!state) continue;
      const ofLog = this.uploads.filter((upload) => upload.log === log && upload.whole && !upload.broken);
      for (const file of [state.current, ...(state.interrupted ?? [])]) {
        if (!file || file.done === 0) continue;
        const maybe = ofLog.filter(({ names, rows }) => names.has(file.name) && rows.length === file.rows);
        if (maybe.some((upload) => this.missingOf(upload, file.done) === undefined)) continue;
        this.world.violated('the stored state is never ahead', `${file.done} rows of ${file.name}`);
      }
      const done = ofLog.filter((upload) => this.isDisturbed(upload) || this.missingOf(upload) === undefined);
      const most = done.reduce((sum, { names }) => sum + names.size, 0);
      if (state.finished.length > most) {
        this.world.violated('the stored state is never ahead', `${state.finished.length} files finished of ${most}`);
      }
    }
  }

  /** People have taken it away, or given it another name: see the hole that is known. */
  private isDisturbed({ must, names }: Upload): boolean {
    return !must || names.size > 1;
  }

  difference(): string | undefined {
    for (const upload of this.uploads) {
      const path = this.pathInFolder(upload);
      const [name = ''] = upload.names;
      if (upload.broken) {
        if (path !== undefined) return `${name} is broken and still in the folder`;
        continue;
      }
      if (!upload.must) continue;
      const missing = this.missingOf(upload);
      if (missing !== undefined) return `${missing} of ${name}`;
      if (path !== undefined && this.settings.afterwards !== 'leave') return `${name} is done and still in the folder`;
    }
    return this.untold();
  }

  /** What people have not been told of yet. */
  private untold(): string | undefined {
    const { sftp, n8n } = this.world;
    for (const [path, file] of sftp.files) {
      const upload = path.startsWith(`${BROKEN}/`) ? this.uploadOf(file) : undefined;
      if (!upload?.broken || upload.asideBy !== n8n.activations.get(triggerOf(upload.log))) continue;
      const isTold = ({ message }: Incident) => [...upload.names].some((name) => message.includes(`"${name}"`));
      if (!n8n.incidents.some(isTold)) return `nobody was told of ${path}`;
    }
    for (const [what, { activation, trigger }] of this.openIncidents()) {
      // What was told is stored with the next batch only: a stop may lose it.
      if (activation !== n8n.activations.get(trigger)) continue;
      // These may last.
      if (/: (late|storage)$/.test(what)) continue;
      return `nobody was told that it is over: ${what}`;
    }
    return undefined;
  }

  atRest(): void {
    this.openIncidents();
  }

  /** The incidents that were told, and whose end was not. Each is told once; a new start may repeat it. */
  private openIncidents(): ReadonlyMap<string, Incident> {
    const open = new Map<string, Incident>();
    for (const incident of this.world.n8n.incidents) {
      const what = subjectOf(incident);
      if (what === undefined) continue;
      const key = `${incident.trigger}: ${what}`;
      const before = open.get(key);
      if (incident.isAllClear) {
        open.delete(key);
        continue;
      }
      if (before?.activation === incident.activation)
        this.world.violated('each incident is told once', `${key}: ${incident.message}`);
      open.set(key, incident);
    }
    return open;
  }
}

/** What of a trigger's state is looked at. */
interface StoredState {
  readonly current: { readonly name: string; readonly rows: number; readonly done: number } | null;
  readonly interrupted?: readonly { readonly name: string; readonly rows: number; readonly done: number }[];
  readonly finished: readonly string[];
}

const triggerOf = (log: Log) => `timeline: ${log === 'delivery' ? 'Delivery' : 'Tracking'} Log Export`;

/** What the node "Describe Rejection" makes of an item. */
function recordIdOf(json: IDataObject): string {
  const event = json['event'] as IDataObject | undefined;
  if (event) return `${String(event['kind'])} ${String(event['logId'])}`;
  const origin = (json['export'] ?? {}) as IDataObject;
  return `${String(origin['file'] ?? '')} ${String(origin['row'] ?? '')}`;
}

/** Which incident is told, or is told to be over; undefined: one without an end. */
function subjectOf({ message }: Incident): string | undefined {
  const file = /export file "([^"]*)"/.exec(message)?.[1];
  if (/stays in the folder|the broken export file/.test(message)) return `broken ${String(file)}`;
  if (message.includes('the finished export file')) return `not put away ${String(file)}`;
  if (
    /can not be read, and the others go on|can be read\.$|no longer in the folder/.test(message) &&
    file !== undefined
  ) {
    return `unreadable ${file}`;
  }
  if (/was processed but stays where it is|was put away\.$/.test(message)) return `not put away ${String(file)}`;
  if (/^No export has come into|the last export came/.test(message)) return 'late';
  if (/The SFTP storage is|the SFTP storage is/.test(message)) return 'storage';
  return undefined;
}
