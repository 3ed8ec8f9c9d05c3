/** Languages and line counts of a walked repository. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import pLimit from 'p-limit';
import { throwIfAborted } from '../base/abort.ts';
import type { ListFilesResult, Metrics, SkippedPlace } from '../contracts/review.ts';
import { createBreath } from './cache/breath.ts';
import { type FileLedger, NO_LEDGER } from './cache/file-ledger.ts';
import { languageOfShebang } from './languages.ts';
import { countLines, MAX_TEXT_BYTES, placeOf, readReason, readText, type Skipped } from './read.ts';
import type { WalkedFile } from './walk.ts';

export type FileEntry = ListFilesResult['files'][number];

export interface Inventory {
  /** In the order of the walk. */
  readonly entries: readonly FileEntry[];
  readonly totals: ListFilesResult['totals'];
  readonly skipped: readonly SkippedPlace[];
  /** Of the content, by path; without those that are too large or could not be read. */
  readonly digests: ReadonlyMap<string, string>;
}

/** Files read at the same time. */
const AT_ONCE = 16;
/** Bytes above which lines are no longer counted. */
const MAX_COUNTED_BYTES = 64 * 1024 * 1024;
/** Bytes above which a file that nobody knows by its name is not read. */
const MAX_UNKNOWN_BYTES = 16 * 1024 * 1024;
/** Stands for the content of every file that holds no text. */
const BINARY = 'binary';

/** Looks into every file once, unless the ledger knows what is in it. @throws ConductorError CANCELLED */
export async function takeInventory(
  files: readonly WalkedFile[],
  signal: AbortSignal,
  onFile: (done: number) => void,
  ledger: FileLedger = NO_LEDGER,
): Promise<Inventory> {
  const limit = pLimit(AT_ONCE);
  const skipped: SkippedPlace[] = [];
  const digests = new Map<string, string>();
  const breathe = createBreath();
  let done = 0;
  const look = async (file: WalkedFile): Promise<FileEntry> => {
    throwIfAborted(signal);
    const seen = await lookOnce(file, ledger);
    await breathe();
    if (seen.skipped !== undefined) skipped.push(placeOf(file.path, seen.skipped));
    if (seen.digest !== undefined) digests.set(file.path, seen.digest);
    done += 1;
    onFile(done);
    return { path: file.path, language: seen.language, lines: seen.lines, bytes: file.bytes };
  };
  const entries = await Promise.all(files.map((file) => limit(look, file)));
  await ledger.save();
  return { entries, totals: totalsOf(entries), skipped, digests };
}

interface Look {
  readonly language: string | null;
  readonly lines: number;
  readonly binary?: boolean | undefined;
  readonly digest?: string | undefined;
  readonly skipped?: Skipped | undefined;
}

async function lookOnce(file: WalkedFile, ledger: FileLedger): Promise<Look> {
  const known = ledger.known(file);
  if (known?.binary === true) return { ...known, language: null };
  // A name that does not tell the language leaves it to the first line.
  if (known !== undefined && file.language !== null) return { ...known, language: file.language };
  const begun = ledger.now();
  const look = await lookInto(file);
  const { lines, digest, binary = false } = look;
  if (look.skipped === undefined) ledger.note(file, { lines, digest, binary }, begun);
  return look;
}

async function lookInto(file: WalkedFile): Promise<Look> {
  if (file.bytes > MAX_TEXT_BYTES) return lookIntoLarge(file);
  const read = await readText(file.absolute);
  if (read.kind === 'skipped') return { language: file.language, lines: 0, skipped: read };
  if (read.kind === 'binary') return { language: null, lines: 0, binary: true, digest: BINARY };
  const digest = createHash('sha256').update(read.text).digest('hex').slice(0, 32);
  return { language: file.language ?? languageOfShebang(read.text), lines: countLines(read.text), digest };
}

async function lookIntoLarge(file: WalkedFile): Promise<Look> {
  const limit = file.language === null ? MAX_UNKNOWN_BYTES : MAX_COUNTED_BYTES;
  if (file.bytes > limit) return { language: file.language, lines: 0 };
  try {
    const hash = createHash('sha256');
    let lines = 0;
    for await (const chunk of createReadStream(file.absolute, { highWaterMark: 256 * 1024 })) {
      const bytes = chunk as Buffer;
      hash.update(bytes);
      if (file.language === null) continue;
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
    }
    const digest = hash.digest('hex').slice(0, 32);
    return { language: file.language, lines: file.language === null ? 0 : lines + 1, digest };
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
