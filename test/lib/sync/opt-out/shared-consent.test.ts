import type { OptOutLine } from '../../../../lib/sync/opt-out/compile-lines';
import { decide } from '../../../../lib/sync/opt-out/decide';
import { resolveOptOuts } from '../../../../lib/sync/opt-out/resolve';
import type { Direction, Side } from '../../../../lib/sync/opt-out/rules';
import {
  EMAIL,
  NOW,
  PHONE,
  SETTINGS,
  contact,
  profile,
  row,
  sourcesOf,
  systems,
} from '../../../support/opt-out-fixtures';

type Values = Record<string, unknown>;

const BULK: OptOutLine = { ...EMAIL, line: 3, column: 'donotbulkemail' };
const NOBODY: OptOutLine = {
  line: 4,
  column: 'new_nocontact',
  field: 'blackList',
  inverted: false,
  timeField: 'blackListLastModified',
};
const CCPA: OptOutLine = { ...EMAIL, line: 5, column: 'new_ccpa', field: 'ccpaOptOut', timeField: null };

interface Case {
  lines?: readonly OptOutLine[];
  contact?: Values;
  profile?: Values;
  modifiedOn?: string;
  direction?: Direction;
  from?: Side;
}

/** Dynamics 365 changed at 12:00 unless said; Campaign's times are in the profile. */
function run({ lines = [EMAIL, PHONE], direction = 'bidirectional', from = 'campaign', ...given }: Case) {
  const person = {
    contactId: 'c1',
    from,
    contact: { values: given.contact ?? {}, modifiedOn: given.modifiedOn ?? '2026-11-21T12:00:00Z' },
    profile: { values: given.profile ?? {} },
  };
  return decide(person, lines, { direction, nowMs: NOW, futureToleranceMs: 300_000 });
}

const IN = { donotemail: false, donotphone: false, donotbulkemail: false, new_nocontact: false };
const LATER = '2026-11-21 13:00:00.500Z';
const EARLIER = '2026-11-21 11:00:00.500Z';

