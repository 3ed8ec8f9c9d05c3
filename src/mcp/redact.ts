/** Takes the secrets of servers out of whatever people and files get to see. */

/** Anything shorter would blot out ordinary words. */
const MIN_LENGTH = 6;

/** Replaces every occurrence of the values; longer ones first, so that no tail of one is left behind. */
export function redactValues(text: string, secrets: Iterable<string>): string {
  const values = [...secrets].filter((secret) => secret.length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
  return values.reduce((result, secret) => result.replaceAll(secret, '[secret]'), text);
}
