/** The review panels of this window: one per run, live while it goes on, restored from disk after a reload. */
import { Messenger } from 'vscode-messenger';
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { type Disposable, disposable } from '../../base/disposables.ts';
import { isJsonObject } from '../../base/json.ts';
import { type App, COMMANDS, PANELS, type Progress, type ReviewReport, type RunId } from '../../contracts/index.ts';
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
import { missingState, panelState } from './review-state.ts';

/** Milliseconds between two updates of a panel at most. */
const UPDATE_MS = 120;

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
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
  readonly #open = new Map<RunId, OpenPanel>();
  readonly #progress = new Map<RunId, Map<string, Progress>>();
  readonly #reports = new Map<RunId, ReviewReport>();
  readonly #loaded: Disposable;

  constructor(options: ReviewPanelsOptions) {
    this.#options = options;
    this.#loaded = options.engine.whenLoaded((app) => this.#follow(app));
  }

  /** Shows the panel of a run, the one that is open already if there is one. */
  show(runId: RunId, title: string): void {
    const known = this.#open.get(runId);
    if (known !== undefined) {
      known.panel.reveal();
      this.#updateSoon(runId);
      return;
    }
    const panel = vscode.window.createWebviewPanel(PANELS.review, oneLine(title, 60), vscode.ViewColumn.Active, {
      enableFindWidget: true,
    });
    this.#attach(panel, runId);
  }

  /** The report of a run that ended in this window. */
  setReport(runId: RunId, report: ReviewReport): void {
    if (this.#open.has(runId)) this.#reports.set(runId, report);
    this.#updateSoon(runId);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const runId = isJsonObject(state) && typeof state.runId === 'string' ? state.runId : undefined;
    if (runId === undefined || this.#open.has(runId)) panel.dispose();
    else {
      this.#attach(panel, runId);
      const report = await this.#report(runId);
      if (report !== undefined) await this.#options.onRestored(report);
    }
  }

  dispose(): void {
    this.#loaded.dispose();
    for (const { panel } of [...this.#open.values()]) panel.dispose();
    this.#open.clear();
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

  #attach(panel: vscode.WebviewPanel, runId: RunId): void {
    const messenger = this.#messenger;
    const receiver = messenger.registerWebviewPanel(panel);
    const open: OpenPanel = {
      panel,
      pending: undefined,
      send: (state) => messenger.sendNotification(stateChanged, receiver, state),
    };
    this.#open.set(runId, open);
    const from = { sender: receiver };
    const handlers = [
      messenger.onRequest(panelReady, () => this.#stateOf(runId), from),
      messenger.onNotification(
        openPlace,
        ({ file, line }) => this.#do('open', this.#openPlace(runId, file, line)),
        from,
      ),
      messenger.onNotification(
        cancelReview,
        () => this.#options.engine.current?.runs.get(runId)?.cancel('cancelled in its panel'),
        from,
      ),
      messenger.onNotification(rerunReview, () => this.#do('run again', this.#rerun(runId)), from),
    ];
    panel.onDidDispose(() => {
      for (const handler of handlers) handler.dispose();
      open.pending?.dispose();
      this.#open.delete(runId);
      this.#reports.delete(runId);
    });
    panel.iconPath = this.#options.icon;
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.#options.assets] };
    panel.webview.html = reviewHtml(panel.webview, this.#options.assets);
  }

  #do(what: string, work: Promise<void>): void {
    background(work, `review panel, ${what}`, this.#options.log);
  }

  #updateSoon(runId: RunId): void {
    const open = this.#open.get(runId);
    if (open === undefined || open.pending !== undefined) return;
    open.pending = this.#options.clock.schedule(UPDATE_MS, () => {
      open.pending = undefined;
      this.#do(
        'update',
        this.#stateOf(runId).then((state) => open.send(state)),
      );
    });
  }

  async #stateOf(runId: RunId): Promise<ReviewPanelState> {
    const app = await this.#options.engine.load();
    const handle = app.runs.get(runId);
    const state = handle?.state() ?? (await app.runs.list()).find((run) => run.runId === runId)?.state;
    if (state === undefined) return missingState(runId, 'This review is not on disk any more. Run it again.');
    const report = state.endedAt === undefined ? undefined : await this.#report(runId);
    return panelState({ state, live: handle !== undefined, progress: this.#progress.get(runId) ?? new Map(), report });
  }

  async #report(runId: RunId): Promise<ReviewReport | undefined> {
    const known = this.#reports.get(runId);
    if (known !== undefined) return known;
    const app = await this.#options.engine.load();
    return app.loadReview(runId);
  }

  async #openPlace(runId: RunId, file: string, line: number): Promise<void> {
    const report = await this.#report(runId);
    if (report !== undefined) await openInEditor(report.root, file, line);
  }

  async #rerun(runId: RunId): Promise<void> {
    const report = await this.#report(runId);
    await vscode.commands.executeCommand(
      COMMANDS.reviewRepository,
      report === undefined ? undefined : vscode.Uri.file(report.root),
    );
  }
}
