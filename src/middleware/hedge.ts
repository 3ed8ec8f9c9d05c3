/** Sends a second copy of a call that takes unusually long, and goes on with whichever is answered first (guide: Timeout Management). */
import { childController } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { type Disposable, disposable } from '../base/disposables.ts';
import { ConductorError, isConductorError } from '../base/errors.ts';
import type { Call, CallPhase, Invoke, Middleware, Progress, Reply, ServerId } from '../contracts/index.ts';
import { CallBudgets } from './call-budget.ts';
import { LatencyWindows } from './latency.ts';
import { checkNumber, checkWhole } from './option-checks.ts';

export interface HedgeOptions {
  readonly clock: Clock;
  /** Tools that are hedged at all. @default none */
  readonly isEnabled?: ((server: ServerId, tool: string) => boolean) | undefined;
  /** The user's policy: whether carrying out a call twice does no harm. Without it nothing is hedged. */
  readonly isIdempotent: (server: ServerId, tool: string) => boolean;
  /** Wait for the first copy while there is no history, milliseconds. @default 5000 */
  readonly initialMs?: number | undefined;
  /** Answers that make a history. @default 5 */
  readonly minSamples?: number | undefined;
  /** The wait is the smaller one of p95 and p50 times this. @default 3 */
  readonly medianFactor?: number | undefined;
  /** Second copies per call, 0 to 1, counted for each server. @default 0.05 */
  readonly budgetShare?: number | undefined;
  /** Second copies per server that can be saved up. @default 10 */
  readonly budgetBurst?: number | undefined;
}

interface Leg {
  readonly number: number;
  readonly controller: AbortController;
  readonly detach: Disposable;
  /** Settles when the leg has, and never rejects. */
  readonly ended: Promise<void>;
}

/**
 * A second copy (`leg: 1`, for the same server's other connection) of a call to an enabled, idempotent tool, after
 * min(p95, 3 × p50) of what first copies took, and at most 5 % more calls: those that find nothing left of that get
 * their copy as soon as later calls have earned it, the longest overdue first. Queueing does not count. The loser is
 * cancelled on the wire and awaited; when both fail, the first failure counts.
 *
 * @throws RangeError for an option out of its range
 * @example
 * composeStack(directory.invoke, { hedge: hedge({ clock: systemClock, isEnabled: () => true, isIdempotent }) });
 */
export function hedge(options: HedgeOptions): Middleware {
  const { isEnabled = () => false, isIdempotent } = options;
  const plan = new HedgePlan(options);
  return (next: Invoke): Invoke =>
    function hedgeCall(call) {
      const { request, server } = call;
      if (request.kind !== 'tool' || !isEnabled(server, request.tool) || !isIdempotent(server, request.tool)) {
        return next(call);
      }
      plan.called(server);
      return new Race(next, call, `${server}.${request.tool}`, plan).run();
    };
}

/** When a second copy is sent: what is known of latencies, and what is left of the budgets. */
class HedgePlan {
  readonly clock: Clock;
  /** A p95 of few samples jumps, and each jump down spends budget on calls that are all but done. */
  readonly #latencies = new LatencyWindows({ size: 500 });
  readonly #budgets: CallBudgets;
  /** Copies that nobody has paid for yet, in the order they fell due. */
  readonly #overdue = new Map<ServerId, Set<() => void>>();
  readonly #initialMs: number;
  readonly #minSamples: number;
  readonly #medianFactor: number;

