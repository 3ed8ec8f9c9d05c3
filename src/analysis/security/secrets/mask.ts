/** How a secret may be shown: never in full, and not enough of it to guess the rest. */

/** The first two to four characters of a long value, nothing of a short one, and its length. */
export function masked(value: string): string {
  const shown = value.length >= 20 ? 4 : value.length >= 10 ? 2 : 0;
  return `${value.slice(0, shown)}… (${value.length} characters)`;
}
