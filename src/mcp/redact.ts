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

/** Deeper than any catalog, and shallow enough for the stack. */
const MAX_DEPTH = 200;

/** Every text in a value redacted, names of fields too; the value itself where nothing changed. */
export function redactDeep<T>(value: T, redact: (text: string) => string, depth = 0): T {
  return visited(value, redact, depth) as T;
}

function visited(value: unknown, redact: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) {
    const items = value.map((item) => visited(item, redact, depth + 1));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const fields = Object.entries(value).map(([name, field]): [string, string, unknown, unknown] => [
    name,
    redact(name),
    field,
    visited(field, redact, depth + 1),
  ]);
  const same = fields.every(([name, shown, field, redacted]) => name === shown && field === redacted);
  return same ? value : Object.fromEntries(fields.map(([, shown, , redacted]) => [shown, redacted]));
}

/** A text of `max` characters at most; the mark at its end tells redaction that what stands there may be the start of more. */
export function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}
