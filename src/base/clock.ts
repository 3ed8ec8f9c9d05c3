/** Time as a port: real in the product, virtual in tests. */
import type { Disposable } from './disposables.ts';
import { abortError } from './abort.ts';
import { LazyTimers } from './lazy-timers.ts';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go backwards, for durations. */
  monotonic(): number;
  /** Runs `callback` once after `ms` milliseconds, unless disposed before. */
  schedule(ms: number, callback: () => void): Disposable;
}

const timers = new LazyTimers({ now: () => performance.now(), setTimeout, clearTimeout });

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule: (ms, callback) => timers.schedule(ms, callback),
};

/** Resolves after `ms` milliseconds; rejects at once when `signal` aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(signal));
      return;
    }
    const onAbort = (): void => {
      timer.dispose();
      reject(abortError(signal));
    };
    const timer = clock.schedule(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
