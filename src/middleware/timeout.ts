/** Ends one attempt that takes too long, by a limit learned from the tool's own latencies (guide: Adaptive Timeouts). */
import { abortError, ONCE } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { ConductorError } from '../base/errors.ts';
import type { Call, CallPhase, Invoke, Middleware, Progress, Reply, ServerDirectory } from '../contracts/index.ts';
import { LatencyWindows } from './latency.ts';
import { targetOf } from './target.ts';

export interface TimeoutOptions {
  readonly clock: Clock;
  /** Servers are started before the clock of an attempt starts. */
  readonly servers: Pick<ServerDirectory, 'get' | 'start'>;
  /** Limit below `minSamples` observations, milliseconds. @default 30000 */
  readonly initialMs?: number;
  /** Observations before the limit adapts. @default 5 */
  readonly minSamples?: number;
  /** The limit is p95 times this. @default 2 */
  readonly factor?: number;
  /** Lower bound of the adapted limit, milliseconds. @default 5000 */
  readonly minMs?: number;
  /** Upper bound of the adapted limit, milliseconds. @default 300000 */
  readonly maxMs?: number;
}

/** What the limit of the next attempt would be; shared with the views that show it. */
export class AdaptiveLimits {
  readonly #latencies = new LatencyWindows();
  readonly #doublings = new Map<string, number>();
  readonly #options: Required<Omit<TimeoutOptions, 'clock' | 'servers'>>;

  constructor(options: Omit<TimeoutOptions, 'clock' | 'servers'>) {
    this.#options = {
      initialMs: options.initialMs ?? 30_000,
      minSamples: options.minSamples ?? 5,
      factor: options.factor ?? 2,
      minMs: options.minMs ?? 5_000,
      maxMs: options.maxMs ?? 300_000,
    };
  }

  /** @returns milliseconds */
  limitFor(key: string): number {
    const { initialMs, minSamples, factor, minMs, maxMs } = this.#options;
    const p95 = this.#latencies.count(key) < minSamples ? undefined : this.#latencies.percentile(key, 0.95);
    const base = p95 === undefined ? initialMs : Math.max(minMs, p95 * factor);
    return Math.min(maxMs, base * 2 ** (this.#doublings.get(key) ?? 0));
  }

  succeeded(key: string, ms: number): void {
    this.#doublings.delete(key);
    this.#latencies.record(key, ms);
  }

  timedOut(key: string): void {
    this.#doublings.set(key, Math.min(10, (this.#doublings.get(key) ?? 0) + 1));
  }
}

/**
 * One time-out per attempt: queueing and starting the server do not count, progress restarts it, and it cancels on
 * the wire. A call that names its own `timeoutMs` is held to that instead.
 *
 * @example
 * composeStack(directory.invoke, { timeout: timeout({ clock: systemClock, servers: directory }) });
 */
export function timeout(options: TimeoutOptions, limits = new AdaptiveLimits(options)): Middleware {
  const { servers, clock } = options;
  return (next: Invoke): Invoke => {
    const attempt: Invoke = (call) => {
      const key = `${call.server}.${targetOf(call.request)}`;
      const limitMs = attemptLimit(call, limits.limitFor(key), clock);
      if (call.record !== undefined) call.record.limitMs = limitMs;
      return new Promise((resolve, reject) => {
        new Attempt(call, { key, limitMs, clock, limits, resolve, reject }).start(next);
      });
    };
    return function timeoutCall(call) {
      if (servers.get(call.server)?.state.status === 'ready') return attempt(call);
      call.onPhase?.('waiting');
      return servers.start(call.server, call.signal).then(() => attempt(call));
    };
  };
}

function attemptLimit(call: Call, adaptiveMs: number, clock: Clock): number {
  const own = call.timeoutMs ?? adaptiveMs;
  return call.deadline === undefined ? own : Math.max(0, Math.min(own, call.deadline - clock.now()));
}

interface AttemptOptions {
  /** `server.tool` */
  readonly key: string;
  readonly limitMs: number;
  readonly clock: Clock;
  readonly limits: AdaptiveLimits;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** One attempt, from its start to its answer, its cancellation or the end of its time. */
class Attempt {
  readonly #call: Call;
  readonly #options: AttemptOptions;
  readonly #controller = new AbortController();
  #startedAt: number;
  #timer: Disposable;
  #isHeld = false;
  #over = false;

  constructor(call: Call, options: AttemptOptions) {
    this.#call = call;
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
    this.#timer = options.clock.schedule(options.limitMs, this.#onExpired);
  }

  start(next: Invoke): void {
    const { signal } = this.#call;
    if (signal.aborted) {
      this.#onAbort();
      return;
    }
    signal.addEventListener('abort', this.#onAbort, ONCE);
    next({ ...this.#call, signal: this.#controller.signal, onProgress: this.#onProgress, onPhase: this.#onPhase }).then(
      (reply) => {
        if (!this.#end()) return;
        const { limits, key, clock, resolve } = this.#options;
        limits.succeeded(key, clock.monotonic() - this.#startedAt);
        resolve(reply);
      },
      (error: unknown) => {
        if (this.#end()) this.#options.reject(error);
      },
    );
  }

  readonly #onProgress = (progress: Progress): void => {
    if (!this.#over) {
      this.#timer.dispose();
      this.#timer = this.#options.clock.schedule(this.#options.limitMs, this.#onExpired);
    }
    this.#call.onProgress?.(progress);
  };

  /** Queueing counts for no limit but the caller's own. */
  readonly #onPhase = (phase: CallPhase): void => {
    const { clock, limitMs } = this.#options;
    if (phase === 'waiting' && !this.#over) {
      this.#isHeld = true;
      this.#timer.dispose();
      const { deadline } = this.#call;
      if (deadline !== undefined) {
        this.#timer = clock.schedule(Math.max(0, deadline - clock.now()), this.#onOutOfTime);
      }
    } else if (this.#isHeld && !this.#over) {
      this.#isHeld = false;
      this.#timer.dispose();
      this.#startedAt = clock.monotonic();
      this.#timer = clock.schedule(limitMs, this.#onExpired);
    }
    this.#call.onPhase?.(phase);
  };

  readonly #onOutOfTime = (): void => {
    if (!this.#end()) return;
    const { server } = this.#call;
    const message = `the time for the call was over while it waited for a connection to ${server}`;
    const late = new ConductorError('TIMEOUT', message, { sent: false, details: { server } });
    this.#controller.abort(late);
    this.#options.reject(late);
  };

  readonly #onAbort = (): void => {
    if (!this.#end()) return;
    this.#controller.abort(this.#call.signal.reason);
    this.#options.reject(abortError(this.#call.signal));
  };

  readonly #onExpired = (): void => {
    if (!this.#end()) return;
    const { key, limitMs, limits, clock, reject } = this.#options;
    const { server, record } = this.#call;
    const late = new ConductorError('TIMEOUT', `${key} gave no answer within ${formatMs(limitMs)}`, {
      details: { server, limitMs },
    });
    limits.timedOut(key);
    record?.events.push({ name: 'timeout', at: clock.now(), data: { limitMs: Math.round(limitMs) } });
    this.#controller.abort(late);
    reject(late);
  };

  /** @returns false when it was over already */
  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#timer.dispose();
    this.#call.signal.removeEventListener('abort', this.#onAbort);
    return true;
  }
}

function formatMs(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toFixed(1))} s` : `${Math.round(ms)} ms`;
}
