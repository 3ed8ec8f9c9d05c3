/** A run as a command follows it: progress on stderr, Ctrl-C cancels it, and how it ended says how the process ends. */
import type { App, RunHandle, RunState } from '../contracts/index.ts';
import { EXIT, type ExitCode, exitCodeOfError } from './exit-codes.ts';
import { showProgress } from './progress.ts';

/** @param result - what the command waits for: the run's end, or what is made of it */
export async function followRun<T>(app: App, handle: RunHandle, result: Promise<T>, signal: AbortSignal): Promise<T> {
  const progress = showProgress(app, process.stderr);
  const onAbort = (): void => handle.cancel('interrupted');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await result;
  } finally {
    signal.removeEventListener('abort', onAbort);
    progress.dispose();
  }
}

/** A call of it waits for somebody to decide about it. */
export function hasParkedStep({ steps }: RunState): boolean {
  return [...steps.values()].some(({ error }) => error?.code === 'APPROVAL_EXPIRED' && error.details?.parked === true);
}

/** A run that was refused, or waits for an answer, is told from one that failed. */
export function exitCodeOfRun(state: RunState): ExitCode {
  const { status, error } = state;
  if (status === 'cancelled') return EXIT.cancelled;
  if (status === 'succeeded') return EXIT.done;
  const isRefused = error !== undefined && exitCodeOfError(error.code) === EXIT.denied;
  return isRefused || hasParkedStep(state) ? EXIT.denied : EXIT.failed;
}
