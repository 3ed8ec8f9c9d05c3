/** Reviews: a run of the review pipeline, and the report made of it. */
import { ConductorError } from '../base/errors.ts';
import type { App, JournalStore, ReviewReport, RunState } from '../contracts/index.ts';
import { reviewReport } from '../pipelines/review/report.ts';
import type { StartPipeline } from './pipelines.ts';
import type { RunRegistry } from './runs.ts';

export interface ReviewsOptions {
  readonly journals: JournalStore;
  readonly runs: RunRegistry;
  readonly startPipeline: StartPipeline;
  readonly onError: (error: unknown) => void;
}

const REPORT_FILE = 'report.json';

export function createReviews(options: ReviewsOptions): Pick<App, 'review' | 'loadReview'> {
  const { journals, runs, startPipeline } = options;

  const makeReport = async (state: RunState): Promise<ReviewReport> => {
    const report = reviewReport(state, await runs.values(state.runId, state));
    await journals.writeFile(state.runId, REPORT_FILE, JSON.stringify(report));
    return report;
  };

  return {
    async review({ target, branch, severity, online }) {
      if (hasCredentials(target)) {
        throw new ConductorError(
          'VALIDATION_FAILED',
          'the URL carries a password, a token or a query, which a journal would keep; leave it out and let a git credential helper provide it',
        );
      }
      const place = isRepositoryUrl(target) ? { url: target } : { path: target };
      const inputs = {
        ...place,
        ...(branch === undefined ? {} : { branch }),
        ...(severity === undefined ? {} : { severity }),
        ...(online === undefined ? {} : { online }),
      };
      const handle = await startPipeline('review', `Review of ${nameOf(target)}`, inputs);
      const report = handle.ended.then(makeReport);
      report.catch(options.onError);
      return { ...handle, report };
    },
    async loadReview(runId) {
      const text = await journals.readFile(runId, REPORT_FILE);
      if (text === undefined) return undefined;
      const report = JSON.parse(text) as ReviewReport;
      if (report.version !== 1)
        throw new ConductorError(
          'VALIDATION_FAILED',
          `the report of run ${runId} is of version ${String(report.version)}; this version reads 1`,
        );
      return report;
    },
  };
}

/** A URL with a scheme, or the `user@host:path` form of ssh. */
export function isRepositoryUrl(target: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(target) || /^[\w.-]+@[\w.-]+:[^\\]/.test(target);
}

function nameOf(target: string): string {
  return (
    target
      .replace(/[/\\]+$/, '')
      .replace(/\.git$/, '')
      .split(/[/\\:]/)
      .at(-1) || target
  );
}

/** `https://token@host` and `https://user:password@host`; the `git@host` of ssh is a name, not a secret. */
function hasCredentials(target: string): boolean {
  if (!URL.canParse(target)) return false;
  const { protocol, username, password, search } = new URL(target);
  return search !== '' || password !== '' || (username !== '' && protocol.startsWith('http'));
}
