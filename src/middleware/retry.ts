/** Tries a call again when that may help and cannot do a thing twice (guide: Error Handling). */
import { type Clock, sleep } from '../base/clock.ts';
import { ConductorError, isConductorError } from '../base/errors.ts';
import type { Call, Invoke, Middleware, RetryWish, ServerId } from '../contracts/index.ts';
import { CallBudgets } from './call-budget.ts';
import { checkNumber, checkWhole } from './option-checks.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** The user's policy: whether a call that may have been carried out can be made again. */
  readonly isIdempotent: (server: ServerId, tool: string) => boolean;
  /** 0 up to but not including 1. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Attempts after the first. @default 3 */
  readonly retries?: number | undefined;
  /** Longest first wait, milliseconds; full jitter draws from 0 up to it. @default 1000 */
  readonly baseMs?: number | undefined;
  /** What the longest wait grows by from attempt to attempt. @default 2 */
  readonly factor?: number | undefined;
  /** Longest wait, milliseconds; a server that asks for a longer one (`Retry-After`) is not asked again. @default 60000 */
  readonly maxWaitMs?: number | undefined;
  /** Retries a server may get per call it gets, 0 to 1. @default 0.1 */
  readonly budgetShare?: number | undefined;
  /** Retries per minute and server that are free of that. @default 10 */
  readonly budgetPerMinute?: number | undefined;
  /** Retries per server that can be saved up. @default 50, as many as calls run at once */
  readonly budgetBurst?: number | undefined;
}

type RetryPlan = { readonly [Part in keyof RetryWish]-?: number };

/** Why a failure is final. */
type Refusal = 'permanent' | 'retries' | 'executed' | 'wait' | 'deadline' | 'budget';

/**
 * Retries transient failures with exponential back-off and full jitter, no sooner than the server or the breaker asks
 * (`details.retryAfterMs`), never past the deadline of the call, and within a budget per server. A call whose step says so (`retry`) has numbers of its own. What may have been
 * carried out (`TIMEOUT`, `CONNECTION_LOST` unless surely not sent) is repeated only if policy calls it idempotent.
 *
 * @throws RangeError for an option out of its range
 * @example
 * composeStack(directory.invoke, { retry: retry({ clock: systemClock, isIdempotent: (server, tool) => policy(server, tool).idempotent }) });
 */
export function retry(options: RetryOptions): Middleware {
  const judge = new RetryJudge(options);
  const { clock } = options;
  return (next: Invoke): Invoke =>
    async function retryCall(call) {
      judge.called(call.server);
      for (let attempt = 1; ; attempt += 1) {
        try {
          const reply = await next(call);
          countAttempt(call);
          return reply;
        } catch (error) {
          if (reachedServer(error)) countAttempt(call);
          const waitMs = judge.waitFor(error, call, attempt);
          call.onPhase?.('waiting');
          await sleep(clock, waitMs, call.signal);
        }
      }
    };
}

function countAttempt(call: Call): void {
  if (call.record !== undefined) call.record.attempts += 1;
}

/** Decides on one failure; the budgets are all it remembers. */
class RetryJudge {
  readonly #clock: Clock;
  readonly #isIdempotent: RetryOptions['isIdempotent'];
  readonly #random: () => number;
  readonly #retries: number;
  readonly #baseMs: number;
  readonly #factor: number;
  readonly #maxWaitMs: number;
  readonly #budgets: CallBudgets;

