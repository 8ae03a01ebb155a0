import { campaignService } from '../../sandbox/campaign/routes';
import { RESOURCES } from '../../sandbox/campaign/resources';
import type { CampaignRow, FieldValue } from '../../sandbox/campaign/schema';
import type { Resource } from '../../sandbox/campaign/store';
import { World } from '../../sandbox/control/world';
import { dataverseService } from '../../sandbox/dataverse/routes';
import type { Row, TableDefinition } from '../../sandbox/dataverse/schema';
import type { Table } from '../../sandbox/dataverse/store';
import { contact } from '../../sandbox/dataverse/tables/contact';
import { defaults } from '../../sandbox/dataverse/values';
import { Refusal, type Incoming, type Reply, type Service, type SystemName } from '../../sandbox/http/service';
import { entraService } from '../../sandbox/oauth/entra';
import { imsService } from '../../sandbox/oauth/ims';
import type { SettingsInput } from '../../sandbox/settings';
import type { Scheduler } from './scheduler';

export const ORIGINS: Readonly<Record<SystemName, string>> = {
  entra: 'https://login.example',
  dataverse: 'https://org.example',
  ims: 'https://ims.example',
  campaign: 'https://campaign.example',
};

export const DATAVERSE_CREDENTIAL = {
  url: ORIGINS.dataverse,
  loginUrl: ORIGINS.entra,
  tenantId: '7a6f3c52-9d1b-4e0a-8c55-0123456789ab',
  clientId: 'b1f0c6de-1111-4222-8333-444455556666',
  clientSecret: 'dynamics-secret',
};

export const CAMPAIGN_CREDENTIAL = {
  apiUrl: ORIGINS.campaign,
  imsUrl: ORIGINS.ims,
  tenant: 'simulated',
  clientId: '0123456789abcdef0123456789abcdef',
  clientSecret: 'campaign-secret',
  scopes: 'openid,AdobeID,campaign_sdk',
};

const PROFILE_FIELDS =
  /^(externalId|firstName|lastName|email|gender|cusBlocked|cusNotes|created|lastModified|blackList.*|ccpa.*|cusScore)$/;

/** The table of contacts with these columns alone: metadata of a hundred would cost more time than all the rest of a history. */
function contactsWith(columns: string): TableDefinition {
  const names = new Set(['contactid', 'createdon', 'modifiedon', 'versionnumber', ...columns.split(' ')]);
  return { ...contact, columns: contact.columns.filter(({ name }) => names.has(name)) };
}
const contactTables = new Map<string, TableDefinition>();

const PROFILE = (() => {
  const definition = RESOURCES.find(({ name }) => name === 'profile');
  if (!definition) throw new Error('The sandbox has no profiles.');
  return { ...definition, fields: definition.fields.filter(({ name }) => PROFILE_FIELDS.test(name)) };
})();

const PROFILE_WITH_ANY_KEY = {
  ...PROFILE,
  fields: PROFILE.fields.map((field) => (field.name === 'externalId' ? { ...field, unique: false } : field)),
};

/** A write that Campaign has carried out, as it stands in its database afterwards. */
export interface CampaignWrite {
  readonly method: string;
  readonly key: string;
  readonly before: CampaignRow | undefined;
  readonly after: CampaignRow | undefined;
}

/** How profiles are found by their key: both are up to the customer's database. */
export interface ProfileKeys {
  /** Campaign refuses a second profile with the same key. */
  readonly unique: boolean;
  /** Where there is none with exactly the key, one is given whose key differs in upper and lower case. */
  readonly inAnyCase: boolean;
}

/** Metadata is the same in all histories with the same settings. */
const metadata = new Map<string, Reply>();

/** The four systems, in memory and without a network. Tables and resources hold what the flows need. */
export class Systems {
  readonly world: World;
  readonly contacts: Table;
  readonly profiles: Resource;
  private readonly kindOfMetadata: string;
  private readonly services: Readonly<Record<SystemName, Service>>;
  /** Hears of each write of a profile. */
  onCampaignWrite: ((write: CampaignWrite) => void) | undefined;
  /** Hears of each write of a row. */
  onDataverseWrite: ((incoming: Incoming) => void) | undefined;

  constructor(
    scheduler: Scheduler,
    settings: SettingsInput,
    /** Names of the columns that the flow needs of a contact, besides those that each table has; with blanks between. */
    contactColumns: string,
    readonly keys: ProfileKeys = { unique: true, inAnyCase: false },
  ) {
    const now = () => scheduler.now;
    this.world = new World({ tenant: CAMPAIGN_CREDENTIAL.tenant, settings, now });
    const { world } = this;
    let definition = contactTables.get(contactColumns);
    if (!definition) contactTables.set(contactColumns, (definition = contactsWith(contactColumns)));
    this.contacts = world.organization.add(definition);
    this.kindOfMetadata = `${contactColumns} ${keys.unique}`;
    this.profiles = world.instance.resource('profile') as Resource;
    this.profiles.redefine(keys.unique ? PROFILE : PROFILE_WITH_ANY_KEY);
    const adobe = { ...CAMPAIGN_CREDENTIAL, scopes: CAMPAIGN_CREDENTIAL.scopes.split(',') };
    this.services = {
      entra: entraService(DATAVERSE_CREDENTIAL, () => ORIGINS.dataverse, world.entraTokens, world.settings),
      dataverse: dataverseService(world.organization, world.entraTokens, world.protection, () => ORIGINS.entra),
      ims: imsService(adobe, world.imsTokens, world.settings),
      campaign: campaignService(world.instance, adobe.clientId, world.imsTokens, () => undefined),
    };
  }

