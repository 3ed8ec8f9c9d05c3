/** Makes what servers say fit to be seen: without the secrets they were given, and without orders to a terminal. */

/** Anything shorter would blot out ordinary words. */
const MIN_LENGTH = 6;

/** Escape sequences, and every control character but tab and newline. */
const CONTROLS =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A text that cannot move a cursor, set a title or colour what follows it. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, '');
}

/** Replaces every occurrence of the values; longer ones first, so that no tail of one is left behind. */
export function redactValues(text: string, secrets: Iterable<string>): string {
  const values = [...secrets].filter((secret) => secret.length >= MIN_LENGTH).sort((a, b) => b.length - a.length);
  return values.reduce((result, secret) => result.replaceAll(secret, '[secret]'), text);
}
