/** What has been found so far, in a few words: shown while the rest is still looked at. */
import { type RawFinding, SEVERITIES, type Severity } from '../contracts/review.ts';

export interface FindingTally {
  add(found: readonly Pick<RawFinding, 'severity' | 'file' | 'startLine' | 'message'>[]): void;
  /** `3 findings so far: high src/a.ts:12 …`; undefined while there is none. */
  text(): string | undefined;
}

/** Longest message that is repeated, in characters. */
const MAX_MESSAGE = 100;

/** @param threshold least severity of what counts */
export function createTally(threshold: Severity): FindingTally {
  const least = SEVERITIES.indexOf(threshold);
  let count = 0;
  let worst = -1;
  let shown = '';
  return {
    add(found) {
      for (const { severity, file, startLine, message } of found) {
        const rank = SEVERITIES.indexOf(severity);
        if (rank < least) continue;
        count += 1;
        if (rank <= worst) continue;
        worst = rank;
        shown = `${severity} ${file}:${startLine} ${message.slice(0, MAX_MESSAGE)}`;
      }
    },
    text: () => (count === 0 ? undefined : `${count} ${count === 1 ? 'finding' : 'findings'} so far: ${shown}`),
  };
}
