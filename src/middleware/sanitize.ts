/** Makes arguments fit to be shown: fields named like a secret are replaced, long texts and deep trees are cut. */
import type { JsonValue } from '../base/json.ts';

const SECRET_PART = /passw(or)?d|passphrase|secret|token|credential|authorization|cookie/;
const SECRET_WORD = /^(pass|pwd|keys?|(api|access|private|signing|encryption|auth)keys?)$/;
const MAX_TEXT = 1_000;
const MAX_ITEMS = 100;
const MAX_DEPTH = 8;

const REDACTED = '[REDACTED]';

/**
 * @param redact - takes known credentials out of a text, before it is cut
 * @returns a copy that holds no value of a field named like password, token, key or secret, in any case and depth.
 */
export function sanitize(value: JsonValue | undefined, redact: (text: string) => string, depth = 0): JsonValue {
  if (value === undefined) return null;
  if (typeof value === 'string') return shorten(redact(value));
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const shown = items.slice(0, MAX_ITEMS).map((item) => sanitize(item, redact, depth + 1));
    return items.length > MAX_ITEMS ? [...shown, `… (${items.length} items)`] : shown;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      redact(name),
      isSecretName(name) ? REDACTED : sanitize(field, redact, depth + 1),
    ]),
  );
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
}

/** True for `password`, `apiKey`, `ACCESS_TOKEN`, `x-api-key`; false for `monkey`. */
function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return SECRET_PART.test(name.toLowerCase()) || words.some((word) => SECRET_WORD.test(word));
}
