/** Languages and line counts of a walked repository. */
import { createReadStream } from 'node:fs';
import pLimit from 'p-limit';
import { throwIfAborted } from '../base/abort.ts';
import type { ListFilesResult, Metrics, SkippedPlace } from '../contracts/review.ts';
import { languageOfShebang } from './languages.ts';
import { countLines, MAX_TEXT_BYTES, placeOf, readReason, readText, type Skipped } from './read.ts';
import type { WalkedFile } from './walk.ts';

export type FileEntry = ListFilesResult['files'][number];

export interface Inventory {
  /** In the order of the walk. */
  readonly entries: readonly FileEntry[];
  readonly totals: ListFilesResult['totals'];
  readonly skipped: readonly SkippedPlace[];
}

/** Files read at the same time. */
const AT_ONCE = 16;
/** Bytes above which lines are no longer counted. */
const MAX_COUNTED_BYTES = 64 * 1024 * 1024;

/** Looks into every file once. @throws ConductorError CANCELLED */
export async function takeInventory(
  files: readonly WalkedFile[],
  signal: AbortSignal,
  onFile: (done: number) => void,
): Promise<Inventory> {
  const limit = pLimit(AT_ONCE);
  const skipped: SkippedPlace[] = [];
  let done = 0;
  const look = async (file: WalkedFile): Promise<FileEntry> => {
    throwIfAborted(signal);
    const seen = await lookInto(file);
    if (seen.skipped !== undefined) skipped.push(placeOf(file.path, seen.skipped));
    done += 1;
    onFile(done);
    return { path: file.path, language: seen.language, lines: seen.lines, bytes: file.bytes };
  };
  const entries = await Promise.all(files.map((file) => limit(look, file)));
  return { entries, totals: totalsOf(entries), skipped };
}

interface Look {
  readonly language: string | null;
  readonly lines: number;
  readonly skipped?: Skipped | undefined;
}

async function lookInto(file: WalkedFile): Promise<Look> {
  if (file.bytes > MAX_TEXT_BYTES) return lookIntoLarge(file);
  const read = await readText(file.absolute);
  if (read.kind === 'skipped') return { language: file.language, lines: 0, skipped: read };
  if (read.kind === 'binary') return { language: null, lines: 0 };
  return { language: file.language ?? languageOfShebang(read.text), lines: countLines(read.text) };
}

async function lookIntoLarge(file: WalkedFile): Promise<Look> {
  if (file.language === null || file.bytes > MAX_COUNTED_BYTES) return { language: file.language, lines: 0 };
  try {
    let lines = 0;
    for await (const chunk of createReadStream(file.absolute, { highWaterMark: 256 * 1024 })) {
      const bytes = chunk as Buffer;
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
    }
    return { language: file.language, lines: lines + 1 };
  } catch (error) {
    const reason = `cannot be read: ${readReason(error)}`;
    return { language: file.language, lines: 0, skipped: { kind: 'skipped', reason } };
  }
}

function totalsOf(entries: readonly FileEntry[]): ListFilesResult['totals'] {
  const languages = new Map<string, { files: number; lines: number }>();
  let lines = 0;
  for (const entry of entries) {
    lines += entry.lines;
    if (entry.language === null) continue;
    const sum = languages.get(entry.language) ?? { files: 0, lines: 0 };
    languages.set(entry.language, { files: sum.files + 1, lines: sum.lines + entry.lines });
  }
  return { files: entries.length, lines, languages: sortedRecord(languages) };
}

function sortedRecord(languages: ReadonlyMap<string, { files: number; lines: number }>): Metrics['languages'] {
  return Object.fromEntries([...languages].sort(([a], [b]) => (a < b ? -1 : 1)));
}
