/** Fan-out/fan-in: ask all at once, go on with what has arrived by one deadline (guide: Fan-Out/Fan-In Aggregation). */
import type { Clock } from '../base/clock.ts';
import { Contest, type Contestant, type Outcome } from './contest.ts';

export interface FanOutOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds for all of them together. @default 30,000 */
  readonly deadlineMs?: number | undefined;
  /** Replies without which the whole counts as failed; more than were asked means all of them. @default 1 */
  readonly least?: number | undefined;
  /** Milliseconds that a stopped try has to end. @default 5,000 */
  readonly graceMs?: number | undefined;
}

export interface FanOutResult<T> {
  /** Replies in the order of those that were asked. */
  readonly replies: readonly { readonly id: string; readonly value: T }[];
  /** True when as many replied as had to. */
  readonly enough: boolean;
  /** True when every one replied. */
  readonly complete: boolean;
  /** All of them, in the order they were given, with what was lost and why. */
  readonly outcomes: readonly Outcome<T>[];
}

/**
 * Never rejects because of one of them: what failed or came too late is among the outcomes.
 *
 * @throws ConductorError CANCELLED when the asker gives up
 * @example
 * const { replies, outcomes } = await fanOut(servers.map(search), { clock, signal, deadlineMs: 30_000 });
 */
export async function fanOut<T>(
  contestants: readonly Contestant<T>[],
  options: FanOutOptions,
): Promise<FanOutResult<T>> {
  const { clock, deadlineMs = 30_000, least = 1 } = options;
  const contest = new Contest(contestants, options);
  const until = clock.monotonic() + deadlineMs;
  contest.startAll();
  let left = contestants.length;
  while (left > 0 && (await contest.next(until - clock.monotonic())) !== undefined) left -= 1;
  const outcomes = await contest.finish(`no answer within ${deadlineMs} ms`);
  const replies = outcomes.flatMap((one) => (one.status === 'succeeded' ? [{ id: one.id, value: one.value }] : []));
  return {
    replies,
    enough: replies.length >= Math.min(least, contestants.length),
    complete: replies.length === contestants.length,
    outcomes,
  };
}
