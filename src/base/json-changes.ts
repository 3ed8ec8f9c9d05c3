/** Where two JSON values differ, place by place. */
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from './json.ts';

export interface JsonChange {
  /** Dotted path from the top. */
  readonly path: string;
  /** Absent when it is new. */
  readonly before?: JsonValue;
  /** Absent when it is gone. */
  readonly after?: JsonValue;
}

/**
 * One entry per place that differs; a list counts as one place.
 * @param limit - entries after which no more are looked for
 */
export function jsonChanges(before: JsonValue, after: JsonValue, limit: number): readonly JsonChange[] {
  const changes: JsonChange[] = [];
  compare(before, after, '', changes, limit);
  return changes;
}

function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
  changes: JsonChange[],
  limit: number,
): void {
  if (changes.length >= limit || same(before, after)) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const name of names)
      compare(own(before, name), own(after, name), path === '' ? name : `${path}.${name}`, changes, limit);
    return;
  }
  changes.push({
    path,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  });
}

const own = (value: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined;

function same(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}
