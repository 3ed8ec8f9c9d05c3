/** Durations as people write them: `500ms`, `30s`, `5m`, `1h`, `1d`. */

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const FORM = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

export const DURATION_HELP = 'a duration is a number and a unit: 500ms, 30s, 5m, 1h, 1d';

/** @returns milliseconds, undefined for what is no duration */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = FORM.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * UNITS[unit as keyof typeof UNITS];
}
