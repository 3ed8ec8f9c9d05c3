/** Makes arguments fit to be shown: what is named like a secret is replaced, long texts and deep trees are cut. */
import type { JsonObject, JsonValue } from '../base/json.ts';

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
  if (typeof value === 'string') return sanitizeText(redact(value));
  if (typeof value === 'number') return sanitizeNumber(value, redact);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  return Array.isArray(value)
    ? sanitizeItems(value, redact, depth)
    : sanitizeFields(value as JsonObject, redact, depth);
}

function sanitizeItems(items: readonly JsonValue[], redact: (text: string) => string, depth: number): JsonValue {
  const shown: JsonValue[] = [];
  for (let index = 0; index < items.length && index < MAX_ITEMS; index += 1) {
    shown.push(sanitize(items[index], redact, depth + 1));
  }
  if (items.length > MAX_ITEMS) shown.push(`… (${items.length} items)`);
  return shown;
}

function sanitizeFields(fields: JsonObject, redact: (text: string) => string, depth: number): JsonValue {
  const names = Object.keys(fields);
  const shown: Record<string, JsonValue> = {};
  for (let index = 0; index < names.length && index < MAX_ITEMS; index += 1) {
    const name = names[index] as string;
    const fit = shorten(redact(name));
    const field = isSecretName(name) ? REDACTED : sanitize(fields[name], redact, depth + 1);
    if (fit !== '__proto__') shown[fit] = field;
    else Object.defineProperty(shown, fit, { value: field, enumerable: true, configurable: true, writable: true });
  }
  if (names.length > MAX_ITEMS) shown['…'] = `${names.length} fields`;
  return shown;
}

/** A text may be JSON, a header, a query or a form: what stands behind a telling name in it goes, too. */
function sanitizeText(text: string): string {
  const shown = shorten(text);
  if (!TELLING.test(shown)) return shown;
  return shown
    .replace(USER_INFO, '$1[REDACTED]@')
    .replace(SCHEME, '$1 [REDACTED]')
    .replace(ASSIGNMENT, (found, quote: string, name: string, sign: string, value: string) =>
      isSecretName(name) && value !== '' ? `${quote}${name}${quote}${sign}${REDACTED}` : found,
    );
}

/** What the patterns below begin with; most texts have none of it. */
const TELLING = /:\/\/|bearer|basic|pass|pwd|secret|token|credential|authorization|cookie|key/i;
/** `https://user:password@host` */
const USER_INFO = /([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#@]{1,300}@/gi;
const SCHEME = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{4,}/gi;
/** `"password": "…"`, `password=…`, `X-Api-Key: …`, also with the quotes escaped */
const ASSIGNMENT = new RegExp(
  [
    String.raw`(\\?["']?)(?<![\w-])([\w.-]{0,40}(?:passw|passphrase|pwd|secret|token|credential|authorization|cookie|key|pass)[\w.-]{0,20})\1(\s{0,3}[:=]\s{0,3})(?!\[REDACTED)`,
    '(',
    [
      String.raw`"(?:[^"\\]|\\.)*(?:"|$)`,
      String.raw`\\"(?:[^"\\]|\\(?!"))*(?:\\"|$)`,
      "'[^']*(?:'|$)",
      '[^\\s,;&"\'}\\])]+',
    ].join('|'),
    ')',
  ].join(''),
  'gi',
);

function sanitizeNumber(value: number, redact: (text: string) => string): JsonValue {
  const text = String(value);
  if (text.length < 4) return value;
  const shown = redact(text);
  return shown === text ? value : shown;
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
}

/** Names are few and come with every call. */
const judged = new Map<string, boolean>();
const MAX_JUDGED = 2_000;
/** A longer name is not worth keeping, in characters. */
const MAX_NAME = 64;

function isSecretName(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const secret = soundsSecret(name);
  if (judged.size >= MAX_JUDGED) judged.clear();
  if (name.length <= MAX_NAME) judged.set(name, secret);
  return secret;
}

/** True for `password`, `apiKey`, `ACCESS_TOKEN`, `x-api-key`; false for `monkey`. */
function soundsSecret(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return SECRET_PART.test(name.toLowerCase()) || words.some((word) => SECRET_WORD.test(word));
}
