/** Routing over the live catalog: servers that were never asked what they offer are started to be asked. */
import { childController } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { ConductorError, messageOf } from '../base/errors.ts';
import type { Call, Decision, Router, ServerDirectory, ServerSnapshot } from '../contracts/index.ts';
import { route, type RouteSignals } from '../orchestration/route/route.ts';
import { ToolIndex } from '../orchestration/route/tool-index.ts';

export interface RouterOptions {
  readonly clock: Clock;
  readonly servers: ServerDirectory;
  /** Whom rules know the calls by: `pipeline:<caller>`. */
  readonly caller: string;
  /** What the permissions would say of a call. */
  readonly explain: (call: Call) => Decision;
  /** Observed median of a call, milliseconds. */
  readonly latencyMs: (server: string, tool: string) => number | undefined;
  readonly index: CatalogIndex;
}

/** Milliseconds that a server has to come up, before the choice is made without it. */
const START_MS = 15_000;

export function createRouter(options: RouterOptions): Router {
  const { servers, index } = options;
  return async ({ intent, args, max, servers: wanted, signal }) => {
    const asked = servers.list().filter(({ definition }) => wanted?.includes(definition.id) ?? true);
    const lost = await startUnknown(asked, options, signal);
    const ids = new Set(asked.map(({ definition }) => definition.id));
    const known = servers.list().filter(({ definition }) => ids.has(definition.id));
    const { choices, refused } = route(index.of(known), { intent, args, max }, signalsOf(options, signal));
    return {
      choices: choices.map(({ server, tool, args: fitted, because }) => ({
        server,
        tool: tool.name,
        args: fitted,
        because,
      })),
      refused: [...refused.map(({ server, tool, because }) => `${server}.${tool}: ${because}`), ...lost],
    };
  };
}

function signalsOf({ servers, caller, explain, latencyMs }: RouterOptions, signal: AbortSignal): RouteSignals {
  return {
    latencyMs,
    health: (server) => {
      const status = servers.get(server)?.state.status;
      return status === 'ready' || status === 'starting' ? 'ready' : status === 'failed' ? 'down' : 'stopped';
    },
    forbidden: (server, tool) => {
      const { effect, because } = explain({
        request: { kind: 'tool', tool, args: {} },
        server,
        principal: { kind: 'pipeline', id: caller },
        signal,
        meta: {},
      });
      return effect === 'deny' ? because : undefined;
    },
  };
}

/** @returns why a server cannot be chosen from, one sentence each */
async function startUnknown(
  asked: readonly ServerSnapshot[],
  { clock, servers }: RouterOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const child = childController(signal);
  const late = new ConductorError('TIMEOUT', `did not start within ${START_MS / 1_000} s`);
  const timer = clock.schedule(START_MS, () => child.controller.abort(late));
  try {
    const unknown = asked.filter(({ catalog }) => catalog === undefined);
    const lost = await Promise.all(
      unknown.map(async ({ definition: { id } }) => {
        try {
          await servers.start(id, child.controller.signal);
          return [];
        } catch (error) {
          return [`${id}: ${messageOf(error)}`];
        }
      }),
    );
    return lost.flat();
  } finally {
    timer.dispose();
    child.dispose();
  }
}

/** The search index of the tools there are, made anew when a catalog is another one. */
export class CatalogIndex {
  #catalogs: readonly unknown[] = [];
  #index = new ToolIndex([]);

  of(servers: readonly ServerSnapshot[]): ToolIndex {
    const catalogs = servers.map(({ catalog }) => catalog);
    const isSame = catalogs.length === this.#catalogs.length && catalogs.every((one, at) => one === this.#catalogs[at]);
    if (isSame) return this.#index;
    this.#catalogs = catalogs;
    this.#index = new ToolIndex(
      servers.flatMap(({ definition, catalog }) =>
        (catalog?.tools ?? []).map((tool) => ({ server: definition.id, tool })),
      ),
    );
    return this.#index;
  }
}
