/** Stops sending calls to a server that keeps failing, and finds out with one probe when it is well again. */
import type { Clock } from '../base/clock.ts';
import { ConductorError, type ErrorCode, isConductorError, messageOf } from '../base/errors.ts';
import type { Call, Invoke, Middleware, ServerId } from '../contracts/index.ts';
import { checkNumber, checkWhole } from './option-checks.ts';
import { OutcomeWindow } from './outcome-window.ts';

export interface BreakerOptions {
  readonly clock: Clock;
  /** Failures in a row that open it. @default 5 */
  readonly failures?: number | undefined;
  /** Share of failures within the window that opens it, over 0 up to 1. @default 0.5 */
  readonly failureShare?: number | undefined;
  /** Calls within the window below which the share says nothing. @default 10 */
  readonly minCalls?: number | undefined;
  /** Length of the window, milliseconds. @default 30000 */
  readonly windowMs?: number | undefined;
  /** Rest of an open breaker before it lets a probe pass, milliseconds. @default 10000 */
  readonly restMs?: number | undefined;
}

export type BreakerState =
  | { readonly kind: 'closed' /** Failures in a row so far. */; readonly failures: number }
  | { readonly kind: 'open' /** Milliseconds since the epoch. */; readonly until: number; readonly because: string }
  | { readonly kind: 'half-open'; readonly probing: boolean };

/** What one call says of its server's health; `unknown` is anything that is not the way's fault. */
type Health = 'well' | 'failed' | 'unknown';

/** A tool's `isError` is a reply, and what we refuse, limit or cancel ourselves says nothing of the server. */
const FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['TIMEOUT', 'CONNECTION_LOST', 'SERVER_START_FAILED']);
const CLOSED: BreakerState = { kind: 'closed', failures: 0 };
/** Milliseconds after which a call that met a running probe may ask again. */
const PROBE_WAIT_MS = 1_000;

type Settings = Required<Omit<BreakerOptions, 'clock'>>;

class Circuit {
  readonly #server: ServerId;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #window: OutcomeWindow;
  #state: BreakerState = CLOSED;
  #reopensAt = 0;
  #lastFailure: unknown;
  /** Calls that one lost connection took with it count as one failure. */
  #lastIncident: unknown;
  /** Grows with every change between closed, open and probing: what an earlier call says is then out of date. */
  #generation = 0;

  constructor(server: ServerId, settings: Settings, clock: Clock) {
    this.#server = server;
    this.#settings = settings;
    this.#clock = clock;
    this.#window = new OutcomeWindow(settings.windowMs);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /**
   * @returns the generation that the call belongs to
   * @throws ConductorError BREAKER_OPEN
   */
  enter(): number {
    switch (this.#state.kind) {
      case 'closed':
        return this.#generation;
      case 'open': {
        const leftMs = this.#reopensAt - this.#clock.monotonic();
        if (leftMs > 0) throw this.#refusal(leftMs, this.#state.because);
        return this.#probe();
      }
      case 'half-open':
        if (this.#state.probing) throw this.#refusal(PROBE_WAIT_MS, 'one call is finding out whether it is well again');
        return this.#probe();
    }
  }

  /** @returns whether this opened the breaker */
  left(generation: number, health: Health, error: unknown): boolean {
    if (generation !== this.#generation) return false;
    if (this.#state.kind === 'half-open') return this.#probed(health, error);
    if (health === 'unknown' || this.#isKnownIncident(error)) return false;
    const now = this.#clock.monotonic();
    this.#window.record(health === 'failed', now);
    if (health === 'well') {
      if (this.#state !== CLOSED) this.#state = CLOSED;
      return false;
    }
    return this.#failed(error, now);
  }

  #failed(error: unknown, now: number): boolean {
    const { failures: limit, failureShare, minCalls } = this.#settings;
    const failures = this.#state.kind === 'closed' ? this.#state.failures + 1 : 1;
    this.#state = { kind: 'closed', failures };
    this.#lastFailure = error;
    if (failures >= limit) return this.#open(`it failed ${failures} times in a row`);
    const share = this.#window.failureShare(minCalls, now);
    if (share < failureShare) return false;
    return this.#open(`${Math.round(share * 100)} % of its calls failed`);
  }

  #probed(health: Health, error: unknown): boolean {
    if (health === 'failed') {
      this.#lastFailure = error;
      return this.#open('it failed again when it was tried');
    }
    if (health === 'unknown') this.#state = { kind: 'half-open', probing: false };
    else this.#close();
    return false;
  }

  #probe(): number {
    this.#state = { kind: 'half-open', probing: true };
    this.#generation += 1;
    return this.#generation;
  }

  #open(because: string): true {
    const { restMs } = this.#settings;
    this.#reopensAt = this.#clock.monotonic() + restMs;
    this.#state = { kind: 'open', until: this.#clock.now() + restMs, because };
    this.#generation += 1;
    return true;
  }

  #close(): void {
    this.#state = CLOSED;
    this.#window.clear();
    this.#generation += 1;
  }

  #isKnownIncident(error: unknown): boolean {
    const incident = isConductorError(error) ? error.details.incident : undefined;
    if (incident === undefined) return false;
    const known = incident === this.#lastIncident;
    this.#lastIncident = incident;
    return known;
  }

