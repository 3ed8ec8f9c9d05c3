/** `${{ … }}`: JSONata over values, bounded in time, depth and size, and never re-parsed as text. */
import jsonata from 'jsonata';
import { ConductorError } from '../base/errors.ts';
import { type JsonObject, type JsonValue, isJsonObject } from '../base/json.ts';

/** What an expression may look at. */
export interface Scope {
  readonly inputs: JsonObject;
  /** Values of the steps that have one, by id. */
  readonly steps: JsonObject;
  readonly item?: JsonValue | undefined;
  readonly index?: number | undefined;
  /** Of expressions about one answer of several: the answer, and the `server.tool` it came from. */
  readonly value?: JsonValue | undefined;
  readonly source?: string | undefined;
}

export interface ExpressionLimits {
  /** Milliseconds one expression may run. @default 1000 */
  readonly timeoutMs?: number;
  /** Nested evaluations. @default 200 */
  readonly depth?: number;
  /** Items of one sequence. @default 100000 */
  readonly items?: number;
}

const DEFAULTS = { timeoutMs: 1_000, depth: 200, items: 100_000 } as const;
const PATTERN = /\$\{\{([\s\S]*?)\}\}/g;

/** One expression inside a template: its source and where it begins in the string that holds it. */
export interface Occurrence {
  readonly source: string;
  /** Offset of the source within the string. */
  readonly offset: number;
  /** True when the string is this expression and nothing else, so that its value keeps its type. */
  readonly whole: boolean;
}

export function occurrences(text: string): readonly Occurrence[] {
  return [...text.matchAll(PATTERN)].map((match) => ({
    source: (match[1] ?? '').trim(),
    offset: match.index + 3 + ((match[1] ?? '').length - (match[1] ?? '').trimStart().length),
    whole: match[0] === text.trim(),
  }));
}

/** What is wrong with an expression's syntax, or undefined; `position` counts characters from its start. */
export function syntaxError(source: string): { readonly message: string; readonly position: number } | undefined {
  try {
    jsonata(source);
    return undefined;
  } catch (error) {
    const { message, position } = error as { message?: string; position?: number };
    return { message: message ?? 'not an expression', position: position ?? 0 };
  }
}

/** The ids of the steps that an expression mentions as `steps.id`, sorted. */
export function mentionedSteps(source: string): readonly string[] {
  const found = new Set<string>();
  collectSteps(jsonata(source).ast(), found);
  return [...found].sort();
}

function collectSteps(node: unknown, found: Set<string>): void {
  if (Array.isArray(node)) {
    for (const member of node) collectSteps(member, found);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { type, steps } = node as { type?: string; steps?: { type?: string; value?: unknown }[] };
  if (type === 'path' && steps?.[0]?.value === 'steps' && typeof steps[1]?.value === 'string')
    found.add(steps[1].value);
  for (const member of Object.values(node)) collectSteps(member, found);
}

/**
 * A template with every expression replaced by its value. A key whose expression is undefined is left out; inside a
 * longer string undefined becomes nothing.
 *
 * @throws ConductorError VALIDATION_FAILED with the expression that failed and why.
 */
export async function evaluateTemplate(
  template: JsonValue,
  scope: Scope,
  limits: ExpressionLimits = {},
): Promise<JsonValue | undefined> {
  if (typeof template === 'string') return evaluateString(template, scope, limits);
  if (Array.isArray(template)) {
    const items = await Promise.all(
      (template as readonly JsonValue[]).map((item) => evaluateTemplate(item, scope, limits)),
    );
    return items.filter((item) => item !== undefined);
  }
  if (!isJsonObject(template)) return template;
  const result: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(template)) {
    const value = member === undefined ? undefined : await evaluateTemplate(member, scope, limits);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

async function evaluateString(text: string, scope: Scope, limits: ExpressionLimits): Promise<JsonValue | undefined> {
  const found = occurrences(text);
  const [first] = found;
  if (first === undefined) return text;
  if (first.whole) return evaluate(first.source, scope, limits);
  let result = '';
  let last = 0;
  for (const match of text.matchAll(PATTERN)) {
    const value = await evaluate((match[1] ?? '').trim(), scope, limits);
    result += text.slice(last, match.index) + (value === undefined ? '' : asText(value));
    last = match.index + match[0].length;
  }
  return result + text.slice(last);
}

function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The value of one expression; undefined when it selects nothing. @throws ConductorError VALIDATION_FAILED */
export async function evaluate(
  source: string,
  scope: Scope,
  limits: ExpressionLimits = {},
): Promise<JsonValue | undefined> {
  try {
    const expression = jsonata(source, {
      timeout: limits.timeoutMs ?? DEFAULTS.timeoutMs,
      stack: limits.depth ?? DEFAULTS.depth,
      sequence: limits.items ?? DEFAULTS.items,
    });
    return plain(await expression.evaluate(scope));
  } catch (error) {
    const { message } = error as { message?: string };
    throw new ConductorError(
      'VALIDATION_FAILED',
      `the expression \${{ ${source} }} failed: ${message ?? String(error)}`,
      { cause: error },
    );
  }
}

/** JSONata marks its sequences with hidden properties and may return functions; only JSON leaves this room. */
function plain(value: unknown): JsonValue | undefined {
  if (value === undefined || typeof value === 'function') return undefined;
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
