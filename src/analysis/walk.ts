/** The files of a repository: a bounded, cancellable walk in one fixed order that follows no symbolic link. */
import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../base/abort.ts';
import type { SkippedPlace } from '../contracts/review.ts';
import { isInside } from './confine.ts';
import { type IgnoreScope, isIgnored, scopeAbove, scopeOf } from './ignore-rules.ts';
import { languageOfPath } from './languages.ts';
import { readReason } from './read.ts';

export interface WalkOptions {
  readonly signal: AbortSignal;
  /** Real path of the folder whose `.gitignore` files count from, at or above the walked one. @default the walked folder */
  readonly top?: string | undefined;
  /** Files after which the walk ends, with a skipped place that says so. @default 100,000 */
  readonly maxFiles?: number | undefined;
  /** Entries of any kind after which the walk ends likewise. @default 1,000,000 */
  readonly maxEntries?: number | undefined;
  /** Folders deeper than this are skipped. @default 100 */
  readonly maxDepth?: number | undefined;
  /** Called now and then with the number of files so far. */
  readonly onProgress?: ((files: number) => void) | undefined;
}

export interface WalkedFile {
  /** Relative to the walked folder, with forward slashes. */
  readonly path: string;
  readonly absolute: string;
  readonly bytes: number;
  /** By its name; null when the name does not tell. */
  readonly language: string | null;
  /** What the file system says of it; another one means that it was touched. */
  readonly stamp: string;
  /** Milliseconds since the epoch of its last change, of content or attributes. */
  readonly changed: number;
}

export interface WalkResult {
  /** In code-unit order of `path`. */
  readonly files: readonly WalkedFile[];
  readonly skipped: readonly SkippedPlace[];
}

interface Walk {
  readonly root: string;
  readonly signal: AbortSignal;
  readonly maxFiles: number;
  readonly maxEntries: number;
  readonly maxDepth: number;
  readonly onProgress: ((files: number) => void) | undefined;
  readonly files: WalkedFile[];
  readonly skipped: SkippedPlace[];
  entries: number;
  full: boolean;
}

/** Most skipped places that are listed one by one; the rest is one line. */
const MAX_SKIPPED = 1_000;

/**
 * Lists the regular files below `root`, a real path, without what git ignores, dependencies and build output.
 * @throws ConductorError CANCELLED when the signal aborts.
 */
export async function walkFiles(root: string, options: WalkOptions): Promise<WalkResult> {
  const walk: Walk = {
    root,
    signal: options.signal,
    maxFiles: options.maxFiles ?? 100_000,
    maxEntries: options.maxEntries ?? 1_000_000,
    maxDepth: options.maxDepth ?? 100,
    onProgress: options.onProgress,
    files: [],
    skipped: [],
    entries: 0,
    full: false,
  };
  await walkFolder(walk, '', await scopeAbove(options.top ?? root, root), 0);
  walk.files.sort((a, b) => byCodeUnit(a.path, b.path));
  return { files: walk.files, skipped: boundSkipped(walk.skipped) };
}

/** Sorts by file and cuts the tail, so that a hostile tree cannot make the answer grow without limit. */
export function boundSkipped(skipped: readonly SkippedPlace[]): readonly SkippedPlace[] {
  const sorted = [...skipped].sort((a, b) => byCodeUnit(a.file, b.file) || byCodeUnit(a.reason, b.reason));
  if (sorted.length <= MAX_SKIPPED) return sorted;
  const rest = sorted.slice(MAX_SKIPPED);
  const more = { file: '.', reason: `${rest.length} more places were not looked at` };
  const isDeliberate = rest.every(({ deliberate }) => deliberate === true);
  return [...sorted.slice(0, MAX_SKIPPED), isDeliberate ? { ...more, deliberate: true } : more];
}

/** The order of everything this room returns: independent of locale and platform. */
export function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