  #refusal(leftMs: number, because: string): ConductorError {
    const retryAfterMs = Math.ceil(leftMs);
    const seconds = Number((retryAfterMs / 1_000).toFixed(1));
    const last = this.#lastFailure === undefined ? '' : `; the last failure: ${messageOf(this.#lastFailure)}`;
    return new ConductorError(
      'BREAKER_OPEN',
      `server "${this.#server}" is given a rest, because ${because}; it is tried again in ${seconds} s${last}`,
      { cause: this.#lastFailure, details: { server: this.#server, retryAfterMs } },
    );
  }
}

/** The breakers of all servers; shared with the views that list them. */
export class Breakers {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #circuits = new Map<ServerId, Circuit>();

  /** @throws RangeError for an option out of its range */
  constructor(options: BreakerOptions) {
    this.#clock = options.clock;
    this.#settings = {
      failures: checkWhole('breaker.failures', options.failures ?? 5, 1),
      failureShare: checkNumber('breaker.failureShare', options.failureShare ?? 0.5, 0.01, 1),
      minCalls: checkWhole('breaker.minCalls', options.minCalls ?? 10, 1),
      windowMs: checkNumber('breaker.windowMs', options.windowMs ?? 30_000, 10),
      restMs: checkNumber('breaker.restMs', options.restMs ?? 10_000, 1),
    };
  }

  /** Every server that was called so far. */
  list(): readonly { readonly server: ServerId; readonly state: BreakerState }[] {
    return [...this.#circuits].map(([server, { state }]) => ({ server, state }));
  }

  circuit(server: ServerId): Circuit {
    const known = this.#circuits.get(server);
    if (known !== undefined) return known;
    const circuit = new Circuit(server, this.#settings, this.#clock);
    this.#circuits.set(server, circuit);
    return circuit;
  }
}

/**
 * One breaker per server. It opens after five failures on the way in a row, or when at least half of ten or more calls
 * within 30 s failed; 10 s later one call may probe: an answer closes it, a failure opens it again.
 *
 * @throws RangeError for an option out of its range
 * @example
 * composeStack(directory.invoke, { breaker: breaker({ clock: systemClock }) });
 */
export function breaker(options: BreakerOptions, breakers = new Breakers(options)): Middleware {
  const { clock } = options;
  return (next: Invoke): Invoke =>
    async function breakerCall(call) {
      const circuit = breakers.circuit(call.server);
      const generation = circuit.enter();
      try {
        const reply = await next(call);
        circuit.left(generation, 'well', undefined);
        return reply;
      } catch (error) {
        const opened = circuit.left(generation, healthAfter(error, call, clock), error);
        if (opened) call.record?.events.push({ name: 'breaker.opened', at: clock.now() });
        throw error;
      }
    };
}

/** A time-out because the caller's own deadline was near is not the server's fault. */
function healthAfter(error: unknown, call: Call, clock: Clock): Health {
  if (!isConductorError(error) || !FAILURES.has(error.code)) return 'unknown';
  const outOfTime = error.code === 'TIMEOUT' && call.deadline !== undefined && clock.now() >= call.deadline;
  return outOfTime ? 'unknown' : 'failed';
}
