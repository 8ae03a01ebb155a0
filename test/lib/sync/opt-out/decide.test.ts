import type { OptOutLine } from '../../../../lib/sync/opt-out/compile-lines';
import type { Person } from '../../../../lib/sync/opt-out/decide';
import { decide } from '../../../../lib/sync/opt-out/decide';
import type { Direction } from '../../../../lib/sync/opt-out/rules';

const NOW = Date.parse('2026-11-21T17:00:00Z');
const email: OptOutLine = {
  line: 1,
  column: 'donotemail',
  field: 'blackListEmail',
  inverted: false,
  timeField: 'blackListEmailLastModified',
};
const phone: OptOutLine = {
  line: 2,
  column: 'new_mayphone',
  field: 'blackListPhone',
  inverted: true,
  timeField: 'blackListPhoneLastModified',
};
const person = (change: Partial<Person> = {}): Person => ({
  contactId: 'c1',
  from: 'dynamics',
  contact: { values: { donotemail: true, new_mayphone: true }, modifiedOn: '2026-11-21T12:00:00Z' },
  profile: { values: { blackListEmail: false, blackListPhone: true } },
  ...change,
});
const run = (who: Person, direction: Direction = 'bidirectional', lines = [email, phone]) =>
  decide(who, lines, { direction, nowMs: NOW, futureToleranceMs: 300_000 });

describe('a decision', () => {
  it('can write both sides, each line its own way and in its own meaning', () => {
    const decision = run(person());
    expect(decision.toCampaign).toEqual({ blackListEmail: true });
    expect(decision.toDynamics).toEqual({ new_mayphone: false });
    expect(decision.lines.map((line) => line.decisionId)).toEqual([decision.id, decision.id]);
  });

  it('tells rule, both values, both times with their sources, and the result', () => {
    const decision = run(
      person({ profile: { values: { blackListEmail: false, blackListEmailLastModified: '2026-11-21 12:00:01.5Z' } } }),
      'bidirectional',
      [email],
    );
    expect(decision.lines[0]).toEqual({
      decisionId: 'c1@2026-11-21T17:00:00.000Z',
      contactId: 'c1',
      decidedAt: '2026-11-21T17:00:00.000Z',
      direction: 'bidirectional',
      from: 'dynamics',
      line: 1,
      column: 'donotemail',
      field: 'blackListEmail',
      inverted: false,
      rule: 'CAMPAIGN_NEWER_OPT_IN',
      dynamicsOptedOut: 'yes',
      dynamicsTime: '2026-11-21T12:00:00.000Z',
      dynamicsTimeSource: 'modifiedon',
      dynamicsTimeStatus: 'known',
      campaignOptedOut: 'no',
      campaignTime: '2026-11-21T12:00:01.500Z',
      campaignTimeSource: 'blackListEmailLastModified',
      campaignTimeStatus: 'known',
      writeTo: 'dynamics',
      newValue: false,
      words:
        'Dynamics 365 donotemail: opted out, 2026-11-21T12:00:00.000Z (modifiedon). ' +
        'Campaign blackListEmail: not opted out, 2026-11-21T12:00:01.500Z (blackListEmailLastModified). ' +
        'donotemail in Dynamics 365 becomes false, because Campaign is newer.',
    });
  });

  it("takes the attribute's own time before the record's", () => {
    const contact = { values: { donotemail: true }, modifiedOn: '2026-11-21T16:00:00Z' };
    const profile = { values: { blackListEmail: false, blackListEmailLastModified: '2026-11-21 14:00:00.000Z' } };
    const withAudit = { ...contact, attributeModifiedOn: { donotemail: '2026-11-21T13:00:00Z' } };
    expect(run(person({ contact, profile }), 'bidirectional', [email]).toCampaign).toEqual({ blackListEmail: true });
    const decision = run(person({ contact: withAudit, profile }), 'bidirectional', [email]);
    expect(decision.toDynamics).toEqual({ donotemail: false });
    expect(decision.lines[0]?.dynamicsTimeSource).toBe('audit');
  });

  it.each([undefined, null, '', 'nonsense', '2026-11-21T13:00:00', '2099-01-01T00:00:00Z'])(
    "falls back to the record's time when the attribute's own is %p",
    (own) => {
      const decision = run(
        person({
          contact: {
            values: { donotemail: true },
            modifiedOn: '2026-11-21T16:00:00Z',
            attributeModifiedOn: { donotemail: own },
          },
          profile: { values: { blackListEmail: false, blackListEmailLastModified: '2026-11-21 14:00:00.000Z' } },
        }),
        'bidirectional',
        [email],
      );
      expect(decision.lines[0]).toMatchObject({ dynamicsTimeSource: 'modifiedon', rule: 'OPT_OUT_WINS_IN_CAMPAIGN' });
    },
  );

  it('reads denyList names as blackList ones', () => {
    const decision = run(
      person({
        contact: { values: { donotemail: true }, modifiedOn: '2026-11-21T12:00:00Z' },
        profile: { values: { denyListEmail: 'false', denyListEmailLastModified: '2026-11-21 14:00:00.000Z' } },
      }),
      'bidirectional',
      [email],
    );
    expect(decision.toDynamics).toEqual({ donotemail: false });
  });

  it.each([true, 'true', 'TRUE', 1, '1', ' true '])('reads %p as true', (value) => {
    expect(run(person({ profile: { values: { blackListEmail: value } } })).lines[0]?.campaignOptedOut).toBe('yes');
  });

  it.each([false, 'false', 0, '0'])('reads %p as false', (value) => {
    expect(run(person({ profile: { values: { blackListEmail: value } } })).lines[0]?.campaignOptedOut).toBe('no');
  });

  it.each(['yes', 'no', 2, -1, 'opt-out', {}, [], NaN])('guesses nothing about %p: the record is rejected', (value) => {
    expect(() => run(person({ profile: { values: { blackListEmail: value } } }))).toThrow(
      expect.objectContaining({ code: 'UNREADABLE_VALUE', mappingLine: 1, field: 'blackListEmail' }),
    );
  });

  it('never says the value of another column in a refusal', () => {
    expect(() => run(person({ profile: { values: { blackListEmail: 'secret value' } } }))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') as unknown as string }),
    );
  });
});