  constructor(options: HedgeOptions) {
    this.clock = options.clock;
    this.#initialMs = checkNumber('hedge.initialMs', options.initialMs ?? 5_000, 0);
    this.#minSamples = checkWhole('hedge.minSamples', options.minSamples ?? 5, 1);
    this.#medianFactor = checkNumber('hedge.medianFactor', options.medianFactor ?? 3, 1);
    this.#budgets = new CallBudgets({
      clock: options.clock,
      share: checkNumber('hedge.budgetShare', options.budgetShare ?? 0.05, 0, 1),
      perMinute: 0,
      burst: checkNumber('hedge.budgetBurst', options.budgetBurst ?? 10, 1),
    });
  }

  called(server: ServerId): void {
    this.#budgets.earn(server);
    const overdue = this.#overdue.get(server);
    if (overdue !== undefined && overdue.size > 0) this.#serve(server, overdue);
  }

  /** Sends the copy now, or when it is paid for. @returns takes back the wish */
  copyWhenPaid(server: ServerId, send: () => void): Disposable {
    const overdue = this.#overdue.get(server) ?? new Set();
    this.#overdue.set(server, overdue);
    overdue.add(send);
    this.#serve(server, overdue);
    return disposable(() => overdue.delete(send));
  }

  #serve(server: ServerId, overdue: Set<() => void>): void {
    for (const send of overdue) {
      if (!this.#budgets.trySpend(server)) return;
      overdue.delete(send);
      send();
    }
  }

  /** @returns milliseconds */
  waitFor(key: string): number {
    if (this.#latencies.count(key) < this.#minSamples) return this.#initialMs;
    const p95 = this.#latencies.percentile(key, 0.95) ?? this.#initialMs;
    const p50 = this.#latencies.percentile(key, 0.5) ?? this.#initialMs;
    return Math.min(p95, this.#medianFactor * p50);
  }

  /** @param ms - what the first copy took, or at least took when it was cancelled because the second one had won */
  firstCopyTook(key: string, ms: number): void {
    this.#latencies.record(key, ms);
  }
}

/** One hedged call from its first copy to its end. */
class Race {
  readonly #next: Invoke;
  readonly #call: Call;
  readonly #key: string;
  readonly #plan: HedgePlan;
  readonly #legs: Leg[] = [];
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  /** Monotonic milliseconds at which the first copy was sent. */
  #startedAt = 0;
  /** The timer of the second copy, then its place among those that are overdue. */
  #wish: Disposable = { dispose: () => undefined };
  #isHeld = false;
  /** Of the first copy, as far as the connections tell. */
  #attempts = 0;
  #running = 0;
  #winner: number | undefined;
  #firstFailure: { readonly number: number; readonly error: unknown } | undefined;
  #resolve: (reply: Reply) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(next: Invoke, call: Call, key: string, plan: HedgePlan) {
    this.#next = next;
    this.#call = call;
    this.#key = key;
    this.#plan = plan;
    this.#onProgress = furthest(call.onProgress);
  }

  async run(): Promise<Reply> {
    const { clock } = this.#plan;
    const decided = new Promise<Reply>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#arm();
    this.#start(0);
    try {
      const reply = await decided;
      // A first attempt that failed says nothing of how long answers take.
      const isTrue = this.#firstFailure?.number !== 0 && this.#attempts <= 1;
      if (isTrue) this.#plan.firstCopyTook(this.#key, clock.monotonic() - this.#startedAt);
      return reply;
    } finally {
      this.#wish.dispose();
      this.#cancelLosers();
      if (this.#running > 0) await Promise.all(this.#legs.map(({ ended }) => ended));
    }
  }

  #arm(): void {
    const { clock } = this.#plan;
    this.#startedAt = clock.monotonic();
    this.#wish = clock.schedule(this.#plan.waitFor(this.#key), () => {
      if (this.#winner !== undefined || this.#call.signal.aborted) return;
      this.#wish = this.#plan.copyWhenPaid(this.#call.server, () => this.#hedge());
    });
  }

  #hedge(): void {
    this.#note('hedge', 1);
    this.#start(1);
  }

  /** What the first copy waits for before it is sent is no reason to send a second one. */
  #phase(phase: CallPhase): void {
    if (phase === 'sent') this.#attempts += 1;
    if (this.#legs.length < 2) {
      if (phase === 'waiting') this.#wish.dispose();
      else if (this.#isHeld) this.#arm();
    }
    this.#isHeld = phase === 'waiting';
    this.#call.onPhase?.(phase);
  }

  #start(number: number): void {
    const { controller, dispose } = childController(this.#call.signal);
    const copy: Call = {
      ...this.#call,
      leg: number,
      copies: this,
      signal: controller.signal,
      onProgress: this.#onProgress,
      onPhase: number === 0 ? (phase) => this.#phase(phase) : undefined,
    };
    this.#running += 1;
    const ended = this.#next(copy).then(
      (reply) => this.#answered(number, reply),
      (error: unknown) => this.#failed(number, error),
    );
    this.#legs.push({ number, controller, detach: { dispose }, ended });
  }

  #answered(number: number, reply: Reply): void {
    this.#running -= 1;
    if (this.#winner !== undefined) return;
    this.#winner = number;
    if (this.#legs.length > 1) this.#note('hedge.won', number);
    this.#resolve(reply);
  }

  #failed(number: number, error: unknown): void {
    this.#running -= 1;
    // A second copy that nobody could take is no failure of the call.
    const isRefused = number > 0 && isConductorError(error) && error.code === 'CANCELLED';
    if (!isRefused) this.#firstFailure ??= { number, error };
    if (this.#running === 0) this.#reject((this.#firstFailure ?? { error }).error);
  }

  #cancelLosers(): void {
    for (const { number, controller, detach } of this.#legs) {
      if (this.#running > 0 && number !== this.#winner) {
        controller.abort(
          new ConductorError('CANCELLED', `another copy of the call to ${this.#key} was answered first`),
        );
      }
      detach.dispose();
    }
  }

  #note(name: string, leg: number): void {
    this.#call.record?.events.push({ name, at: this.#plan.clock.now(), data: { leg } });
  }
}

/** Both copies tell how far they are; the caller hears of the one that is ahead. */
function furthest(tell: Call['onProgress']): Call['onProgress'] {
  if (tell === undefined) return undefined;
  let reached = Number.NEGATIVE_INFINITY;
  return (progress) => {
    if (progress.progress < reached) return;
    reached = progress.progress;
    tell(progress);
  };
}
