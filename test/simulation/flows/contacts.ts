import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { AdobeCampaign } from '../../../nodes/AdobeCampaign/AdobeCampaign.node';
import { Dynamics365 } from '../../../nodes/Dynamics365/Dynamics365.node';
import { Dynamics365Trigger } from '../../../nodes/Dynamics365Trigger/Dynamics365Trigger.node';
import { FieldMapper } from '../../../nodes/FieldMapper/FieldMapper.node';
import { RecordFilter } from '../../../nodes/RecordFilter/RecordFilter.node';
import { ReplaceValues } from '../../../nodes/ReplaceValues/ReplaceValues.node';
import type { CampaignRow } from '../../../sandbox/campaign/schema';
import type { Row } from '../../../sandbox/dataverse/schema';
import type { Run, Workflow } from '../n8n';
import type { FlowNode } from '../node-context';
import { runNode, upsertRows } from '../run-node';
import { STATE_OF_CONTACT } from './present-state';
import type { CampaignWrite } from '../systems';
import { drawClustered, drawStory, type Action, type Flow, type FlowKind, type FlowWorld } from './flow';

const PEOPLE = 5;
/** A look-up with all its repetitions, and the write that follows it. */
const BETWEEN_LOOK_AND_WRITE_MS = 400_000;
/** The same where every request gets its response at once. */
const QUIET_BETWEEN_LOOK_AND_WRITE_MS = 5_000;
const REJECTED = 'dynamics_campaign_rejected';
const OPT_OUTS = 'dynamics_campaign_opt_outs';

export const contactId = (subject: number): string =>
  `0c0ffee0-0000-4000-8000-${(subject % PEOPLE).toString(16).padStart(12, '0')}`;

const types = {
  trigger: new Dynamics365Trigger(),
  filter: new RecordFilter(),
  replace: new ReplaceValues(),
  mapper: new FieldMapper(),
  campaign: new AdobeCampaign(),
  dynamics: new Dynamics365(),
};

const TABLE = { __rl: true, mode: 'list', value: 'contact' };
const line = (column: string, field: string, more: object = {}) => ({
  source: 'column',
  column,
  field,
  applyUpdates: true,
  ...more,
});
const LINES = [
  line('lastname|string', 'lastName'),
  line('gendercode|choice', 'gender'),
  line('emailaddress1|string', 'email'),
  // Kept apart from the opt-out flow: what a new profile starts with.
  line('donotemail|boolean', 'blackListEmail', { creationOnly: true }),
];
const COLUMNS = ['lastname|string', 'gendercode|choice', 'emailaddress1|string', 'donotemail|boolean'];

/** The settings that a publish may change. */
interface ContactSettings {
  readonly filteredOut: 'keep' | 'delete';
  readonly withFirstName: boolean;
  readonly replay: string;
  readonly batchSize: number;
  readonly otherKeyForms: 'look' | 'ignore';
}

const node = (id: string, type: FlowNode['type'], parameters: object): FlowNode => ({
  id,
  name: id,
  type,
  parameters: parameters as FlowNode['parameters'],
});

/** Nodes are the same objects for the same settings, so that their parameters are completed once. */
const nodesBySettings = new Map<string, ReturnType<typeof makeNodes>>();
function nodesFor(settings: ContactSettings) {
  const key = JSON.stringify(settings);
  let nodes = nodesBySettings.get(key);
  if (!nodes) nodesBySettings.set(key, (nodes = makeNodes(settings)));
  return nodes;
}

