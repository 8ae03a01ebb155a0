import type { Seeded } from './seeded';

/** Stands in every hostile text: where a message holds it, it holds a value. */
export const MARK = 'kan~ARI7';
/** The digits of every hostile number. */
export const NUMBER_MARK = '73940281';

/** What every object or array inherits. */
export const INHERITED = [
  'constructor',
  '__proto__',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'prototype',
  'length',
  'then',
] as const;

const CHARACTERS = ['\u0000', '\u0007', '\u001b', '\r\n', '\t', '\ud800', '\udfff', '\u202e', '\ufeff', '😀', 'é', '"'];
const KEY_CHARACTERS = ['/', '#', '<', '>', '*', '%', '&', ':', '\\', '?', '+', "'", '%2F', '..', ' '];

/** A text with the mark and things in it that texts should not have. */
export function hostileText(chance: Seeded): string {
  const parts = [MARK];
  for (let count = chance.below(4); count > 0; count--) parts.push(chance.pick([...CHARACTERS, ...KEY_CHARACTERS]));
  if (chance.chance(0.02)) parts.push('x'.repeat(chance.pick([255, 4001, 100_000])));
  if (chance.chance(0.3)) parts.reverse();
  return parts.join('');
}

/** A value of any type, plain or not. */
export function hostileValue(chance: Seeded): unknown {
  return chance.pick<() => unknown>([
    () => hostileText(chance),
    () => hostileText(chance),
    () => chance.pick(INHERITED),
    () => Number(NUMBER_MARK),
    () => -Number(`${NUMBER_MARK}.5`),
    () => chance.pick([NaN, Infinity, -Infinity, 1e308, 5e-324, -0, 2 ** 53, 0.1 + 0.2]),
    () => chance.pick([true, false, null, undefined]),
    () => '',
    () => ({}),
    () => [],
    () => [hostileText(chance)],
    () => ({ toString: 1, valueOf: MARK }),
    () => ({ toString: () => MARK }),
    () => ({ toJSON: () => MARK, id: { toString: 1 } }),
    () => Object.create(null) as object,
    () => deep(chance.pick([100, 20_000])),
    () => new Date(NaN),
    () => 10n,
    () => Symbol(MARK),
    () => () => MARK,
    () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":1}}') as object,
    () => chance.pick(['2026-02-31', '9999-12-31T24:00:00Z', '0000-00-00', '1e400', '0x1F', '١٢٣', '1,5', 'NaN']),
  ])();
}

function deep(depth: number): unknown {
  let value: unknown = MARK;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { [MARK]: value };
  return value;
}

/**
 * An object with some parts hostile, some missing, and perhaps a part that every object inherits.
 *
 * @param missing how often a part that is spoilt is left out
 */
export function spoil(chance: Seeded, good: Readonly<Record<string, unknown>>, missing = 0.2): Record<string, unknown> {
  const spoilt: Record<string, unknown> = { ...good };
  const names = Object.keys(spoilt);
  for (let count = 1 + chance.below(2); count > 0 && names.length > 0; count--) {
    const name = chance.pick(names);
    if (chance.chance(missing)) delete spoilt[name];
    else set(spoilt, name, hostileValue(chance));
  }
  if (chance.chance(0.1)) set(spoilt, chance.pick(INHERITED), hostileValue(chance));
  return spoilt;
}

/** An own property, also where it is called `__proto__`. */
function set(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The mark or the digits in a text, in whatever way they may be written. */
export function holdsValue(text: string): boolean {
  const lower = text.toLowerCase();
  return lower.includes(MARK.toLowerCase()) || lower.includes(NUMBER_MARK) || lower.includes('[object ');
}
