/** Makes each call of a run happen once, however often it is asked for (guide: Idempotency). */
import { hash } from 'node:crypto';
import { abortError } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { ConductorError, type ErrorCode, isConductorError, messageOf } from '../base/errors.ts';
import type { Call, ClaimTerms, IdempotencyStore, Invoke, Middleware, Reply } from '../contracts/index.ts';
import { argumentsDigestOf } from './arguments-digest.ts';
import { checkNumber } from './option-checks.ts';
import { SingleFlight } from './single-flight.ts';
import { targetOf } from './target.ts';

export interface IdempotencyOptions {
  readonly clock: Clock;
  readonly store: IdempotencyStore;
  /** What the user's policy says: such a tool is called even when the store cannot tell whether it was already. */
  readonly isIdempotent: (server: string, tool: string) => boolean;
  /** Servers that only ever read: nothing is done twice by asking them twice. @default none */
  readonly onlyReads?: ((server: string) => boolean) | undefined;
  /** Told when the store fails. */
  readonly onProblem: (message: string) => void;
  /** How long a finished call is remembered, milliseconds. @default 86400000 */
  readonly ttlMs?: number;
  /** How long a claim outlives a process that died with it, milliseconds; renewed while the call lasts. @default 60000 */
  readonly leaseMs?: number;
}

/**
 * The key is the call's own, else run, step, item and arguments; tools outside a run without a key of their own are
 * called every time. One call per key is under way, in this process and wherever the store reaches; a finished one is
 * answered with what it answered. What failed is not remembered; but when nobody knows whether the server did the work
 * (its process died, time ran out, the connection broke), only a tool that policy calls idempotent is called again with
 * the same key before that has expired. The key goes on to the server.
 *
 * @throws RangeError for a time that is none.
 * @example
 * composeStack(directory.invoke, { idempotency: idempotency({ clock, store, isIdempotent, onProblem: log }) });
 */
export function idempotency(options: IdempotencyOptions): Middleware {
  const once = new Once(options);
  const { onlyReads = () => false } = options;
  return (next: Invoke): Invoke =>
    function idempotencyCall(call) {
      if (onlyReads(call.server)) return next(call);
      const wireKey = wireKeyOf(call);
      return wireKey === undefined ? next(call) : once.invoke(storeKeyOf(call, wireKey), call, wireKey, next);
    };
}

class Once {
  readonly #options: IdempotencyOptions;
  readonly #ttlMs: number;
  readonly #leaseMs: number;
  readonly #flights = new SingleFlight<Reply>();

  constructor(options: IdempotencyOptions) {
    this.#options = options;
    this.#ttlMs = checkNumber('idempotency.ttlMs', options.ttlMs ?? 86_400_000, 1);
    this.#leaseMs = checkNumber('idempotency.leaseMs', options.leaseMs ?? 60_000, 3);
  }

