/** What is different between two definitions of a tool, in words a person can decide by. */
import { jsonChanges } from '../../base/json-changes.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
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
  return jsonChanges(before.definition, describe(after), MAX_CHANGES).map((change) => ({
    kind: 'definition',
    ...change,
  }));
}

function describe(tool: ToolInfo): JsonObject {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  return { name, title, description, inputSchema, outputSchema, annotations };
}
