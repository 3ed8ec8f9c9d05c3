/** Conditions of permission rules on the arguments of a call; in doubt, the reading that permits less. */
import { canonicalJson, isJsonObject, type JsonValue } from '../../base/json.ts';
import { linearPattern } from '../rules/linear-pattern.ts';

/** Exactly one of the operators. */
export interface PermissionCondition {
  /** Names from the root, such as `options.force`; an array stands for its elements. */
  readonly path: string;
  /** The same JSON value. */
  readonly equals?: JsonValue | undefined;
  readonly in?: readonly JsonValue[] | undefined;
  /** Of a text; paths are read as written and with `.` and `..` resolved. */
  readonly startsWith?: string | undefined;
  /** Regular expression: a deny or an ask finds it anywhere, an allow needs it to cover the text. */
  readonly matches?: string | undefined;
  /** Numbers, both ends included. */
  readonly range?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
}

/**
 * `strict` is for rules that allow: every element of an array must fulfil it, and a field that is missing does not.
 * Rules that deny or ask hold as soon as one value does, in any of its readings.
 */
export type ReadyCondition = (args: JsonValue, strict: boolean) => boolean;

type Test = (value: JsonValue, strict: boolean) => boolean;

const OPERATORS = ['equals', 'in', 'startsWith', 'matches', 'range'] as const;

/** @throws TypeError saying what would be right. */
export function readyCondition(condition: PermissionCondition): ReadyCondition {
  const path = condition.path.split('.');
  if (path.includes('')) throw new TypeError(`"${condition.path}" is no path of arguments: write name or outer.name`);
  const given = OPERATORS.filter((operator) => condition[operator] !== undefined);
  const [operator] = given;
  if (operator === undefined || given.length > 1) {
    throw new TypeError(
      `a condition on "${condition.path}" needs exactly one of ${OPERATORS.join(', ')}, not ${given.join(' and ') || 'none'}`,
    );
  }
  const test = testOf(condition);
  return (args, strict) => {
    const values = valuesAt(args, path);
    if (!strict) return values.some((value) => value !== undefined && test(value, false));
    return values.length > 0 && values.every((value) => value !== undefined && test(value, true));
  };
}

function testOf(condition: PermissionCondition): Test {
  if (condition.equals !== undefined) return isOneOf([condition.equals]);
  if (condition.in !== undefined) {
    if (condition.in.length === 0) throw new TypeError(`"in" of "${condition.path}" is empty: it can never hold`);
    return isOneOf(condition.in);
  }
  if (condition.startsWith !== undefined) return startsWith(condition.startsWith);
  if (condition.matches !== undefined) {
    const pattern = linearPattern(condition.matches);
    return (value, strict) => typeof value === 'string' && (strict ? pattern.covers(value) : pattern.test(value));
  }
  return inRange(condition.range ?? {}, condition.path);
}

/** A server may take "5" for 5 and "true" for true: rules that deny or ask read a value both ways. */
function isOneOf(wanted: readonly JsonValue[]): Test {
  const exact = new Set(wanted.map((value) => canonicalJson(value)));
  const loose = new Set(wanted.filter(isPrimitive).map(String));
  return (value, strict) => {
    if (!strict && isPrimitive(value) && loose.has(String(value))) return true;
    try {
      return exact.has(canonicalJson(value));
    } catch {
      // What has no canonical form is not JSON, and equals nothing that a rule can name.
      return false;
    }
  };
}

const isPrimitive = (value: JsonValue): boolean => typeof value !== 'object' || value === null;

/** `/repo/../etc` starts with `/repo/` only as written: an allow needs both readings, a deny one. */
function startsWith(prefix: string): Test {
  return (value, strict) => {
    if (typeof value !== 'string') return false;
    const readings = [value, resolved(value)];
    const holds = (reading: string): boolean => reading.startsWith(prefix);
    return strict ? readings.every(holds) : readings.some(holds);
  };
}

const DOTS = /(?:^|[\\/])(?:\.|%2e){1,2}(?:[\\/]|%2f|%5c|$)|%2f|%5c|[\\/]{2}/i;

/** With `.`, `..` and doubled slashes resolved as a file system would, and escaped ones read as what they escape. */
function resolved(path: string): string {
  if (!DOTS.test(path)) return path;
  const plain = path
    .replace(/%2e/gi, '.')
    .replace(/%2f/gi, '/')
    .replace(/%5c|\\/gi, '/');
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(plain)?.[0] ?? '';
  const parts = plain.slice(scheme.length).split('/');
  const kept: string[] = [];
  for (const [index, part] of parts.entries()) {
    const isEnd = index === 0 || index === parts.length - 1;
    if (part === '..') stepUp(kept);
    else if (part !== '.' && (part !== '' || isEnd)) kept.push(part);
  }
  return scheme + kept.join('/');
}

/** The root has nothing above it; what is above a relative path stays written. */
function stepUp(kept: string[]): void {
  const last = kept.at(-1);
  if (last === undefined || last === '..') kept.push('..');
  else if (last !== '' || kept.length > 1) kept.pop();
}

function inRange(range: NonNullable<PermissionCondition['range']>, path: string): Test {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
  if (range.min === undefined && range.max === undefined) throw new TypeError(`"range" of "${path}" needs min or max`);
  if (!(min <= max)) throw new TypeError(`"range" of "${path}" can never hold: min ${min} is over max ${max}`);
  return (value, strict) => {
    // A server may take "5" for 5.
    const number = !strict && typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && number >= min && number <= max;
  };
}

/** Undefined stands for a branch without the field. */
function valuesAt(value: JsonValue, path: readonly string[]): readonly (JsonValue | undefined)[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap((item) => valuesAt(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  const field = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return field === undefined ? [undefined] : valuesAt(field, rest);
}