  constructor(options: RetryOptions) {
    this.#clock = options.clock;
    this.#isIdempotent = options.isIdempotent;
    this.#random = options.random ?? Math.random;
    this.#retries = checkWhole('retry.retries', options.retries ?? 3, 0);
    this.#baseMs = checkNumber('retry.baseMs', options.baseMs ?? 1_000, 0);
    this.#factor = checkNumber('retry.factor', options.factor ?? 2, 1);
    this.#maxWaitMs = checkNumber('retry.maxWaitMs', options.maxWaitMs ?? 60_000, 0);
    this.#budgets = new CallBudgets({
      clock: options.clock,
      share: checkNumber('retry.budgetShare', options.budgetShare ?? 0.1, 0, 1),
      perMinute: checkNumber('retry.budgetPerMinute', options.budgetPerMinute ?? 10, 0),
      burst: checkNumber('retry.budgetBurst', options.budgetBurst ?? 50, 0),
    });
  }

  called(server: ServerId): void {
    this.#budgets.earn(server);
  }

  /**
   * @returns milliseconds to wait before the next attempt; it is paid for then
   * @throws the failure, when it is final
   */
  waitFor(error: unknown, call: Call, attempt: number): number {
    if (!isConductorError(error)) throw error;
    const verdict = this.#judge(error, call, attempt);
    note(call, this.#clock, error, attempt, verdict);
    if (typeof verdict === 'string') throw finalError(error, attempt, verdict);
    return verdict;
  }

  #judge(error: ConductorError, call: Call, attempt: number): number | Refusal {
    if (!error.retryable) return 'permanent';
    if (mayHaveRun(error) && !this.#isRepeatable(call)) return 'executed';
    const { retries, baseMs, factor, maxWaitMs } = this.#plan(call);
    if (attempt > retries) return 'retries';
    const askedMs = retryAfterMs(error);
    if (askedMs > maxWaitMs) return 'wait';
    const longestMs = Math.min(maxWaitMs, baseMs * factor ** (attempt - 1));
    const waitMs = askedMs + this.#random() * longestMs;
    if (call.deadline !== undefined && this.#clock.now() + waitMs >= call.deadline) return 'deadline';
    return this.#budgets.trySpend(call.server) ? waitMs : 'budget';
  }

  /** What the step asks for, in what it leaves open the configuration. The budget is the server's, whoever asks. */
  #plan({ retry = {} }: Call): RetryPlan {
    return {
      retries: retry.retries ?? this.#retries,
      baseMs: retry.baseMs ?? this.#baseMs,
      factor: retry.factor ?? this.#factor,
      maxWaitMs: retry.maxWaitMs ?? this.#maxWaitMs,
    };
  }

  /** Reading resources and prompts changes nothing by the protocol; what a tool does only the user's policy knows. */
  #isRepeatable(call: Call): boolean {
    return call.request.kind !== 'tool' || this.#isIdempotent(call.server, call.request.tool);
  }
}

function mayHaveRun(error: ConductorError): boolean {
  return error.code === 'TIMEOUT' || (error.code === 'CONNECTION_LOST' && error.sent !== false);
}

function reachedServer(error: unknown): boolean {
  if (!isConductorError(error)) return true;
  if (error.code === 'BREAKER_OPEN' || error.code === 'SERVER_START_FAILED' || error.sent === false) return false;
  // Our own limiter refuses without a status; a server that was reached refuses with one.
  const { status, rpcCode } = error.details;
  return error.code !== 'RATE_LIMITED' || status !== undefined || rpcCode !== undefined;
}

function retryAfterMs(error: ConductorError): number {
  const asked = error.details.retryAfterMs;
  return typeof asked === 'number' && asked > 0 ? asked : 0;
}

function note(call: Call, clock: Clock, error: ConductorError, attempt: number, verdict: number | Refusal): void {
  if (call.record === undefined || verdict === 'permanent') return;
  const { code } = error;
  call.record.events.push(
    typeof verdict === 'string'
      ? { name: 'retry.refused', at: clock.now(), data: { attempt, code, because: verdict } }
      : { name: 'retry', at: clock.now(), data: { attempt, code, waitMs: Math.round(verdict) } },
  );
}

/** The first failure passes as it is; a later one says how many attempts there were. */
function finalError(error: ConductorError, attempts: number, because: Refusal): ConductorError {
  if (attempts === 1 || error.code === 'CANCELLED') return error;
  return new ConductorError(error.code, `${error.message} (attempt ${attempts}, the last)`, {
    cause: error,
    ...(error.sent === undefined ? {} : { sent: error.sent }),
    retryable: error.retryable,
    details: { ...error.details, attempts, notRetried: because },
  });
}
