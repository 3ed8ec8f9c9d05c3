/** The review panels of this window: one per reviewed folder, live while a run goes on, restored from disk after a reload. */
import { Messenger } from 'vscode-messenger';
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { type Disposable, disposable } from '../../base/disposables.ts';
import { isJsonObject } from '../../base/json.ts';
import {
  type App,
  COMMANDS,
  PANELS,
  type Progress,
  type ReviewReport,
  type RunId,
  type RunState,
} from '../../contracts/index.ts';
import {
  cancelReview,
  openPlace,
  panelReady,
  type ReviewPanelState,
  rerunReview,
  stateChanged,
} from '../../contracts/review-panel.ts';
import { background, type Log } from '../background.ts';
import type { Engine } from '../engine.ts';
import { oneLine } from '../text.ts';
import { openInEditor } from './open-place.ts';
import { reviewHtml } from './review-html.ts';
import { missingState, panelState, targetOf } from './review-state.ts';

/** Milliseconds between two updates of a panel at most. */
const UPDATE_MS = 120;

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  /** The run it shows now: the next review of the same folder takes its place. */
  runId: RunId;
  /** What that run reviews; undefined until it is known of a panel that came back with the window. */
  target: string | undefined;
  /** The report of that run, once it is known. */
  report: ReviewReport | undefined;
  readonly send: (state: ReviewPanelState) => void;
  pending: Disposable | undefined;
}

export interface ReviewPanelsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Folder of `review.js` and `review.css`. */
  readonly assets: vscode.Uri;
  /** What the panel's tab shows. */
  readonly icon: { readonly light: vscode.Uri; readonly dark: vscode.Uri };
  readonly log: Log;
  /** Told of the report of a panel that came back with the window. */
  readonly onRestored: (report: ReviewReport) => Promise<void>;
}

export class ReviewPanels implements vscode.WebviewPanelSerializer, Disposable {
  readonly #options: ReviewPanelsOptions;
  readonly #messenger = new Messenger();
  readonly #open = new Set<OpenPanel>();
  readonly #progress = new Map<RunId, Map<string, Progress>>();
  readonly #loaded: Disposable;

  constructor(options: ReviewPanelsOptions) {
    this.#options = options;
    this.#loaded = options.engine.whenLoaded((app) => this.#follow(app));
  }

  /** Shows a run in the panel that is open for what it reviews, or in a new one. */
  show(state: RunState): void {
    const { runId } = state;
    const target = targetOf(state);
    const title = oneLine(state.title, 60);
    const known = this.#showing(runId) ?? [...this.#open].find((open) => open.target === target);
    if (known !== undefined) {
      if (known.runId !== runId) Object.assign(known, { runId, report: undefined });
      known.panel.title = title;
      known.panel.reveal();
      this.#updateSoon(runId);
      return;
    }
    const panel = vscode.window.createWebviewPanel(PANELS.review, title, vscode.ViewColumn.Active, {
      enableFindWidget: true,
    });
    this.#attach(panel, runId, target);
  }

  /** The report of a run that ended in this window. */
  setReport(runId: RunId, report: ReviewReport): void {
    const open = this.#showing(runId);
    if (open === undefined) return;
    open.report = report;
    this.#updateSoon(runId);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const runId = isJsonObject(state) && typeof state.runId === 'string' ? state.runId : undefined;
    if (runId === undefined || this.#showing(runId) !== undefined) panel.dispose();
    else {
      const report = await this.#reportOf(this.#attach(panel, runId, undefined));
      if (report !== undefined) await this.#options.onRestored(report);
    }
  }

  dispose(): void {
    this.#loaded.dispose();
    for (const { panel } of [...this.#open]) panel.dispose();
    this.#open.clear();
  }

  #showing(runId: RunId): OpenPanel | undefined {
    return [...this.#open].find((open) => open.runId === runId);
  }

  #follow(app: App): Disposable {
    const events = app.runs.onEvent(({ event }) => this.#updateSoon(event.runId));
    const progress = app.runs.onProgress((step) => {
      const ofRun = this.#progress.get(step.runId) ?? new Map<string, Progress>();
      ofRun.set(step.step, step.progress);
      this.#progress.set(step.runId, ofRun);
      this.#updateSoon(step.runId);
    });
    return disposable(() => {
      events.dispose();
      progress.dispose();
      this.#progress.clear();
    });
  }

  #attach(panel: vscode.WebviewPanel, runId: RunId, target: string | undefined): OpenPanel {
    const messenger = this.#messenger;
    const receiver = messenger.registerWebviewPanel(panel);
    const open: OpenPanel = {
      panel,
      runId,
      target,
      report: undefined,
      pending: undefined,
      send: (state) => messenger.sendNotification(stateChanged, receiver, state),
    };
    this.#open.add(open);
    const from = { sender: receiver };
    const handlers = [
      messenger.onRequest(panelReady, () => this.#current(open), from),
      messenger.onNotification(
        openPlace,
        ({ file, line }) => this.#do('open', this.#openPlace(open, file, line)),
        from,
      ),
      messenger.onNotification(
        cancelReview,
        () => this.#options.engine.current?.runs.get(open.runId)?.cancel('cancelled in its panel'),
        from,
      ),
      messenger.onNotification(rerunReview, () => this.#do('run again', this.#rerun(open)), from),
    ];
    panel.onDidDispose(() => {
      for (const handler of handlers) handler.dispose();
      open.pending?.dispose();
      this.#open.delete(open);
    });
    panel.iconPath = this.#options.icon;
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.#options.assets] };
    panel.webview.html = reviewHtml(panel.webview, this.#options.assets);
    return open;
  }

  #do(what: string, work: Promise<void>): void {
    background(work, `review panel, ${what}`, this.#options.log);
  }

  #updateSoon(runId: RunId): void {
    const open = this.#showing(runId);
    if (open === undefined || open.pending !== undefined) return;
    open.pending = this.#options.clock.schedule(UPDATE_MS, () => {
      open.pending = undefined;
      this.#do(
        'update',
        this.#current(open).then((state) => open.send(state)),
      );
    });
  }

  /** Reading takes a while, in which the panel may have gone over to another run. */
  async #current(open: OpenPanel): Promise<ReviewPanelState> {
    for (;;) {
      const state = await this.#stateOf(open, open.runId);
      if (state.runId === open.runId) return state;
    }
  }

  async #stateOf(open: OpenPanel, runId: RunId): Promise<ReviewPanelState> {
    const app = await this.#options.engine.load();
    const handle = app.runs.get(runId);
    const state = handle?.state() ?? (await app.runs.list()).find((run) => run.runId === runId)?.state;
    if (state === undefined) return missingState(runId, 'This review is not on disk any more. Run it again.');
    if (open.runId === runId) open.target = targetOf(state);
    const report = state.endedAt === undefined ? undefined : await this.#reportOf(open, runId);
    return panelState({ state, live: handle !== undefined, progress: this.#progress.get(runId) ?? new Map(), report });
  }

  async #reportOf({ report, runId: shown }: OpenPanel, runId = shown): Promise<ReviewReport | undefined> {
    if (report?.runId === runId) return report;
    return (await this.#options.engine.load()).loadReview(runId);
  }

  async #openPlace(open: OpenPanel, file: string, line: number): Promise<void> {
    const report = await this.#reportOf(open);
    if (report !== undefined) await openInEditor(report.root, file, line);
  }

  async #rerun(open: OpenPanel): Promise<void> {
    const report = await this.#reportOf(open);
    await vscode.commands.executeCommand(
      COMMANDS.reviewRepository,
      report === undefined ? undefined : vscode.Uri.file(report.root),
    );
  }
}
