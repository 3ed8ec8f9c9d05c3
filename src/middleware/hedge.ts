/** Sends a second copy of a call that takes unusually long, and goes on with whichever is answered first (guide: Timeout Management). */
import { childController } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { ConductorError } from '../base/errors.ts';
import type { Call, Invoke, Middleware, Progress, Reply, ServerId } from '../contracts/index.ts';
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
 * min(p95, 3 × p50) of what first copies took, and at most 5 % more calls. The loser is cancelled on the wire and
 * awaited; when both fail, the first failure counts.
 *
 * @throws RangeError for an option out of its range
 * @example
 * composeStack(directory.invoke, { hedge: hedge({ clock: systemClock, isEnabled: () => true, isIdempotent }) });
 */
export function hedge(options: HedgeOptions): Middleware {
  const { isEnabled = () => false, isIdempotent } = options;
  const plan = new HedgePlan(options);
  return (next: Invoke): Invoke =>
    async function hedgeCall(call) {
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
  readonly #latencies = new LatencyWindows();
  readonly #budgets: CallBudgets;
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
  }

  mayHedge(server: ServerId): boolean {
    return this.#budgets.trySpend(server);
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
    const startedAt = clock.monotonic();
    const decided = new Promise<Reply>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const timer = clock.schedule(this.#plan.waitFor(this.#key), () => this.#hedge());
    this.#start(0);
    try {
      const reply = await decided;
      // A failed copy says nothing of how long answers take.
      if (this.#firstFailure?.number !== 0) this.#plan.firstCopyTook(this.#key, clock.monotonic() - startedAt);
      return reply;
    } finally {
      timer.dispose();
      await this.#cancelLosers();
    }
  }

  #hedge(): void {
    if (this.#winner !== undefined || this.#call.signal.aborted || !this.#plan.mayHedge(this.#call.server)) return;
    this.#note('hedge', 1);
    this.#start(1);
  }

  #start(number: number): void {
    const { controller, dispose } = childController(this.#call.signal);
    const copy: Call = { ...this.#call, leg: number, signal: controller.signal, onProgress: this.#onProgress };
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
    this.#firstFailure ??= { number, error };
    if (this.#running === 0) this.#reject(this.#firstFailure.error);
  }

  async #cancelLosers(): Promise<void> {
    for (const { number, controller, detach } of this.#legs) {
      if (this.#running > 0 && number !== this.#winner) {
        controller.abort(
          new ConductorError('CANCELLED', `another copy of the call to ${this.#key} was answered first`),
        );
      }
      detach.dispose();
    }
    if (this.#running > 0) await Promise.all(this.#legs.map(({ ended }) => ended));
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