function makeNodes({ filteredOut, withFirstName, replay, batchSize, otherKeyForms }: ContactSettings) {
  const lines = withFirstName ? [...LINES, line('firstname|string', 'firstName')] : LINES;
  return {
    trigger: node('Dynamics 365 Trigger', types.trigger, {
      table: TABLE,
      columnsMode: 'selected',
      columns: withFirstName ? [...COLUMNS, 'firstname|string'] : COLUMNS,
      start: 'full',
      batchSize,
      replay,
      options: { longestPollPause: 30, longestRetryPause: 60, labels: false },
    }),
    filter: node('Record Filter', types.filter, {
      table: TABLE,
      match: 'all',
      conditions: {
        condition: [{ column: 'emailaddress1|string', textComparison: 'notContains', textValue: 'out.example' }],
      },
      groups: {},
      filteredOut,
      options: {},
    }),
    replace: node('Replace Values', types.replace, {
      when: 'before',
      table: TABLE,
      columnReplacements: {
        row: [
          { column: 'gendercode|choice', oldKind: 'value', oldChoice: '1', newKind: 'value', newValue: 'male' },
          { column: 'gendercode|choice', oldKind: 'value', oldChoice: '2', newKind: 'value', newValue: 'female' },
        ],
      },
    }),
    mapper: node('Field Mapper', types.mapper, {
      table: TABLE,
      dynamicsKey: 'detected',
      resource: { __rl: true, mode: 'list', value: 'profile' },
      keyField: 'externalId',
      mapping: { row: lines },
      applyUpdates: 'perRow',
      applyDeletes: true,
      choices: 'value',
      options: {},
    }),
    campaign: node('Adobe Campaign', types.campaign, {
      operation: 'apply',
      lookup: 'key',
      options: { optedOutProfiles: 'remember', otherKeyForms },
    }),
    present: node('Present State', types.dynamics, {
      operation: 'get',
      table: TABLE,
      id: '=',
      columnsMode: 'all',
      missingRows: 'delete',
      initial: false,
      options: {},
    }),
    presentAgain: node('Present State Again', types.dynamics, STATE_OF_CONTACT),
  };
}

const DRAWN = [
  ['change', 44],
  ['create', 14],
  ['delete', 10],
  ['filter-out', 8],
  ['filter-in', 5],
  ['spoil', 8],
  ['edit-in-campaign', 4],
  ['opt-out-in-campaign', 3],
  ['publish', 3],
  ['replay', 2],
  ['unpublish', 1],
  ['clock', 4],
  ['expire-token', 2],
  ['retry', 10],
  ['cancel', 3],
] as const;

/** What needs an order that chance seldom gives: it happens to one contact, step by step. */
const STORIES = [
  ['opt-out-in-campaign', 'delete', 'create'],
  ['opt-out-in-campaign', 'filter-out', 'filter-in'],
  ['cancel', 'change', 'change', 'change'],
  ['cancel', 'create', 'change', 'change'],
  ['freeze', 'change', 'change', 'change', 'change'],
  ['freeze', 'change', 'kill', 'change', 'change'],
  ['delete', 'replay'],
  ['create', 'replay'],
  ['create', 'delete', 'create'],
  ['spoil', 'change', 'retry'],
  ['change', 'publish', 'publish', 'change'],
  ['change', 'unpublish', 'change'],
] as const;

export const contacts: FlowKind = {
  readsExports: false,
  looksAtIncidents: false,
  contactColumns: 'firstname lastname emailaddress1 gendercode donotemail',
  make: (world) => new Contacts(world),
  drawActions: (random, lengthMs) => [
    ...drawClustered(random, { lengthMs, most: lengthMs < 100_000 ? 10 : 24, subjects: PEOPLE, kinds: DRAWN }),
    ...(random.chance(0.5) ? drawStory(random, { lengthMs, subjects: PEOPLE, stories: STORIES }) : []),
  ],
};

/** What the people of a simulated Dynamics 365 know of a contact. */
class Contacts implements Flow {
  workflows: Workflow[] = [];
  private settings: ContactSettings;
  /** Grows with each change of any contact; stands in its last name. */
  private version = 0;
  /** The version that each contact has, or had when it was deleted. */
  private readonly versions = new Map<string, number>();
  /** Highest version that Campaign has got, by key. */
  private readonly written = new Map<string, number>();
  /** Contacts that the retry flow has read: it may write what is a moment old, looks again, and keeps its row then. */
  private readonly retried = new Set<string>();
  private replays = 0;

