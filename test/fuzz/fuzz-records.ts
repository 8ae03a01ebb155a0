import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { ConfigurationError, RetriableError } from '../../lib/core/errors';
import { contactSource } from '../../lib/dataverse/contact-source';
import { profileSource } from '../../lib/campaign/profile-source';
import { resolveOptOuts } from '../../lib/sync/opt-out/resolve';
import { writeChanges } from '../../nodes/AdobeCampaign/operations/write-changes';
import { readChanges } from '../../nodes/AdobeCampaign/read-changes';
import { addTimelineActivity } from '../../nodes/Dynamics365/operations/add-timeline-activity.operation';
import { writeItems } from '../../nodes/Dynamics365/operations/write-rows';
import { makeEvents } from '../../nodes/MarketingEvents/make-events';
import { readSettings } from '../../nodes/MarketingEvents/settings';
import { CONTACT, ID } from '../support/builders';
import { FakeCampaign } from '../support/fake-campaign';
import { SETTINGS } from '../support/opt-out-fixtures';
import { plainExecution } from '../support/plain-execution';
import { holdsValue, hostileValue } from './hostile-values';
import type { Finding, FuzzPart } from './part';
import * as cases from './record-cases';
import { RESOURCE, runFlow, TABLE } from './record-flow';
import { Seeded } from './seeded';

type Json = Record<string, unknown>;

const RECORDS_IN_A_CASE = 10;

const STATUSES = ['created', 'updated', 'unchanged', 'deleted', 'absent', 'skipped', 'waiting', 'rejected'];

/** For items that no node of the package makes: somebody has to look at the flow (docs/errors.md). */
const FOR_THE_FLOW = ['NOT_A_CHANGE', 'OUTCOME_UNKNOWN', 'RESOURCE_UNKNOWN', 'COLUMN_NOT_READ', 'TABLE_MISMATCH'];
/** A delivery whose time is over, by its own word; what was under way is then aborted. */
const OF_THE_DELIVERY = ['DELIVERY_SUPERSEDED', 'ABORTED'];

/** Batches of hostile records through every node that works on records, without a server. */
export const recordsPart: FuzzPart = {
  name: 'records',
  perCase: RECORDS_IN_A_CASE,
  run: async (seed, index) => {
    const chance = new Seeded(seed, index);
    const flow = await withName('flow', () => runChanges(chance));
    return (
      flow ??
      (await withName('Apply Change', () => runTargets(chance))) ??
      (await withName('Update', () => runWrites(chance))) ??
      (await withName('Marketing Events', () => runLogRows(chance))) ??
      (await withName('Add Timeline Activity', () => runEvents(chance))) ??
      (await withName('Opt-Out Resolver', () => runOptOuts(chance)))
    );
  },
};

