import { activityId, laterActivityId } from '../../../../lib/dataverse/timeline/activity-id';
import { subjectOf } from '../../../../lib/dataverse/timeline/activity-body';
import type { TimelineMetadata } from '../../../../lib/dataverse/timeline/timeline-metadata';
import { findTimelineTable } from '../../../../lib/dataverse/timeline/timeline-tables';
import { TIMELINE_TABLES } from '../../../../lib/dataverse/timeline/timeline-names';
import {
  writeTimeline,
  type TimelineItem,
  type TimelineWriterOptions,
} from '../../../../lib/dataverse/timeline/timeline-writer';
import { DeliveryRegistry } from '../../../../lib/sync/delivery/deliveries';
import { RetriableError, type ConfigurationError } from '../../../../lib/core/errors';
import { KeyLocks } from '../../../../lib/sync/delivery/key-locks';
import {
  EVENT_KINDS,
  type EventKind,
  type MarketingEvent,
} from '../../../../lib/sync/marketing-events/marketing-event';
import type { TableDescription } from '../../../../lib/core/metadata';
import { FakeRows, refusal } from '../support/fake-rows';
import { column, table } from '../../../support/builders';
import { TestClock } from '../../../support/test-clock';

const CONTACT = '0c1d2e3f-1111-4222-8333-444455556666';
const nameOf = (kind: EventKind) => `msnd_${TIMELINE_TABLES[kind].name}`;

function describe_(kind: EventKind): TableDescription {
  const wanted = TIMELINE_TABLES[kind];
  const columns = Object.values(wanted.columns).map(({ label, type, name, maxLength }) =>
    column(`msnd_${name}`, type, { label, ...(maxLength ? { maxLength } : {}) }),
  );
  return {
    table: table(nameOf(kind), { label: wanted.label, primaryId: 'activityid', primaryName: 'subject' }),
    columns: [...columns, column('subject', 'string', { maxLength: 200 })],
  };
}

function metadata(over: Partial<TimelineMetadata> = {}): TimelineMetadata {
  return {
    listTables: async () => EVENT_KINDS.map((kind) => describe_(kind).table),
    describeTable: async (name) => describe_(EVENT_KINDS.find((kind) => nameOf(kind) === name) as EventKind),
    lookupTargets: async (table) =>
      new Map([
        [
          'regardingobjectid',
          [
            { table: 'account', setName: 'accounts', navigation: `regardingobjectid_account_${table}` },
            { table: 'contact', setName: 'contacts', navigation: `regardingobjectid_contact_${table}` },
          ],
        ],
      ]),
    hasCreateMultiple: async () => false,
    ...over,
  };
}

const event = (over: Partial<MarketingEvent> = {}): MarketingEvent => ({
  kind: 'click',
  logId: '4712',
  contactId: CONTACT,
  campaignName: '2019LoyaltyCamp',
  deliveryName: 'DM190',
  time: '2026-11-21T09:00:00.000Z',
  mirrorPageUrl: 'https://mirror.example/1',
  clickedUrl: 'https://shop.example/offer',
  ...over,
});

/** Activities, with CreateMultiple that takes all rows or none. */
class FakeActivities extends FakeRows {
  multiples: number[] = [];
  gone = new Set<string>();

  constructor() {
    super('activityid');
    this.intervene = ({ method, body }) =>
      method === 'PATCH' && this.isGone(body)
        ? refusal(404, '0x80040217', `contact With Id = x Does Not Exist`)
        : undefined;
  }

  /** With the contact under the name that reads have. */
  override row(id: string) {
    const row = super.row(id);
    const bound = Object.entries(row ?? {}).find(([name]) => name.startsWith('regardingobjectid_contact_'));
    const contact = /\((.*)\)/.exec(String(bound?.[1]))?.[1];
    return row && { ...(contact ? { _regardingobjectid_value: contact } : {}), ...row };
  }

  private isGone(body: object = {}): boolean {
    return Object.entries(body).some(
      ([name, value]) => name.startsWith('regardingobjectid') && this.gone.has(String(value)),
    );
  }

