/** A stream of random numbers that is the same for the same seed. */
export interface Random {
  /** 0 up to, but not including, 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
}

/** Mixes 32 bits so that each input has an output of its own (MurmurHash3's finalizer, which is a bijection). */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Mulberry32; `stream` tells several streams of one seed apart, e.g. by row. */
export function createRandom(seed: number, stream = 0): Random {
  let state = mix32(seed ^ mix32(stream + 0x9e3779b9));
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T,
  };
}

const HEX = Buffer.from('0123456789abcdef');
const guid = Buffer.from('00000000-0000-4000-8000-000000000000');

/** A GUID that is a function of seed, table and row, and different for each row (up to 2^32 of them). */
export function seededGuid(seed: number, table: number, row: number): string {
  const own = mix32(row ^ mix32(seed));
  const a = mix32(seed + 0x51ed270b * table);
  const b = mix32(own ^ a ^ 0x2545f491);
  const c = mix32(b + row);
  writeHex(own >>> 16, 0);
  writeHex(own, 4);
  writeHex(a, 9);
  writeHex((b & 0x0fff) | 0x4000, 14);
  writeHex((c & 0x3fff) | 0x8000, 19);
  writeHex(c >>> 16, 24);
  writeHex(b >>> 16, 28);
  writeHex(a >>> 16, 32);
  // Written into bytes first: a text put together from pieces would take four times the memory.
  return guid.toString('latin1');
}

function writeHex(value: number, at: number): void {
  for (let digit = 3, rest = value; digit >= 0; digit--, rest >>>= 4) guid[at + digit] = HEX[rest & 15] as number;
}