  invoke(key: string, call: Call, wireKey: string, next: Invoke): Promise<Reply> {
    // A key that came with the call may have been used by anybody anywhere.
    const isGiven = call.idempotencyKey !== undefined;
    const isJoined = this.#flights.has(key);
    const reply = this.#flights.run(key, call.signal, async (signal) => {
      const ours: Call = { ...call, signal, idempotencyKey: wireKey };
      const finished = await this.#finishedOrClaimed(key, ours, isGiven);
      if (finished === undefined) return await this.#carryOut(key, ours, next);
      return replayed(call, finished);
    });
    return isJoined ? reply.then((shared) => replayed(call, shared)) : reply;
  }

  /** Undefined: the call is ours to make. */
  async #finishedOrClaimed(key: string, call: Call, isGiven: boolean): Promise<Reply | undefined> {
    const { store, onProblem } = this.#options;
    try {
      for (;;) {
        const finished = await store.get(key);
        if (finished !== undefined) return finished;
        const claim = await store.claim(key, this.#termsOf(call, isGiven));
        if (claim === 'ours') return undefined;
        if (claim === 'unknown') throw new UnknownFate();
        const settled = await store.settled(key, call.signal);
        if (settled !== undefined) return settled;
      }
    } catch (error) {
      if (call.signal.aborted) throw abortError(call.signal);
      const refusal = this.#unknown(call, error);
      if (!this.#isRepeatable(call)) throw refusal;
      onProblem(`${refusal.message}; it is called because policy says that twice does no harm`);
      return undefined;
    }
  }

  async #carryOut(key: string, call: Call, next: Invoke): Promise<Reply> {
    const { store } = this.#options;
    const renewal = this.#keepClaim(key, call);
    try {
      const reply = await next(call);
      renewal.dispose();
      const hasFailed = reply.kind === 'tool' && reply.isError;
      await this.#attempt(call, hasFailed ? store.release(key) : store.finish(key, reply, this.#ttlMs));
      return reply;
    } catch (error) {
      renewal.dispose();
      const isUnknown = mayHaveRun(error) && !this.#isRepeatable(call);
      await this.#attempt(call, isUnknown ? store.abandon(key) : store.release(key));
      throw error;
    }
  }

  #isRepeatable(call: Call): boolean {
    return this.#options.isIdempotent(call.server, targetOf(call.request));
  }

  #termsOf(call: Call, isGiven: boolean): ClaimTerms {
    return {
      leaseMs: this.#leaseMs,
      ttlMs: this.#ttlMs,
      repeatable: this.#isRepeatable(call),
      local: !isGiven,
    };
  }

  /** The answer is there already: that its end could not be written down keeps it from being replayed, and is told. */
  async #attempt(call: Call, writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      this.#options.onProblem(`the end of ${nameOf(call)} could not be remembered: ${messageOf(error)}`);
    }
  }

  #keepClaim(key: string, call: Call): Disposable {
    const { clock, store, onProblem } = this.#options;
    let isOver = false;
    let timer: Disposable;
    const renew = async (): Promise<void> => {
      try {
        const isHeld = await store.renew(key, this.#leaseMs);
        if (!isHeld && !isOver) onProblem(`the claim on ${nameOf(call)} was lost to another process`);
      } catch (error) {
        if (!isOver) onProblem(`the claim on ${nameOf(call)} could not be renewed: ${messageOf(error)}`);
      }
      if (!isOver) arm();
    };
    const arm = (): void => {
      timer = clock.schedule(this.#leaseMs / 3, () => void renew());
    };
    arm();
    return {
      dispose: () => {
        isOver = true;
        timer.dispose();
      },
    };
  }

  #unknown(call: Call, cause: unknown): ConductorError {
    return new ConductorError(
      'INTERNAL',
      `it cannot be known whether ${nameOf(call)} was called already: ${messageOf(cause)}`,
      { cause, details: { server: call.server } },
    );
  }
}

/** The claim of somebody who never said how the call ended. */
class UnknownFate extends Error {
  constructor() {
    super(
      'an earlier attempt was sent and never came to an end; ask the server, then start anew or call the tool idempotent in config.yaml',
    );
  }
}

/** No reply came, and nothing says that the server was not asked or refused. */
function mayHaveRun(error: unknown): boolean {
  if (!isConductorError(error)) return true;
  const { code, sent, details } = error;
  if (sent !== undefined) return sent;
  // An error that the server itself answered with is its word that it failed, as `isError` is.
  if (code === 'PROTOCOL_ERROR') return details.rpcCode === undefined && details.status === undefined;
  return NO_REPLY.has(code);
}

const NO_REPLY: ReadonlySet<string> = new Set<ErrorCode>([
  'TIMEOUT',
  'CANCELLED',
  'CONNECTION_LOST',
  'VALIDATION_FAILED',
  'INTERNAL',
]);

function replayed(call: Call, reply: Reply): Reply {
  if (call.record !== undefined) call.record.replay = 'idempotency';
  return reply;
}

function nameOf(call: Call): string {
  return `${call.server}.${targetOf(call.request)}`;
}

/** What the server is sent. Copies of a hedged call share it: the server may then do the work once. */
function wireKeyOf(call: Call): string | undefined {
  if (call.request.kind !== 'tool') return undefined;
  if (call.idempotencyKey !== undefined) return call.idempotencyKey;
  if (call.run === undefined) return undefined;
  const { server, request, run, step, item } = call;
  return digest([server, request.tool, run, step, item, argumentsDigestOf(call)]);
}

/** A key means what it means to one principal at one tool; the legs of a hedge do not wait for each other. */
function storeKeyOf({ server, request, principal, leg, idempotencyKey }: Call, wireKey: string): string {
  const { kind, id } = principal ?? { kind: null, id: null };
  // One of our own making stands for server and tool as well.
  if (idempotencyKey === undefined) return `${wireKey}:${leg ?? ''}:${kind}:${id}`;
  return digest([server, targetOf(request), kind, id, leg, wireKey]);
}

/** Of a list, whose order is its own: what is not there is null. */
function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts));
}
