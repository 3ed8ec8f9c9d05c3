/** Spreads the calls to one tool over time; who has to wait is served in the order of arrival (guide: Rate Limiting). */
import { abortError } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { ConductorError, messageOf } from '../base/errors.ts';
import {
  type Call,
  type Invoke,
  type Middleware,
  type RateLimit,
  type RateLimiterStore,
  RESERVED_SERVER_IDS,
  type ServerId,
} from '../contracts/index.ts';
import { checkNumber } from './option-checks.ts';
import { TokenBuckets } from './token-buckets.ts';

/** Milliseconds after which a long wait is looked at again. */
const LONGEST_SLEEP_MS = 60_000;

export interface RateLimitOptions {
  readonly clock: Clock;
  /** Calls per second to one tool of one server. @default 10 */
  readonly perSecond?: number | undefined;
  /** Calls that may pass at once after a pause. @default perSecond, at least 1 */
  readonly burst?: number | undefined;
  /**
   * The limit of one tool (or of `resource`, `prompt`, `complete`), asked on every call; undefined for none.
   * @default none for bundled servers, else `perSecond` and `burst`
   */
  readonly limitOf?: ((server: ServerId, tool: string) => RateLimit | undefined) | undefined;
  /** Where the buckets are, when they are shared with other processes. @default this process's memory */
  readonly store?: RateLimiterStore | undefined;
  /** Told of every failure of `store`; this process limits by itself then. */
  readonly onStoreError?: ((message: string) => void) | undefined;
}

/**
 * A token bucket per `server.tool`. Waiting ends with the call's signal, and is refused as `RATE_LIMITED` when the
 * turn would come after the call's deadline.
 *
 * @throws RangeError for a limit that lets nothing pass
 * @example
 * composeStack(directory.invoke, { rateLimit: rateLimit({ clock: systemClock, perSecond: 10 }) });
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const limitOf = options.limitOf ?? defaultLimits(options);
  const gates = new Gates(options);
  return (next: Invoke): Invoke =>
    function rateLimitCall(call) {
      const tool = call.request.kind === 'tool' ? call.request.tool : call.request.kind;
      const limit = limitOf(call.server, tool);
      if (limit === undefined) return next(call);
      const waiting = gates.pass(`${call.server}.${tool}`, limit, call);
      return waiting === undefined ? next(call) : waited(waiting, call, options.clock).then(() => next(call));
    };
}

async function waited(waiting: Promise<void>, call: Call, clock: Clock): Promise<void> {
  const arrivedAt = clock.now();
  call.onPhase?.('waiting');
  await waiting;
  const at = clock.now();
  call.record?.events.push({ name: 'rate-limit.waited', at, data: { waitMs: Math.round(at - arrivedAt) } });
}

function defaultLimits(options: RateLimitOptions): NonNullable<RateLimitOptions['limitOf']> {
  const perSecond = checkNumber('rateLimit.perSecond', options.perSecond ?? 10, 0.001);
  const burst = checkNumber('rateLimit.burst', options.burst ?? Math.max(1, perSecond), 1);
  const limit: RateLimit = { perSecond, burst };
  const bundled = new Set<string>(RESERVED_SERVER_IDS);
  return (server) => (bundled.has(server) ? undefined : limit);
}

/** One gate per key, only while somebody waits at it. */
class Gates {
  readonly #clock: Clock;
  readonly #own: TokenBuckets;
  readonly #store: RateLimiterStore;
  readonly #onStoreError: (message: string) => void;
  readonly #gates = new Map<string, Gate>();

  constructor(options: RateLimitOptions) {
    this.#clock = options.clock;
    this.#own = new TokenBuckets(options.clock);
    this.#store = options.store ?? this.#own;
    this.#onStoreError = options.onStoreError ?? (() => undefined);
  }

  /** @returns undefined when the call may go on at once */
  pass(key: string, limit: RateLimit, call: Call): Promise<void> | undefined {
    const busy = this.#gates.get(key);
    if (busy !== undefined) return busy.enter(call);
    const first = this.#take(key, limit);
    if (first === 0) return undefined;
    const gate = new Gate(key, limit, {
      clock: this.#clock,
      take: () => this.#take(key, limit),
      onEmpty: () => this.#gates.delete(key),
    });
    this.#gates.set(key, gate);
    return gate.enter(call, first);
  }

