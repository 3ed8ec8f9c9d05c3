/** Scatter-gather with quorum: enough relevant answers end the waiting (guide: Scatter-Gather with Quorum). */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { Contest, type Contestant, type Outcome } from './contest.ts';

export interface QuorumOptions<T> {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Relevant replies that are wanted. @default 3 */
  readonly size?: number | undefined;
  /** Only what it accepts counts; a text says why not. @default every reply counts */
  readonly isRelevant?: ((value: T, id: string) => boolean | string | Promise<boolean | string>) | undefined;
  /** Milliseconds for all of them together. @default 30,000 */
  readonly deadlineMs?: number | undefined;
  /** Milliseconds that a stopped try has to end. @default 5,000 */
  readonly graceMs?: number | undefined;
}

export interface QuorumResult<T> {
  /** The first relevant replies, in the order they came; exactly as many as were wanted when the quorum was reached. */
  readonly replies: readonly { readonly id: string; readonly value: T }[];
  /** False when there were not enough: then `replies` holds all the relevant ones there are. */
  readonly reached: boolean;
  readonly outcomes: readonly Outcome<T>[];
}

/**
 * @throws RangeError for a quorum of less than one
 * @throws ConductorError CANCELLED when the asker gives up
 * @example
 * const { replies, reached } = await quorum(servers.map(search), { clock, signal, size: 3, isRelevant: hasResults });
 */
export async function quorum<T>(
  contestants: readonly Contestant<T>[],
  options: QuorumOptions<T>,
): Promise<QuorumResult<T>> {
  const { clock, size = 3, deadlineMs = 30_000, isRelevant = () => true } = options;
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`quorum.size must be a whole number of at least 1, not ${String(size)}`);
  }
  const contest = new Contest(contestants, options);
  const until = clock.monotonic() + deadlineMs;
  const replies: { readonly id: string; readonly value: T }[] = [];
  contest.startAll();
  while (replies.length < size) {
    const ended = await contest.next(until - clock.monotonic());
    if (ended === undefined) break;
    if (ended.status === 'failed') continue;
    const verdict = await judged(isRelevant, ended.value, ended.id);
    if (verdict === true) replies.push({ id: ended.id, value: ended.value });
    else contest.reject(ended.id, verdict === false ? 'not relevant' : verdict);
  }
  const reached = replies.length === size;
  const outcomes = await contest.finish(reached ? 'the quorum was reached' : `no answer within ${deadlineMs} ms`);
  return { replies, reached, outcomes };
}

type IsRelevant<T> = NonNullable<QuorumOptions<T>['isRelevant']>;

/** A judge that fails has not found the reply relevant; the outcome says what went wrong. */
async function judged<T>(isRelevant: IsRelevant<T>, value: T, id: string): Promise<boolean | string> {
  try {
    return await isRelevant(value, id);
  } catch (error) {
    return `its relevance could not be judged: ${messageOf(error)}`;
  }
}