  constructor(private readonly world: FlowWorld) {
    const { random } = world;
    this.settings = {
      filteredOut: random.chance(0.6) ? 'delete' : 'keep',
      withFirstName: random.chance(0.3),
      replay: '',
      batchSize: random.pick([1, 2, 3, 500]),
      // Six more look-ups for each new profile.
      otherKeyForms: random.chance(0.1) ? 'look' : 'ignore',
    };
    this.workflows = [this.contactWorkflow(), this.retryWorkflow()];
  }

  prepare(): void {
    const { systems, random } = this.world;
    for (let subject = 0; subject < PEOPLE; subject++) if (random.chance(0.5)) this.put(subject, {});
    // Somebody else's: no key, or one that is no id of a contact.
    systems.putProfile('LEGACY-1', { lastName: 'foreign' });
    systems.putProfile('LEGACY-2', { lastName: 'foreign' });
    if (systems.keys.inAnyCase) systems.putProfile(contactId(0).toUpperCase(), { lastName: 'foreign' });
  }

  private contactWorkflow(): Workflow {
    const nodes = nodesFor(this.settings);
    return {
      id: 'contacts',
      triggers: [nodes.trigger],
      timeoutSeconds: 120,
      run: async (items, run) => await this.sync(items, run, nodes),
    };
  }

  private retryWorkflow(): Workflow {
    return {
      id: 'retry',
      triggers: [],
      everyMs: 900_000,
      timeoutSeconds: 120,
      run: async (_items, run) => await this.retry(run),
    };
  }

  /** The nodes of `templates/dynamics-to-campaign.json`, branch by branch. */
  private async sync(
    items: readonly INodeExecutionData[],
    run: Run,
    nodes: ReturnType<typeof nodesFor>,
  ): Promise<void> {
    let out = 0;
    for (const branch of await runNode(run, nodes.filter, items)) {
      if (branch.length === 0) continue;
      const [replaced = []] = await runNode(run, nodes.replace, branch);
      const [mapped = []] = await runNode(run, nodes.mapper, replaced);
      out += await this.write(run, nodes, mapped);
    }
    if (out !== items.length) this.world.violated('every item has one outcome', `${items.length} in, ${out} out`);
  }

  /** Adobe Campaign, and what stands behind it. @returns how many items left */
  private async write(
    run: Run,
    nodes: ReturnType<typeof nodesFor>,
    items: readonly INodeExecutionData[],
  ): Promise<number> {
    await run.process.take(3, 'read the remembered opt-outs');
    const remembered = [...run.n8n.table(OPT_OUTS).values()];
    const resolve = (path: string) =>
      path === 'options'
        ? { optedOutProfiles: 'remember', rememberedOptOuts: remembered, otherKeyForms: this.settings.otherKeyForms }
        : undefined;
    const [written = [], skipped = [], waiting = [], rejected = []] = await runNode(
      run,
      nodes.campaign,
      items,
      resolve,
    );
    const toRemember = waiting.filter(({ json }) => outcomeOf(json)['code'] === 'OPT_OUTS_TO_REMEMBER');
    for (const { json } of rejected) {
      const [id, code] = [String(json['id']), String(outcomeOf(json)['code'])];
      if (!this.hasReason(id, code)) {
        this.world.violated('nothing is rejected without a reason', `${id}: ${code}`);
      }
    }
    let out = written.length + skipped.length + rejected.length + waiting.length - toRemember.length;
    await upsertRows(
      run,
      REJECTED,
      rejected.map(({ json }) => [
        String(json['id']),
        {
          recordId: json['id'],
          code: outcomeOf(json)['code'],
          initial: json['initial'] === true,
          rejectedAt: run.process.clock.now(),
        } as IDataObject,
      ]),
    );
    if (toRemember.length > 0) {
      await upsertRows(
        run,
        OPT_OUTS,
        toRemember.map(({ json }) => [
          keyOf(json),
          {
            recordId: keyOf(json),
            optOuts: (outcomeOf(json)['optOuts'] as string[]).join(','),
            reason: json['reason'],
          },
        ]),
      );
      out += await this.write(run, nodes, toRemember);
    }
    return out;
  }

