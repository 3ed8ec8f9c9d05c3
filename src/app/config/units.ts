/** Values as a person would write them into `config.yaml`. Pure. */

/** @param unit - of the field: `time` for milliseconds, `bytes`; anything else is written as it is */
export function asWritten(value: unknown, unit: string | undefined): string {
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value);
  if (unit === 'time') return scaled(value, TIMES);
  return unit === 'bytes' ? scaled(value, SIZES) : String(value);
}

type Scale = readonly (readonly [name: string, size: number])[];

const TIMES: Scale = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

const SIZES: Scale = [
  ['GB', 1_073_741_824],
  ['MB', 1_048_576],
  ['KB', 1_024],
  ['B', 1],
];

/** In the largest unit of which it is a whole number. */
function scaled(value: number, scale: Scale): string {
  const [name, size] = scale.find(([, unit]) => value >= unit && value % unit === 0) ?? scale.at(-1) ?? ['', 1];
  return value === 0 ? `0${scale.at(-2)?.[0] ?? ''}` : `${value / size}${name}`;
}
