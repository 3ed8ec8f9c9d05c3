/** Cancellation: one vocabulary for "stop" that always ends in a `CANCELLED` or the reason it was given. */
import { ConductorError, isConductorError } from './errors.ts';
import type { Disposable } from './disposables.ts';

/** The error a cancelled wait rejects with: the signal's own `ConductorError`, else `CANCELLED`. */
export function abortError(signal: AbortSignal | undefined): ConductorError {
  const reason: unknown = signal?.reason;
  if (isConductorError(reason)) return reason;
  return new ConductorError('CANCELLED', 'cancelled', { cause: reason });
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}

/** Shared, for a listener is added and removed several times a call. */
export const ONCE = { once: true } as const;

/** A controller of its own per use, aborted with its parent and detached when disposed (shared signals leak). */
export function childController(parent: AbortSignal): { controller: AbortController } & Disposable {
  const controller = new AbortController();
  if (parent.aborted) {
    controller.abort(parent.reason);
    return { controller, dispose: () => undefined };
  }
  const onAbort = (): void => controller.abort(parent.reason);
  parent.addEventListener('abort', onAbort, ONCE);
  return { controller, dispose: () => parent.removeEventListener('abort', onAbort) };
}

/** Settles as `work` does, or rejects as soon as `signal` aborts; `work` itself is expected to stop on its own. */
export function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal));
    work.then(
      (value) => {
        signal.removeEventListener('abort', onAbort);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort);
        reject(error);
      },
    );
    // What has been done by now still counts.
    if (signal.aborted) queueMicrotask(onAbort);
    else signal.addEventListener('abort', onAbort, ONCE);
  });
}
