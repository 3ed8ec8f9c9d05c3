/** The security scan of a whole repository: every file through the workers, dependencies as one task of their own. */
import pLimit from 'p-limit';
import type { Clock } from '../../base/clock.ts';
import { markSuppressed } from '../suppressions.ts';
import { isConductorError, messageOf } from '../../base/errors.ts';
import type { DependencyEntry, ScanRepositoryResult, Severity, SkippedPlace } from '../../contracts/index.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import { countLanguages } from '../coverage.ts';
import { isDependencyFile, isLockfileName } from '../dependencies/manifest-files.ts';
import { osvKey } from '../dependencies/osv/client.ts';
import type { PinnedPackage, VulnerabilityReport } from '../dependencies/osv/vulnerabilities.ts';
import { notUnderstood } from '../dependencies/not-understood.ts';
import { boundSkipped, type WalkedFile, walkFiles } from '../walk.ts';
import { createTally } from '../tally.ts';
import { collectFindings, MAX_FINDINGS } from './collect-findings.ts';
import { openRemembered } from './remembered.ts';
import { readWorkspaceRules } from './sast/workspace-rules.ts';
import type { ScanOutcome, ScanTask } from './scan-file.ts';

export const SCAN_TYPES = ['dependencies', 'secrets', 'sast'] as const;
export type ScanType = (typeof SCAN_TYPES)[number];

export interface RepositoryScanOptions {
  readonly root: string;
  /** The folder whose ignore files count from. */
  readonly top: string;
  readonly types: readonly ScanType[];
  readonly threshold: Severity;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How many files are scanned at once. */
  readonly concurrency: number;
  readonly scan: (task: ScanTask, signal: AbortSignal) => Promise<ScanOutcome>;
  /** Units of work so far: files found, then tasks done; `total` once it is known. */
  readonly onProgress: (done: number, total?: number, message?: string) => void;
  /** Asks a database about packages; absent when nobody allowed it, and then nothing leaves the machine. */
  readonly lookUp?:
    | ((packages: readonly PinnedPackage[], signal: AbortSignal) => Promise<VulnerabilityReport>)
    | undefined;
  /** Milliseconds after which no further file is begun. @default 600,000 */
  readonly budgetMs?: number | undefined;
  /** Remembers results from one call to the next. @default nothing is remembered */
  readonly cache?: ResultCache | undefined;
}

/** @throws ConductorError CANCELLED */
export async function scanRepository(options: RepositoryScanOptions): Promise<ScanRepositoryResult> {
  const { root, top, signal, types } = options;
  const walked = await walkFiles(root, { signal, top, onProgress: (files) => options.onProgress(files) });
  const { rules, problems } = types.includes('sast') ? await readWorkspaceRules(top) : { problems: [] };
  const outcomes = await runAll(tasksFor(walked.files, types, rules), walked.files, options);
  const known = types.includes('dependencies') ? await lookUpAll(outcomes, walked.files.length, options) : undefined;
  const drafts = [...outcomes.flatMap((outcome) => outcome.drafts), ...(known?.findings ?? [])];
  const { findings, omitted } = collectFindings(drafts, options.threshold);
  const cut: SkippedPlace[] =
    omitted === 0
      ? []
      : [{ file: '.', reason: `${omitted} findings beyond ${MAX_FINDINGS}, the least severe, are left out` }];
  const notAnalyzed = countLanguages(outcomes.flatMap((outcome) => outcome.notAnalyzed ?? []));
  const unread = types.includes('dependencies') ? notUnderstood(walked.files.map((file) => file.path)) : [];
  return {
    findings: await markSuppressed(root, findings),
    ...(types.includes('dependencies') ? { dependencies: withVulnerabilities(outcomes, known) } : {}),
    scannedFiles: outcomes.reduce((sum, outcome) => sum + outcome.scanned, 0),
    skipped: boundSkipped([
      ...problems,
      ...(known?.problems ?? []).map((problem) => ({ file: '.', reason: `known vulnerabilities: ${problem}` })),
      ...walked.skipped,
      ...outcomes.flatMap((outcome) => outcome.skipped),
      ...cut,
    ]),
    ...(known === undefined ? {} : { lookedUp: known.asked }),
    ...(notAnalyzed === undefined ? {} : { notAnalyzed }),
    ...(unread.length === 0 ? {} : { notUnderstood: unread }),
  };
}

