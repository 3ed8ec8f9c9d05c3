/** Sizes as people write them: `512KB`, `64MB`, `1GB`; a kilobyte is 1,024 bytes. */

const UNITS = { B: 1, KB: 1_024, MB: 1_048_576, GB: 1_073_741_824 } as const;
const FORM = /^(\d+(?:\.\d+)?)(B|KB|MB|GB)$/;

export const BYTE_SIZE_HELP = 'a size is a number and a unit: 512KB, 64MB, 1GB';

/** @returns whole bytes, undefined for what is no size */
export function parseByteSize(text: string): number | undefined {
  const [, amount, unit] = FORM.exec(text) ?? [];
  return amount === undefined ? undefined : Math.round(Number(amount) * UNITS[unit as keyof typeof UNITS]);
}
