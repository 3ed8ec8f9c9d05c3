/** Brings a lost server back, makes sure it is still the same tool, and leaves trying again to retry (guide: Connection Issues). */
import { abortError, raceAbort } from '../base/abort.ts';
import { type Clock, sleep } from '../base/clock.ts';
import { ConductorError, isConductorError } from '../base/errors.ts';
import type {
  Call,
  CallRecord,
  Invoke,
  Middleware,
  ServerCatalog,
  ServerDirectory,
  ServerId,
} from '../contracts/index.ts';
import { checkNumber, checkWhole } from './option-checks.ts';

export interface RecoveryOptions {
  readonly clock: Clock;
  /** A start connects and lists anew; the catalog stays readable while the server is away. */
  readonly servers: Pick<ServerDirectory, 'get' | 'start'>;
  /** Times a start is tried. @default 3 */
  readonly tries?: number | undefined;
  /** Pause after the first failed try, milliseconds; doubled after each further one. @default 1000 */
  readonly pauseMs?: number | undefined;
}

/** How bringing a server back has ended. */
interface Recovered {
  /** Number of the loss: what was lost together has the same one. */
  readonly incident: number;
  readonly tries: number;
  /** Why it could not be brought back. */
  readonly failure: ConductorError | undefined;
}

interface Underway {
  readonly controller: AbortController;
  readonly done: Promise<Recovered>;
  waiters: number;
}

/**
 * After `CONNECTION_LOST` starts the server again, up to three times, once for all calls that were lost together; then
 * throws `CONNECTION_LOST` with `details.recovered` and `details.incident`. A tool that is defined otherwise than before
 * throws `TOOL_CHANGED`: what was approved is not what would run. A server that was stopped stays stopped.
 *
 * @throws RangeError for an option out of its range
 * @example
 * composeStack(directory.invoke, { recovery: recovery({ clock: systemClock, servers: directory }) });
 */
export function recovery(options: RecoveryOptions): Middleware {
  const recoveries = new Recoveries(options);
  const definitions = new KnownDefinitions();
  const { clock, servers } = options;
  return (next: Invoke): Invoke =>
    async function recoveryCall(call) {
      const before = servers.get(call.server)?.catalog;
      definitions.check(call, before);
      try {
        return await next(call);
      } catch (error) {
        definitions.remember(call, before);
        if (!isLost(error) || servers.get(call.server)?.state.status === 'stopped') throw error;
        const ended = await recoveries.recover(call);
        const { incident, tries, failure } = ended;
        const recovered = failure === undefined;
        call.record?.events.push({ name: 'recovery', at: clock.now(), data: { recovered, tries } });
        if (recovered) assertSame(call, hashOf(call, before), servers.get(call.server)?.catalog);
        throw lostError(error, ended, { recovered, incident });
      }
    };
}

function isLost(error: unknown): error is ConductorError {
  return isConductorError(error) && error.code === 'CONNECTION_LOST';
}

function lostError(error: ConductorError, { failure }: Recovered, details: Record<string, unknown>): ConductorError {
  const message = failure === undefined ? error.message : `${error.message}; and then: ${failure.message}`;
  return new ConductorError('CONNECTION_LOST', message, {
    cause: error,
    ...(error.sent === undefined ? {} : { sent: error.sent }),
    ...(failure === undefined ? {} : { retryable: failure.retryable }),
    details: { ...error.details, ...details },
  });
}

/** One recovery per server at a time, shared by all who wait for it and given up with the last of them. */
class Recoveries {
  readonly #clock: Clock;
  readonly #servers: RecoveryOptions['servers'];
  readonly #tries: number;
  readonly #pauseMs: number;
  readonly #underway = new Map<ServerId, Underway>();
  #incidents = 0;

  constructor(options: RecoveryOptions) {
    this.#clock = options.clock;
    this.#servers = options.servers;
    this.#tries = checkWhole('recovery.tries', options.tries ?? 3, 1);
    this.#pauseMs = checkNumber('recovery.pauseMs', options.pauseMs ?? 1_000, 0);
  }

  async recover(call: Call): Promise<Recovered> {
    const joined = this.#underway.get(call.server);
    // One that everybody has turned away from is not joined.
    const underway = joined?.controller.signal.aborted === false ? joined : this.#begin(call.server);
    underway.waiters += 1;
    // The time-out of the attempt starts again with progress, and a person sees what is going on.
    call.onProgress?.({ progress: 0, message: `the connection to ${call.server} was lost; connecting again` });
    try {
      return await raceAbort(underway.done, call.signal);
    } finally {
      underway.waiters -= 1;
      if (underway.waiters === 0) underway.controller.abort(abortError(call.signal));
    }
  }

  #begin(server: ServerId): Underway {
    const controller = new AbortController();
    const done = this.#run(server, controller.signal).finally(() => {
      if (this.#underway.get(server) === underway) this.#underway.delete(server);
    });
    const underway: Underway = { controller, done, waiters: 0 };
    this.#underway.set(server, underway);
    return underway;
  }

  async #run(server: ServerId, signal: AbortSignal): Promise<Recovered> {
    this.#incidents += 1;
    const incident = this.#incidents;
    for (let tries = 1; ; tries += 1) {
      const failure = await this.#start(server, signal);
      const isFinal = failure === undefined || !failure.retryable || tries === this.#tries;
      if (isFinal) return { incident, tries, failure };
      await sleep(this.#clock, this.#pauseMs * 2 ** (tries - 1), signal);
    }
  }

  async #start(server: ServerId, signal: AbortSignal): Promise<ConductorError | undefined> {
    try {
      await this.#servers.start(server, signal);
      return undefined;
    } catch (error) {
      if (isConductorError(error) && !signal.aborted) return error;
      throw error;
    }
  }
}

/** What a tool was when a call first met it, for the attempts that follow a failure. */
class KnownDefinitions {
  readonly #hashes = new WeakMap<CallRecord, string>();

  remember(call: Call, catalog: ServerCatalog | undefined): void {
    const hash = hashOf(call, catalog);
    if (call.record === undefined || hash === undefined || this.#hashes.has(call.record)) return;
    this.#hashes.set(call.record, hash);
  }

  /** @throws ConductorError TOOL_CHANGED */
  check(call: Call, catalog: ServerCatalog | undefined): void {
    const known = call.record === undefined ? undefined : this.#hashes.get(call.record);
    if (known !== undefined) assertSame(call, known, catalog);
  }
}

function hashOf(call: Call, catalog: ServerCatalog | undefined): string | undefined {
  const { request } = call;
  if (request.kind !== 'tool') return undefined;
  return catalog?.tools.find((tool) => tool.name === request.tool)?.definitionHash;
}

/** @throws ConductorError TOOL_CHANGED */
function assertSame(call: Call, before: string | undefined, catalog: ServerCatalog | undefined): void {
  const after = hashOf(call, catalog);
  if (before === undefined || before === after || call.request.kind !== 'tool') return;
  const { tool } = call.request;
  const how = after === undefined ? 'is no longer listed' : 'is defined differently';
  throw new ConductorError(
    'TOOL_CHANGED',
    `tool "${tool}" of server "${call.server}" ${how} after the server was started again, so the call was not repeated`,
    { details: { server: call.server, tool, before, after: after ?? null } },
  );
}
