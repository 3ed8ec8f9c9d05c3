/** The analysis of a whole repository: every source file through the workers, then what only shows between files. */
import { setImmediate } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Clock } from '../../base/clock.ts';
import { markSuppressed } from '../suppressions.ts';
import { isConductorError, messageOf } from '../../base/errors.ts';
import type {
  AnalyzeRepositoryResult,
  FunctionMetric,
  Metrics,
  Severity,
  SkippedPlace,
} from '../../contracts/review.ts';
import { NO_RESULTS, type ResultCache } from '../cache/result-cache.ts';
import { countLanguages, isCode } from '../coverage.ts';
import { takeInventory } from '../inventory.ts';
import { isParsedLanguage } from '../languages.ts';
import { placeOf } from '../read.ts';
import { vendoredFolder } from '../vendored.ts';
import { createTally, type FindingTally } from '../tally.ts';
import { boundSkipped, byCodeUnit, type WalkedFile, walkFiles } from '../walk.ts';
import type { SourceOutcome, SourceTask } from './analyze-source.ts';
import { findBlockCopies } from './block-copies.ts';
import { blockFindings } from './copy-findings.ts';
import { documentedFunctions, fileMetrics } from './file-metrics.ts';
import { type AnalyzedFile, complexityFindings, duplicateFindings } from './function-findings.ts';
import { importFindings } from './import-findings.ts';
import { type FindingDraft, makeFindings } from './make-finding.ts';
import type { AnalysisType } from './rules.ts';
import { smellFindings } from './smell-findings.ts';
import { typeFindings } from './type-findings.ts';

export interface RepositoryAnalysisOptions {
  readonly root: string;
  readonly top: string;
  readonly types: readonly AnalysisType[];
  readonly includeMetrics: boolean;
  readonly threshold: Severity;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How many sources are analysed at once. */
  readonly concurrency: number;
  readonly analyzeSource: (task: SourceTask, signal: AbortSignal) => Promise<SourceOutcome>;
  /** Files found, then counted, then analysed: three times their number in all. */
  readonly onProgress: (done: number, total?: number, message?: string) => void;
  /** Milliseconds after which no further file is begun. @default 600,000 */
  readonly budgetMs?: number | undefined;
  /** Remembers results from one call to the next. @default nothing is remembered */
  readonly cache?: ResultCache | undefined;
}

/** What is worked on, beside the options. */
interface Work {
  readonly sources: readonly WalkedFile[];
  readonly languages: ReadonlyMap<string, string | null>;
  readonly digests: ReadonlyMap<string, string>;
  /** Of the progress. */
  readonly total: number;
}

const TOO_LATE: SourceOutcome = {
  kind: 'skipped',
  reason: 'not begun: the time for the whole analysis was used up',
};

/** Functions listed in the metrics; the simplest beyond are left out. */
const MAX_FUNCTIONS = 10_000;

/** @throws ConductorError CANCELLED */
export async function analyzeRepository(options: RepositoryAnalysisOptions): Promise<AnalyzeRepositoryResult> {
  const { root, top, signal } = options;
  const walked = await walkFiles(root, { signal, top, onProgress: options.onProgress });
  const found = walked.files.length;
  const total = 3 * found;
  const onFile = (done: number): void => options.onProgress(found + done, total, 'counting lines');
  const inventory = await takeInventory(walked.files, signal, onFile, await options.cache?.ledger(root));
  const languages = new Map(inventory.entries.map((entry) => [entry.path, entry.language]));
  const sources = walked.files.filter((file) => isParsedLanguage(languages.get(file.path) ?? null));
  const notAnalyzed = countLanguages(
    inventory.entries.flatMap(({ language }) => (isCode(language) && !isParsedLanguage(language) ? [language] : [])),
  );
  const tally = createTally(options.threshold);
  const work = { sources, languages, digests: inventory.digests, total };
  const { analyzed, skipped } = await analyzeSources(work, options, tally);
  const cut: SkippedPlace[] = [];
  const metrics = options.includeMetrics ? metricsOf(inventory.totals, analyzed, cut) : undefined;
  // Between the steps the thread is free: a server has to answer meanwhile.
  await setImmediate();
  const drafts: (readonly FindingDraft[])[] = [];
  if (options.types.includes('complexity')) drafts.push(analyzed.flatMap(complexityFindings));
  await setImmediate();
  if (options.types.includes('smells')) drafts.push(await smellsOf(analyzed, cut));
  if (options.types.includes('patterns')) drafts.push(await importFindings(analyzed));
  await setImmediate();
  const own = drafts.flat().filter(({ file }) => vendoredFolder(file) === undefined);
  return {
    findings: await markSuppressed(root, makeFindings(own, options.threshold)),
    ...(metrics === undefined ? {} : { metrics }),
    skipped: boundSkipped(
      onePerFile([...walked.skipped, ...skipped, ...inventory.skipped, ...cut, ...vendoredPlaces(sources)]),
    ),
    partial: analyzed.filter((file) => file.facts.partial).map((file) => file.path),
    ...(notAnalyzed === undefined ? {} : { notAnalyzed }),
  };
}

/** Said once for each folder, so that nobody takes silence for praise. */
function vendoredPlaces(sources: readonly WalkedFile[]): readonly SkippedPlace[] {
  const folders = new Set(sources.flatMap(({ path }) => vendoredFolder(path) ?? []));
  const reason = 'brought along from others: measured, and not judged by its style';
  return [...folders].map((file) => ({ file, reason, deliberate: true }));
}

