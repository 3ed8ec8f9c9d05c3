/** Which definitions of its tools a server has shown so far, so that a change can be named and not only noticed. */
import { ConductorError } from '../base/errors.ts';
import { jsonChanges } from '../base/json-changes.ts';
import type { JsonObject } from '../base/json.ts';
import type { ServerId } from '../contracts/call.ts';
import type { ServerCatalog, ToolInfo } from '../contracts/server.ts';

/** Definitions kept per server; the one seen longest ago goes first. */
const MAX_KEPT = 1_000;
const MAX_NAMED = 5;

export class KnownDefinitions {
  readonly #byHash = new Map<string, ToolInfo>();

  remember(catalog: ServerCatalog): void {
    for (const tool of catalog.tools) {
      this.#byHash.delete(tool.definitionHash);
      this.#byHash.set(tool.definitionHash, tool);
    }
    for (const hash of this.#byHash.keys()) {
      if (this.#byHash.size <= MAX_KEPT) break;
      this.#byHash.delete(hash);
    }
  }

  /**
   * @param expected hash of the definition the call was planned with or approved for
   * @param now the tool as it is; undefined when there is none of that name any more
   */
  changed(server: ServerId, name: string, expected: string, now: ToolInfo | undefined): ConductorError {
    const details = { server, tool: name, before: expected, after: now?.definitionHash ?? null };
    const make = (how: string): ConductorError =>
      new ConductorError('TOOL_CHANGED', `tool "${name}" of server "${server}" ${how}, so it was not called`, {
        details,
      });
    if (now === undefined) return make('is no longer listed');
    const before = this.#byHash.get(expected);
    if (before === undefined) return make('is not defined as it was when the call was planned or approved');
    const places = jsonChanges(describe(before), describe(now), MAX_NAMED + 1).map(({ path }) => path);
    const named = places.slice(0, MAX_NAMED).join(', ') + (places.length > MAX_NAMED ? ', …' : '');
    return make(`is defined differently now (${named || 'in what only its server understands'})`);
  }
}

function describe({ name, title, description, inputSchema, outputSchema, annotations }: ToolInfo): JsonObject {
  return { name, title, description, inputSchema, outputSchema, annotations };
}