/** Runs a part of the flow. It may stop for items that nobody can tell apart from a wrong setting; its message then holds no value. */
async function withName(name: string, run: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    const finding = await run();
    return finding === undefined ? undefined : `${name}: ${finding}`;
  } catch (error) {
    if (error instanceof ConfigurationError && FOR_THE_FLOW.includes(error.code)) return messageOf(error);
    if (error instanceof RetriableError && OF_THE_DELIVERY.includes(error.code)) return messageOf(error);
    return `${name}: the batch stopped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

/** One good item and nine others: whatever the others are, the good one goes through, and each comes out once. */
function batchOf(good: object, make: (index: number) => object): { items: object[]; goodAt: number } {
  const items = Array.from({ length: RECORDS_IN_A_CASE }, (_, index) => make(index));
  items[RECORDS_IN_A_CASE - 1] = good;
  return { items, goodAt: RECORDS_IN_A_CASE - 1 };
}

async function runChanges(chance: Seeded): Promise<Finding> {
  const good = cases.goodChange(RECORDS_IN_A_CASE - 1);
  const { items } = batchOf(good, (index) => cases.hostileChange(chance, index));
  const entered = items.map((_, index) => (index === RECORDS_IN_A_CASE - 1 ? 'good' : hostileValue(chance)));
  const { stages } = runFlow(items, chance.below(6), (index) => entered[index]);
  for (const stage of stages) {
    const finding =
      stage.length === items.length ? outcomesOf(stage, items) : `${items.length} came in, ${stage.length} went out`;
    if (finding) return finding;
  }
  const ready = stages.at(-1) as INodeExecutionData[];
  const unready = ready.find(({ json }) => json['outcome'] === undefined && json['target'] === undefined);
  if (unready) return 'an item left the Field Mapper with neither target nor outcome';
  return await applyChanges(
    ready.map(({ json }) => json),
    items,
  );
}

async function runTargets(chance: Seeded): Promise<Finding> {
  const { items } = batchOf(cases.hostileTarget(chance, 1), (index) => cases.hostileTarget(chance, index));
  return await applyChanges(items, items);
}

async function applyChanges(items: readonly object[], given: readonly object[]): Promise<Finding> {
  const campaign = new FakeCampaign();
  for (let index = 0; index < items.length; index += 2)
    campaign.put(cases.idOf(index), { firstName: 'Other', gender: 'male' });
  const client = Object.assign(campaign, {
    instance: 'https://campaign.example/',
    credential: { product: 'standard', maxConcurrency: 4 },
    listResources: () => Promise.resolve([RESOURCE.resource]),
    describeResource: () => Promise.resolve(RESOURCE),
  });
  const { context } = plainExecution(items, {});
  const outputs = await writeChanges(context, client as never, { lookup: { kind: 'filter' } } as never, readChanges);
  return allOut(outputs, given);
}

async function runWrites(chance: Seeded): Promise<Finding> {
  const good = { id: cases.idOf(9), columns: { donotemail: true } };
  const { items, goodAt } = batchOf(good, (index) => cases.hostileWrite(chance, index));
  const { context } = plainExecution(items, { table: 'contact', valuesFrom: 'item' });
  const outputs = await writeItems(context, dataverse() as never, chance.chance(0.5) ? 'update' : 'upsert');
  return allOut(outputs, items) ?? goodIs(outputs, goodAt, ['updated', 'created', 'unchanged']);
}

/** A Dataverse that has every row that it is asked for. */
function dataverse() {
  const row = (id: string) => ({ contactid: id, donotemail: false, nickname: 'x', '@odata.etag': 'W/"1"' });
  return {
    credential: { url: 'https://o.crm4.dynamics.com' },
    apiUrl: 'https://o.crm4.dynamics.com/api/data/v9.2/',
    describeTable: () => Promise.resolve(TABLE),
    listTables: () => Promise.resolve([CONTACT]),
    getByIds: (_table: unknown, _columns: unknown, ids: readonly string[]) =>
      Promise.resolve({ rows: ids.map(row), missing: [] as string[] }),
    call: ({ method, path }: { method: string; path: string }) => {
      const id = /\(([0-9a-f-]{36})\)/.exec(path)?.[1] ?? ID;
      const text = method === 'GET' ? JSON.stringify(row(id)) : '';
      return Promise.resolve({ status: 200, text, headers: {}, retryAfterMs: undefined, repeated: false });
    },
  };
}

function runLogRows(chance: Seeded): Finding {
  const { items, goodAt } = batchOf(cases.goodLogRow(), (index) => cases.hostileLogRow(chance, index));
  const { context } = plainExecution(items, {
    options: chance.chance(0.5) ? {} : { severalLinksAtOnce: true, scannerSeconds: 5 },
  });
  const input = items.map((json): INodeExecutionData => ({ json: json as IDataObject }));
  const { outputs, summary } = makeEvents(input, readSettings(context), {
    now: () => Date.parse('2026-11-22T00:00:00Z'),
  });
  if (!outputs[0].some(({ pairedItem }) => (pairedItem as { item: number }).item === goodAt))
    return 'the good row is no event';
  if (holdsValue(summary)) return `a value is in the summary: ${summary}`;
  return allOut([outputs[1], outputs[0].map((each) => ({ ...each, json: { outcome: { status: 'created' } } }))], items);
}

async function runEvents(chance: Seeded): Promise<Finding> {
  const items = Array.from({ length: 3 }, () => cases.hostileEvent(chance));
  items.push({ event: { kind: 'none' } });
  const { context } = plainExecution(items, { options: {} });
  // None of the events gets past the boundary without its tables, so what is looked at is the boundary.
  const client = { ...dataverse(), listTables: () => Promise.reject(new Error('asked for tables')) };
  try {
    return allOut(await addTimelineActivity(context, client as never), items);
  } catch (error) {
    if (error instanceof Error && error.message === 'asked for tables') return undefined;
    throw error;
  }
}

async function runOptOuts(chance: Seeded): Promise<Finding> {
  const good = { externalId: cases.idOf(9), blackListEmail: true, blackListEmailLastModified: '2026-11-21 12:00:00' };
  const { items, goodAt } = batchOf(good, (index) => cases.hostileOptOut(chance, index));
  const resolved = await resolveOptOuts(items as never, SETTINGS, {
    contacts: contactSource(people(chance, goodAt) as never, CONTACT),
    profiles: profileSource(people(chance, goodAt) as never, {
      resource: SETTINGS.profile,
      keyField: 'externalId',
      lookup: { kind: 'filter' } as never,
    }),
    now: () => Date.parse('2026-11-22T00:00:00Z'),
  });
  for (let item = 0; item < items.length; item++) {
    const of = resolved.filter((each) => each.item === item);
    if (of.length === 0) return `item ${item} vanished`;
    for (const { output, json } of of) {
      const finding =
        output === 'rejected' ? outcomeFault((json as Json)['outcome'], items[item] as object) : undefined;
      if (finding) return finding;
    }
  }
  return resolved.some(({ item, output }) => item === goodAt && output === 'rejected')
    ? 'the good row was rejected'
    : undefined;
}

/** Contacts and profiles with hostile values, but for one. */
function people(chance: Seeded, goodAt: number) {
  const spoilt = (id: string, good: Json): Json => {
    if (id === cases.idOf(goodAt)) return good;
    return Object.fromEntries(
      Object.entries(good).map(([name, each]) => [name, chance.chance(0.3) ? hostileValue(chance) : each]),
    );
  };
  return {
    getByIds: (_table: unknown, _columns: unknown, ids: readonly string[]) =>
      Promise.resolve({
        rows: ids.map((id) => ({
          ...spoilt(id, {
            modifiedon: '2026-11-21T12:00:00Z',
            donotemail: false,
            donotphone: true,
            '@odata.etag': 'W/"1"',
          }),
          contactid: id,
        })),
        missing: [],
      }),
    getAttributeTimes: () => Promise.resolve({}),
    find: ({ keyValue }: { keyValue: string }) =>
      Promise.resolve({
        href: 'https://c.example/',
        record: {
          ...spoilt(keyValue, {
            created: '2020-01-01 00:00:00.000Z',
            blackListEmail: true,
            blackListEmailLastModified: '2026-11-21 12:00:00.000Z',
            blackListPhone: false,
          }),
          externalId: keyValue,
        },
      }),
  };
}

function goodIs(outputs: readonly (readonly INodeExecutionData[])[], at: number, statuses: readonly string[]): Finding {
  const item = outputs.flat().find(({ pairedItem }) => (pairedItem as { item: number }).item === at);
  const outcome = item?.json['outcome'] as Json | undefined;
  return statuses.includes(String(outcome?.['status'])) ? undefined : `the good item became ${JSON.stringify(outcome)}`;
}

/** Every item is out once, with an outcome. */
function allOut(outputs: readonly (readonly INodeExecutionData[])[], items: readonly object[]): Finding {
  const seen = new Set<number>();
  for (const { json, pairedItem } of outputs.flat()) {
    const { item } = pairedItem as { item: number };
    if (seen.has(item)) return `item ${item} went out twice`;
    seen.add(item);
    const finding = outcomeFault(json['outcome'], ...items);
    if (finding) return finding;
  }
  return seen.size === items.length ? undefined : `${items.length} came in, ${seen.size} went out`;
}

function outcomesOf(stage: readonly INodeExecutionData[], items: readonly object[]): Finding {
  for (const { json } of stage) {
    if (json['outcome'] === undefined) continue;
    const finding = outcomeFault(json['outcome'], ...items);
    if (finding) return finding;
  }
  return undefined;
}

/** What is wrong with an outcome of ours; what came in with the item is not ours. */
function outcomeFault(outcome: unknown, ...from: readonly object[]): Finding {
  if (from.some((item) => (item as Json)['outcome'] === outcome)) return undefined;
  if (typeof outcome !== 'object' || outcome === null) return `an item has no outcome but ${typeof outcome}`;
  const { status, code, message, field } = outcome as Json;
  if (!STATUSES.includes(status as string)) return `an outcome of an unknown status: ${String(status)}`;
  if (status === 'rejected' && (typeof code !== 'string' || typeof message !== 'string'))
    return 'a rejection without code or message';
  for (const text of [code, message, field]) {
    if (text !== undefined && holdsValue(String(text)))
      return `a value is in an outcome: ${JSON.stringify(outcome).slice(0, 500)}`;
  }
  return undefined;
}

function messageOf(error: Error): Finding {
  return holdsValue(error.message) ? `a value is in a message: ${error.message.slice(0, 500)}` : undefined;
}