  #take(key: string, limit: RateLimit): number | Promise<number> {
    try {
      const taken = this.#store.take(key, limit);
      if (typeof taken === 'number') return taken;
      return taken.catch((error: unknown) => this.#takeOwn(key, limit, error));
    } catch (error) {
      return this.#takeOwn(key, limit, error);
    }
  }

  #takeOwn(key: string, limit: RateLimit, error: unknown): number {
    this.#onStoreError(messageOf(error));
    return this.#own.take(key, limit);
  }
}

interface Waiting {
  readonly call: Call;
  readonly admit: () => void;
  readonly refuse: (error: ConductorError) => void;
}

interface GatePorts {
  readonly clock: Clock;
  readonly take: () => number | Promise<number>;
  readonly onEmpty: () => void;
}

/** The queue before one bucket: its head takes the next token, and the rest moves up. */
class Gate {
  readonly #key: string;
  readonly #limit: RateLimit;
  readonly #ports: GatePorts;
  readonly #queue: Waiting[] = [];
  #timer: Disposable | undefined;
  /** Milliseconds since the epoch at which the head may have its token. */
  #headAt = 0;

  constructor(key: string, limit: RateLimit, ports: GatePorts) {
    this.#key = key;
    this.#limit = limit;
    this.#ports = ports;
    this.#headAt = ports.clock.now();
  }

  /** @param first - the answer to the first `take`, by whoever opens the gate */
  enter(call: Call, first?: number | Promise<number>): Promise<void> {
    const entered = new Promise<void>((resolve, reject) => {
      const { signal } = call;
      const onAbort = (): void => leave(() => reject(abortError(signal)));
      const leave = (settle: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        this.#remove(waiting);
        settle();
      };
      const waiting: Waiting = {
        call,
        admit: () => leave(resolve),
        refuse: (error) => leave(() => reject(error)),
      };
      this.#queue.push(waiting);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    if (first !== undefined) void this.#serve(first);
    else this.#refuseIfLate(this.#queue.at(-1), this.#turnAt(this.#queue.length - 1));
    return entered;
  }

  /** Goes on as long as tokens come at once, then sleeps until the next one is due. */
  async #serve(first: number | Promise<number>): Promise<void> {
    for (let answer = first; ; answer = this.#ports.take()) {
      const waitMs = typeof answer === 'number' ? answer : await answer;
      const now = this.#ports.clock.now();
      this.#headAt = now + waitMs;
      this.#refuseLate();
      if (waitMs === 0) this.#queue[0]?.admit();
      if (this.#queue.length === 0) {
        this.#ports.onEmpty();
        return;
      }
      if (waitMs === 0) continue;
      this.#timer = this.#ports.clock.schedule(Math.min(waitMs, LONGEST_SLEEP_MS), () => {
        this.#timer = undefined;
        void this.#serve(this.#ports.take());
      });
      return;
    }
  }

  /** Refuses whoever cannot have a turn before the deadline, as far as that can be known. */
  #refuseLate(): void {
    let place = 0;
    for (const waiting of [...this.#queue]) {
      if (!this.#refuseIfLate(waiting, this.#turnAt(place))) place += 1;
    }
  }

  #refuseIfLate(waiting: Waiting | undefined, turnAt: number): boolean {
    const deadline = waiting?.call.deadline;
    if (waiting === undefined || deadline === undefined || turnAt < deadline) return false;
    waiting.refuse(this.#refusal(waiting.call, turnAt));
    return true;
  }

  /** Milliseconds since the epoch at which the call at `place` of the queue may have its token, at the earliest. */
  #turnAt(place: number): number {
    return Math.max(this.#headAt, this.#ports.clock.now()) + (place * 1_000) / this.#limit.perSecond;
  }

  #refusal(call: Call, turnAt: number): ConductorError {
    const retryAfterMs = Math.max(0, Math.ceil(turnAt - this.#ports.clock.now()));
    return new ConductorError(
      'RATE_LIMITED',
      `${this.#key} takes ${this.#limit.perSecond} calls per second, and this one would have to wait ${retryAfterMs} ms, past its deadline`,
      { details: { server: call.server, retryAfterMs } },
    );
  }

  #remove(waiting: Waiting): void {
    const index = this.#queue.indexOf(waiting);
    if (index >= 0) this.#queue.splice(index, 1);
    // Without a timer `#serve` is under way, and closes the gate itself.
    if (this.#queue.length > 0 || this.#timer === undefined) return;
    this.#timer.dispose();
    this.#timer = undefined;
    this.#ports.onEmpty();
  }
}
