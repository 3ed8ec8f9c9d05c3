/** Checks of the numbers in options, made once where a layer is created. */

/** @throws RangeError naming the option, its value and what would be right */
export function checkNumber(option: string, value: number, least: number, most = Number.POSITIVE_INFINITY): number {
  if (typeof value === 'number' && value >= least && value <= most && !Number.isNaN(value)) return value;
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new RangeError(`${option} must be a number ${range}, not ${String(value)}`);
}

/** @throws RangeError naming the option, its value and what would be right */
export function checkWhole(option: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${option} must be a whole number of at least ${least}, not ${String(value)}`);
}
