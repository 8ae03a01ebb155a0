import { deletion, GENDER_VALUES, ID, upsert } from '../support/builders';
import { hostileText, hostileValue, INHERITED, spoil } from './hostile-values';
import type { Seeded } from './seeded';

type Json = Record<string, unknown>;

const DELIVERY = { trigger: 'w:n', number: 1, attempt: 1, until: '2999-01-01T00:00:00Z' };
const CODES = [...INHERITED, 'TOO_LONG', '', 'FILTERED_OUT'];

/** One column of each type, and one that every object inherits. */
export const RECORD = {
  nickname: 'Ada',
  description: 'text',
  numberofchildren: 2,
  bignumber: '9007199254740993',
  creditlimit: 12.5,
  donotemail: false,
  gendercode: 2,
  interests: '1,2',
  statecode: 0,
  modifiedon: '2026-11-21T16:30:00Z',
  birthdate: '1815-12-10',
  _parentcustomerid_value: ID,
  constructor: 'own',
} as const;

export const idOf = (index: number) => `8a4c0e6e-6b0f-4d1c-9f3e-${String(index).padStart(12, '0')}`;

/** A change as the trigger makes it. */
export function goodChange(index: number): Json {
  return {
    ...upsert({ ...RECORD } as never, { gendercode: 'Female' }, { id: idOf(index) }),
    delivery: DELIVERY,
  };
}

/** An item whose shape is that of a change, with values of all kinds, or none of ours at all. */
export function hostileChange(chance: Seeded, index: number): Json {
  const good = goodChange(index);
  switch (chance.below(10)) {
    case 0:
      return spoil(chance, good);
    case 1:
      return { ...good, labels: spoil(chance, { gendercode: 'x', nickname: 'y' }) };
    case 2:
      return {
        ...(deletion({ id: idOf(index) }) as unknown as Json),
        ...(chance.chance(0.5) ? {} : { record: hostileValue(chance) }),
      };
    case 3:
      return { ...good, delivery: chance.chance(0.5) ? hostileValue(chance) : spoil(chance, DELIVERY) };
    case 4:
      return { ...good, outcome: chance.chance(0.3) ? { status: 'skipped', engineCalls: 0 } : hostileOutcome(chance) };
    case 5:
      return chance.pick<Json>([{}, { [hostileText(chance)]: 1 }, { change: 'upsert' }, { record: good['record'] }]);
    default:
      // A column that is not there at all is taken for a wrong setting, and stops the batch.
      return { ...good, record: spoil(chance, RECORD, 0.01) };
  }
}

function hostileOutcome(chance: Seeded): unknown {
  if (chance.chance(0.3)) return hostileValue(chance);
  return { status: chance.pick([...INHERITED, 'rejected', 'done']), code: chance.pick(CODES), engineCalls: 0 };
}

/** What the Field Mapper makes, spoilt afterwards. */
export function hostileTarget(chance: Seeded, index: number): Json {
  const fields = { firstName: 'Ada', gender: GENDER_VALUES[1]?.name ?? '', age: 3 };
  const target: Json = {
    resource: 'profile',
    api: 'profileAndServicesExt',
    key: chance.chance(0.8)
      ? { field: 'externalId', value: idOf(index) }
      : { field: 'externalId', value: hostileValue(chance) },
    fields: chance.chance(0.3) ? fields : spoil(chance, fields),
    loadAndCreationFields: chance.chance(0.8) ? {} : spoil(chance, fields),
    creationFields: {},
    ...(chance.chance(0.2) ? { lines: hostileValue(chance) } : {}),
  };
  return {
    change: chance.chance(0.9) ? 'upsert' : 'delete',
    initial: chance.chance(0.9) ? false : hostileValue(chance),
    table: 'contact',
    id: idOf(index),
    target: chance.chance(0.9) ? target : spoil(chance, target),
    ...(chance.chance(0.7) ? {} : { delivery: chance.chance(0.5) ? DELIVERY : spoil(chance, DELIVERY) }),
  };
}

/** An item for the Update of the Dynamics 365 node. */
export function hostileWrite(chance: Seeded, index: number): Json {
  const columns = { nickname: 'Ada', donotemail: true, gendercode: 1, birthdate: '1815-12-10', creditlimit: 1 };
  const write = { table: 'contact', id: idOf(index), columns: chance.chance(0.8) ? spoil(chance, columns) : columns };
  return chance.chance(0.6) ? write : spoil(chance, { ...write, ifMatch: 'W/"1"', delivery: DELIVERY });
}

const LOG_ROW = {
  id: '17',
  externalId: ID,
  campaignLabel: 'Spring',
  deliveryLabel: 'DM1',
  address: 'a@b.example',
  status: 'sent',
  failureType: '',
  eventDate: '2026-11-21T16:30:00Z',
  contactDate: '2026-11-21T16:30:00Z',
} as const;
const CLICK_ROW = {
  id: '18',
  externalId: ID,
  deliveryType: 'email',
  urlType: 'click',
  logDate: '2026-11-21T16:31:00Z',
  contactDate: '2026-11-21T16:30:00Z',
  urlSource: 'https://shop.example/',
  urlLabel: 'Shop',
} as const;

/** A row of Campaign's logs, as the export reader gives it. */
export function hostileLogRow(chance: Seeded, index: number): Json {
  const row = { ...(chance.chance(0.5) ? LOG_ROW : CLICK_ROW), export: { file: 'a.txt', row: index + 1 } };
  return chance.chance(0.1) ? row : spoil(chance, row);
}

export const goodLogRow = (): Json => ({ ...LOG_ROW, export: { file: 'a.txt', row: 1 } });

/** An event as the Marketing Events node makes it, spoilt. */
export function hostileEvent(chance: Seeded): Json {
  const event = {
    kind: 'send',
    logId: '17',
    contactId: ID,
    campaignName: '',
    deliveryName: 'D',
    time: '2026-11-21T16:30:00Z',
  };
  return { event: chance.chance(0.9) ? spoil(chance, event) : hostileValue(chance), delivery: DELIVERY };
}

/** What the Opt-Out Resolver gets: changes, export rows, and its own writes that came back. */
export function hostileOptOut(chance: Seeded, index: number): Json {
  const id = idOf(index);
  switch (chance.below(3)) {
    case 0:
      return spoil(chance, { ...goodChange(index) });
    case 1:
      return spoil(chance, { externalId: id, blackListEmail: true, blackListEmailLastModified: '2026-11-21 12:00:00' });
    default:
      return spoil(chance, {
        id,
        outcome: { status: 'waiting', engineCalls: 0 },
        decision: { from: 'campaign' },
        ifMatch: 'W/"1"',
        attempt: 1,
        profileKey: id,
        lastKnown: {},
      });
  }
}
