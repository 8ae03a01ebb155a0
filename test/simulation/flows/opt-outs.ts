import type { IDataObject, INodeExecutionData, INodeType, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import { AdobeCampaign } from '../../../nodes/AdobeCampaign/AdobeCampaign.node';
import { Dynamics365 } from '../../../nodes/Dynamics365/Dynamics365.node';
import { Dynamics365Trigger } from '../../../nodes/Dynamics365Trigger/Dynamics365Trigger.node';
import { OptOutResolver } from '../../../nodes/OptOutResolver/OptOutResolver.node';
import { SftpExportTrigger } from '../../../nodes/SftpExportTrigger/SftpExportTrigger.node';
import { startTrigger } from '../../../nodes/shared/start-trigger';
import type { Row } from '../../../sandbox/dataverse/schema';
import type { Run, Workflow } from '../n8n';
import type { FlowNode } from '../node-context';
import type { SimulatedProcess } from '../process';
import { runNode, upsertRows } from '../run-node';
import type { CampaignWrite } from '../systems';
import { drawClustered, type Action, type Flow, type FlowKind, type FlowWorld } from './flow';
import { ConsentOracle, type Direction, type Line } from './opt-out-oracle';
import { STATE_OF_CONTACT } from './present-state';

const PEOPLE = 4;
const TIMEOUT_SECONDS = 120;
const REJECTED = 'dynamics_campaign_rejected';
const OPT_OUTS = 'dynamics_campaign_opt_outs';
const DECISIONS = 'dynamics_campaign_opt_out_decisions';
/** What was on its way when its run ended arrives within this time. */
const ON_ITS_WAY_MS = 6_000;
/** In calm weather whatever is under way is done within this time, and each change has been read. */
const QUIET_MS = 35_000;
const FOLDER = 'd365_loads/exports';

const contactId = (subject: number): string =>
  `0c0ffee0-0000-4000-8000-${(subject % PEOPLE).toString(16).padStart(12, '0')}`;

const subjectOf = (id: string): number => parseInt(id.slice(-12), 16);

const line = (column: string, field: string, inverted = false): Line => ({ column, field, inverted });
/** Several columns for one field; an inverted one, and one without a time in Campaign; one for the opt-out from every channel. */
const MAPPINGS: readonly (readonly Line[])[] = [
  [
    line('donotemail', 'blackListEmail'),
    line('donotbulkemail', 'blackListEmail'),
    line('donotphone', 'blackListPhone'),
  ],
  [
    line('donotemail', 'blackListEmail'),
    line('followemail', 'blackListMobile', true),
    line('donotsendmm', 'blackListPushnotification'),
  ],
  [line('donotemail', 'blackListEmail'), line('donotphone', 'blackListPhone'), line('donotfax', 'blackList')],
];
const DIRECTIONS: readonly Direction[] = [
  'bidirectional',
  'bidirectional',
  'bidirectional',
  'dynamicsToCampaign',
  'dynamicsToCampaign',
  'campaignToDynamics',
  'campaignToDynamics',
  'disabled',
];

const node = (id: string, type: INodeType, parameters: object): FlowNode => ({
  id,
  name: id,
  type,
  parameters: parameters as FlowNode['parameters'],
});

/** Where Campaign's exports arrive, and what reads them. */
interface Exports {
  readonly trigger: FlowNode;
  arrive(rows: readonly IDataObject[]): void;
  /** True while files are there that have not been processed. */
  readonly areLeft: boolean;
}

/** A file of the export, as the rows that a reader gives. */
interface ExportFile {
  readonly rows: readonly IDataObject[];
}

/**
 * A trigger of its own for the rows of exports, with the same deliveries and the same memory as the SFTP Export Trigger: a file leaves the
 * folder once its run has succeeded. Most histories have it, since reading files takes far more time than all else.
 */
class ExportedRows implements Exports {
  private readonly folder: ExportFile[] = [];

  readonly trigger = node(
    'SFTP Export Trigger',
    {
      description: { name: 'simulatedExportTrigger', properties: [] },
      trigger: this.makeTrigger(),
    } as unknown as INodeType,
    {},
  );

  arrive(rows: readonly IDataObject[]): void {
    this.folder.push({ rows });
  }

  get areLeft(): boolean {
    return this.folder.length > 0;
  }

  private makeTrigger() {
    const files = () => this.folder;
    return async function (this: ITriggerFunctions): Promise<ITriggerResponse> {
      return await startTrigger<{ delivery: number; deliveryUntil: string | null }>(
        this,
        'simulatedExportTrigger',
        async (stored) => {
          const state = (stored ?? { delivery: 0, deliveryUntil: null }) as {
            delivery: number;
            deliveryUntil: string | null;
          };
          return {
            state,
            options: { runMs: TIMEOUT_SECONDS * 1000, longestRetryPauseMs: 60_000, allClear: 'errorWorkflow' },
            deliveryUntil: state.deliveryUntil,
            run: async (host, signal) => {
              let { delivery } = state;
              for (;;) {
                signal.throwIfAborted();
                const [file] = files();
                if (!file) {
                  await host.clock.sleep(10_000, signal);
                  continue;
                }
                delivery++;
                await host.deliver({
                  number: delivery,
                  records: file.rows,
                  onEmit: (deliveryUntil) => host.save({ delivery, deliveryUntil }),
                });
                host.save({ delivery, deliveryUntil: null });
                const at = files().indexOf(file);
                if (at >= 0) files().splice(at, 1);
              }
            },
          };
        },
      );
    };
  }
}

/** The real trigger, and files on an SFTP server. */
class ExportedFiles implements Exports {
  private files = 0;

  constructor(
    private readonly world: FlowWorld,
    readonly trigger: FlowNode,
    /** A file was put aside as broken: somebody has to export anew. */
    onBroken: () => void,
  ) {
    world.sftp.onPutAway = (_file, _from, to) => {
      if (to?.includes('/broken/')) onBroken();
    };
  }

  arrive(rows: readonly IDataObject[]): void {
    const names = Object.keys(rows[0] ?? {});
    const cell = (value: unknown) => (typeof value === 'boolean' ? Number(value) : String(value ?? '').slice(0, 36));
    const text = [names, ...rows.map((row) => names.map((name) => cell(row[name])))].map((cells) => cells.join('\t'));
    this.world.sftp.put(`${FOLDER}/optouts_${++this.files}.txt`, `${text.join('\n')}\n`);
  }

  get areLeft(): boolean {
    return this.world.sftp.filesIn(FOLDER).some(({ name }) => /^optouts_.*\.txt$/.test(name));
  }
}

const types = {
  exports: new SftpExportTrigger(),
  trigger: new Dynamics365Trigger(),
  resolver: new OptOutResolver(),
  campaign: new AdobeCampaign(),
  dynamics: new Dynamics365(),
};
const TABLE = { __rl: true, mode: 'list', value: 'contact' };

interface Settings {
  readonly direction: Direction;
  readonly mapping: number;
  readonly replay: string;
  readonly batchSize: number;
}

type Nodes = ReturnType<typeof makeNodes>;

/** Nodes are the same objects for the same settings, so that their parameters are completed once. */
const nodesBySettings = new Map<string, Nodes>();
function nodesFor(settings: Settings): Nodes {
  const key = JSON.stringify(settings);
  let nodes = nodesBySettings.get(key);
  if (!nodes) nodesBySettings.set(key, (nodes = makeNodes(settings)));
  return nodes;
}

function makeNodes({ direction, mapping, replay, batchSize }: Settings) {
  const lines = MAPPINGS[mapping] as readonly Line[];
  return {
    trigger: node('Dynamics 365 Trigger', types.trigger, {
      table: TABLE,
      columnsMode: 'selected',
      columns: lines.map(({ column }) => `${column}|boolean`),
      start: 'full',
      batchSize,
      replay,
      options: { longestPollPause: 30, longestRetryPause: 60 },
    }),
    resolver: node('Opt-Out Resolver', types.resolver, {
      direction,
      mapping: { lines: lines.map(({ column, ...rest }) => ({ column: `${column}|boolean`, ...rest })) },
      lookup: 'key',
      options: {},
    }),
    campaign: node('Adobe Campaign', types.campaign, { operation: 'apply', lookup: 'key' }),
    dynamics: node('Dynamics 365', types.dynamics, {
      operation: 'update',
      table: TABLE,
      valuesFrom: 'item',
      options: {},
    }),
    present: node('Present State', types.dynamics, STATE_OF_CONTACT),
    presentAgain: node('Present State Again', types.dynamics, STATE_OF_CONTACT),
    exports: node('SFTP Export Trigger', types.exports, {
      folder: FOLDER,
      pattern: 'optouts_*.txt',
      columns: {
        column: [
          { name: 'externalId', type: 'text', as: '', needed: true },
          ...[
            'blackList',
            ...new Set(lines.map(({ field }) => field).filter((field) => field !== 'blackList')),
          ].flatMap((field) => [
            { name: field, type: 'boolean', as: '', needed: false },
            { name: `${field}LastModified`, type: 'dateTime', dateTimeFormat: '', as: '', needed: false },
          ]),
        ],
      },
      keepOthers: true,
      timeZone: 'UTC',
      format: { quotes: 'none' },
      batchSize,
      afterwards: 'move',
      doneFolder: 'processed',
      brokenFolder: 'broken',
      lateAfterHours: 26,
      storagePercent: 80,
      options: { stableSeconds: 2, pollSeconds: 10, longestRetryPause: 60 },
    }),
  };
}

const DRAWN = [
  ['say-in-dynamics', 26],
  ['say-in-campaign', 26],
  ['say-in-both', 14],
  ['say-meanwhile', 12],
  ['say-all-in-campaign', 4],
  ['change-during-look-up', 8],
  ['touch', 7],
  ['edit-profile', 3],
  ['create', 6],
  ['delete', 3],
  ['make-profile', 8],
  ['filter-out', 3],
  ['replay', 2],
  ['publish', 2],
  ['unpublish', 1],
  ['clock', 2],
  ['expire-token', 1],
  ['retry', 5],
] as const;

export const optOuts: FlowKind = {
  readsExports: true,
  looksAtIncidents: false,
  contactColumns:
    'lastname emailaddress1 donotemail donotbulkemail donotphone donotfax donotpostalmail donotsendmm followemail merged masterid',
  make: (world) => new OptOuts(world),
  drawActions: (random, lengthMs) =>
    drawClustered(random, { lengthMs, most: lengthMs < 100_000 ? 10 : 24, subjects: PEOPLE, kinds: DRAWN }),
};

/** Items that are being decided and written: whatever is written for them has been read since. */
interface UnderWay {
  readonly sinceMs: number;
  readonly process: SimulatedProcess;
  readonly ids: ReadonlySet<string>;
  endedMs: number | undefined;
}

/** `templates/opt-in-out.json`, and the people of both systems. */
class OptOuts implements Flow {
  workflows: Workflow[] = [];
  private settings: Settings;
  private readonly lines: readonly Line[];
  private readonly oracle: ConsentOracle;
  private readonly exports: Exports;
  private readonly exportEveryMs: number;
  /** What becomes of each export, in their order. */
  private readonly fates: readonly number[];
  private exported = 0;
  /** Changes up to this time have been exported. */
  private exportedUpTo = '';
  private readonly underWay: UnderWay[] = [];
  /** What people say while it is being decided about them, by contact. */
  private readonly meanwhile = new Map<string, () => void>();
  private replays = 0;
  private isCalm = false;
  private quietSinceMs: number | undefined;
  /** All agreed, and everybody was asked once more: nothing may be written from then on. */
  private echoFromMs: number | undefined;

  constructor(private readonly world: FlowWorld) {
    const { random, scheduler, systems } = world;
    this.settings = {
      direction: random.pick(DIRECTIONS),
      mapping: random.below(MAPPINGS.length),
      replay: '',
      batchSize: random.pick([1, 2, 500]),
    };
    this.lines = MAPPINGS[this.settings.mapping] as readonly Line[];
    const isReal = random.chance(0.2);
    this.exports = isReal
      ? new ExportedFiles(world, nodesFor(this.settings).exports, () => (this.exportedUpTo = ''))
      : new ExportedRows();
    scheduler.withStreams = isReal;
    this.exportEveryMs = random.between(8_000, 40_000);
    this.fates = Array.from({ length: 64 }, () => random.below(100));
    this.oracle = new ConsentOracle(
      this.lines,
      this.settings.direction,
      () => scheduler.now,
      (invariant, detail) => world.violated(invariant, detail),
    );
    systems.onDataverseWrite = () => this.onDataverseWrite();
    this.workflows = [this.optOutWorkflow(), this.retryWorkflow()];
  }

  prepare(): void {
    const { random, scheduler, systems } = this.world;
    for (let subject = 0; subject < PEOPLE; subject++) {
      if (random.chance(0.8)) this.create(subject, random.below(1_000_000));
      if (random.chance(0.8)) this.makeProfile(subject, random.chance(0.8) ? '2025-01-01 00:00:00.000Z' : undefined);
    }
    // Somebody of an earlier integration, and one of nobody.
    systems.putProfile('LEGACY-1', { blackListEmail: true });
    systems.putProfile('', { blackListEmail: true });
    const exporting = () => {
      this.export();
      scheduler.after(this.exportEveryMs, undefined, 'an export', exporting);
    };
    scheduler.after(this.exportEveryMs, undefined, 'an export', exporting);
  }

  private optOutWorkflow(): Workflow {
    const nodes = nodesFor(this.settings);
    return {
      id: 'opt-outs',
      triggers: [nodes.trigger, this.exports.trigger],
      timeoutSeconds: TIMEOUT_SECONDS,
      run: async (items, run) => await this.sync(items, run, nodes),
    };
  }

  /** In the template it is a branch of the same workflow, every 15 minutes; more often here, so that histories end sooner. */
  private retryWorkflow(): Workflow {
    return {
      id: 'retry',
      triggers: [],
      everyMs: 300_000,
      timeoutSeconds: TIMEOUT_SECONDS,
      run: async (_items, run) => await this.retry(run),
    };
  }

  private async sync(items: readonly INodeExecutionData[], run: Run, nodes: Nodes): Promise<void> {
    const ids = new Set(items.map(({ json }) => String(json['id'] ?? json['externalId'])));
    const under: UnderWay = { sinceMs: this.world.scheduler.now, process: run.process, ids, endedMs: undefined };
    this.underWay.push(under);
    for (const id of ids) {
      const say = this.meanwhile.get(id);
      if (!say || this.isCalm) continue;
      this.meanwhile.delete(id);
      this.world.scheduler.after(this.world.random.between(2, 250), undefined, 'and meanwhile', say);
    }
    try {
      await this.decideAndWrite(items, run, nodes);
    } finally {
      under.endedMs = this.world.scheduler.now;
    }
  }

  /** The resolver and what stands behind it, in the order in which n8n runs it: what stands higher up first. */
  private async decideAndWrite(items: readonly INodeExecutionData[], run: Run, nodes: Nodes): Promise<void> {
    const [toCampaign = [], toDynamics = [], nothing = [], rejected = []] = await runNode(run, nodes.resolver, items);
    const decided = new Set([...toCampaign, ...toDynamics].map(({ json }) => decisionOf(json)['id']));
    this.oneOutcome('Opt-Out Resolver', items.length, decided.size + nothing.length + rejected.length);
    await this.keepDecisions(run, toCampaign);
    await this.keepDecisions(run, toDynamics);
    const allRejected = [...rejected];
    if (toCampaign.length > 0) {
      const written = await runNode(run, nodes.campaign, toCampaign);
      this.oneOutcome('Adobe Campaign', toCampaign.length, written.flat().length);
      if ((written[2] ?? []).length > 0) this.world.violated('every item has one outcome', 'waiting in Campaign');
      allRejected.push(...(written[3] ?? []));
    }
    let again: readonly INodeExecutionData[] = [];
    if (toDynamics.length > 0) {
      const written = await runNode(run, nodes.dynamics, toDynamics);
      this.oneOutcome('Dynamics 365', toDynamics.length, written.flat().length);
      again = written[2] ?? [];
      allRejected.push(...(written[3] ?? []));
    }
    if (again.length > 0) await this.decideAndWrite(again, run, nodes);
    const rejectedAt = () => new Date(run.process.clock.now()).toISOString();
    const rows = allRejected.map(({ json }): readonly [string, IDataObject] => {
      const recordId = String(json['id'] ?? json['externalId'] ?? '');
      const change = json['change'] ?? (decisionOf(json)['from'] === 'dynamics' ? 'upsert' : 'export');
      return [recordId, { recordId, change, code: outcomeOf(json)['code'], rejectedAt: rejectedAt() } as IDataObject];
    });
    await upsertRows(run, REJECTED, rows);
  }

  private oneOutcome(name: string, itemsIn: number, itemsOut: number): void {
    if (itemsIn === itemsOut) return;
    this.world.violated('every item has one outcome', `${name}: ${itemsIn} in, ${itemsOut} out`);
  }

  private async keepDecisions(run: Run, items: readonly INodeExecutionData[]): Promise<void> {
    const rows = items
      .flatMap(({ json }) => decisionOf(json)['lines'] as IDataObject[])
      .filter(({ writeTo }) => writeTo !== 'none');
    for (const row of rows) {
      await upsertRows(run, DECISIONS, [[`${String(row['decisionId'])} ${String(row['line'])}`, row]]);
      this.oracle.decisionKept(String(row['contactId']), {
        writeTo: String(row['writeTo']),
        column: String(row['column']),
        field: String(row['field']),
        newValue: row['newValue'] === true,
      });
    }
  }

  /** The branches behind "Every 15 Minutes". */
  private async retry(run: Run): Promise<void> {
    const { n8n } = this.world;
    const nodes = nodesFor(this.settings);
    await run.process.take(5, 'read the rejected opt-outs');
    const rows = [...n8n.table(REJECTED).values()].filter(
      ({ code, recordId }) => code !== 'NOT_A_CONTACT_ID' && recordId !== '',
    );
    if (rows.length > 0) await this.retryRows(rows, run, nodes);
    await run.process.take(5, 'read the remembered opt-outs');
    const filteredOut = [...n8n.table(OPT_OUTS).values()].filter(({ optOuts }) => optOuts !== '');
    if (filteredOut.length === 0) return;
    const asExported = filteredOut.map(({ recordId, optOuts }): INodeExecutionData => {
      const flags = String(optOuts)
        .split(',')
        .map((field) => [field, true] as const);
      return { json: { externalId: recordId, ...Object.fromEntries(flags) } as IDataObject };
    });
    await this.sync(asExported, run, nodes);
  }

  private async retryRows(rows: readonly IDataObject[], run: Run, nodes: Nodes): Promise<void> {
    const idOf = (read: readonly INodeExecutionData[]) => (path: string, item: number) =>
      path === 'id' ? (read[item]?.json['recordId'] ?? read[item]?.json['id']) : undefined;
    const items = rows.map((json): INodeExecutionData => ({ json }));
    const [present = []] = await runNode(run, nodes.present, items, idOf(items));
    const toDecide = present.map(({ json: { change, id } }): INodeExecutionData => {
      if (change === 'delete') return { json: { change, table: 'contact', id: id as string } };
      return rows.some(({ recordId, change: kept }) => recordId === id && kept === 'export')
        ? { json: { externalId: id as string } }
        : { json: { change: 'upsert', table: 'contact', id: id as string } };
    });
    await this.sync(toDecide, run, nodes);
    const [again = []] = await runNode(run, nodes.presentAgain, present, idOf(present));
    const table = this.world.n8n.table(REJECTED);
    for (const { json } of again) {
      const before = present.find((each) => each.json['id'] === json['id'])?.json;
      if (!before || before['change'] !== json['change'] || before['modifiedOn'] !== json['modifiedOn']) continue;
      if (recordOf(before)['versionnumber'] !== recordOf(json)['versionnumber']) continue;
      await run.process.take(5, 'delete a row of the rejected opt-outs');
      const id = String(json['id']);
      const read = rows.find(({ recordId }) => recordId === id);
      if (table.get(id)?.['rejectedAt'] === read?.['rejectedAt']) table.delete(id);
    }
  }

  act({ kind, subject, value }: Action): void {
    const { systems, n8n, scheduler } = this.world;
    const id = contactId(subject);
    switch (kind) {
      case 'say-in-dynamics':
        return this.sayInDynamics(subject, value);
      case 'say-in-campaign':
        return this.sayInCampaign(subject, value);
      case 'say-in-both': {
        const [first, second] =
          value % 2 === 0
            ? [() => this.sayInDynamics(subject, value), () => this.sayInCampaign(subject, value >> 3)]
            : [() => this.sayInCampaign(subject, value), () => this.sayInDynamics(subject, value >> 3)];
        first();
        scheduler.after(value % 1_500, undefined, 'and in the other system', second);
        return;
      }
      case 'say-meanwhile':
        if (value % 4 === 0) this.sayInCampaign(subject, value >> 2);
        this.meanwhile.set(id, () =>
          value % 3 > 0 ? this.sayInDynamics(subject, value) : this.sayInCampaign(subject, value),
        );
        return;
      case 'change-during-look-up':
        return this.world.duringNextLookUp((_process, key) => {
          if (this.isCalm || !systems.contacts.get(key)) return;
          if (value % 3 === 0) this.putContact(key, { lastname: `name ${value}` });
          else this.sayInDynamics(subjectOf(key), value);
        });
      case 'say-all-in-campaign':
        if (systems.profilesOf(id).length > 0) this.putProfile(id, { blackList: value % 3 > 0 });
        return;
      case 'touch':
        if (systems.contacts.get(id)) this.putContact(id, { lastname: `name ${value}` });
        return;
      case 'edit-profile':
        if (systems.profilesOf(id).length > 0) this.putProfile(id, { email: `p${value}@campaign.example` });
        return;
      case 'create':
        if (!systems.contacts.get(id)) this.create(subject, value);
        return;
      case 'delete':
        if (systems.removeContact(id)) this.contactIsGone(id);
        if (value % 2 === 0) this.removeProfile(id, []);
        return;
      case 'make-profile':
        return this.makeProfile(subject);
      case 'filter-out':
        return this.filterOut(id);
      case 'publish':
        this.settings = { ...this.settings, batchSize: this.settings.batchSize === 500 ? 1 : 500 };
        return n8n.publish(this.optOutWorkflow());
      case 'replay':
        return this.replay();
      case 'unpublish':
        n8n.unpublish('opt-outs');
        scheduler.after(5_000 + (value % 20_000), undefined, 'publish again', () => n8n.publish(this.optOutWorkflow()));
        return;
      case 'clock':
        // Within the grace that processes may differ by.
        if (n8n.main) n8n.main.clock.offsetMs = (value % 4_000) - 2_000;
        return;
      case 'expire-token':
        return systems.expireDeltaTokens();
      case 'retry':
        return n8n.runNow('retry');
    }
  }

  private replay(): void {
    this.settings = { ...this.settings, replay: `replay ${++this.replays}` };
    this.world.n8n.publish(this.optOutWorkflow());
  }

  private sayInDynamics(subject: number, value: number): void {
    const id = contactId(subject);
    const { column } = this.lines[value % this.lines.length] as Line;
    if (!this.world.systems.contacts.get(id)) return;
    this.putContact(id, { [column]: (value >> 4) % 11 === 0 ? null : (value >> 4) % 2 === 0 });
  }

  private sayInCampaign(subject: number, value: number): void {
    const id = contactId(subject);
    const { field } = this.lines[value % this.lines.length] as Line;
    if (this.world.systems.profilesOf(id).length > 0) this.putProfile(id, { [field]: (value >> 4) % 2 === 0 });
  }

  private create(subject: number, value: number): void {
    const columns = this.lines.map(({ column }, index) => [column, (value >> index) % 4 === 0] as const);
    this.putContact(contactId(subject), Object.fromEntries(columns));
  }

  private putContact(id: string, values: Row): void {
    const { systems } = this.world;
    systems.putContact(id, values);
    this.oracle.contactChanged(id, systems.contacts.get(id));
    this.seen.set(id, systems.contacts.get(id));
  }

  private contactIsGone(id: string): void {
    this.oracle.contactChanged(id, undefined);
    this.seen.delete(id);
  }

  private putProfile(id: string, values: Parameters<FlowWorld['systems']['putProfile']>[1]): void {
    const { systems } = this.world;
    systems.putProfile(id, values);
    this.oracle.profileChanged(id, systems.profilesOf(id)[0]);
  }

  /** The contact workflow makes it, with the opt-outs of its contact, and those that are remembered. */
  private makeProfile(subject: number, created?: string): void {
    const { systems, n8n } = this.world;
    const id = contactId(subject);
    const contact = systems.contacts.get(id);
    if (!contact || systems.profilesOf(id).length > 0) return;
    const remembered = String(n8n.table(OPT_OUTS).get(id)?.['optOuts'] ?? '').split(',');
    const isOut = (name: string) =>
      remembered.includes(name) ||
      this.lines.some(({ column, field, inverted }) => field === name && contact[column] === !inverted);
    const flags = this.oracle.fields.map((field) => [field, isOut(field)] as const);
    const blackList = remembered.includes('blackList') ? { blackList: true } : {};
    const times = created === undefined ? {} : { created };
    this.putProfile(id, { ...Object.fromEntries(flags), ...blackList, ...times });
  }

  /** The contact workflow deletes the profile of a contact that is filtered out, and keeps its opt-outs before. */
  private filterOut(id: string): void {
    const { systems, n8n } = this.world;
    const [profile] = systems.profilesOf(id);
    if (!profile) return;
    const optOuts = ['blackList', ...this.oracle.fields].filter((field) => profile[field] === true);
    n8n.table(OPT_OUTS).set(id, { recordId: id, optOuts: [...new Set(optOuts)].join(',') });
    this.removeProfile(id, optOuts);
  }

  private removeProfile(id: string, remembered: readonly string[]): void {
    const { profiles } = this.world.systems;
    const slot = profiles.rows.findIndex((row) => row?.['externalId'] === id);
    if (slot < 0) return;
    profiles.remove(slot);
    this.oracle.profileChanged(id, undefined, remembered);
  }

  /** Campaign exports the profiles that were changed since the last export. Such a file may come late, twice, or not at all. */
  private export(all = false): void {
    const { systems, scheduler } = this.world;
    const upTo = systems.world.instance.timestamp();
    const rows = systems.profiles.rows.flatMap((row): IDataObject[] => {
      if (!row || (!all && String(row['lastModified']) < this.exportedUpTo)) return [];
      const flags = ['blackList', ...this.oracle.fields].flatMap((field) => [
        [field, row[field] === true] as const,
        [`${field}LastModified`, row[`${field}LastModified`] || null] as const,
      ]);
      return [{ externalId: row['externalId'], ...Object.fromEntries(flags) } as IDataObject];
    });
    const fate = this.isCalm ? 0 : (this.fates[this.exported++ % this.fates.length] as number);
    // Nobody but the next export has then what this one had.
    if (fate >= 90) return;
    this.exportedUpTo = upTo;
    if (rows.length === 0) return;
    const arrive = () => this.exports.arrive(rows);
    if (fate >= 75) scheduler.after(5_000 + fate * 300, undefined, 'a late export', arrive);
    else arrive();
    if (fate >= 60 && fate < 75) scheduler.after(fate * 400, undefined, 'an export comes once more', arrive);
  }

  onCampaignWrite({ key, before, after }: CampaignWrite): void {
    const id = key.toLowerCase();
    this.somethingWritten(id);
    this.oracle.profileWritten(id, before, after, this.readSinceMs(id));
  }

  /** Contacts as they were when somebody looked last. */
  private readonly seen = new Map<string, Row | undefined>();

  private onDataverseWrite(): void {
    const { contacts } = this.world.systems;
    for (let subject = 0; subject < PEOPLE; subject++) {
      const id = contactId(subject);
      const row = contacts.get(id);
      if (row === this.seen.get(id)) continue;
      this.seen.set(id, row);
      this.somethingWritten(id);
      this.oracle.contactWritten(id, row, this.readSinceMs(id));
    }
  }

  private somethingWritten(id: string): void {
    this.quietSinceMs = undefined;
    if (this.echoFromMs === undefined || this.oracle.mayStillBeWritten(id)) return;
    this.world.violated('at rest nothing is written any more', `${id}, although both sides agreed`);
  }

  /** Whatever is written for this person now was read after that time. */
  private readSinceMs(id: string): number {
    const { now } = this.world.scheduler;
    let sinceMs = now;
    for (const under of this.underWay) {
      if (!under.process.alive) under.endedMs ??= now;
      const isOver = under.endedMs !== undefined && now - under.endedMs > ON_ITS_WAY_MS;
      if (!isOver && under.ids.has(id)) sinceMs = Math.min(sinceMs, under.sinceMs);
    }
    return sinceMs;
  }

  onStored(): void {
    // What a checkpoint that is ahead loses is missing at rest.
  }

  difference(): string | undefined {
    const { n8n, scheduler } = this.world;
    if (!this.isCalm) {
      this.isCalm = true;
      this.export();
      n8n.runNow('retry');
    }
    const open = this.oracle.disagreement((id) => n8n.table(REJECTED).has(id));
    if (open !== undefined) {
      this.quietSinceMs = undefined;
      return open;
    }
    this.quietSinceMs ??= scheduler.now;
    if (scheduler.now - this.quietSinceMs < QUIET_MS || this.exports.areLeft) return 'it is not quiet yet';
    if (this.echoFromMs !== undefined) return undefined;
    this.echoFromMs = this.quietSinceMs = scheduler.now;
    this.askAgain();
    return 'all were asked again';
  }

  /** Everything is told to the workflow once more, by whichever side does not decide alone. */
  private askAgain(): void {
    const { direction } = this.settings;
    if (direction !== 'campaignToDynamics') this.export(true);
    if (direction !== 'dynamicsToCampaign') this.replay();
  }

  atRest(): void {
    const { world } = this;
    for (const key of ['LEGACY-1', '']) {
      if (world.systems.profilesOf(key)[0]?.['blackListEmail'] !== true) {
        world.violated('only own records are touched', `the profile "${key}"`);
      }
    }
  }
}

const recordOf = (json: IDataObject) => (json['record'] ?? {}) as IDataObject;
const outcomeOf = (json: IDataObject) => (json['outcome'] ?? {}) as IDataObject;
const decisionOf = (json: IDataObject) => (json['decision'] ?? {}) as IDataObject;
