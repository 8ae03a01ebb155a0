/**
 * A whole number of the command line. Ends the program with what is wrong where it is none.
 *
 * @template {string} Name
 * @param {Readonly<Record<Name, unknown>>} values by the names of the options
 * @param {Name} name
 * @param {number} [least]
 */
export function wholeNumber(values, name, least = 1) {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= least) return value;
  console.error(`--${name} has to be a whole number from ${least} on.`);
  process.exit(2);
}
