/** Makes arguments fit to be shown: fields named like a secret are replaced, long texts and deep trees are cut. */
import type { JsonValue } from '../base/json.ts';

const SECRET_NAME = /pass(word|wd|phrase)?|token|secret|credential|api[-_]?key|private[-_]?key|access[-_]?key|(^|[-_.])key$|[a-z]Key$|^key|authorization|cookie/i;
const MAX_TEXT = 1_000;
const MAX_ITEMS = 100;
const MAX_DEPTH = 8;

export const REDACTED = '[REDACTED]';

/** @returns a copy that holds no value of a field named like password, token, key or secret, in any case and depth. */
export function sanitize(value: JsonValue | undefined, depth = 0): JsonValue {
  if (value === undefined) return null;
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}… (${value.length} characters)` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '…';
  if (Array.isArray(value)) {
    const items = value as readonly JsonValue[];
    const shown = items.slice(0, MAX_ITEMS).map((item) => sanitize(item, depth + 1));
    return items.length > MAX_ITEMS ? [...shown, `… (${items.length} items)`] : shown;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, SECRET_NAME.test(name) ? REDACTED : sanitize(field, depth + 1)]),
  );
}
