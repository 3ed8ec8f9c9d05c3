/** Looks again and again, where nothing tells of a change. */
import { throwIfAborted } from './abort.ts';
import { type Clock, sleep } from './clock.ts';

/**
 * @param everyMs - milliseconds between two looks
 * @param look - undefined: not yet
 * @throws whatever `look` throws, and the reason of the signal.
 */
export async function poll<T>(
  clock: Clock,
  everyMs: number,
  signal: AbortSignal,
  look: () => Promise<{ readonly found: T } | undefined>,
): Promise<T> {
  for (;;) {
    throwIfAborted(signal);
    const seen = await look();
    if (seen !== undefined) return seen.found;
    await sleep(clock, everyMs, signal);
  }
}
