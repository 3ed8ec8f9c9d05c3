/** Long work made of short pieces: leaves the thread free now and then, so that a server answers meanwhile. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work without a pause. */
const LONGEST_MS = 8;

/** Call it between pieces; it returns a promise only when others have waited long enough. */
export function createBreath(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < LONGEST_MS) return undefined;
    return setImmediate().then(() => {
      last = performance.now();
    });
  };
}