async function smellsOf(analyzed: readonly AnalyzedFile[], cut: SkippedPlace[]): Promise<readonly FindingDraft[]> {
  const functions = duplicateFindings(analyzed);
  await setImmediate();
  const blocks = await findBlockCopies(analyzed);
  if (blocks.cut)
    cut.push({
      file: '.',
      reason: 'too much code to compare all of it: some copied blocks are not told',
      deliberate: true,
    });
  return [
    ...analyzed.flatMap(smellFindings),
    ...analyzed.flatMap(typeFindings),
    ...functions,
    ...blockFindings(blocks.copies, functions),
  ];
}

async function analyzeSources(
  { sources, languages, digests, total }: Work,
  options: RepositoryAnalysisOptions,
  tally: FindingTally,
): Promise<{ readonly analyzed: readonly AnalyzedFile[]; readonly skipped: readonly SkippedPlace[] }> {
  const results = (await options.cache?.open('code', options.root)) ?? NO_RESULTS;
  const limit = pLimit(options.concurrency);
  const end = options.clock.monotonic() + (options.budgetMs ?? 600_000);
  const skipped: SkippedPlace[] = [];
  let done = total - sources.length;
  const analyze = async (file: WalkedFile): Promise<AnalyzedFile | undefined> => {
    const language = languages.get(file.path) ?? null;
    if (!isParsedLanguage(language)) return undefined;
    const make = async (): Promise<SourceOutcome> => {
      if (options.clock.monotonic() > end) return TOO_LATE;
      const task: SourceTask = { absolute: file.absolute, path: file.path, language };
      return options.analyzeSource(task, options.signal).catch((error: unknown) => failed(error, options.signal));
    };
    // What was skipped for want of time may do better the next time.
    const keeps = (outcome: SourceOutcome): boolean => outcome.kind !== 'skipped';
    const outcome = await results.of({ file, digest: digests.get(file.path), asked: language, make, keeps });
    const analyzed = outcome.kind === 'facts' ? { path: file.path, facts: outcome.facts } : undefined;
    if (analyzed !== undefined) tally.add(findingsOfFile(analyzed, options.types));
    if (outcome.kind === 'skipped') skipped.push(placeOf(file.path, outcome));
    done += 1;
    options.onProgress(done, total, tally.text() ?? file.path);
    return analyzed;
  };
  const found = Promise.all(sources.map((file) => limit(analyze, file)));
  // A cancelled analysis leaves behind what it got to.
  await found.then(
    () => results.save(true),
    () => results.save(false),
  );
  return { analyzed: (await found).filter((result) => result !== undefined), skipped };
}

/** What shows in one file alone. */
function findingsOfFile(file: AnalyzedFile, types: readonly AnalysisType[]): readonly FindingDraft[] {
  return [
    ...(types.includes('complexity') ? complexityFindings(file) : []),
    ...(types.includes('smells') ? [...smellFindings(file), ...typeFindings(file)] : []),
  ];
}

/** A worker that was ended or crashed costs its file; a cancelled call ends as a whole. */
function failed(error: unknown, signal: AbortSignal): SourceOutcome {
  if (signal.aborted || (isConductorError(error) && error.code === 'CANCELLED')) throw error;
  return { kind: 'skipped', reason: `could not be analysed: ${messageOf(error)}` };
}

/** Counting and parsing both stumble over an unreadable file; one line about it is enough. */
function onePerFile(skipped: readonly SkippedPlace[]): readonly SkippedPlace[] {
  const first = new Map<string, SkippedPlace>();
  for (const place of skipped) {
    const key = place.file === '.' ? `.\0${place.reason}` : place.file;
    const known = first.get(key);
    // What is missing outweighs what was left out on purpose.
    if (known === undefined || (known.deliberate === true && place.deliberate !== true)) first.set(key, place);
  }
  return [...first.values()];
}

function metricsOf(
  totals: Omit<Metrics, 'functions'>,
  analyzed: readonly AnalyzedFile[],
  cut: SkippedPlace[],
): Metrics {
  const functions = analyzed.flatMap(({ path, facts }) =>
    facts.functions.map(
      (one): FunctionMetric => ({
        file: path,
        name: one.name,
        startLine: one.startLine,
        endLine: one.endLine,
        cyclomatic: one.cyclomatic,
        cognitive: one.cognitive,
        parameters: one.parameters,
        lines: one.endLine - one.startLine + 1,
        nesting: one.nesting,
      }),
    ),
  );
  if (functions.length > MAX_FUNCTIONS) {
    functions.sort((a, b) => b.cyclomatic - a.cyclomatic || byMetricPlace(a, b));
    cut.push({
      file: '.',
      reason: `${functions.length - MAX_FUNCTIONS} of ${functions.length} functions, the simplest, are not in the metrics`,
      deliberate: true,
    });
    functions.length = MAX_FUNCTIONS;
  }
  return {
    ...totals,
    functions: functions.sort(byMetricPlace),
    documented: documentedFunctions(analyzed),
    byFile: fileMetrics(analyzed),
  };
}

function byMetricPlace(a: FunctionMetric, b: FunctionMetric): number {
  return byCodeUnit(a.file, b.file) || a.startLine - b.startLine || a.endLine - b.endLine || byCodeUnit(a.name, b.name);
}
