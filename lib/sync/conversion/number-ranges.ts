/** Smallest and largest value of Campaign's whole-number types, by the technical type of the metadata. */
export const INTEGER_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  byte: [-128, 127],
  short: [-32_768, 32_767],
  long: [-2_147_483_648, 2_147_483_647],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/** The largest number that a single-precision `float` holds. */
export const FLOAT_MAX = 3.4028234663852886e38;
