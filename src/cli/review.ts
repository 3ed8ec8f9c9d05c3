/** `mcp-conductor review`: reviews a folder or a repository and prints the report. */
import { stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../base/errors.ts';
import { type App, type ReviewHandle, type ReviewReport, SEVERITIES, type Severity } from '../contracts/index.ts';
import { isRepositoryUrl } from '../app/reviews.ts';
import { reviewMarkdown } from '../pipelines/review/markdown.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { showProgress } from './progress.ts';
import { type CommonOptions, withApp } from './session.ts';
import { printable } from './terminal.ts';

export interface ReviewCommandOptions extends CommonOptions {
  readonly branch?: string | undefined;
  readonly format: 'md' | 'json';
  readonly output?: string | undefined;
  readonly severity: Severity;
  readonly failOn?: Severity | undefined;
}

export async function reviewCommand(target: string, options: ReviewCommandOptions): Promise<ExitCode> {
  const remote = isRepositoryUrl(target);
  const place = remote ? target : await existingFolder(target);
  return withApp(remote ? folderOf(target) : place, options, async (app, signal) => {
    const handle = await app.review({ target: place, branch: options.branch, severity: options.severity });
    const report = await follow(app, handle, signal);
    await print(report, options);
    if (handle.state().status === 'cancelled') return EXIT.cancelled;
    if (!report.complete) return EXIT.failed;
    return fails(report, options.failOn) ? EXIT.failed : EXIT.done;
  });
}

async function follow(app: App, handle: ReviewHandle, signal: AbortSignal): Promise<ReviewReport> {
  const progress = showProgress(app, process.stderr);
  const onAbort = (): void => handle.cancel('interrupted');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await handle.report;
  } finally {
    signal.removeEventListener('abort', onAbort);
    progress.dispose();
  }
}

async function print(report: ReviewReport, options: ReviewCommandOptions): Promise<void> {
  const text =
    options.format === 'json' || options.json === true
      ? `${JSON.stringify(report, null, 2)}\n`
      : printable(reviewMarkdown(report));
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

function fails(report: ReviewReport, failOn: Severity | undefined): boolean {
  if (failOn === undefined) return false;
  return report.findings.some((finding) => SEVERITIES.indexOf(finding.severity) >= SEVERITIES.indexOf(failOn));
}

/** A repository on this disk may be cloned from where it is; any other is cloned from the network. */
function folderOf(url: string): string {
  return url.startsWith('file://') ? fileURLToPath(url) : process.cwd();
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