/** Whatever goes wrong there is told and costs nothing else. */
async function lookUpAll(
  outcomes: readonly ScanOutcome[],
  before: number,
  { lookUp, signal, onProgress }: RepositoryScanOptions,
): Promise<VulnerabilityReport | undefined> {
  if (lookUp === undefined) return undefined;
  const packages = outcomes.flatMap((outcome) => outcome.pinned ?? []);
  const done = before + outcomes.length;
  onProgress(done, done, `${packages.length} packages are looked up`);
  return lookUp(packages, signal);
}

/** Entries that have known vulnerabilities name them. */
function withVulnerabilities(
  outcomes: readonly ScanOutcome[],
  known: VulnerabilityReport | undefined,
): readonly DependencyEntry[] {
  const entries = outcomes.flatMap((outcome) => outcome.dependencies);
  if (known === undefined) return entries;
  return entries.map((entry) => {
    const names = known.byPackage.get(osvKey(entry));
    return names === undefined ? entry : { ...entry, problems: [...entry.problems, ...names] };
  });
}

function tasksFor(files: readonly WalkedFile[], types: readonly ScanType[], rules?: string): readonly ScanTask[] {
  const secrets = types.includes('secrets');
  const sast = types.includes('sast');
  const tasks: ScanTask[] = [];
  if (types.includes('dependencies')) {
    const wanted = files.filter((file) => isDependencyFile(file.path));
    const lockfiles = files
      .filter((file) => isLockfileName(file.path) || /\.txt$/.test(file.path))
      .map((file) => file.path);
    tasks.push({ kind: 'dependencies', files: wanted.map(({ path, absolute }) => ({ path, absolute })), lockfiles });
  }
  if (!secrets && !sast) return tasks;
  for (const { path, absolute, bytes, language } of files) {
    tasks.push({ kind: 'file', path, absolute, bytes, language, secrets, sast, rules });
  }
  return tasks;
}

/** Answers come in the order of the tasks, whichever worker is done first. */
async function runAll(
  tasks: readonly ScanTask[],
  files: readonly WalkedFile[],
  options: RepositoryScanOptions,
): Promise<readonly ScanOutcome[]> {
  const limit = pLimit(options.concurrency);
  const end = options.clock.monotonic() + (options.budgetMs ?? 600_000);
  const tally = createTally(options.threshold);
  const known = await openRemembered(files, options);
  const before = files.length;
  let done = 0;
  const run = async (task: ScanTask): Promise<ScanOutcome> => {
    const make = async (): Promise<ScanOutcome> =>
      options.clock.monotonic() > end
        ? skippedTask(task, 'not begun: the time for the whole scan was used up')
        : options.scan(task, options.signal).catch((error: unknown) => failed(task, error, options.signal));
    const outcome = await (task.kind === 'file' ? known.of(task, make) : make());
    done += 1;
    tally.add(outcome.drafts);
    const message = tally.text() ?? (task.kind === 'file' ? task.path : 'dependencies');
    options.onProgress(before + done, before + tasks.length, message);
    return outcome;
  };
  const outcomes = Promise.all(tasks.map((task) => limit(run, task)));
  // A cancelled scan leaves behind what it got to.
  await outcomes.then(
    () => known.save(true),
    () => known.save(false),
  );
  return outcomes;
}

/** A worker that was ended or crashed costs its file; a cancelled call ends as a whole. */
function failed(task: ScanTask, error: unknown, signal: AbortSignal): ScanOutcome {
  if (signal.aborted || (isConductorError(error) && error.code === 'CANCELLED')) throw error;
  return skippedTask(task, `could not be scanned: ${messageOf(error)}`);
}

function skippedTask(task: ScanTask, reason: string): ScanOutcome {
  const files = task.kind === 'file' ? [task.path] : task.files.map((file) => file.path);
  return { drafts: [], dependencies: [], scanned: 0, skipped: files.map((file) => ({ file, reason })) };
}
