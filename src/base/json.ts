/** JSON as a type, and the canonical form (RFC 8785) that digests are taken of. */
import canonicalize from 'canonicalize';

export type JsonPrimitive = string | number | boolean | null;
export type JsonValue = JsonPrimitive | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/**
 * The RFC 8785 text of a value: equal values give equal text whatever the order of their keys.
 *
 * Plain data is put in order and given to `JSON.stringify`, whose spelling of numbers and texts is the one that the RFC
 * took over; that is several times faster than writing it out. Whatever is not plain is the library's.
 * @throws Error on NaN, infinities, cycles and lone surrogates, TypeError on what is no JSON value at all.
 */
export function canonicalJson(value: unknown): string {
  const ordered = inOrder(value, 0);
  const text = ordered === NOT_PLAIN ? canonicalize(value) : JSON.stringify(ordered);
  if (text === undefined) throw new TypeError(`not a JSON value: ${typeof value}`);
  return text;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NOT_PLAIN = Symbol('not plain');
/** Deeper than this, or going round in circles. */
const MAX_DEPTH = 200;

/** The value with the keys of every object in the order of their UTF-16 units; itself where they are already. */
function inOrder(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? value : NOT_PLAIN;
    case 'number':
      return Number.isFinite(value) ? value : NOT_PLAIN;
    case 'object':
      if (value === null) return null;
      if (depth >= MAX_DEPTH) return NOT_PLAIN;
      return Array.isArray(value) ? itemsInOrder(value, depth) : fieldsInOrder(value, depth);
    default:
      return value;
  }
}

function itemsInOrder(items: readonly unknown[], depth: number): unknown {
  if ('toJSON' in items) return NOT_PLAIN;
  let copy: unknown[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    const ordered = inOrder(item, depth + 1);
    if (ordered === item) continue;
    if (ordered === NOT_PLAIN) return NOT_PLAIN;
    copy ??= [...items];
    copy[index] = ordered;
  }
  return copy ?? items;
}

function fieldsInOrder(value: object, depth: number): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return NOT_PLAIN;
  const keys = Object.keys(value);
  if (keys.length === 0) return value;
  const order = orderOf(keys);
  return order === undefined ? NOT_PLAIN : setInOrder(value as Fields, order, depth);
}

type Fields = Readonly<Record<string, unknown>>;

function setInOrder(value: Fields, order: readonly string[], depth: number): unknown {
  const copy: Record<string, unknown> = {};
  for (let index = 0; index < order.length; index += 1) {
    const key = order[index] as string;
    const ordered = inOrder(value[key], depth + 1);
    if (ordered === NOT_PLAIN) return NOT_PLAIN;
    copy[key] = ordered;
  }
  return copy;
}

interface Shape {
  readonly keys: readonly string[];
  /** Undefined when an object with these keys cannot be put in order by setting them one after another. */
  readonly order: readonly string[] | undefined;
}

/** Objects come in rows that have the same keys: sorted once, they are only compared. By their first key. */
const shapes = new Map<string, Shape>();
const MAX_SHAPES = 256;
/** Objects with more keys are collections rather than records. */
const MAX_KEYS = 64;
/** Set on an object, these change it, or the order is not the one in which they were set. */
const SPECIAL = /^(?:0|[1-9]\d{0,9}|__proto__|toJSON)$/;

function orderOf(keys: readonly string[]): readonly string[] | undefined {
  const first = keys[0] as string;
  const known = shapes.get(first);
  if (known !== undefined && sameKeys(known.keys, keys)) return known.order;
  const isPlain = keys.every((key) => key.isWellFormed() && !SPECIAL.test(key));
  const order = isPlain ? [...keys].sort() : undefined;
  if (keys.length > MAX_KEYS) return order;
  if (shapes.size >= MAX_SHAPES) shapes.clear();
  shapes.set(first, { keys, order });
  return order;
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 1; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}