  /** The nodes of `templates/retry-rejected.json`. */
  private async retry(run: Run): Promise<void> {
    const nodes = nodesFor(this.settings);
    const { n8n } = this.world;
    await run.process.take(5, 'read the rejected records');
    const rows = [...n8n.table(REJECTED).values()];
    if (rows.length === 0) return;
    for (const { recordId } of rows) this.retried.add(String(recordId));
    const resolve = (read: readonly INodeExecutionData[]) => (path: string, item: number) =>
      path === 'id'
        ? (read[item]?.json['recordId'] ?? read[item]?.json['id'])
        : path === 'initial'
          ? read[item]?.json['initial'] === true
          : undefined;
    const items = rows.map((json): INodeExecutionData => ({ json }));
    const [present = []] = await runNode(run, nodes.present, items, resolve(items));
    await this.sync(present, run, nodes);
    const [again = []] = await runNode(run, nodes.presentAgain, present, resolve(present));
    for (const { json } of again) {
      const before = present.find((each) => each.json['id'] === json['id'])?.json;
      if (before?.['change'] !== json['change'] || before?.['modifiedOn'] !== json['modifiedOn']) continue;
      if (!before || versionNumberOf(before) !== versionNumberOf(json)) continue;
      await run.process.take(5, 'delete a row of the rejected records');
      const id = String(json['id']);
      const row = n8n.table(REJECTED).get(id);
      const wasRejectedAt = rows.find((each) => each['recordId'] === id)?.['rejectedAt'];
      if (row && row['rejectedAt'] === wasRejectedAt) n8n.table(REJECTED).delete(id);
    }
  }

  act({ kind, subject, value }: Action): void {
    const { systems, n8n, scheduler } = this.world;
    const id = contactId(subject);
    switch (kind) {
      case 'create':
      case 'change':
        if (kind === 'change' && !systems.contacts.get(id)) return;
        return this.put(subject, { gendercode: (value % 2) + 1, donotemail: value % 5 === 0 });
      case 'delete':
        this.mayGo.add(id);
        if (systems.removeContact(id)) this.versions.set(id, ++this.version);
        return;
      case 'filter-out':
        if (this.settings.filteredOut === 'delete') this.mayGo.add(id);
        if (systems.contacts.get(id)) this.put(subject, { emailaddress1: `p${subject}@out.example` });
        return;
      case 'filter-in':
        if (systems.contacts.get(id)) this.put(subject, { emailaddress1: `p${subject}@in.example` });
        return;
      case 'spoil':
        // No entry of Campaign's enumeration: rejected, until somebody mends it.
        if (!systems.contacts.get(id)) return;
        this.spoiled.add(id);
        return this.put(subject, { gendercode: 3 });
      case 'edit-in-campaign':
        if (systems.profilesOf(id).length > 0) systems.putProfile(id, { email: `edited${value}@campaign.example` });
        return;
      case 'opt-out-in-campaign':
        if (systems.profilesOf(id).length === 0) return;
        systems.putProfile(id, { blackListEmail: true });
        this.optedOutAt.set(id, scheduler.now);
        return;
      case 'publish':
        this.settings = { ...this.settings, withFirstName: !this.settings.withFirstName };
        return this.republish();
      case 'replay':
        this.settings = { ...this.settings, replay: `replay ${++this.replays}` };
        return this.republish();
      case 'unpublish':
        n8n.unpublish('contacts');
        scheduler.after(5_000 + (value % 20_000), undefined, 'publish again', () => this.republish());
        return;
      case 'clock':
        // Within the grace that processes may differ by.
        if (n8n.main) n8n.main.clock.offsetMs = (value % 4_000) - 2_000;
        return;
      case 'expire-token':
        systems.expireDeltaTokens();
        this.lostToken = true;
        return;
      case 'retry':
        return n8n.runNow('retry');
      case 'cancel':
        return this.world.duringNextWrite(() => n8n.cancelRuns('contacts'));
      case 'freeze':
        return this.world.duringNextLookUp((process) => {
          process.standsUntilMs = scheduler.now + (value % 2 === 0 ? 60_000 : 200_000);
        });
      case 'kill':
        return n8n.main?.kill();
    }
  }

