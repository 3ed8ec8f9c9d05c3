/** Finds conditions that no arguments can fulfil: a rule that has them can never match. Pure. */
import type { JsonValue } from '../../base/json.ts';
import { type PermissionCondition, readyCondition } from './conditions.ts';

/**
 * @param strict - of a rule that allows: then one value has to fulfil all the conditions on its path, while for a deny
 *   or an ask each may be fulfilled by another element of a list
 * @returns why they can never hold; undefined when they may
 */
export function conflictOf(conditions: readonly PermissionCondition[], strict: boolean): string | undefined {
  for (const condition of conditions) {
    const values = namedValues(condition);
    if (values !== undefined && !values.some((value) => holds([condition], value, strict))) {
      return `no value of "${condition.path}" is ${JSON.stringify(values[0])}: a list stands for its elements`;
    }
  }
  if (!strict) return undefined;
  const paths = [...new Set(conditions.map(({ path }) => path))];
  const torn = paths.find((path) => isTorn(conditions.filter((condition) => condition.path === path)));
  return torn === undefined ? undefined : `its conditions on "${torn}" can never hold at once`;
}

/** Where the values that a condition allows can be listed. */
function namedValues({ equals, in: oneOf }: PermissionCondition): readonly JsonValue[] | undefined {
  return equals === undefined ? oneOf : [equals];
}

function isTorn(conditions: readonly PermissionCondition[]): boolean {
  if (conditions.length < 2) return false;
  const values = conditions.map(namedValues).find((named) => named !== undefined);
  if (values !== undefined) return !values.some((value) => holds(conditions, value, true));
  const isNumber = conditions.filter(({ range }) => range !== undefined);
  if (isNumber.length > 0 && isNumber.length < conditions.length) return true;
  const least = Math.max(...isNumber.map(({ range }) => range?.min ?? Number.NEGATIVE_INFINITY));
  const most = Math.min(...isNumber.map(({ range }) => range?.max ?? Number.POSITIVE_INFINITY));
  if (isNumber.length > 0) return least > most;
  const beginnings = conditions.flatMap(({ startsWith }) => startsWith ?? []);
  const longest = beginnings.reduce((a, b) => (b.length > a.length ? b : a), '');
  return beginnings.some((beginning) => !longest.startsWith(beginning));
}

function holds(conditions: readonly PermissionCondition[], value: JsonValue, strict: boolean): boolean {
  return conditions.every((condition) => readyCondition(condition)(nested(condition.path, value), strict));
}

function nested(path: string, value: JsonValue): JsonValue {
  return path.split('.').reduceRight<JsonValue>((inner, name) => ({ [name]: inner }), value);
}
