/** Makes many calls in controlled batches; results in order, errors in place (guide: Batch Operations). */
import { abortError } from '../base/abort.ts';
import { type Clock, sleep } from '../base/clock.ts';
import { type ConductorError, toConductorError } from '../base/errors.ts';
import type { Call, Invoke, Reply } from '../contracts/index.ts';

export interface BatchOptions {
  readonly clock: Clock;
  /** Calls under way at once. @default 10 */
  readonly size?: number | undefined;
  /** Pause between two batches, milliseconds. @default 100 */
  readonly pauseMs?: number | undefined;
  /** No batch is begun after it aborts; the calls that were not made have its reason as their error. */
  readonly signal: AbortSignal;
}

/** What became of one call; a tool's `isError` is a reply. */
export type BatchResult =
  | { readonly status: 'replied'; readonly reply: Reply }
  | { readonly status: 'failed'; readonly error: ConductorError };

/**
 * Never rejects because of a call: every result stands at its call's place.
 *
 * @throws RangeError for a size or a pause that makes no sense
 * @example
 * const results = await invokeBatch(app.invoke, calls, { clock: systemClock, signal });
 */
export async function invokeBatch(
  invoke: Invoke,
  calls: readonly Call[],
  options: BatchOptions,
): Promise<readonly BatchResult[]> {
  const { clock, size = 10, pauseMs = 100, signal } = options;
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`batch.size must be a whole number of at least 1, not ${String(size)}`);
  }
  if (!(pauseMs >= 0)) throw new RangeError(`batch.pauseMs must be at least 0, not ${String(pauseMs)}`);
  const results: BatchResult[] = [];
  while (results.length < calls.length) {
    if (results.length > 0) await pause(clock, pauseMs, signal);
    const batch = calls.slice(results.length, results.length + size);
    results.push(...(await Promise.all(batch.map((call) => resultOf(invoke, call, signal)))));
  }
  return results;
}

/** Ends early when the batch is given up; what that means for the calls is said by `resultOf`. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return;
  await sleep(clock, ms, signal).catch(() => undefined);
}

async function resultOf(invoke: Invoke, call: Call, signal: AbortSignal): Promise<BatchResult> {
  if (signal.aborted) return { status: 'failed', error: abortError(signal) };
  try {
    return { status: 'replied', reply: await invoke(call) };
  } catch (error) {
    return { status: 'failed', error: toConductorError(error) };
  }
}
