/** Copies of blocks over all files, found by the hashes that each file's tokens left behind. */
import { setImmediate } from 'node:timers/promises';
import { CLONE, WINDOW_FIELDS, windowEnd, windowHash } from '../syntax/winnow.ts';
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

/** All windows, column by column, those of one part together: objects would take ten times the room. */
interface Windows {
  readonly hashes: Float64Array;
  readonly files: Uint32Array;
  readonly tokens: Uint32Array;
  readonly startLines: Uint32Array;
  readonly endLines: Uint32Array;
  /** Where each part begins, and where the last one ends. */
  readonly starts: readonly number[];
  /** Not all windows are here. */
  readonly cut: boolean;
}

export interface BlockCopies {
  readonly copies: readonly BlockCopy[];
  /** Not all of the code was compared. */
  readonly cut: boolean;
}

export async function findBlockCopies(files: readonly AnalyzedFile[]): Promise<BlockCopies> {
  const sorted = [...files].sort((a, b) => byCodeUnit(a.path, b.path));
  const windows = await distributed(sorted);
  const pairs: number[] = [];
  for (let part = 0; part < PARTS && pairs.length < 2 * LIMITS.matches; part += 1) {
    collectPairs(windows, part, pairs);
    await setImmediate();
  }
  const regions = (await joined(windows, pairs)).filter(({ from, to }) => isWorthTelling(from, to));
  const copies = withoutOverlaps(regions).slice(0, LIMITS.copies);
  const pathOf = ({ file }: Window): string => sorted[file]?.path ?? '';
  return {
    cut: windows.cut || pairs.length >= 2 * LIMITS.matches,
    copies: copies.map(({ hash, from, to }) => ({
      first: { file: pathOf(from), startLine: from.startLine, endLine: from.endLine },
      copy: { file: pathOf(to), startLine: to.startLine, endLine: to.endLine },
      key: hash.toString(16),
    })),
  };
}

/** Windows of the same hash come into the same part. @param low the lowest 32 bits of a hash */
function partOf(low: number): number {
  return low % PARTS;
}

async function distributed(files: readonly AnalyzedFile[]): Promise<Windows> {
  const sizes = new Uint32Array(PARTS);
  let taken = 0;
  let count = 0;
  for (const { facts } of files) {
    const { windows } = facts.tokens;
    if (count + windows.length / WINDOW_FIELDS > LIMITS.windows) break;
    for (let at = 0; at < windows.length; at += WINDOW_FIELDS) {
      const part = partOf(windows[at] ?? 0);
      sizes[part] = (sizes[part] ?? 0) + 1;
    }
    count += windows.length / WINDOW_FIELDS;
    taken += 1;
  }
  const starts = [0];
  for (const size of sizes) starts.push((starts.at(-1) ?? 0) + size);
  const all = {
    hashes: new Float64Array(count),
    files: new Uint32Array(count),
    tokens: new Uint32Array(count),
    startLines: new Uint32Array(count),
    endLines: new Uint32Array(count),
  };
  await fill(all, files.slice(0, taken), Uint32Array.from(starts));
  return { ...all, starts, cut: taken < files.length };
}

/** @param next where the next window of each part goes */
async function fill(
  all: Omit<Windows, 'starts' | 'cut'>,
  files: readonly AnalyzedFile[],
  next: Uint32Array,
): Promise<void> {
  let done = 0;
  for (const [file, { facts }] of files.entries()) {
    const { windows } = facts.tokens;
    for (let at = 0; at < windows.length; at += WINDOW_FIELDS) {
      const part = partOf(windows[at] ?? 0);
      const index = next[part] ?? 0;
      next[part] = index + 1;
      all.hashes[index] = windowHash(windows, at);
      all.files[index] = file;
      all.tokens[index] = windows[at + 2] ?? 0;
      all.startLines[index] = windows[at + 3] ?? 0;
      all.endLines[index] = windowEnd(windows, at);
    }
    done += windows.length / WINDOW_FIELDS;
    if (done < TURN) continue;
    done = 0;
    await setImmediate();
  }
}

/** Pairs each window of a part with the first of the same hash. */
function collectPairs({ hashes, starts }: Windows, part: number, pairs: number[]): void {
  const begin = starts[part] ?? 0;
  const end = starts[part + 1] ?? 0;
  // Most hashes are alone; sorting numbers finds the others sooner than a table of all.
  const groups = new Map<number, number[]>();
  const sorted = hashes.slice(begin, end).sort();
  for (let at = 1; at < sorted.length; at += 1) {
    if (sorted[at] === sorted[at - 1]) groups.set(sorted[at] ?? 0, []);
  }
  if (groups.size === 0) return;
  for (let index = begin; index < end; index += 1) groups.get(hashes[index] ?? 0)?.push(index);
  for (const [first, ...others] of groups.values()) {
    if (first === undefined || others.length >= LIMITS.occurrences) continue;
    for (const to of others) pairs.push(first, to);
  }
}

/** Windows that follow one another at the same distance in the same two files are one copy. */
async function joined(windows: Windows, pairs: readonly number[]): Promise<readonly Match[]> {
  const matches: Match[] = [];
  const { hashes, files, tokens, startLines, endLines } = windows;
  const windowAt = (index: number): Window => ({
    file: files[index] ?? 0,
    token: tokens[index] ?? 0,
    startLine: startLines[index] ?? 0,
    endLine: endLines[index] ?? 0,
  });
  for (let at = 0; at < pairs.length; at += 2) {
    const [from = 0, to = 0] = pairs.slice(at, at + 2);
    matches.push({ hash: hashes[from] ?? 0, from: windowAt(from), to: windowAt(to) });
  }
  await setImmediate();
  const distance = ({ from, to }: Match): number => to.token - from.token;
  matches.sort(
    (a, b) =>
      a.from.file - b.from.file || a.to.file - b.to.file || distance(a) - distance(b) || a.from.token - b.from.token,
  );
  await setImmediate();
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
