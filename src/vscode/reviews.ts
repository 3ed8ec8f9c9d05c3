/** One review from the click to the last word: panel, Problems, summary in the log, and a notification only when it fails. */
import type { Disposable } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';
import { COMMANDS, type ReviewHandle, type ReviewReport } from '../contracts/index.ts';
import type { FindingDiagnostics } from './diagnostics/findings.ts';
import type { Engine } from './engine.ts';
import type { OutputChannels } from './output/channels.ts';
import { notifyFailure } from './notify.ts';
import type { ReviewPanels } from './panels/review-panels.ts';
import { summaryLine } from './output/summary-line.ts';
import { oneLine } from './text.ts';

export interface ReviewsOptions {
  readonly engine: Engine;
  readonly panels: ReviewPanels;
  readonly findings: FindingDiagnostics;
  readonly channels: OutputChannels;
  /** Whether the person lets reviews ask about known vulnerabilities. */
  readonly mayGoOnline: () => boolean;
}

export class Reviews implements Disposable {
  readonly #options: ReviewsOptions;
  /** Reviews that are going on, by target: a second click shows the first one's panel. */
  readonly #going = new Map<string, ReviewHandle>();
  #disposed = false;

  constructor(options: ReviewsOptions) {
    this.#options = options;
  }

  /** Resolves with the report when the review has ended; undefined when it could not be started. */
  async review(target: string): Promise<ReviewReport | undefined> {
    const going = this.#going.get(target);
    if (going !== undefined) {
      this.#options.panels.show(going.state());
      return going.report;
    }
    try {
      const app = await this.#options.engine.load();
      const handle = await app.review({ target, online: this.#options.mayGoOnline() });
      this.#going.set(target, handle);
      return await this.#follow(handle).finally(() => this.#going.delete(target));
    } catch (error) {
      if (this.#disposed) return undefined;
      this.#options.channels.summary.error(`Review of ${target}: ${messageOf(error)}`);
      this.#tellFailure(`The review of ${target} failed: ${messageOf(error)}`);
      return undefined;
    }
  }

  dispose(): void {
    this.#disposed = true;
    for (const handle of this.#going.values()) handle.cancel('the window was closed');
    this.#going.clear();
  }

  async #follow(handle: ReviewHandle): Promise<ReviewReport> {
    const { panels, findings, channels } = this.#options;
    panels.show(handle.state());
    const state = await handle.ended;
    const report = await handle.report;
    if (this.#disposed) return report;
    panels.setReport(handle.runId, report);
    // A cancelled review saw only a part: what the last whole one found stays.
    if (state.status !== 'cancelled') await findings.show(report);
    channels.summary.info(summaryLine(state, report));
    for (const problem of report.problems) channels.summary.warn(oneLine(problem, 500));
    if (state.status === 'failed')
      this.#tellFailure(`${state.title} failed: ${state.error?.message ?? report.problems[0] ?? 'see the log'}`);
    return report;
  }

  #tellFailure(message: string): void {
    const { summary } = this.#options.channels;
    notifyFailure(message, { label: 'Show Log', command: COMMANDS.showLog }, (text) => summary.error(text));
  }
}
