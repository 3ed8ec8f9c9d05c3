/** What is different between two definitions of a tool, in words a person can decide by. */
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { GrantedDefinition, ToolInfo } from '../../contracts/index.ts';

export interface DefinitionChange {
  readonly [key: string]: JsonValue | undefined;
  readonly kind: 'definition';
  /** Dotted path within the definition. */
  readonly path: string;
  /** Absent when it is new. */
  readonly before?: JsonValue;
  /** Absent when it is gone. */
  readonly after?: JsonValue;
}

const MAX_CHANGES = 50;
/** Larger definitions are kept by their hash alone, in characters. */
const MAX_KEPT = 16_000;

/** A tool as a grant remembers it. */
export function grantedDefinition(tool: ToolInfo): GrantedDefinition {
  const definition = describe(tool);
  const small = JSON.stringify(definition).length <= MAX_KEPT;
  return small ? { hash: tool.definitionHash, definition } : { hash: tool.definitionHash };
}

/** One entry per place that differs; empty when what it was before is not known. */
export function definitionChanges(before: GrantedDefinition | undefined, after: ToolInfo): readonly DefinitionChange[] {
  if (before?.definition === undefined) return [];
  const changes: DefinitionChange[] = [];
  compare(before.definition, describe(after), '', changes);
  return changes.slice(0, MAX_CHANGES);
}

function describe(tool: ToolInfo): JsonObject {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  return { name, title, description, inputSchema, outputSchema, annotations };
}

function compare(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
  changes: DefinitionChange[],
): void {
  if (changes.length >= MAX_CHANGES || same(before, after)) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const name of names)
      compare(own(before, name), own(after, name), path === '' ? name : `${path}.${name}`, changes);
    return;
  }
  changes.push({
    kind: 'definition',
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
