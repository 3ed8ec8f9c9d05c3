/** Ends one attempt that takes too long, by a limit learned from the tool's own latencies (guide: Adaptive Timeouts). */
import { abortError, childController, raceAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { ConductorError } from '../base/errors.ts';
import type { Call, Invoke, Middleware, Progress, ServerDirectory } from '../contracts/index.ts';
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
  return (next: Invoke): Invoke =>
    async function timeoutCall(call) {
      if (options.servers.get(call.server)?.state.status !== 'ready') {
        await options.servers.start(call.server, call.signal);
      }
      const key = `${call.server}.${targetOf(call.request)}`;
      const limitMs = attemptLimit(call, limits.limitFor(key), options.clock.now());
      if (call.record !== undefined) call.record.limitMs = limitMs;
      return runAttempt(next, call, limitMs, key, options.clock, limits);
    };
}

function attemptLimit(call: Call, adaptiveMs: number, now: number): number {
  const own = call.timeoutMs ?? adaptiveMs;
  return call.deadline === undefined ? own : Math.max(0, Math.min(own, call.deadline - now));
}

async function runAttempt(
  next: Invoke,
  call: Call,
  limitMs: number,
  key: string,
  clock: Clock,
  limits: AdaptiveLimits,
): ReturnType<Invoke> {
  const child = childController(call.signal);
  const startedAt = clock.monotonic();
  let expired = false;
  const arm = (): Disposable =>
    clock.schedule(limitMs, () => {
      expired = true;
      child.controller.abort(
        new ConductorError('TIMEOUT', `${key} gave no answer within ${formatMs(limitMs)}`, {
          details: { server: call.server, limitMs },
        }),
      );
    });
  let timer = arm();
  const onProgress = (progress: Progress): void => {
    timer.dispose();
    timer = arm();
    call.onProgress?.(progress);
  };
  try {
    const reply = await raceAbort(
      next({ ...call, signal: child.controller.signal, onProgress }),
      child.controller.signal,
    );
    limits.succeeded(key, clock.monotonic() - startedAt);
    return reply;
  } catch (error) {
    if (expired) {
      limits.timedOut(key);
      call.record?.events.push({ name: 'timeout', at: clock.now(), data: { limitMs: Math.round(limitMs) } });
    }
    throw child.controller.signal.aborted ? abortError(child.controller.signal) : error;
  } finally {
    timer.dispose();
    child.dispose();
  }
}

function formatMs(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toFixed(1))} s` : `${Math.round(ms)} ms`;
}