describe('blackListAllLastModified as the time of blackList', () => {
  const all: OptOutLine = { ...email, field: 'blackList', timeField: 'blackListAllLastModified' };
  const at = (more: Record<string, unknown>) =>
    run(
      person({
        contact: { values: { donotemail: true }, modifiedOn: '2026-11-21T12:00:00Z' },
        profile: { values: { blackList: false, blackListAllLastModified: '2026-11-21 13:00:00.500Z', ...more } },
      }),
      'bidirectional',
      [all],
    );

  it('proves an opt-in while it is the time of blackList alone', () => {
    expect(at({ blackListFaxLastModified: '2026-11-21 11:00:00.000Z' }).toDynamics).toEqual({ donotemail: false });
  });

  it.each(['2026-11-21 13:00:00.500Z', '2026-11-21 13:00:01.400Z'])(
    'proves nothing where another field changed at the same time (%s)',
    (time) => {
      const decision = at({ blackListFaxLastModified: time });
      expect(decision.toCampaign).toEqual({ blackList: true });
      expect(decision.lines[0]?.campaignTimeStatus).toBe('record');
    },
  );
});

describe('a decision without a profile', () => {
  it('waits with an opt-out of Dynamics 365', () => {
    const decision = run(person({ profile: { values: {}, gone: true } }));
    expect(decision).toMatchObject({ toCampaign: {}, toDynamics: {}, waitsForProfile: true });
    expect(decision.lines[0]?.words).toContain('because Campaign has no profile of this person');
  });

  it('waits for nothing where Dynamics 365 has no opt-out', () => {
    const contact = { values: { donotemail: false, new_mayphone: true }, modifiedOn: '2026-11-21T12:00:00Z' };
    expect(run(person({ contact, profile: { values: {}, gone: true } })).waitsForProfile).toBe(false);
  });

  it.each(['bidirectional', 'campaignToDynamics'] as const)("takes the export's opt-out, %s", (direction) => {
    const contact = { values: { donotemail: false, new_mayphone: true }, modifiedOn: '2026-11-21T16:00:00Z' };
    const profile = { values: { blackListEmail: 'true', blackListPhone: '' }, gone: true };
    expect(run(person({ from: 'campaign', contact, profile }), direction).toDynamics).toEqual({ donotemail: true });
  });

  it.each(['bidirectional', 'campaignToDynamics'] as const)('takes no opt-in from the export, %s', (direction) => {
    const profile = {
      values: { blackListEmail: false, blackListEmailLastModified: '2026-11-21 16:59:00.000Z' },
      gone: true,
    };
    expect(run(person({ from: 'campaign', profile }), direction, [email]).toDynamics).toEqual({});
  });
});
