/** `mcp-conductor review`: reviews a folder or a repository and prints the report. */
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseRepositoryUrl } from '../analysis/repository-url.ts';
import { messageOf } from '../base/errors.ts';
import { type ReviewReport, SEVERITIES, type Severity } from '../contracts/index.ts';
import { isRepositoryUrl } from '../app/reviews.ts';
import { VERSION } from '../base/version.ts';
import { reviewHtml } from '../pipelines/review/html.ts';
import { reviewMarkdown } from '../pipelines/review/markdown.ts';
import { reviewSarif } from '../pipelines/review/sarif.ts';
import { PARKED_HINT } from './approvals.ts';
import { followRun, hasParkedStep } from './follow-run.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { atLeast } from '../pipelines/review/narrow.ts';
import { prepareSelection, selectFindings } from './review-selection.ts';
import { type CommonOptions, withApp } from './session.ts';
import { oneLine, printable } from './terminal.ts';

export const REVIEW_FORMATS = ['md', 'json', 'sarif', 'html'] as const;
type ReviewFormat = (typeof REVIEW_FORMATS)[number];

export interface ReviewCommandOptions extends CommonOptions {
  readonly branch?: string | undefined;
  readonly format: ReviewFormat;
  readonly output?: string | undefined;
  readonly severity: Severity;
  readonly failOn?: Severity | undefined;
  readonly baseline?: string | undefined;
  readonly updateBaseline?: boolean | undefined;
  readonly all?: boolean | undefined;
  readonly changedSince?: string | undefined;
  readonly staged?: boolean | undefined;
  readonly online?: boolean | undefined;
}

export async function reviewCommand(target: string, options: ReviewCommandOptions): Promise<ExitCode> {
  const { place, folder } = await resolveTarget(target, options);
  if (options.output !== undefined) await checkWritable(options.output);
  const local = isRepositoryUrl(target) ? undefined : folder;
  const prepared = await prepareSelection(local, options);
  return withApp(folder, options, async (app, signal) => {
    const severity = lower(options.severity, options.failOn);
    // A baseline is of everything, so that nothing in it comes back as new when somebody asks for more.
    const asked = options.updateBaseline === true ? 'low' : severity;
    const handle = await app.review({ target: place, branch: options.branch, severity: asked, online: options.online });
    const report = atLeast(
      await selectFindings(await followRun(app, handle, handle.report, signal), prepared),
      severity,
    );
    await print(report, options);
    if (handle.state().status === 'cancelled') return EXIT.cancelled;
    if (!report.complete) {
      process.stderr.write(`The review is incomplete: ${oneLine(report.problems[0] ?? 'the run failed')}\n`);
      if (hasParkedStep(handle.state())) {
        process.stderr.write(`${PARKED_HINT}\n`);
        return EXIT.denied;
      }
      return EXIT.failed;
    }
    return fails(report, options.failOn) ? EXIT.failed : EXIT.done;
  });
}

/** What is to fail the command must be looked for, whatever else is to be shown. */
function lower(severity: Severity, failOn: Severity | undefined): Severity {
  if (failOn === undefined) return severity;
  return SEVERITIES.indexOf(failOn) < SEVERITIES.indexOf(severity) ? failOn : severity;
}

async function print(report: ReviewReport, options: ReviewCommandOptions): Promise<void> {
  const text = rendered(report, options.json === true ? 'json' : options.format);
  if (options.output === undefined) {
    await new Promise<void>((done) => process.stdout.write(text, () => done()));
    return;
  }
  const file = resolve(options.output);
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new UsageError(`--output ${options.output}: ${messageOf(error)}`);
  }
  process.stderr.write(`The report is in ${file}\n`);
}

function rendered(report: ReviewReport, format: ReviewFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(reviewSarif(report, VERSION), null, 2)}\n`;
    case 'html':
      return reviewHtml(report);
    case 'md':
      return printable(reviewMarkdown(report));
  }
}

function fails(report: ReviewReport, failOn: Severity | undefined): boolean {
  if (failOn === undefined) return false;
  // What was known before is no news.
  const news = report.findings.filter((finding) => finding.state !== 'known');
  return news.some((finding) => SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(failOn));
}

/** Where the repository is, and the folder whose state and servers the review belongs to. */
async function resolveTarget(
  target: string,
  { branch }: ReviewCommandOptions,
): Promise<{ readonly place: string; readonly folder: string }> {
  if (!isRepositoryUrl(target)) {
    if (branch !== undefined) throw new UsageError('--branch goes with a URL; a folder is reviewed as it is');
    const folder = await existingFolder(target);
    return { place: folder, folder };
  }
  const { path } = parseRepositoryUrl(target);
  return { place: target, folder: path === undefined ? process.cwd() : await existingFolder(path) };
}

/** Before the work and not after it. */
async function checkWritable(output: string): Promise<void> {
  const folder = dirname(resolve(output));
  await access(folder, constants.W_OK).catch(() => {
    throw new UsageError(`--output ${output}: there is no folder ${folder} that can be written to`);
  });
}

async function existingFolder(target: string): Promise<string> {
  const path = resolve(target);
  const found = await stat(path).catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(missing ? `there is no folder ${path}` : `${path}: ${messageOf(error)}`);
  });
  if (!found.isDirectory())
    throw new UsageError(`${path} is not a folder; a review looks at a folder or at the URL of a git repository`);
  return path;
}
