import { inspect } from 'node:util';
import { CampaignClient } from '../../lib/campaign/client';
import {
  ConfigurationError,
  FatalError,
  RejectedRecordError,
  RetriableError,
  type SyncError,
} from '../../lib/core/errors';
import { DataverseClient } from '../../lib/dataverse/client';
import { writeItems } from '../../nodes/Dynamics365/operations/write-rows';
import { CONTACT, ID, PROFILE, column, tableOf } from '../support/builders';
import { plainExecution } from '../support/plain-execution';
import { scriptedServer, type Reply } from '../support/scripted-server';
import { fakeTime } from '../support/test-clock';
import { hostileReply, SECRETS, UNTOLD, VALUES } from './hostile-responses';
import type { Finding, FuzzPart } from './part';
import { Seeded } from './seeded';

const TOKEN: Reply = {
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ access_token: SECRETS.token, token_type: 'Bearer', expires_in: 3600 }),
};

const TABLE = tableOf(column('lastname', 'string'), column('emailaddress1', 'string'), column('birthdate', 'date'));
const ROW = { lastname: VALUES.name, emailaddress1: VALUES.mail, birthdate: VALUES.birth };
const FIELDS = { lastName: VALUES.name, email: VALUES.mail, location: { city: VALUES.city }, phone: VALUES.phone };

type Call<C> = (client: C, url: string) => Promise<unknown>;

const DATAVERSE: Readonly<Record<string, Call<DataverseClient>>> = {
  whoAmI: (client) => client.whoAmI(),
  listTables: (client) => client.listTables(),
  describeTable: (client) => client.describeTable('contact'),
  readPage: (client) => client.readPage({ table: CONTACT, columns: ['lastname'], pageSize: 10, trackChanges: true }),
  readLink: (client, url) =>
    client.readPage({
      table: CONTACT,
      link: `${url}/api/data/v9.2/contacts?$deltatoken=1`,
      pageSize: 10,
      trackChanges: true,
    }),
  countPending: (client, url) => client.countPending(CONTACT, `${url}/api/data/v9.2/contacts?$deltatoken=1`),
  totalCount: (client) => client.totalCount(CONTACT),
  getByIds: (client) => client.getByIds(CONTACT, ['lastname'], [ID]),
  sampleRows: (client) => client.sampleRows(CONTACT, ['lastname'], 3),
  getAttributeTimes: (client) => client.getAttributeTimes(CONTACT, ID, ['donotemail']),
  update: (client) => write(client, 'update', 0),
  upsert: (client) => write(client, 'upsert', 0),
  updateInBatches: (client) => write(client, 'update', 10),
};

const CAMPAIGN: Readonly<Record<string, Call<CampaignClient>>> = {
  listResources: (client) => client.listResources(),
  describeResource: (client) => client.describeResource(PROFILE),
  find: (client) =>
    client.find({ resource: PROFILE, keyField: 'externalId', keyValue: VALUES.mail, lookup: { by: 'key' } }),
  findByFilter: (client) =>
    client.find({
      resource: PROFILE,
      keyField: 'externalId',
      keyValue: VALUES.mail,
      lookup: { by: 'filter', filter: 'byExternalId', parameter: 'externalId_parameter' },
    }),
  create: (client) => client.create(PROFILE, FIELDS),
  update: (client) => client.update(`${client.instance}profileAndServicesExt/profile/@${VALUES.mail}`, FIELDS),
  remove: (client) => client.remove(`${client.instance}profileAndServicesExt/profile/@${VALUES.mail}`),
  probe: (client) => client.probe(),
};

async function write(client: DataverseClient, mode: 'update' | 'upsert', batchSize: number): Promise<unknown> {
  const known = Object.create(client, {
    describeTable: { value: () => Promise.resolve(TABLE) },
    listTables: { value: () => Promise.resolve([CONTACT]) },
  }) as DataverseClient;
  const items = [1, 2].map((number) => ({ id: ID.replace(/1$/, String(number)), columns: ROW }));
  const { context } = plainExecution(items, { table: 'contact', valuesFrom: 'item', options: { batchSize } });
  const outputs = await writeItems(context, known, mode);
  // The values of the items are there, of course; what is looked at is what the node says of them.
  return outputs.flat().map(({ json }) => json['outcome']);
}

/** Hostile responses to the real clients of both systems and of their sign-in services, over real connections. */
export const answersPart: FuzzPart = {
  name: 'answers',
  perCase: 1,
  run: async (seed, index) => {
    const chance = new Seeded(seed, index);
    const replies = [
      chance.chance(0.15) ? hostileReply(chance) : TOKEN,
      ...Array.from({ length: 1 + chance.below(3) }, () => hostileReply(chance)),
    ];
    const server = await scriptedServer(...replies);
    const client = chance.chance(0.6) ? dataverse(server.url) : campaign(server.url);
    try {
      const name =
        client instanceof DataverseClient ? chance.pick(Object.keys(DATAVERSE)) : chance.pick(Object.keys(CAMPAIGN));
      const call =
        client instanceof DataverseClient
          ? (DATAVERSE[name] as Call<DataverseClient>)(client, server.url)
          : (CAMPAIGN[name] as Call<CampaignClient>)(client, server.url);
      const finding = await judge(name, call);
      return finding === undefined ? undefined : `${name}: ${finding}`;
    } finally {
      client.close();
      await server.close();
    }
  },
};

const dataverse = (url: string) =>
  new DataverseClient({ url, loginUrl: url, tenantId: 'tenant', ...SECRETS }, fakeTime());

const campaign = (url: string) =>
  new CampaignClient({ apiUrl: url, imsUrl: url, tenant: 'geometrixx', ...SECRETS }, fakeTime());

const CLASSES = [ConfigurationError, RetriableError, RejectedRecordError, FatalError];

async function judge(name: string, call: Promise<unknown>): Promise<Finding> {
  let result: unknown;
  try {
    result = await call;
  } catch (error) {
    if (!CLASSES.some((each) => error instanceof each)) {
      return `threw what is none of our errors: ${error instanceof Error ? (error.stack ?? '').slice(0, 800) : String(error)}`;
    }
    return faultOf(error as SyncError);
  }
  // Outcomes of a write are messages too; what was read is what the server sent.
  return ['update', 'upsert', 'updateInBatches'].includes(name) && result !== undefined
    ? told(JSON.stringify(result), 'an outcome')
    : undefined;
}

function faultOf(error: SyncError): Finding {
  const { code, message, hint = '', stack = '' } = error;
  if (!/^[A-Z][A-Z0-9_]+$/.test(code)) return `a code that is none: ${code}`;
  if (message.length > 4000) return `a message of ${message.length} characters`;
  const whole = inspect(error, { depth: 10, showHidden: true, maxStringLength: null });
  return (
    told(message, 'the message') ??
    told(hint, 'the hint') ??
    told(stack, 'the stack') ??
    told(JSON.stringify(error), 'the JSON') ??
    told(whole, 'a property or cause')
  );
}

function told(text: string, where: string): Finding {
  const lower = text.toLowerCase();
  const found = UNTOLD.find((each) => lower.includes(each.toLowerCase()));
  return found === undefined ? undefined : `${where} holds ${JSON.stringify(found)}: ${text.slice(0, 600)}`;
}
