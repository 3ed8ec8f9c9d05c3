/** Makes arguments fit to be shown: what is named like a secret is replaced, long texts and deep trees are cut. */
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
  if (typeof value === 'string') return sanitizeText(redact(value));
  if (typeof value === 'number') return sanitizeNumber(value, redact);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const shown = items.slice(0, MAX_ITEMS).map((item) => sanitize(item, redact, depth + 1));
    return items.length > MAX_ITEMS ? [...shown, `… (${items.length} items)`] : shown;
  }
  const names = Object.keys(value);
  const fields = value as Readonly<Record<string, JsonValue>>;
  const shown = names
    .slice(0, MAX_ITEMS)
    .map((name): [string, JsonValue] => [
      shorten(redact(name)),
      isSecretName(name) ? REDACTED : sanitize(fields[name], redact, depth + 1),
    ]);
  if (names.length > MAX_ITEMS) shown.push(['…', `${names.length} fields`]);
  return Object.fromEntries(shown);
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
