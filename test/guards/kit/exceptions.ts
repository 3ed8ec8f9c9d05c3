/** The one list of places that a guard lets pass. It may only shrink: `exceptions.test.ts` pins its length. */
import { readJson } from './tree.ts';

export type GuardName = 'biome' | 'eslint' | 'knip' | 'marks' | 'headers' | 'traces-of-machines';

export interface Exception {
  readonly guard: GuardName;
  readonly file: string;
  /** The rule or the mark. */
  readonly what: string;
  readonly reason: string;
}

export interface Finding {
  readonly file: string;
  readonly what: string;
  /** Where and why, for the person who reads the failure. */
  readonly message: string;
}

export const exceptions = (): readonly Exception[] => readJson<readonly Exception[]>('test/guards/exceptions.json');

/** One line for each finding that is not on the list, and one for each line of the list that nothing needs any more. */
export function complaints(guard: GuardName, findings: readonly Finding[]): readonly string[] {
  const listed = exceptions().filter((entry) => entry.guard === guard);
  const covers = (entry: Exception, finding: Finding): boolean =>
    entry.file === finding.file && entry.what === finding.what;
  const open = findings.filter((finding) => !listed.some((entry) => covers(entry, finding)));
  const stale = listed.filter((entry) => !findings.some((finding) => covers(entry, finding)));
  return [
    ...open.map((finding) => `${finding.file}: ${finding.what}: ${finding.message}`),
    ...stale.map((entry) => `${entry.file}: ${entry.what} is no longer needed in test/guards/exceptions.json`),
  ];
}

/** Fails with every line, one beneath the other. */
export function assertNone(lines: readonly string[]): void {
  if (lines.length > 0) throw new Error(`${lines.length} to put right:\n  ${lines.join('\n  ')}`);
}
