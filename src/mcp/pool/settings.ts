/** How many connections a server gets, and for how long (guide: Connection Pooling). */
import type { ServerDefinition } from '../../contracts/server.ts';

export interface PoolSettings {
  /** Connections to the server at once. @default 10 over HTTP and for stateful servers, 1 over stdio */
  readonly max: number;
  /** Connections that are kept open while the server is used. @default min(3, max); 1 for stateful servers */
  readonly prefill: number;
  /** Calls under way at once over one connection. @default 1 over HTTP, any number over stdio */
  readonly calls: number;
  /** Milliseconds without a call after which connections are closed and the server is stopped; 0: never. @default 300000 */
  readonly idleMs: number;
  /** Milliseconds between two questions whether an unused connection still answers; 0: never asked. @default 30000 */
  readonly healthMs: number;
  /** The server remembers what it was told: each run has a connection of its own, which ends with it. @default false */
  readonly stateful: boolean;
}

/** What is configured; the rest is by default. */
export type GivenPool = { readonly [Part in keyof PoolSettings]?: PoolSettings[Part] | undefined };

const MAX_HTTP = 10;
const MAX_PREFILL = 3;

export function poolSettings(launch: ServerDefinition['launch']['type'], given: GivenPool = {}): PoolSettings {
  const { stateful = false, idleMs = 300_000, healthMs = 30_000 } = given;
  const { max = stateful || launch === 'http' ? MAX_HTTP : 1 } = given;
  const { prefill = stateful ? 1 : Math.min(MAX_PREFILL, max) } = given;
  const { calls = launch === 'http' ? 1 : Number.POSITIVE_INFINITY } = given;
  return { max, prefill: Math.min(prefill, max), calls, idleMs, healthMs, stateful };
}
