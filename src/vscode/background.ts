/** Work that nobody waits for: its failure is logged instead of lost. */
import { messageOf } from '../base/errors.ts';

export type Log = (message: string) => void;

/** @param what Names the work in the log. */
export function background(work: Thenable<unknown>, what: string, log: Log): void {
  work.then(undefined, (error: unknown) => log(`${what}: ${messageOf(error)}`));
}
