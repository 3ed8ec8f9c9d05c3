/** One file from disk to what is wrong with it; what a worker does with each task. */
import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { DependencyEntry, SkippedPlace } from '../../contracts/index.ts';
import { isGenerated } from '../code/generated.ts';
import { isCode } from '../coverage.ts';
import { installedLicences } from '../dependencies/installed.ts';
import type { PinnedPackage } from '../dependencies/osv/vulnerabilities.ts';
import { scanDependencies } from '../dependencies/scan-dependencies.ts';
import { hideCredentials } from '../hide-credentials.ts';
import { isParsedLanguage, languageOfShebang } from '../languages.ts';
import { countLines, isBinary, MAX_TEXT_BYTES, placeOf, readReason, readText, tooLarge } from '../read.ts';
import { type Grammars, openGrammars } from '../syntax/parser.ts';
import type { FindingDraft } from './findings.ts';
import { hasRules, scanCode } from './sast/scan-code.ts';
import { rulesWith } from './sast/workspace-rules.ts';
import { scanSecrets } from './secrets/scan-secrets.ts';

/** Bytes above which a text is not searched for secrets: no one writes such files by hand. */
export const MAX_SEARCHED_BYTES = 16 * 1024 * 1024;

export interface FileTask {
  readonly kind: 'file';
  /** Relative to the root. */
  readonly path: string;
  readonly absolute: string;
  readonly bytes: number;
  /** By its name; null when the name does not tell. */
  readonly language: string | null;
  readonly secrets: boolean;
  readonly sast: boolean;
  /** Rules of the repository on top of our own, as `readWorkspaceRules` gives them. */
  readonly rules?: string | undefined;
}

export interface DependencyTask {
  readonly kind: 'dependencies';
  readonly files: readonly { readonly path: string; readonly absolute: string }[];
  /** Paths of every lockfile, read or not. */
  readonly lockfiles: readonly string[];
}

export type ScanTask = FileTask | DependencyTask;

export interface ScanOutcome {
  readonly drafts: readonly FindingDraft[];
  readonly skipped: readonly SkippedPlace[];
  readonly dependencies: readonly DependencyEntry[];
  /** Packages that a database of vulnerabilities can be asked about. */
  readonly pinned?: readonly PinnedPackage[] | undefined;
  /** How many files were looked at as text. */
  readonly scanned: number;
  /** The programming language that no rule about dangerous code covers, when they were asked for. */
  readonly notAnalyzed?: string | undefined;
}

const NOTHING: ScanOutcome = { drafts: [], skipped: [], dependencies: [], scanned: 0 };

/** @param entryUrl the URL of the worker's own file, from which the grammars are found */
export function createScanner(entryUrl: string, clock: Clock): (task: ScanTask) => Promise<ScanOutcome> {
  let grammars: Promise<Grammars> | undefined;
  const open = (): Promise<Grammars> => {
    grammars ??= openGrammars(entryUrl, clock);
    return grammars;
  };
  return (task) => (task.kind === 'file' ? scanFile(task, open) : readDependencies(task));
}

async function scanFile(task: FileTask, grammars: () => Promise<Grammars>): Promise<ScanOutcome> {
  const { path: file } = task;
  if (task.bytes > MAX_SEARCHED_BYTES) return skipLarge(task);
  const read = await readText(task.absolute, MAX_SEARCHED_BYTES);
  if (read.kind === 'binary') return NOTHING;
  if (read.kind === 'skipped') return { ...NOTHING, skipped: [placeOf(file, read)] };
  const drafts: FindingDraft[] = [];
  const skipped: SkippedPlace[] = [];
  if (task.secrets) drafts.push(...(await scanSecrets(file, read.text)));
  const language = task.language ?? languageOfShebang(read.text);
  if (task.sast) {
    try {
      drafts.push(...(await scanParsed(task, language, read.text, grammars, skipped)));
    } catch (error) {
      skipped.push({ file, reason: `could not be searched for dangerous code: ${messageOf(error)}` });
    }
  }
  const isCovered = !task.sast || !isCode(language) || hasRules(language);
  return { ...NOTHING, drafts, skipped, scanned: 1, ...(isCovered ? {} : { notAnalyzed: language }) };
}

async function scanParsed(
  task: FileTask,
  language: string | null,
  text: string,
  grammars: () => Promise<Grammars>,
  skipped: SkippedPlace[],
): Promise<readonly FindingDraft[]> {
  if (!isParsedLanguage(language) || isGenerated(task.path, text, countLines(text))) return [];
  if (task.bytes > MAX_TEXT_BYTES) {
    const reason = `not parsed, ${tooLarge(task.bytes, MAX_TEXT_BYTES)}`;
    skipped.push({ file: task.path, reason, deliberate: true });
    return [];
  }
  return scanCode({ file: task.path, text, language }, await grammars(), rulesWith(task.rules));
}

/** A big picture or archive holds no text and nothing is missed; a big text is worth a word. */
async function skipLarge({ path: file, absolute, bytes }: FileTask): Promise<ScanOutcome> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(absolute, 'r');
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8_000), 0, 8_000, 0);
    if (isBinary(buffer.subarray(0, bytesRead))) return NOTHING;
    return { ...NOTHING, skipped: [{ file, reason: tooLarge(bytes, MAX_SEARCHED_BYTES), deliberate: true }] };
  } catch (error) {
    return { ...NOTHING, skipped: [{ file, reason: `cannot be read: ${readReason(error)}` }] };
  } finally {
    await handle?.close();
  }
}

async function readDependencies(task: DependencyTask): Promise<ScanOutcome> {
  const skipped: SkippedPlace[] = [];
  const files: { file: string; text: string }[] = [];
  for (const { path, absolute } of task.files) {
    const read = await readText(absolute, MAX_SEARCHED_BYTES);
    if (read.kind === 'text') files.push({ file: path, text: read.text });
    else skipped.push(placeOf(path, read.kind === 'skipped' ? read : { kind: 'skipped', reason: 'not a text' }));
  }
  const scan = scanDependencies(files, new Set(task.lockfiles), await installedLicences(task.files));
  return {
    drafts: scan.findings.map(withoutCredentials),
    skipped: [...skipped, ...scan.skipped.map((place) => ({ ...place, reason: hideCredentials(place.reason) }))],
    dependencies: scan.entries.map(shownEntry),
    pinned: scan.pinned,
    scanned: files.length,
  };
}

/** Manifests name packages by address, credentials included; this is the one way out for what was read in them. */
function withoutCredentials(draft: FindingDraft): FindingDraft {
  return {
    ...draft,
    message: hideCredentials(draft.message),
    help: draft.help === undefined ? undefined : hideCredentials(draft.help),
    identity: draft.identity.map(hideCredentials),
  };
}

function shownEntry(entry: DependencyEntry): DependencyEntry {
  const { requirement, licence } = entry;
  return {
    ...entry,
    name: hideCredentials(entry.name),
    version: hideCredentials(entry.version),
    ...(requirement === undefined ? {} : { requirement: hideCredentials(requirement) }),
    ...(licence === undefined ? {} : { licence: hideCredentials(licence) }),
    problems: entry.problems.map(hideCredentials),
  };
}
