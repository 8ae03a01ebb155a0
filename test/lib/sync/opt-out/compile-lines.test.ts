import type { LineSetting } from '../../../../lib/sync/opt-out/compile-lines';
import { compileLines } from '../../../../lib/sync/opt-out/compile-lines';
import { OPT_OUT_FIELDS } from '../../../../lib/core/opt-out-fields';
import { column, field, resourceOf, tableOf } from '../../../support/builders';

const contact = tableOf(
  ...['donotemail', 'donotphone', 'donotsendmm', 'followemail', 'new_nomail'].map((name) => column(name, 'boolean')),
  column('gendercode', 'choice'),
);
const profile = resourceOf(...Object.keys(OPT_OUT_FIELDS).map((name) => field(name, 'boolean')));
const compile = (lines: LineSetting[], blackListTimeField = 'blackListLastModified' as const) =>
  compileLines(lines, contact, profile, { blackListTimeField });
const line = (column: string, field: string, inverted = false): LineSetting => ({ column, field, inverted });

describe('the mapping lines', () => {
  it('are compiled with the time field of each', () => {
    expect(
      compile([
        line('donotemail|boolean', 'blackListEmail'),
        line('followemail', 'ccpaOptOut', true),
        line('new_nomail', 'blackListPushnotification'),
        line('donotphone', 'blackList'),
      ]),
    ).toEqual([
      {
        line: 1,
        column: 'donotemail',
        field: 'blackListEmail',
        inverted: false,
        timeField: 'blackListEmailLastModified',
      },
      { line: 2, column: 'followemail', field: 'ccpaOptOut', inverted: true, timeField: 'ccpaOptOutLastModified' },
      { line: 3, column: 'new_nomail', field: 'blackListPushnotification', inverted: false, timeField: null },
      { line: 4, column: 'donotphone', field: 'blackList', inverted: false, timeField: 'blackListLastModified' },
    ]);
  });

  it.each(['denyListEmail', 'denylistemail', ' blackListEmail ', 'BLACKLISTEMAIL'])(
    'know %p as blackListEmail',
    (name) => {
      expect(compile([line('donotemail', name)])[0]?.field).toBe('blackListEmail');
    },
  );

  it('may map several columns to one Campaign field, once under its alias', () => {
    const lines = compile([line('donotemail', 'blackListEmail'), line('new_nomail', 'denyListEmail')]);
    expect(lines.map(({ column, field }) => [column, field])).toEqual([
      ['donotemail', 'blackListEmail'],
      ['new_nomail', 'blackListEmail'],
    ]);
  });

  it.each([
    ['no line', [], 'NO_OPT_OUT_LINES', /Add at least one/],
    ['an unknown column', [line('donotemial', 'blackList')], 'UNKNOWN_COLUMN', /Line 1.*donotemail/],
    ['a column that is not boolean', [line('gendercode', 'blackList')], 'NOT_BOOLEAN', /Line 1.*gendercode/],
    ['another Campaign field', [line('donotemail', 'email')], 'NOT_AN_OPT_OUT_FIELD', /Line 1.*"email"/],
    ['a field from the prototype', [line('donotemail', 'constructor')], 'NOT_AN_OPT_OUT_FIELD', /Line 1/],
    ['no column', [line('', 'blackList')], 'COLUMN_MISSING', /Line 1/],
    [
      'a column twice',
      [line('donotemail', 'blackList'), line('donotemail|boolean', 'blackListEmail')],
      'MAPPED_TWICE',
      /Line 2.*donotemail.*line 1/,
    ],
    [
      'a column twice for one field, once under its alias',
      [line('donotemail', 'blackListEmail'), line('new_nomail', 'ccpaOptOut'), line('donotemail', 'denyListEmail')],
      'MAPPED_TWICE',
      /Line 3.*donotemail.*line 1/,
    ],
    ['followemail without inversion', [line('followemail', 'blackList')], 'INVERTED_MISMATCH', /true means Allow/],
    ['donotsendmm inverted', [line('donotsendmm', 'blackList', true)], 'INVERTED_MISMATCH', /true means opted out/],
  ])('with %s are refused, naming the line', (_what, lines, code, message) => {
    let caught: unknown;
    try {
      compile(lines);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: 'ConfigurationError', code });
    expect((caught as Error).message).toMatch(message);
  });

  it('are refused where this Campaign lacks the field or lets nobody write it', () => {
    const cut = { ...profile, fields: profile.fields.filter(({ name }) => name !== 'ccpaOptOut') };
    const options = { blackListTimeField: 'blackListLastModified' as const };
    expect(() => compileLines([line('donotemail', 'ccpaOptOut')], contact, cut, options)).toThrow(
      /no field "ccpaOptOut"/,
    );
    const locked = { ...profile, fields: profile.fields.map((f) => ({ ...f, readOnly: true })) };
    expect(() => compileLines([line('donotemail', 'ccpaOptOut')], contact, locked, options)).toThrow(/read-only/);
  });
});