async function walkFolder(walk: Walk, path: string, above: IgnoreScope, depth: number): Promise<void> {
  throwIfAborted(walk.signal);
  const absolute = path === '' ? walk.root : join(walk.root, path);
  const entries = await listFolder(walk, path, absolute);
  if (entries.length === 0) return;
  const names = new Set(entries.map((entry) => entry.name));
  const scope = await scopeOf(above, absolute, names);
  for (const entry of entries) {
    if (walk.full) return;
    walk.entries += 1;
    // A folder with a million entries must not keep the event loop from answering.
    if (walk.entries % 2_000 === 0) await pause(walk);
    if (isIgnored(scope, absolute, entry.name, entry.isDirectory(), names)) continue;
    await visit(walk, entry, path === '' ? entry.name : `${path}/${entry.name}`, scope, depth);
  }
}

async function visit(walk: Walk, entry: Dirent, path: string, scope: IgnoreScope, depth: number): Promise<void> {
  if (walk.files.length >= walk.maxFiles || walk.entries > walk.maxEntries) {
    walk.full = true;
    walk.skipped.push({
      file: '.',
      reason: `more than ${walk.maxFiles} files; those after ${path} were not looked at`,
    });
  } else if (entry.isDirectory()) {
    if (depth + 1 > walk.maxDepth)
      walk.skipped.push({ file: path, reason: `nested deeper than ${walk.maxDepth} folders` });
    else await walkFolder(walk, path, scope, depth + 1);
  } else if (entry.isSymbolicLink()) {
    await noteLink(walk, path);
  } else if (entry.isFile()) {
    await addFile(walk, path);
  } else {
    walk.skipped.push({ file: path, reason: `${kindOf(entry)}; not read`, deliberate: true });
  }
}

function kindOf(entry: Dirent): string {
  if (entry.isFIFO()) return 'a named pipe';
  if (entry.isSocket()) return 'a socket';
  return entry.isBlockDevice() || entry.isCharacterDevice() ? 'a device' : 'not a regular file';
}

async function addFile(walk: Walk, path: string): Promise<void> {
  const absolute = join(walk.root, path);
  try {
    const stats = await lstat(absolute);
    const { size: bytes, ctimeMs: changed } = stats;
    walk.files.push({ path, absolute, bytes, language: languageOfPath(path), stamp: stampOf(stats), changed });
  } catch (error) {
    walk.skipped.push({ file: path, reason: `cannot be read: ${whyUnreadable(path, error)}` });
  }
}

/** Changes with every write: the time of the last change cannot be set back by a program, as that of the content can. */
export function stampOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino}:${size}:${mtimeMs}:${ctimeMs}`;
}

/** Names are read as UTF-8; what stands in for bytes that are none leads to no file. */
function whyUnreadable(path: string, error: unknown): string {
  const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return isGone && path.includes('\uFFFD') ? 'its name is not valid UTF-8 and cannot be opened' : readReason(error);
}

/** What a link inside the root points to is met under its own name; only a link that leaves is worth a word. */
async function noteLink(walk: Walk, path: string): Promise<void> {
  const target = await realpath(join(walk.root, path)).catch(() => undefined);
  if (target !== undefined && !isInside(walk.root, target)) {
    const reason = 'a symbolic link that leads outside the root; not followed';
    walk.skipped.push({ file: path, reason, deliberate: true });
  }
}

async function listFolder(walk: Walk, path: string, absolute: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(absolute, { withFileTypes: true });
    return entries.sort((a, b) => byCodeUnit(a.name, b.name));
  } catch (error) {
    walk.skipped.push({
      file: path === '' ? '.' : path,
      reason: `the folder cannot be read: ${whyUnreadable(path, error)}`,
    });
    return [];
  }
}

async function pause(walk: Walk): Promise<void> {
  walk.onProgress?.(walk.files.length);
  await nextTurn();
  throwIfAborted(walk.signal);
}
