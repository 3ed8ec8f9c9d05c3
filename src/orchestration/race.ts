/** First success wins; the others are stopped on the wire. Also one after another, when the earlier is slow or fails. */
import type { Clock } from '../base/clock.ts';
import { Contest, type Contestant, type Ended, type Outcome } from './contest.ts';

export interface RaceOptions<T> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A reply it refuses does not win; a text says why. @default every reply may win */
  readonly accept?: ((value: T, id: string) => boolean | string) | undefined;
  /** Milliseconds for all of them together. @default none */
  readonly deadlineMs?: number | undefined;
  /** Milliseconds that a stopped try has to end. @default 5,000 */
  readonly graceMs?: number | undefined;
}

export interface RaceResult<T> {
  /** Undefined when none succeeded. */
  readonly winner: { readonly id: string; readonly value: T } | undefined;
  /** All of them, in the order they were given, with what was lost and why. */
  readonly outcomes: readonly Outcome<T>[];
}

/**
 * All start at once.
 *
 * @throws ConductorError CANCELLED when the asker gives up
 * @example
 * const { winner, outcomes } = await race(mirrors.map(fetchFrom), { clock, signal });
 */
export function race<T>(contestants: readonly Contestant<T>[], options: RaceOptions<T>): Promise<RaceResult<T>> {
  return staggered(contestants, { ...options, afterMs: 0, keep: true });
}

export interface StaggeredOptions<T> extends RaceOptions<T> {
  /** Milliseconds after which the next one is asked, if none has succeeded; a failure asks it at once. */
  readonly afterMs: number;
}

/**
 * Hedging across servers: the next one is asked when the earlier ones are slow, and these stay in the race.
 * Whoever lets this loose has obtained every approval before, since several servers may act.
 */
export function hedgeAcross<T>(
  contestants: readonly Contestant<T>[],
  options: StaggeredOptions<T>,
): Promise<RaceResult<T>> {
  return staggered(contestants, { ...options, keep: true });
}

/** Milliseconds after which a fallback takes over (guide: Timeout Management). */
const FALLBACK_AFTER_MS = 30_000;

/**
 * Time-out with fallback: one at a time, in order; whoever is slow is stopped before the next one is asked.
 *
 * @example
 * const { winner } = await withFallback([primary, secondary], { clock, signal, afterMs: 30_000 });
 */
export function withFallback<T>(
  contestants: readonly Contestant<T>[],
  options: Omit<StaggeredOptions<T>, 'afterMs'> & { readonly afterMs?: number | undefined },
): Promise<RaceResult<T>> {
  return staggered(contestants, { ...options, afterMs: options.afterMs ?? FALLBACK_AFTER_MS, keep: false });
}

interface Course<T> extends StaggeredOptions<T> {
  /** False stops the slow one when its time is over. */
  readonly keep: boolean;
}

async function staggered<T>(contestants: readonly Contestant<T>[], course: Course<T>): Promise<RaceResult<T>> {
  const { clock, afterMs, deadlineMs = Number.POSITIVE_INFINITY, accept = () => true } = course;
  if (!(afterMs >= 0)) throw new RangeError(`afterMs must be at least 0, not ${String(afterMs)}`);
  const contest = new Contest(contestants, course);
  const until = clock.monotonic() + deadlineMs;
  const waiting = [...contestants];
  let current: Contestant<T> | undefined;
  const startNext = (): void => {
    if (current !== undefined && !course.keep) contest.stop(current.id, `no answer within ${afterMs} ms`);
    current = waiting.shift();
    if (current !== undefined) contest.start(current);
  };
  startNext();
  while (afterMs === 0 && course.keep && waiting.length > 0) startNext();
  let winner: { readonly id: string; readonly value: T } | undefined;
  while (winner === undefined) {
    const patience = waiting.length > 0 || !course.keep ? afterMs : Number.POSITIVE_INFINITY;
    const left = until - clock.monotonic();
    const ended: Ended<T> | undefined = await contest.next(Math.min(patience, left));
    winner = won(contest, ended, accept);
    if (winner !== undefined || clock.monotonic() >= until) break;
    if (waiting.length > 0) startNext();
    else if (ended === undefined) break;
  }
  const because = winner === undefined ? 'the time was over' : `${winner.id} was first`;
  return { winner, outcomes: await contest.finish(because) };
}

function won<T>(
  contest: Contest<T>,
  ended: Ended<T> | undefined,
  accept: NonNullable<RaceOptions<T>['accept']>,
): { readonly id: string; readonly value: T } | undefined {
  if (ended?.status !== 'succeeded') return undefined;
  const verdict = accept(ended.value, ended.id);
  if (verdict === true) return { id: ended.id, value: ended.value };
  contest.reject(ended.id, verdict === false ? 'not accepted' : verdict);
  return undefined;
}