  readonly call = async ({ body = '' }: { body?: string }) => {
    const { Targets } = JSON.parse(body) as { Targets: Record<string, unknown>[] };
    this.multiples.push(Targets.length);
    const bad = Targets.find((target) => this.isGone(target));
    const twice = Targets.find(({ activityid }) => this.rows.has(activityid as string));
    const response = bad
      ? refusal(404, '0x80040217', 'contact With Id = x Does Not Exist')
      : twice
        ? refusal(412, '0x80040237')
        : undefined;
    if (response) return response;
    for (const { activityid, '@odata.type': _, ...row } of Targets) this.put(activityid as string, row);
    return { status: 200, text: '{"Ids":[]}', retryAfterMs: undefined };
  };
}

async function write(
  server: FakeActivities,
  events: readonly MarketingEvent[],
  options: Partial<TimelineWriterOptions> = {},
  over: Partial<TimelineMetadata> = {},
) {
  const tables = Object.fromEntries(
    await Promise.all(
      EVENT_KINDS.map(async (kind) => [kind, await findTimelineTable(kind, undefined, metadata(over))]),
    ),
  ) as TimelineWriterOptions['tables'];
  const report = await writeTimeline(
    events.map((each): TimelineItem => ({ event: each })),
    {
      client: server as never,
      sender: server,
      locks: new KeyLocks(),
      deliveries: new DeliveryRegistry(),
      clock: new TestClock({ start: '1970-01-01T00:00:00Z' }),
    },
    { organization: 'o', tables, rowsAtOnce: 100, concurrency: 2, ...options },
  );
  if (report.kind === 'stopped') throw report.failure;
  return report.outcomes.map(({ status, code }) => (code === undefined ? status : `${status} ${code}`));
}
const inGroups = { hasCreateMultiple: async () => true };