  /** Deletions before this version may have been lost with a token: README says so. */
  private lostToken = false;

  private republish(): void {
    this.world.n8n.publish(this.contactWorkflow());
  }

  private put(subject: number, values: Row): void {
    const { systems } = this.world;
    const id = contactId(subject);
    const version = ++this.version;
    this.versions.set(id, version);
    const fresh = systems.contacts.get(id)
      ? {}
      : { emailaddress1: `p${subject}@in.example`, gendercode: 1, donotemail: false };
    systems.putContact(id, { ...fresh, ...values, lastname: `v${version}`, firstname: `f${version}` });
  }

  onCampaignWrite(write: CampaignWrite): void {
    const { world } = this;
    const { key, before, after } = write;
    if (!this.versions.has(key)) {
      world.violated('only own records are touched', `a profile with the key "${key}" was written`);
      return;
    }
    if (world.systems.profilesOf(key).length > 1) world.violated('nothing is doubled', `two profiles of ${key}`);
    this.checkNeed(write);
    const version = versionOf(after);
    if (version !== undefined) {
      const last = this.written.get(key) ?? 0;
      // The retry flow writes what it read a moment before, looks again, and keeps its row if that was too old.
      if (version < last && !this.retried.has(key)) {
        world.violated('no older value over a newer one', `${key} had version ${last}, now ${version}`);
      }
      this.written.set(key, Math.max(last, version));
    }
    if (after === undefined && !this.mayGo.has(key)) {
      world.violated('no wrong delete', `${key} was deleted in Campaign, and never was in Dynamics 365`);
    }
    this.checkOptOut(key, before, after);
  }

  /** Those who were deleted in Dynamics 365, or filtered out where that means deleting, at any time. */
  private readonly mayGo = new Set<string>();
  /** Since when a profile is opted out in Campaign, by key. */
  private readonly optedOutAt = new Map<string, number>();
  /** Opt-outs of profiles that were deleted. */
  private readonly toBeKept = new Set<string>();

  /** Whether a record with this id may be rejected with this code. */
  private hasReason(id: string, code: string): boolean {
    switch (code) {
      case 'UNKNOWN_ENUMERATION_VALUE':
        return this.spoiled.has(id);
      case 'KEY_MISMATCH':
        return this.world.systems.keys.inAnyCase && id === contactId(0);
      case 'OPTED_OUT_IN_CAMPAIGN':
        return this.optedOutAt.has(id);
      case 'DATABASE_BUSY':
      case 'REFUSED_BY_CAMPAIGN':
        return !this.world.isQuiet;
      default:
        return false;
    }
  }

  /** Contacts that had a value at any time which Campaign does not take. */
  private readonly spoiled = new Set<string>();

  /** A create that meets the record, or an update that changes nothing: somebody has not looked, or looked wrongly. */
  private checkNeed({ method, key, before, after }: CampaignWrite): void {
    if (method !== 'PATCH' || !before || !after || !this.world.isQuiet) return;
    const differs = Object.keys(after).some((field) => field !== 'lastModified' && after[field] !== before[field]);
    if (!differs) this.world.violated('what is there already is not written again', `the profile of ${key}`);
  }

  private checkOptOut(key: string, before: CampaignRow | undefined, after: CampaignRow | undefined): void {
    const { world } = this;
    const wasOut = before?.['blackListEmail'] === true;
    const isOut = after?.['blackListEmail'] === true;
    if (wasOut && after && !isOut) world.violated('no opt-out is undone', `the opt-out of ${key}`);
    if (!before && !isOut && this.toBeKept.has(key)) {
      world.violated('no opt-out is lost', `${key} was opted out when it was deleted, and is made anew without`);
    }
    if (isOut && !wasOut) this.optedOutAt.set(key, world.scheduler.now);
    // Campaign has no conditional delete: what is said between the look-up and the delete is not seen.
    const between = world.isQuiet ? QUIET_BETWEEN_LOOK_AND_WRITE_MS : BETWEEN_LOOK_AND_WRITE_MS;
    const longAgo = world.scheduler.now - (this.optedOutAt.get(key) ?? Infinity) > between;
    if (!after && wasOut && longAgo) this.toBeKept.add(key);
  }