  service(system: SystemName): Service {
    return this.services[system];
  }

  /** What a system answers to a request that has reached it. */
  respond(system: SystemName, incoming: Incoming): Reply {
    const isMetadata = incoming.method === 'GET' && /\/(EntityDefinitions|resourceType\/)/.test(incoming.path);
    const key = isMetadata ? `${this.kindOfMetadata} ${incoming.path}?${incoming.query}` : '';
    const known = isMetadata ? metadata.get(key) : undefined;
    if (known) return known;
    const reply = this.handled(system, incoming);
    if (isMetadata && reply.status === 200) metadata.set(key, reply);
    return reply;
  }

  private handled(system: SystemName, incoming: Incoming): Reply {
    const isWrite = incoming.method !== 'GET' && (system === 'campaign' || system === 'dataverse');
    const before = isWrite && system === 'campaign' ? [...this.profiles.rows] : undefined;
    try {
      const reply = this.services[system].handle(this.asked(system, incoming), { inFlight: 1, waitedMs: 0 });
      if (reply instanceof Promise) throw new Error('A system of the simulation has to respond at once.');
      return reply;
    } catch (error) {
      if (error instanceof Refusal) return error.reply;
      throw error;
    } finally {
      if (before) this.tellWrites(incoming.method, before);
      if (isWrite && system === 'dataverse') this.onDataverseWrite?.(incoming);
    }
  }

  /** A look-up as the database understands it. */
  private asked(system: SystemName, incoming: Incoming): Incoming {
    if (system !== 'campaign' || !this.keys.inAnyCase || incoming.method !== 'GET') return incoming;
    const [, before = '', key = ''] = /^(.*\/profile\/)([^/?]+)$/.exec(incoming.path) ?? [];
    if (key === '' || this.profilesOf(key).length > 0) return incoming;
    const other = this.profiles.rows.find((row) => String(row?.['externalId']).toLowerCase() === key.toLowerCase());
    return other ? { ...incoming, path: before + String(other['externalId']) } : incoming;
  }

  private tellWrites(method: string, before: readonly (CampaignRow | undefined)[]): void {
    const { rows } = this.profiles;
    for (let slot = 0; slot < rows.length; slot++) {
      if (rows[slot] === before[slot]) continue;
      const key = String((rows[slot] ?? before[slot])?.['externalId']);
      this.onCampaignWrite?.({ method, key, before: before[slot], after: rows[slot] });
    }
  }

  /** A user of Dynamics 365 makes a contact, or changes the columns of one. */
  putContact(id: string, values: Row): void {
    const { organization } = this.world;
    const slot = this.contacts.slotOf(id);
    const modifiedon = organization.timestamp();
    if (slot === undefined) {
      const fresh = { ...defaults(this.contacts, modifiedon), ...values, contactid: id, modifiedon };
      organization.insert(this.contacts, fresh);
    } else {
      organization.replace(this.contacts, slot, { ...this.contacts.rowAt(slot), ...values, modifiedon });
    }
  }

  /** False where there is none. */
  removeContact(id: string): boolean {
    const slot = this.contacts.slotOf(id);
    if (slot === undefined) return false;
    this.world.organization.remove(this.contacts, slot);
    return true;
  }

  /** All delta tokens that were given out until now have expired; new ones are good. */
  expireDeltaTokens(): void {
    const { organization } = this.world;
    organization.expiredUpTo = organization.clock.current;
    organization.clock.next();
  }

  /** The profiles with this key; more than one is a fault. */
  profilesOf(key: string): CampaignRow[] {
    return this.profiles.rows.filter((row): row is CampaignRow => row?.['externalId'] === key);
  }

  /** Somebody makes a profile in Campaign, or changes the fields of one. */
  putProfile(key: string, values: Readonly<Record<string, FieldValue>>): void {
    const { instance } = this.world;
    const slot = this.profiles.rows.findIndex((row) => row?.['externalId'] === key);
    if (slot < 0) {
      const row = instance.complete(this.profiles, { ...values, externalId: key }) as Record<string, FieldValue>;
      instance.stamp(this.profiles, undefined, row);
      this.profiles.insert(row);
      return;
    }
    const before = this.profiles.rows[slot] as CampaignRow;
    const row: Record<string, FieldValue> = { ...before, ...values };
    instance.stamp(this.profiles, before, row);
    this.profiles.replace(slot, row);
  }
}
