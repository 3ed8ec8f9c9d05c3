/** Speculative execution: several ways at once, a judge picks the best (guide: Speculative Execution). */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { Contest, type Contestant, type Outcome } from './contest.ts';

/** How good a reply is; higher is better, at any scale. A function of ours, or a model. */
export type Judge<T> = (value: T, id: string, signal: AbortSignal) => number | Promise<number>;

export interface SpeculateOptions<T> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly judge: Judge<T>;
  /** A score from which on nobody waits for a better one. @default all are waited for */
  readonly goodEnough?: number | undefined;
  /** Milliseconds for all of them together. @default 30,000 */
  readonly deadlineMs?: number | undefined;
  /** Milliseconds that a stopped try has to end. @default 5,000 */
  readonly graceMs?: number | undefined;
}

export interface SpeculateResult<T> {
  /** The best reply; of equals the one whose try was given first. Undefined when there is none. */
  readonly winner: { readonly id: string; readonly value: T; readonly score: number } | undefined;
  /** Of every reply that was judged, by id. */
  readonly scores: ReadonlyMap<string, number>;
  readonly outcomes: readonly Outcome<T>[];
}

/**
 * @throws ConductorError CANCELLED when the asker gives up
 * @example
 * const best = await speculate([staticAnalysis, profile, semantic], { clock, signal, judge: (found) => found.score });
 */
export async function speculate<T>(
  contestants: readonly Contestant<T>[],
  options: SpeculateOptions<T>,
): Promise<SpeculateResult<T>> {
  const { clock, deadlineMs = 30_000, goodEnough = Number.POSITIVE_INFINITY } = options;
  const contest = new Contest(contestants, options);
  const until = clock.monotonic() + deadlineMs;
  const scores = new Map<string, number>();
  contest.startAll();
  let best = Number.NEGATIVE_INFINITY;
  while (best < goodEnough) {
    const ended = await contest.next(until - clock.monotonic());
    if (ended === undefined) break;
    if (ended.status === 'failed') continue;
    const score = await scoreOf(options, ended.value, ended.id);
    if (typeof score === 'string') contest.reject(ended.id, score);
    else {
      scores.set(ended.id, score);
      best = Math.max(best, score);
    }
  }
  const outcomes = await contest.finish(
    best >= goodEnough ? 'another one was good enough' : `no answer within ${deadlineMs} ms`,
  );
  return { winner: winnerOf(outcomes, scores), scores, outcomes };
}

/** @returns why there is no score, when there is none */
async function scoreOf<T>({ judge, signal }: SpeculateOptions<T>, value: T, id: string): Promise<number | string> {
  try {
    const score = await judge(value, id, signal);
    return Number.isNaN(score) ? 'the judge gave no number' : score;
  } catch (error) {
    return `it could not be judged: ${messageOf(error)}`;
  }
}

function winnerOf<T>(
  outcomes: readonly Outcome<T>[],
  scores: ReadonlyMap<string, number>,
): SpeculateResult<T>['winner'] {
  let winner: SpeculateResult<T>['winner'];
  for (const outcome of outcomes) {
    const score = scores.get(outcome.id);
    if (outcome.status !== 'succeeded' || score === undefined) continue;
    if (winner === undefined || score > winner.score) winner = { id: outcome.id, value: outcome.value, score };
  }
  return winner;
}