describe('an opt-out from every channel in Campaign', () => {
  it.each(['bidirectional', 'campaignToDynamics'] as const)(
    'opts out every channel in Dynamics 365, %s',
    (direction) => {
      const profile = { blackList: true, blackListLastModified: EARLIER, blackListEmail: false, blackListPhone: '' };
      const decision = run({ contact: IN, profile, direction });
      expect(decision.toDynamics).toEqual({ donotemail: true, donotphone: true });
      expect(decision.toCampaign).toEqual({});
    },
  );

  it('is named in the kept decision, with its own time', () => {
    const profile = { blackList: true, blackListLastModified: LATER, blackListEmail: false };
    const [line] = run({ lines: [EMAIL], contact: IN, profile }).lines;
    expect(line).toMatchObject({
      rule: 'CAMPAIGN_NEWER_OPT_OUT',
      campaignOptedOut: 'yes',
      campaignTime: '2026-11-21T13:00:00.500Z',
      campaignTimeSource: 'blackListLastModified',
    });
    expect(line?.words).toContain('Campaign blackListEmail: opted out by blackList, 2026-11-21T13:00:00.500Z');
  });

  it('is both sides opted out where Dynamics 365 has the channel opted out', () => {
    const decision = run({ lines: [EMAIL], contact: { donotemail: true }, profile: { blackList: true } });
    expect(decision.lines[0]?.rule).toBe('BOTH_OPTED_OUT');
  });

  it('is known by its alias, and in an export row of a profile that is gone', async () => {
    const gone = row(1, { denyList: 'true' });
    const resolved = await resolveOptOuts([gone], SETTINGS, sourcesOf(systems([contact(1)], [])));
    expect(resolved[0]).toMatchObject({
      output: 'toDynamics',
      json: { columns: { donotemail: true, donotphone: true } },
    });
  });

  it('is read whatever the lines map, and goes to Dynamics 365 by an export row', async () => {
    const model = systems([contact(1)], [profile(1, { blackList: true })]);
    const resolved = await resolveOptOuts([row(1)], SETTINGS, sourcesOf(model));
    expect(resolved[0]).toMatchObject({
      output: 'toDynamics',
      json: { columns: { donotemail: true, donotphone: true } },
    });
  });

  it('takes its time from the field that is set for it', () => {
    const person = {
      contactId: 'c1',
      from: 'campaign' as const,
      contact: { values: IN, modifiedOn: '2026-11-21T12:00:00Z' },
      profile: { values: { blackList: true, lastModified: LATER } },
    };
    const context = { direction: 'bidirectional' as const, nowMs: NOW, futureToleranceMs: 300_000 };
    const [line] = decide(person, [EMAIL], { ...context, blackListTimeField: 'lastModified' }).lines;
    expect(line).toMatchObject({
      campaignTimeSource: 'lastModified',
      campaignTimeStatus: 'record',
      writeTo: 'dynamics',
    });
  });

  it('does not opt out of the sale of data: that is no channel', () => {
    const decision = run({
      lines: [CCPA],
      contact: { new_ccpa: false },
      profile: { blackList: true, ccpaOptOut: false },
    });
    expect(decision.lines[0]?.rule).toBe('NEITHER_OPTED_OUT');
  });

  it.each(['maybe', 2, {}])('rejects the person where it is unreadable (%p): consent is not guessed', (blackList) => {
    expect(() => run({ contact: IN, profile: { blackList, blackListEmail: false } })).toThrow(
      expect.objectContaining({ code: 'UNREADABLE_VALUE', field: 'blackList' }),
    );
  });

  it('is never lifted by an opt-in of a channel, and the decision says so', () => {
    const dynamics = { direction: 'dynamicsToCampaign', from: 'dynamics', lines: [EMAIL], contact: IN } as const;
    const stays = run({ ...dynamics, profile: { blackList: true, blackListEmail: false } });
    expect(stays).toMatchObject({ toCampaign: {}, toDynamics: {} });
    expect(stays.lines[0]).toMatchObject({ rule: 'DYNAMICS_OPT_IN', writeTo: 'none', newValue: null });
    expect(stays.lines[0]?.words).toContain('blackList stays');
    const own = run({ ...dynamics, profile: { blackList: true, blackListEmail: true } });
    expect(own.toCampaign).toEqual({ blackListEmail: false });
    expect(own.lines[0]?.words).toContain('blackList stays');
  });

  it('that was lifted is no opt-in by a channel: its own time decides', () => {
    const profile = { blackList: false, blackListLastModified: LATER, blackListEmail: false };
    const lifted = run({ lines: [EMAIL], contact: { donotemail: true }, profile });
    expect(lifted).toMatchObject({ toCampaign: { blackListEmail: true }, toDynamics: {} });
  });
});

describe('an opt-out from every channel with a column of its own', () => {
  const lines = [EMAIL, NOBODY];

  it('goes from Campaign to that column and to those of the channels', () => {
    const profile = { blackList: true, blackListLastModified: LATER, blackListEmail: false };
    expect(run({ lines, contact: IN, profile }).toDynamics).toEqual({ donotemail: true, new_nocontact: true });
  });

  it('goes from Dynamics 365 to blackList, which covers the channels', () => {
    const profile = { blackList: false, blackListEmail: false };
    const decision = run({ lines, contact: { ...IN, new_nocontact: true }, profile });
    expect(decision).toMatchObject({ toCampaign: { blackList: true }, toDynamics: {} });
    expect(decision.lines[0]).toMatchObject({ rule: 'NO_TIME_OPT_OUT_IN_CAMPAIGN', dynamicsOptedOut: 'yes' });
    expect(decision.lines[0]?.words).toContain('the line of blackList decides about new_nocontact');
  });

  it('is lifted in Campaign by its own line alone, where Dynamics 365 decides', () => {
    const profile = { blackList: true, blackListEmail: true };
    const decision = run({ lines: [NOBODY], contact: IN, profile, direction: 'dynamicsToCampaign', from: 'dynamics' });
    expect(decision.toCampaign).toEqual({ blackList: false });
  });

  it('leaves the opt-out of a channel, which it stood for, where it is lifted in Campaign', () => {
    const profile = { blackList: true, blackListEmail: false, blackListPhone: false };
    const contact = { ...IN, donotemail: true };
    const decided = { direction: 'dynamicsToCampaign', from: 'dynamics', contact, profile } as const;
    const decision = run({ ...decided, lines: [EMAIL, PHONE, NOBODY] });
    expect(decision.toCampaign).toEqual({ blackList: false, blackListEmail: true });
    expect(decision.lines[0]).toMatchObject({ rule: 'DYNAMICS_OPT_OUT', campaignOptedOut: 'no' });
  });

  it.each(['campaignToDynamics', 'bidirectional'] as const)(
    'leaves the opt-out of a channel, which its column stood for, where it is lifted in Dynamics 365, %s',
    (direction) => {
      const contact = { ...IN, new_nocontact: true };
      const profile = { blackList: false, blackListLastModified: LATER, blackListEmail: true };
      const decision = run({ lines: [EMAIL, PHONE, NOBODY], contact, profile, direction });
      expect(decision.toDynamics).toEqual({ new_nocontact: false, donotemail: true });
      expect(decision.toCampaign).toEqual({});
    },
  );
});

