/** Copies of blocks over all files, found by the hashes that each file's tokens left behind. */
import { setImmediate } from 'node:timers/promises';
import { CLONE } from '../syntax/winnow.ts';
import { byCodeUnit } from '../walk.ts';
import type { AnalyzedFile } from './function-findings.ts';

export interface BlockPlace {
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
}

export interface BlockCopy {
  readonly first: BlockPlace;
  readonly copy: BlockPlace;
  /** Says which text was copied, whatever lines it is on. */
  readonly key: string;
}

/** Hashes kept in all, occurrences of one hash that are compared, copies told; a table of data repeats itself endlessly. */
const LIMITS = { windows: 2_000_000, occurrences: 40, matches: 500_000, copies: 2_000 };
/** A copy with fewer lines is told of by nobody. */
const LEAST_LINES = 10;
/** Parts the hashes are looked at in, so that the thread is free in between. */
const PARTS = 64;
/** Windows handled before the thread is free for others. */
const TURN = 20_000;
/** Chosen windows of one copy are at most this far apart. */
const GAP = CLONE.size + CLONE.choice;

interface Window {
  readonly file: number;
  readonly token: number;
  readonly startLine: number;
  readonly endLine: number;
}

interface Match {
  readonly hash: number;
  readonly from: Window;
  readonly to: Window;
}

export interface BlockCopies {
  readonly copies: readonly BlockCopy[];
  /** Not all of the code was compared. */
  readonly cut: boolean;
}

export async function findBlockCopies(files: readonly AnalyzedFile[]): Promise<BlockCopies> {
  const sorted = [...files].sort((a, b) => byCodeUnit(a.path, b.path));
  const parts = await distributed(sorted);
  const matches: Match[] = [];
  for (const part of parts.byHash) {
    if (matches.length >= LIMITS.matches) break;
    collectMatches(part, matches);
    await setImmediate();
  }
  const regions = joined(matches).filter(({ from, to }) => isWorthTelling(from, to));
  const copies = withoutOverlaps(regions).slice(0, LIMITS.copies);
  const pathOf = ({ file }: Window): string => sorted[file]?.path ?? '';
  return {
    cut: parts.cut || matches.length >= LIMITS.matches,
    copies: copies.map(({ hash, from, to }) => ({
      first: { file: pathOf(from), startLine: from.startLine, endLine: from.endLine },
      copy: { file: pathOf(to), startLine: to.startLine, endLine: to.endLine },
      key: hash.toString(16),
    })),
  };
}

/** Five numbers for each window: its hash, its file, the index of its first token, its first and its last line. */
type Part = number[];
const FIELDS = 5;

/** Windows of the same hash come into the same part. */
async function distributed(
  files: readonly AnalyzedFile[],
): Promise<{ readonly byHash: readonly Part[]; readonly cut: boolean }> {
  const byHash: Part[] = Array.from({ length: PARTS }, () => []);
  let count = 0;
  let free = 0;
  for (const [file, { facts }] of files.entries()) {
    const { windows } = facts.tokens;
    if (count + windows.length / 4 > LIMITS.windows) return { byHash, cut: true };
    for (let at = 0; at < windows.length; at += 4) {
      const hash = windows[at] ?? 0;
      // The lowest 32 bits, of which the lowest 6 say the part.
      byHash[(hash >>> 0) % PARTS]?.push(hash, file, windows[at + 1] ?? 0, windows[at + 2] ?? 0, windows[at + 3] ?? 0);
    }
    count += windows.length / 4;
    if (count - free < TURN) continue;
    free = count;
    await setImmediate();
  }
  return { byHash, cut: false };
}

/** Pairs each window of a part with the first of the same hash. */
function collectMatches(part: Part, matches: Match[]): void {
  const groups = new Map<number, number[]>();
  for (let at = 0; at < part.length; at += FIELDS) {
    const hash = part[at] ?? 0;
    const group = groups.get(hash);
    if (group === undefined) groups.set(hash, [at]);
    else if (group.length <= LIMITS.occurrences) group.push(at);
  }
  for (const [hash, [first, ...others]] of groups) {
    if (first === undefined || others.length === 0 || others.length >= LIMITS.occurrences) continue;
    const from = windowAt(part, first);
    for (const other of others) matches.push({ hash, from, to: windowAt(part, other) });
  }
}

function windowAt(part: Part, at: number): Window {
  const [, file = 0, token = 0, startLine = 0, endLine = 0] = part.slice(at, at + FIELDS);
  return { file, token, startLine, endLine };
}

/** Windows that follow one another at the same distance in the same two files are one copy. */
function joined(matches: Match[]): readonly Match[] {
  const distance = ({ from, to }: Match): number => to.token - from.token;
  matches.sort(
    (a, b) =>
      a.from.file - b.from.file || a.to.file - b.to.file || distance(a) - distance(b) || a.from.token - b.from.token,
  );
  const regions: Match[] = [];
  let lastToken = 0;
  for (const match of matches) {
    const open = regions.at(-1);
    const follows =
      open !== undefined &&
      open.from.file === match.from.file &&
      open.to.file === match.to.file &&
      distance(open) === distance(match) &&
      match.from.token - lastToken <= GAP;
    lastToken = match.from.token;
    if (follows)
      regions[regions.length - 1] = { ...open, from: upTo(open.from, match.from), to: upTo(open.to, match.to) };
    else regions.push(match);
  }
  return regions;
}

function upTo(window: Window, last: Window): Window {
  return { ...window, endLine: Math.max(window.endLine, last.endLine) };
}

function isWorthTelling(from: Window, to: Window): boolean {
  if (linesOf(to) < LEAST_LINES || linesOf(from) < LEAST_LINES) return false;
  return from.file !== to.file || to.startLine > from.endLine;
}

function linesOf({ startLine, endLine }: Window): number {
  return endLine - startLine + 1;
}

/** Of copies that lie over each other only the longest. */
function withoutOverlaps(regions: readonly Match[]): readonly Match[] {
  const longest = [...regions].sort(
    (a, b) => linesOf(b.to) - linesOf(a.to) || a.to.file - b.to.file || a.to.startLine - b.to.startLine,
  );
  const taken = new Map<number, Window[]>();
  return longest.filter(({ to }) => {
    const others = taken.get(to.file) ?? [];
    if (others.some((other) => other.startLine <= to.endLine && to.startLine <= other.endLine)) return false;
    taken.set(to.file, [...others, to]);
    return true;
  });
}