describe("an activity's id", () => {
  it('is a UUID of version 5 that never changes', () => {
    expect(activityId({ kind: 'send', logId: '4711' })).toBe('ffad020e-3e62-5341-a472-d066dc99d789');
    expect(activityId({ kind: 'send', logId: '4711' })).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
  it('differs by kind, by row of the log and by instance', () => {
    const ids = EVENT_KINDS.flatMap((kind) =>
      ['1', '11', '2'].flatMap((logId) => ['', 'stage'].map((it) => activityId({ kind, logId }, it))),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("a later event's id under a log id that is used again", () => {
  it('is a UUID of version 5 that never changes', () => {
    expect(laterActivityId(event())).toBe('cda22f86-bc33-5908-86ea-081d779194df');
    expect(laterActivityId(event({ time: '2026-11-21T23:59:59.999Z', campaignName: 'X' }))).toBe(
      'cda22f86-bc33-5908-86ea-081d779194df',
    );
  });
  it('differs by kind, row of the log, instance, contact and day, and from the first id', () => {
    const other = '0c1d2e3f-1111-4222-8333-444455557777';
    const ids = [
      activityId(event()),
      laterActivityId(event()),
      laterActivityId(event(), 'stage'),
      laterActivityId(event({ kind: 'open' })),
      laterActivityId(event({ logId: '47' })),
      laterActivityId(event({ contactId: other })),
      laterActivityId(event({ time: '2026-11-22T00:00:00.000Z' })),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('a timeline table', () => {
  it.each(EVENT_KINDS)(
    'is found by its display name for %s, with its columns and the way to its contact',
    async (kind) => {
      const table = await findTimelineTable(kind, undefined, metadata());
      expect(table.table.name).toBe(nameOf(kind));
      expect(Object.keys(table.columns).sort()).toEqual(Object.keys(TIMELINE_TABLES[kind].columns).sort());
      expect(table.regarding.navigation).toBe(`regardingobjectid_contact_${nameOf(kind)}`);
    },
  );

  it.each([
    ['TIMELINE_TABLE_UNKNOWN', undefined, { listTables: async () => [] }],
    ['TIMELINE_TABLE_UNKNOWN', { table: 'nope' }, {}],
    [
      'TIMELINE_TABLE_AMBIGUOUS',
      undefined,
      { listTables: async () => [describe_('click').table, { ...describe_('click').table, name: 'b' }] },
    ],
    ['TIMELINE_COLUMN_UNKNOWN', { columns: { date: 'nope' } }, {}],
    ['TIMELINE_NOT_REGARDING', undefined, { lookupTargets: async () => new Map() }],
  ] as const)('that can not be used is named: %s', async (code, override, over) => {
    await expect(findTimelineTable('click', override, metadata(over as never))).rejects.toMatchObject({ code });
  });

  it('names every renamed column at once, and what to do', async () => {
    const description = describe_('click');
    const columns = description.columns.map((each) => ({
      ...each,
      label: each.label.replace(/(Campaign Name|Tracking URL)/, 'Renamed'),
    }));
    const error = (await findTimelineTable(
      'click',
      undefined,
      metadata({ describeTable: async () => ({ ...description, columns }) }),
    ).catch((thrown: unknown) => thrown)) as ConfigurationError;
    expect(error.message).toContain('"Campaign Name" and "Tracking URL"');
    expect(error.hint).toContain('Prepare Timeline Tables');
  });

  it('takes names that are set by hand, and leaves a column out on -', async () => {
    const override = { table: nameOf('open'), columns: { date: 'msnd_dateopened', trackingUrl: '-' } };
    const table = await findTimelineTable('click', override, metadata());
    expect(table.table.name).toBe(nameOf('open'));
    expect(table.columns.date?.name).toBe('msnd_dateopened');
    expect(table.columns.trackingUrl).toBeUndefined();
  });
});

describe.each([
  ['one by one', {}],
  ['in groups', inGroups],
])('the timeline writer, %s', (_name, over) => {
  it('makes one activity with everything that Adobe shows', async () => {
    const server = new FakeActivities();
    expect(await write(server, [event()], {}, over)).toEqual(['created']);
    expect([...server.rows.entries()]).toEqual([
      [
        activityId(event()),
        {
          version: 1,
          subject: 'Campaign Name: 2019LoyaltyCamp; Delivery Name: DM190',
          msnd_campaignname: '2019LoyaltyCamp',
          msnd_deliveryname: 'DM190',
          msnd_dateclicked: '2026-11-21T09:00:00Z',
          msnd_trackingurl: 'https://shop.example/offer',
          msnd_mirrorpageurl: 'https://mirror.example/1',
          [`regardingobjectid_contact_${nameOf('click')}@odata.bind`]: `/contacts(${CONTACT})`,
        },
      ],
    ]);
  });

  it('never makes a second one: not in a replay, not within a batch', async () => {
    const server = new FakeActivities();
    const events = [event(), event({ kind: 'open' }), event(), event({ logId: '9' })];
    expect(await write(server, events, {}, over)).toEqual(['created', 'created', 'unchanged ALREADY_THERE', 'created']);
    expect(await write(server, events, {}, over)).toEqual(Array(4).fill('unchanged ALREADY_THERE'));
    expect(server.rows.size).toBe(3);
    expect([...server.rows.values()].every(({ version }) => version === 1)).toBe(true);
  });

  const OTHER = '0c1d2e3f-1111-4222-8333-444455557777';
  const created = 'created';
  const there = 'unchanged ALREADY_THERE';

  it('adds an event whose log id is used again after years, once', async () => {
    const server = new FakeActivities();
    const first = event({ time: '2023-02-03T09:00:00.000Z' });
    const ofOther = event({ contactId: OTHER });
    const ofSame = event({ time: '2025-06-01T10:00:00.000Z' });
    expect(await write(server, [first], {}, over)).toEqual([created]);
    expect(await write(server, [ofOther], {}, over)).toEqual([created]);
    expect(await write(server, [ofSame], {}, over)).toEqual([created]);
    for (const events of [[first], [ofOther], [ofSame], [ofSame, ofOther, first]]) {
      expect(new Set(await write(server, events, {}, over))).toEqual(new Set([there]));
    }
    expect([...server.rows.keys()].sort()).toEqual(
      [activityId(first), laterActivityId(ofOther), laterActivityId(ofSame)].sort(),
    );
    expect([...server.rows.values()].every(({ version }) => version === 1)).toBe(true);
  });

  it('adds two events of one log id that stand in one batch', async () => {
    const server = new FakeActivities();
    const events = [event({ time: '2023-02-03T09:00:00.000Z' }), event({ contactId: OTHER }), event({ logId: '1' })];
    expect(await write(server, [...events, ...events], {}, over)).toEqual([
      created,
      created,
      created,
      ...Array(3).fill(there),
    ]);
    expect(server.rows.size).toBe(3);
  });

  it('adds no second one when the older event of its log id is deleted from Dynamics 365', async () => {
    const server = new FakeActivities();
    const first = event({ time: '2023-02-03T09:00:00.000Z' });
    await write(server, [first, event()], {}, over);
    server.rows.delete(activityId(first));
    expect(await write(server, [event()], {}, over)).toEqual([there]);
  });

  it.each<[string, Partial<MarketingEvent>]>([
    ['with another precision', { time: '2026-11-21T09:00:00.000Z' }],
    ['in whole minutes', { time: '2026-11-21T09:00:59.999Z' }],
    ['read in another zone', { time: '2026-11-20T19:00:00.000Z' }],
    ['whose status was written anew a week later', { time: '2026-11-28T09:00:00.000Z' }],
    ['whose delivery has a new label', { deliveryName: 'Renamed', time: '2026-11-21T12:00:00.000Z' }],
    ['of a person who was merged into another one', { contactId: OTHER }],
    ['of a merged person, read in another zone', { contactId: OTHER, time: '2026-11-20T19:00:00.000Z' }],
    ['of a merged person, under a new label', { contactId: OTHER, deliveryName: 'Renamed' }],
  ])('adds no second one for the same event %s', async (_what, changes) => {
    const server = new FakeActivities();
    expect(await write(server, [event()], {}, over)).toEqual([created]);
    expect(await write(server, [event(changes)], {}, over)).toEqual([there]);
    expect(server.rows.size).toBe(1);
  });

  it.each<[string, Partial<MarketingEvent>]>([
    ['months later', { time: '2027-06-01T09:00:00.000Z' }],
    ["another person's, a week later", { contactId: OTHER, time: '2026-11-28T09:00:00.000Z' }],
    [
      "another person's of another delivery, an hour later",
      { contactId: OTHER, deliveryName: 'DM1', time: '2026-11-21T10:00:00.000Z' },
    ],
  ])('takes an event %s for another one', async (_what, changes) => {
    const server = new FakeActivities();
    await write(server, [event()], {}, over);
    expect(await write(server, [event(changes)], {}, over)).toEqual([created]);
  });

  it.each<[string, Record<string, unknown>, Partial<MarketingEvent>, string]>([
    ['no date', { msnd_dateclicked: null }, { time: '2030-01-01T00:00:00.000Z' }, there],
    ['no date, and the person another one', { msnd_dateclicked: null }, { contactId: OTHER }, there],
    [
      'no date, and person and delivery are others',
      { msnd_dateclicked: null },
      { contactId: OTHER, deliveryName: 'DM1' },
      created,
    ],
    [
      'nothing to compare',
      { msnd_dateclicked: null, subject: null, _regardingobjectid_value: null },
      { contactId: OTHER, deliveryName: 'DM1' },
      there,
    ],
  ])('where the activity has %s', async (_what, changes, later, expected) => {
    const server = new FakeActivities();
    await write(server, [event()], {}, over);
    server.put(activityId(event()), { ...server.rows.get(activityId(event())), ...changes });
    expect(await write(server, [event(later)], {}, over)).toEqual([expected]);
  });

  it('rejects the event of a contact that is gone, and adds all others', async () => {
    const server = new FakeActivities();
    const gone = '0c1d2e3f-1111-4222-8333-000000000000';
    server.gone.add(`/contacts(${gone})`);
    const events = Array.from({ length: 250 }, (_each, at) =>
      event({ logId: String(at), ...(at === 120 ? { contactId: gone } : {}) }),
    );
    const outcomes = await write(server, events, {}, over);
    expect(outcomes[120]).toBe('rejected CONTACT_GONE');
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(249);
    expect(server.rows.size).toBe(249);
  });

  it('stops at what concerns all events', async () => {
    const server = new FakeActivities();
    server.intervene = () => refusal(403, '0x80040220', 'missing prvCreateActivity privilege');
    server.gone.add(`/contacts(${CONTACT})`);
    await expect(write(server, [event()], {}, over)).rejects.toMatchObject({ code: 'PRIVILEGE_MISSING' });
  });

  it('stops at an owner that is not there: no activity could have it', async () => {
    const server = new FakeActivities();
    server.intervene = () => refusal(404, '0x80040217', 'team With Id = x Does Not Exist');
    server.gone.add(`/contacts(${CONTACT})`);
    await expect(write(server, [event()], {}, over)).rejects.toMatchObject({ code: 'OWNER_UNKNOWN' });
  });

  it('gives the activities the owner that is set', async () => {
    const server = new FakeActivities();
    await write(server, [event()], { owner: { table: 'team', id: CONTACT } }, over);
    expect([...server.rows.values()][0]).toMatchObject({ 'ownerid@odata.bind': `/teams(${CONTACT})` });
  });

  it('rejects a URL that is longer than its column, rather than cut it', async () => {
    const outcomes = await write(
      new FakeActivities(),
      [event({ clickedUrl: `https://x.example/${'x'.repeat(2000)}` })],
      {},
      over,
    );
    expect(outcomes).toEqual(['rejected TOO_LONG']);
  });
});

describe('an activity that is there', () => {
  it.each(['', 'null', '[]', '"x"', '{"subject":{"a":1}}', '{"_regardingobjectid_value":7}'])(
    'and whose row reads as %p is taken for the same event',
    async (text) => {
      const server = new FakeActivities();
      server.intervene = ({ method }) =>
        method === 'GET' ? { status: 200, text, retryAfterMs: undefined } : refusal(412, '0x80040237');
      expect(await write(server, [event()])).toEqual(['unchanged ALREADY_THERE']);
    },
  );

  it.each([429, 500, 503])(
    'and can not be read for the moment (%d) stops the batch, and rejects no event',
    async (status) => {
      const server = new FakeActivities();
      server.intervene = ({ method }) => (method === 'GET' ? refusal(status, '0x0') : refusal(412, '0x80040237'));
      await expect(write(server, [event()])).rejects.toBeInstanceOf(RetriableError);
    },
  );

  it('and of which a page of a gateway says that it is not there stops the batch, and rejects no event', async () => {
    const page = { status: 404, text: '<html><body>Not found</body></html>', retryAfterMs: undefined };
    const server = new FakeActivities();
    server.intervene = ({ method }) => (method === 'GET' ? page : refusal(412, '0x80040237'));
    await expect(write(server, [event()])).rejects.toMatchObject({ code: 'NOT_DATAVERSE' });
  });
});

describe('the groups', () => {
  it('hold a hundred rows of one table each', async () => {
    const server = new FakeActivities();
    const events = Array.from({ length: 250 }, (_each, at) =>
      event({ logId: String(at), kind: at % 2 ? 'send' : 'open' }),
    );
    await write(server, events, {}, inGroups);
    expect(server.multiples.reduce((sum, size) => sum + size, 0)).toBe(250);
    expect(server.multiples.length).toBeLessThanOrEqual(6);
    expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(0);
  });
  it('leave out what is there already, so that an overlapping export costs no single writes', async () => {
    const server = new FakeActivities();
    const events = Array.from({ length: 100 }, (_each, at) => event({ logId: String(at) }));
    await write(server, events.slice(0, 60), {}, inGroups);
    await write(server, events, {}, inGroups);
    expect(server.multiples).toEqual([60, 40]);
    expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(0);
  });
});

describe('the subject', () => {
  it('is cut to what its column takes', () => {
    const subject = subjectOf(event({ campaignName: 'x'.repeat(300) }), 200);
    expect(subject).toHaveLength(200);
    expect(subject.endsWith('…')).toBe(true);
  });
});
