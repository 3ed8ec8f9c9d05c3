/** Cancellation: one vocabulary for "stop" that always ends in a `CANCELLED` or the reason it was given. */
import { ConductorError, isConductorError } from './errors.ts';
import { type Disposable, disposable } from './disposables.ts';

/** The error a cancelled wait rejects with: the signal's own `ConductorError`, else `CANCELLED`. */
export function abortError(signal: AbortSignal | undefined): ConductorError {
  const reason: unknown = signal?.reason;
  if (isConductorError(reason)) return reason;
  return new ConductorError('CANCELLED', 'cancelled', { cause: reason });
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}

/** A controller of its own per use, aborted with its parent and detached when disposed (shared signals leak). */
export function childController(parent: AbortSignal): { controller: AbortController } & Disposable {
  const controller = new AbortController();
  if (parent.aborted) {
    controller.abort(parent.reason);
    return { controller, dispose: () => undefined };
  }
  const onAbort = (): void => controller.abort(parent.reason);
  parent.addEventListener('abort', onAbort, { once: true });
  return { controller, ...disposable(() => parent.removeEventListener('abort', onAbort)) };
}

/** Settles as `work` does, or rejects as soon as `signal` aborts; `work` itself is expected to stop on its own. */
export async function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let detach: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(abortError(signal));
    if (signal.aborted) onAbort();
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      detach = () => signal.removeEventListener('abort', onAbort);
    }
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    detach();
  }
}
