import { Instance, type Resource } from '../campaign/store';
import type { Row } from '../dataverse/schema';
import { Protection } from '../dataverse/protection';
import { Organization } from '../dataverse/state';
import { RowSource, type Table } from '../dataverse/store';
import { CURRENCY_ID, OWNER_ID } from '../dataverse/tables/index';
import { CampaignLogs } from '../exports/campaign-logs';
import { Faults } from '../http/faults';
import { Statistics } from '../http/statistics';
import { Tokens } from '../oauth/tokens';
import { badnessAt } from '../seed/bad';
import { NEWEST_SEED, seedContact } from '../seed/contacts';
import { foreignProfile, profileOf, seedProfile } from '../seed/profiles';
import { seededGuid } from '../seed/random';
import { MAKERS, TABLE_NUMBERS } from '../seed/tables';
import { settingsSchema, type Settings } from '../settings';

export interface WorldOptions {
  readonly tenant: string;
  readonly settings: unknown;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Rows of one seed order from which on they are worked out when they are read. @default 50,000 */
  readonly sourceAbove?: number;
}

export interface SeedOrder {
  /** A Dataverse table or a Campaign resource. */
  readonly table: string;
  readonly count: number;
  readonly seed: number;
  /** One contact in so many is bad for Campaign, each of the eight ways in turn. */
  readonly bad?: number | undefined;
  /** Campaign's `profile` only: profiles of the contacts that are there. */
  readonly profilesFrom?: 'contact' | undefined;
}

/** Everything that the emulated systems are made of. The control interface works on it, the services respond from it. */
export class World {
  readonly settings: Settings;
  readonly organization: Organization;
  readonly instance: Instance;
  /** Campaign's delivery and tracking logs. */
  readonly logs: CampaignLogs;
  readonly faults = new Faults();
  readonly statistics = new Statistics();
  readonly entraTokens: Tokens;
  readonly imsTokens: Tokens;
  readonly protection: Protection;
  /** Rows that were seeded, by table: new ones go on behind them. */
  private seeded = new Map<string, number>();

  /** So many rows and more in one order are worked out when they are read, which costs time there and saves memory. */
  private readonly sourceAbove: number;

  constructor(private readonly options: WorldOptions) {
    this.sourceAbove = options.sourceAbove ?? 50_000;
    this.settings = settingsSchema.parse(options.settings);
    this.organization = new Organization(this.settings, options.now);
    this.instance = new Instance(this.settings, options.tenant, options.now);
    this.logs = new CampaignLogs(this.instance);
    this.entraTokens = new Tokens(options.now);
    this.imsTokens = new Tokens(options.now);
    this.protection = new Protection(this.settings, options.now);
    this.addHelpers();
  }

  /** Back to empty systems with the settings of the start. Tokens that were issued stay good. */
  reset(): void {
    Object.assign(this.settings, settingsSchema.parse(this.options.settings));
    this.organization.reset();
    this.instance.reset();
    this.logs.clear();
    this.faults.clear();
    this.statistics.reset();
    this.protection.reset();
    this.seeded = new Map();
    this.addHelpers();
  }

  /** Adds seeded rows. @returns how many, and the ids of the first 10,000 */
  seed(order: SeedOrder): { count: number; ids: string[] } {
    const resource = this.instance.resource(order.table);
    if (resource) return this.seedResource(resource, order);
    const table = this.organization.table(order.table);
    const make = MAKERS[order.table];
    if (!table || (order.table !== 'contact' && !make)) throw new Error(`There is no seed data for '${order.table}'.`);
    const from = this.seeded.get(order.table) ?? 0;
    const accounts = this.seeded.get('account') ?? 0;
    const counts = { contacts: this.seeded.get('contact') ?? 0, memberships: this.seeded.get('new_membership') ?? 0 };
    const ids: string[] = [];
    const makeRow = (index: number): Row =>
      make ? make(order.seed, index, counts) : seedContact(order.seed, index, accounts, badnessAt(index, order.bad));
    const makeId = (index: number): string => {
      const id = seededGuid(order.seed, TABLE_NUMBERS[order.table] ?? 0, index);
      if (ids.length < 10_000) ids.push(id);
      return id;
    };
    if (order.count < this.sourceAbove) {
      for (let index = from; index < from + order.count; index++) {
        makeId(index);
        this.organization.insert(table, makeRow(index));
      }
    } else {
      const source = new RowSource(table.length, (offset) => makeRow(from + offset), NEWEST_SEED, {
        parentcustomerid: 'account',
      });
      table.insertSource(
        (function* () {
          for (let index = from; index < from + order.count; index++) yield makeId(index);
        })(),
        source,
      );
    }
    this.seeded.set(order.table, from + order.count);
    if (order.table === 'contact' && order.bad !== undefined) this.addForeignProfile();
    return { count: order.count, ids };
  }

  private seedResource(resource: Resource, order: SeedOrder): { count: number; ids: string[] } {
    if (resource.definition.name !== 'profile') throw new Error(`There is no seed data for '${order.table}'.`);
    const ids: string[] = [];
    const add = (values: ReturnType<typeof profileOf>): void => {
      const key = String(values['externalId']);
      if (resource.find('externalId', key).length > 0) return;
      resource.insert(this.instance.complete(resource, values));
      ids.push(key);
    };
    if (order.profilesFrom) {
      const contacts = this.organization.table('contact') as Table;
      for (let slot = 0; slot < contacts.length && ids.length < order.count; slot++) {
        const row = contacts.row(slot);
        if (row) add(profileOf(row));
      }
    } else {
      const from = this.seeded.get('profile') ?? 0;
      for (let index = from; index < from + order.count; index++) add(seedProfile(order.seed, index));
      this.seeded.set('profile', from + order.count);
    }
    return { count: ids.length, ids: ids.slice(0, 10_000) };
  }

  private addForeignProfile(): void {
    const profiles = this.instance.resource('profile') as Resource;
    const values = foreignProfile();
    if (profiles.find('externalId', values['externalId'] as string).length > 0) return;
    profiles.insert(this.instance.complete(profiles, values));
  }

  private addHelpers(): void {
    const user = this.organization.table('systemuser') as Table;
    user.insert({ systemuserid: OWNER_ID, fullname: 'Ada Admin', internalemailaddress: 'ada.admin@org.example' });
    const currency = this.organization.table('transactioncurrency') as Table;
    currency.insert({ transactioncurrencyid: CURRENCY_ID, currencyname: 'US Dollar', isocurrencycode: 'USD' });
  }
}