  /** A stored checkpoint must not be ahead of what Campaign has. */
  onStored(workflow: string, text: string): void {
    if (workflow !== 'contacts') return;
    const { systems, n8n } = this.world;
    const token = deltaTokenIn(text);
    if (token === undefined) return;
    const { contacts: table } = systems;
    for (const id of this.versions.keys()) {
      const slot = table.slotOf(id);
      if (slot === undefined || (table.versions[slot] as number) > token) continue;
      if (this.isWritten(id, table.rowAt(slot)) || n8n.table(REJECTED).has(id)) continue;
      this.world.violated('the checkpoint is never ahead', `it is behind version ${this.versions.get(id)} of ${id}`);
    }
  }

  private isWritten(id: string, row: Row): boolean {
    if (this.isFilteredOut(row)) return true;
    const own = versionOf(row as unknown as CampaignRow, 'lastname') ?? 0;
    return (this.written.get(id) ?? 0) >= own;
  }

  private isFilteredOut(row: Row): boolean {
    return String(row['emailaddress1']).includes('out.example');
  }

  difference(): string | undefined {
    const { systems, n8n } = this.world;
    for (const id of this.versions.keys()) {
      const row = systems.contacts.get(id);
      const [profile, second] = systems.profilesOf(id);
      if (second) return `two profiles of ${id}`;
      if (!row) {
        if (profile && !this.lostToken) return `${id} is deleted in Dynamics 365 and not in Campaign`;
        continue;
      }
      if (this.isFilteredOut(row)) {
        if (profile && this.settings.filteredOut === 'delete' && !n8n.table(REJECTED).has(id)) {
          return `${id} is filtered out and still in Campaign`;
        }
        continue;
      }
      if (row['gendercode'] === 3) {
        if (!n8n.table(REJECTED).has(id)) return `${id} can't be written, and is not among the rejected records`;
        continue;
      }
      // A look-up gives somebody else's profile for it.
      if (systems.keys.inAnyCase && id === contactId(0)) {
        if (!n8n.table(REJECTED).has(id)) return `${id} has a key that is taken, and is not among the rejected records`;
        continue;
      }
      if (!profile) return `${id} is missing in Campaign`;
      if (profile['lastName'] !== row['lastname']) {
        return `${id} has ${String(row['lastname'])} in Dynamics 365 and ${String(profile['lastName'])} in Campaign`;
      }
      if (profile['gender'] !== (row['gendercode'] === 2 ? 'female' : 'male')) return `${id} has another gender`;
    }
    return undefined;
  }

  atRest(): void {
    const { world } = this;
    const twin = world.systems.keys.inAnyCase ? [contactId(0).toUpperCase()] : [];
    for (const key of ['LEGACY-1', 'LEGACY-2', ...twin]) {
      if (world.systems.profilesOf(key)[0]?.['lastName'] !== 'foreign')
        world.violated('only own records are touched', key);
    }
  }
}

const versionNumberOf = (json: IDataObject) => ((json['record'] ?? {}) as IDataObject)['versionnumber'];
const outcomeOf = (json: IDataObject) => (json['outcome'] ?? {}) as IDataObject;
const keyOf = (json: IDataObject) => String(((json['target'] as IDataObject)['key'] as IDataObject)['value']);

function versionOf(record: CampaignRow | undefined, field = 'lastName'): number | undefined {
  const version = /^v(\d+)$/.exec(String(record?.[field]))?.[1];
  return version === undefined ? undefined : Number(version);
}

/** The version up to which the stored checkpoint says that all is done; undefined while it is in the middle of something. */
function deltaTokenIn(text: string): number | undefined {
  const stored = Object.values(JSON.parse(text) as Record<string, { position?: { phase?: string; link?: string } }>);
  const position = stored.find((each) => each.position)?.position;
  const token = position?.phase === 'delta' ? /\$deltatoken=(\d+)/.exec(position.link ?? '')?.[1] : undefined;
  return token === undefined ? undefined : Number(token);
}
