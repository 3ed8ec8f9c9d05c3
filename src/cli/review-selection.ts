/** Which findings of a review are shown: what is new beside the baseline, and what is in changed files. */
import type { ReviewReport } from '../contracts/index.ts';
import { type Baseline, baselineText, compareWithBaseline, parseBaseline } from '../pipelines/review/baseline.ts';
import { onlyChanged } from '../pipelines/review/narrow.ts';
import { type BaselineFile, baselineFile, readBaseline, writeBaseline } from './baseline-file.ts';
import { changedFiles } from './changed-files.ts';
import { UsageError } from './exit-codes.ts';

export interface SelectionOptions {
  readonly baseline?: string | undefined;
  readonly updateBaseline?: boolean | undefined;
  readonly all?: boolean | undefined;
  readonly changedSince?: string | undefined;
  readonly staged?: boolean | undefined;
}

/** What is known before the review begins, so that wrong use is told at once. */
export interface PreparedSelection {
  readonly options: SelectionOptions;
  /** Undefined for a repository that is cloned: then the baseline is looked for in the clone. */
  readonly file: BaselineFile | undefined;
  readonly baseline: Baseline | undefined;
  readonly changed: { readonly files: ReadonlySet<string>; readonly since: string } | undefined;
}

/**
 * @param folder - undefined when the target is a URL
 * @throws UsageError
 */
export async function prepareSelection(
  folder: string | undefined,
  options: SelectionOptions,
): Promise<PreparedSelection> {
  const { baseline: named, updateBaseline } = options;
  if (folder === undefined) {
    if (options.staged === true || options.changedSince !== undefined)
      throw new UsageError('--staged and --changed-since go with a folder; a URL is cloned without its history');
    if (updateBaseline === true && named === undefined)
      throw new UsageError('--update-baseline goes with a folder, or with --baseline FILE');
  }
  const file = folder === undefined && named === undefined ? undefined : baselineFile(folder ?? process.cwd(), named);
  const baseline =
    file === undefined || updateBaseline === true ? undefined : await readBaseline(file, named !== undefined);
  return { options, file, baseline, changed: folder === undefined ? undefined : await changesIn(folder, options) };
}

async function changesIn(folder: string, options: SelectionOptions): Promise<PreparedSelection['changed']> {
  const { signal } = new AbortController();
  if (options.staged === true)
    return { files: await changedFiles(folder, { kind: 'staged' }, signal), since: 'staged' };
  const ref = options.changedSince;
  return ref === undefined
    ? undefined
    : { files: await changedFiles(folder, { kind: 'ref', ref }, signal), since: ref };
}

/** @throws UsageError when the baseline cannot be read or written */
export async function selectFindings(report: ReviewReport, prepared: PreparedSelection): Promise<ReviewReport> {
  const { options, changed } = prepared;
  const file = prepared.file ?? baselineFile(report.root, undefined);
  const baseline = options.updateBaseline === true ? await update(report, file) : await currentBaseline(prepared, file);
  const compared =
    baseline === undefined
      ? report
      : compareWithBaseline(report, baseline, { file: file.shown, all: options.all === true });
  return changed === undefined ? compared : onlyChanged(compared, changed.files, changed.since);
}

function currentBaseline(prepared: PreparedSelection, file: BaselineFile): Promise<Baseline | undefined> {
  return prepared.file === undefined ? readBaseline(file, false) : Promise.resolve(prepared.baseline);
}

/** Half a review would make a baseline that brings old findings back as new. */
async function update(report: ReviewReport, file: BaselineFile): Promise<Baseline | undefined> {
  if (!report.complete) {
    process.stderr.write(`The baseline ${file.shown} is left as it is, because the review is incomplete.\n`);
    return readBaseline(file, false);
  }
  const text = baselineText(report);
  await writeBaseline(file, text);
  process.stderr.write(`The baseline ${file.shown} has ${report.findings.length} findings.\n`);
  return parseBaseline(text);
}
