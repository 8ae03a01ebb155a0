import { findGuid, isGuid, readGuid } from '../../../lib/core/guid';

const LOWER = '0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d';
const UPPER = LOWER.toUpperCase();

type Case = [what: string, text: string];

const NO_GUIDS: readonly Case[] = [
  ['an empty text', ''],
  ['a GUID without hyphens', LOWER.replaceAll('-', '')],
  ['a letter that is no digit', LOWER.replace('0a', '0g')],
  ['a digit too few', LOWER.slice(0, -1)],
  ['a digit too many', `${LOWER}0`],
  ['a GUID in a URL', `contacts(${LOWER})`],
  ['hyphens at other places', '0a1b2c3d4-e5f-6a7b-8c9d-0e1f2a3b4c5d'],
  ['digits of full width', LOWER.replace('0', '０')],
];

describe('isGuid', () => {
  it.each([LOWER, UPPER, '00000000-0000-0000-0000-000000000000'])('takes the canonical form %s', (text) => {
    expect(isGuid(text)).toBe(true);
  });

  it.each<Case>([
    ...NO_GUIDS,
    ['braces', `{${LOWER}}`],
    ['a blank before it', ` ${LOWER}`],
    ['a line break after it', `${LOWER}\n`],
  ])('refuses %s', (_what, text) => {
    expect(isGuid(text)).toBe(false);
  });
});

describe('readGuid', () => {
  it.each([LOWER, UPPER, `{${UPPER}}`, ` ${LOWER}\n`, `\t{${LOWER}} `, `{${LOWER}`, `${LOWER}}`])(
    'gives %j in lower case, without braces and blanks',
    (text) => {
      expect(readGuid(text)).toBe(LOWER);
    },
  );

  it.each<Case>([...NO_GUIDS, ['blanks inside the braces', `{ ${LOWER} }`], ['two pairs of braces', `{{${LOWER}}}`]])(
    'gives nothing for %s',
    (_what, text) => {
      expect(readGuid(text)).toBeUndefined();
    },
  );

  it.each([undefined, null, 7, true, {}, [LOWER]])('gives nothing for %j, which is no text', (value) => {
    expect(readGuid(value)).toBeUndefined();
  });
});

describe('findGuid', () => {
  it('finds the first GUID inside a text', () => {
    expect(
      findGuid(`https://org.example/api/data/v9.2/contacts(${UPPER})?$select=a,${LOWER.replace('0a', 'ff')}`),
    ).toBe(LOWER);
  });

  it('gives nothing where there is none', () => {
    expect(findGuid('contacts(email=1)')).toBeUndefined();
  });
});
