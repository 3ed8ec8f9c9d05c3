/** Takes out of a value what rules and known credentials say; what stays unchanged is not copied. */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { FieldAction, FieldRules } from './field-rules.ts';
import { type KnownSecrets, REDACTED } from './known-secrets.ts';

/** What applies to one tool in one direction. */
export interface Scrubber {
  readonly fields?: FieldRules | undefined;
  /** Detectors and patterns, one after another. */
  readonly patterns?: ((text: string) => string) | undefined;
  readonly known?: KnownSecrets | undefined;
}

/** Deeper than this nothing is examined, so nothing is let through. */
const MAX_DEPTH = 500;
/** Numbers of so many digits may be cards, accounts or phones. */
const LONG_NUMBER = 1e11;

type Fields = Record<string, JsonValue | undefined>;

/** @returns the value itself when there was nothing to take out. */
export function scrubValue(scrubber: Scrubber, value: JsonValue): JsonValue {
  return visit(scrubber, value, [], 0);
}

/** Text that is JSON is taken apart and put together again; other text goes through patterns and known credentials. */
export function scrubText(scrubber: Scrubber, text: string): string {
  return scrubString(scrubber, text, [], 0);
}

/** Only known credentials: for ids, addresses and binary data, which rules are not about. */
export function scrubKnown(scrubber: Scrubber, text: string): string {
  return scrubber.known?.redact(text) ?? text;
}

function visit(scrubber: Scrubber, value: JsonValue, path: string[], depth: number): JsonValue {
  if (typeof value === 'string') return scrubString(scrubber, value, path, depth);
  if (typeof value === 'number' || typeof value === 'bigint') return scrubNumber(scrubber, value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return `[REDACTED: nested deeper than ${MAX_DEPTH} levels]`;
  return Array.isArray(value)
    ? visitItems(scrubber, value as readonly JsonValue[], path, depth)
    : visitFields(scrubber, value as JsonObject, path, depth);
}

function visitItems(
  scrubber: Scrubber,
  items: readonly JsonValue[],
  path: string[],
  depth: number,
): readonly JsonValue[] {
  let copy: JsonValue[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index] as JsonValue;
    const scrubbed = visit(scrubber, item, path, depth + 1);
    if (scrubbed === item) continue;
    copy ??= [...items];
    copy[index] = scrubbed;
  }
  return copy ?? items;
}

function visitFields(scrubber: Scrubber, value: JsonObject, path: string[], depth: number): JsonObject {
  let copy: Fields | undefined;
  for (const name of Object.keys(value)) {
    const field = value[name];
    if (field === undefined) continue;
    const action = scrubber.fields?.actionFor(name, path);
    path.push(name);
    const scrubbed = action === undefined ? visit(scrubber, field, path, depth + 1) : acted(action, field, depth);
    path.pop();
    const shown = scrubKnown(scrubber, name);
    if (scrubbed === field && shown === name) continue;
    copy ??= { ...value };
    if (scrubbed === undefined || shown !== name) delete copy[name];
    // The copy has a field `__proto__` of its own where the value had one: assigning to it is safe.
    if (scrubbed !== undefined) copy[shown] = scrubbed;
  }
  return copy ?? value;
}

function acted(action: FieldAction, field: JsonValue, depth: number): JsonValue | undefined {
  return action.kind === 'remove' ? undefined : masked(action.mask, field, depth);
}

/** Every leaf below a masked field is masked: a list of numbers is as private as one. */
function masked(mask: (text: string) => string, value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return mask(value);
  if (typeof value === 'number' || typeof value === 'bigint') return mask(String(value));
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return REDACTED;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((item) => masked(mask, item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, field === undefined ? field : masked(mask, field, depth + 1)]),
  );
}

function scrubNumber(scrubber: Scrubber, value: number): JsonValue {
  const telling = scrubber.patterns !== undefined && (value >= LONG_NUMBER || value <= -LONG_NUMBER);
  if (!telling && scrubber.known?.numeric !== true) return value;
  const text = String(value);
  const scrubbed = scrubPlain(scrubber, text);
  return scrubbed === text ? value : scrubbed;
}

function scrubString(scrubber: Scrubber, text: string, path: readonly string[], depth: number): string {
  if (!mayHideStructure(scrubber, text)) return scrubPlain(scrubber, text);
  const trimmed = text.trim();
  const parsed = parse(trimmed);
  if (parsed === undefined) return scrubPlain(scrubber, scrubLines(scrubber, text, path, depth));
  const scrubbed = visit(scrubber, parsed, [...path], depth + 1);
  return scrubbed === parsed ? text : serialize(scrubbed, trimmed);
}

/** One JSON value per line, as logs and exports have it. */
function scrubLines(scrubber: Scrubber, text: string, path: readonly string[], depth: number): string {
  if (!text.trim().includes('\n')) return text;
  return text
    .split('\n')
    .map((line) => (looksLikeJson(line) && parse(line) !== undefined ? scrubString(scrubber, line, path, depth) : line))
    .join('\n');
}

function scrubPlain(scrubber: Scrubber, text: string): string {
  const known = scrubKnown(scrubber, text);
  return scrubber.patterns === undefined ? known : scrubber.patterns(known);
}

/** Known credentials are found in a JSON text as it stands; fields, patterns and bare numbers need its structure. */
function mayHideStructure(scrubber: Scrubber, text: string): boolean {
  if (!looksLikeJson(text)) return false;
  if (scrubber.patterns !== undefined || scrubber.known?.numeric === true) return true;
  if (scrubber.fields?.mayOccurIn(text) === true) return true;
  // An escape can hide what is looked for: `\u0073sn`.
  return text.includes('\\u');
}

const OPENING = /^\s*[[{"]/;
const OPENINGS: ReadonlySet<number> = new Set(['[', '{', '"'].map((opening) => opening.charCodeAt(0)));

function looksLikeJson(text: string): boolean {
  const first = text.charCodeAt(0);
  // Most texts begin with a character that settles it.
  if (first > 0x20 && first < 0x7f) return text.length > 1 && OPENINGS.has(first);
  return text.length > 1 && OPENING.test(text);
}

/** Numbers that a double cannot hold, such as 64-bit ids, are kept as they were written. */
function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text, /\d{16}/.test(text) ? keepLongInteger : undefined) as JsonValue;
  } catch {
    return undefined;
  }
}

function keepLongInteger(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  const exact = typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined;
  return exact || !/^-?\d+$/.test(source) ? value : BigInt(source);
}

/** `JSON.rawJSON` is in every Node that runs us, and not yet in the library's types. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

function serialize(value: JsonValue, original: string): string {
  const indent = /^\s*[[{]\r?\n([ \t]*)/.exec(original)?.[1];
  return JSON.stringify(
    value,
    (_name, field: unknown) => (typeof field === 'bigint' ? rawJSON(String(field)) : field),
    indent,
  );
}
