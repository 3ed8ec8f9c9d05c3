/** Progress notifications: only when they were asked for, at most ten a second, always growing. */
import type { ServerContext } from '@modelcontextprotocol/server';
import { type Clock, systemClock } from '../../base/clock.ts';

/** Reports units done, of how many, and what is being done. */
export type ReportProgress = (done: number, total?: number, message?: string) => void;

/** Milliseconds between two notifications. */
const INTERVAL_MS = 100;

/** A reporter for one request; calls faster than ten a second are dropped, except one that says all is done. */
export function progressReporter(context: ServerContext, clock: Clock = systemClock): ReportProgress {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  let last = Number.NEGATIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  return (done, total, message) => {
    const now = clock.monotonic();
    if (done <= highest || (now - last < INTERVAL_MS && done !== total)) return;
    last = now;
    highest = done;
    const params = {
      progressToken,
      progress: done,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message }),
    };
    // A client that is gone has no use for progress; the call itself ends through its signal.
    context.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
}