describe('several columns for one Campaign field', () => {
  const lines = [EMAIL, BULK];
  const out = { blackListEmail: true };
  const inAt = (blackListEmailLastModified: string) => ({ blackListEmail: false, blackListEmailLastModified });

  it.each([{ donotemail: true }, { donotbulkemail: true }, { donotemail: true, donotbulkemail: true }])(
    'opt out in Campaign by any of them (%j)',
    (values) => {
      const decision = run({ lines, contact: { ...IN, ...values }, profile: inAt('') });
      expect(decision.toCampaign).toEqual(out);
      expect(decision.lines.map(({ rule }) => rule)).toEqual(
        Array.from({ length: 2 }, () => 'NO_TIME_OPT_OUT_IN_CAMPAIGN'),
      );
      expect(decision.lines[0]?.words).toContain(
        `donotemail or donotbulkemail: opted out by ${Object.keys(values).join(' and ')}`,
      );
    },
  );

  it("take Campaign's opt-out all, but not one that has it already", () => {
    expect(run({ lines, contact: IN, profile: out }).toDynamics).toEqual({ donotemail: true, donotbulkemail: true });
    const one = run({ lines, contact: { ...IN, donotbulkemail: true }, profile: out });
    expect(one.lines[0]?.rule).toBe('BOTH_OPTED_OUT');
  });

  it("take Campaign's opt-in all: it is newer than each of them", () => {
    const decision = run({ lines, contact: { donotemail: false, donotbulkemail: true }, profile: inAt(LATER) });
    expect(decision.toDynamics).toEqual({ donotbulkemail: false });
    expect(decision.lines[0]).toMatchObject({ rule: 'CAMPAIGN_NEWER_OPT_IN', writeTo: 'none' });
  });

  it('take no opt-in that is older than one of them, by the times of the audit log', () => {
    const person = {
      contactId: 'c1',
      from: 'campaign' as const,
      contact: {
        values: { donotemail: true, donotbulkemail: true },
        modifiedOn: '2026-11-21T16:00:00Z',
        attributeModifiedOn: { donotemail: '2026-11-21T10:00:00Z', donotbulkemail: '2026-11-21T14:00:00Z' },
      },
      profile: { values: inAt(LATER) },
    };
    const decision = decide(person, lines, { direction: 'bidirectional', nowMs: NOW, futureToleranceMs: 300_000 });
    expect(decision).toMatchObject({ toCampaign: out, toDynamics: {} });
  });

  it.each([
    ['one is opted out', { donotemail: false, donotbulkemail: true }, {}, 'BOTH_OPTED_OUT'],
    ['one has no value', { donotemail: false, donotbulkemail: null }, {}, 'DYNAMICS_UNKNOWN'],
    ['all say so', { donotemail: false, donotbulkemail: false }, { blackListEmail: false }, 'DYNAMICS_OPT_IN'],
  ])('opt in in Campaign only when all say so: %s', (_what, values, toCampaign, rule) => {
    const decision = run({ lines, contact: values, profile: out, direction: 'dynamicsToCampaign', from: 'dynamics' });
    expect(decision.toCampaign).toEqual(toCampaign);
    expect(decision.lines[0]?.rule).toBe(rule);
  });

  it('are named by the first line in the item to Campaign', async () => {
    const contacts = [contact(1, { donotbulkemail: true })];
    const settings = { ...SETTINGS, lines: [EMAIL, BULK] };
    const [resolved] = await resolveOptOuts([row(1)], settings, sourcesOf(systems(contacts, [profile(1)])));
    expect(resolved?.json).toMatchObject({ target: { fields: out, lines: { blackListEmail: 1 } } });
  });
});
