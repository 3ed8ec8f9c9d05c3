/** The *Runs* view: what is running now, step by step, and what has been run before. */
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposables.ts';
import {
  type App,
  COMMANDS,
  type Progress,
  type RunState,
  type RunSummary,
  type StepState,
} from '../../contracts/index.ts';
import type { Engine } from '../engine.ts';
import { oneLine } from '../text.ts';
import {
  failedSteps,
  type RunNode,
  type RunRow,
  type RunStatus,
  rowOf,
  runDescription,
  runStatus,
  runTooltip,
  stepDescription,
  stepNodes,
  stepTooltip,
} from './run-nodes.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
/** Milliseconds between two redraws at most: progress comes in bursts. */
const REDRAW_MS = 150;
/** Milliseconds after which elapsed times are drawn again while something runs. */
const TICK_MS = 1000;
/** Rows kept of what has ended. */
const HISTORY_ROWS = 50;

export class RunsTree implements vscode.TreeDataProvider<RunNode>, Disposable {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #progress = new Map<string, Map<string, Progress>>();
  /** States newer than what `#summaries` holds. */
  readonly #states = new Map<string, RunState>();
  #summaries: Promise<readonly RunSummary[]> | undefined;
  readonly #loaded: Disposable;
  #timer: Disposable | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#loaded = engine.whenLoaded((app) => this.#follow(app));
  }

  /** Draws again from what the disk says. */
  refresh(): void {
    this.#summaries = undefined;
    this.#changed.fire(undefined);
  }

  async getChildren(node?: RunNode): Promise<RunNode[]> {
    if (!vscode.workspace.isTrusted || (vscode.workspace.workspaceFolders ?? []).length === 0) return [];
    if (node?.kind === 'run') return [...stepNodes(node.run)];
    if (node !== undefined) return [];
    const app = await this.#engine.load().catch(() => undefined);
    if (app === undefined) return [];
    const { runs } = app;
    // Listing reads every journal: once per change of the set, not once per redraw.
    this.#summaries ??= runs.list();
    const summaries = (await this.#summaries).slice(0, HISTORY_ROWS);
    return summaries.map((summary) => {
      const state = this.#states.get(summary.runId) ?? summary.state;
      return {
        kind: 'run',
        run: rowOf({ ...summary, state }, runs.get(summary.runId) !== undefined, this.#progress.get(summary.runId)),
      };
    });
  }

  getTreeItem(node: RunNode): vscode.TreeItem {
    return node.kind === 'run' ? runItem(node.run, this.#clock.now()) : stepItem(node, this.#clock.now());
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#loaded.dispose();
    this.#changed.dispose();
  }

  #follow(app: App): Disposable {
    const events = app.runs.onEvent(({ event, state }) => {
      this.#states.set(event.runId, state);
      if (event.type === 'run.created' || event.type === 'run.ended') this.#summaries = undefined;
      if (event.type === 'run.ended') this.#progress.delete(event.runId);
      this.#redrawIn(REDRAW_MS);
    });
    const progress = app.runs.onProgress((step) => {
      const ofRun = this.#progress.get(step.runId) ?? new Map<string, Progress>();
      ofRun.set(step.step, step.progress);
      this.#progress.set(step.runId, ofRun);
      this.#redrawIn(REDRAW_MS);
    });
    return {
      dispose: () => {
        events.dispose();
        progress.dispose();
        this.#states.clear();
        this.#progress.clear();
        this.#summaries = undefined;
      },
    };
  }

  #redrawIn(ms: number): void {
    const due = this.#clock.monotonic() + ms;
    if (due >= this.#dueAt) return;
    this.#timer?.dispose();
    this.#dueAt = due;
    this.#timer = this.#clock.schedule(ms, () => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.#changed.fire(undefined);
      const active = [...this.#states.values()].some((state) => state.endedAt === undefined);
      if (active) this.#redrawIn(TICK_MS);
    });
  }
}

/** `partial`: it ended well, but not every step did. */
type ShownStatus = RunStatus | StepState['status'] | 'partial';

const STATUS_ICONS: Readonly<Record<ShownStatus, readonly [icon: string, color?: string]>> = {
  pending: ['circle-outline', 'testing.iconSkipped'],
  running: ['loading~spin'],
  cancelling: ['loading~spin'],
  succeeded: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  skipped: ['debug-step-over', 'testing.iconSkipped'],
  cancelled: ['circle-slash', 'testing.iconSkipped'],
  partial: ['warning', 'list.warningForeground'],
  detached: ['question', 'testing.iconSkipped'],
};

function statusIcon(status: ShownStatus): vscode.ThemeIcon {
  const [icon, color] = STATUS_ICONS[status];
  return new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
}

function runItem(run: RunRow, now: number): vscode.TreeItem {
  const { state } = run;
  const status = runStatus(run);
  const active = status === 'running' || status === 'cancelling';
  const item = new vscode.TreeItem(oneLine(state.title, 80), active ? Expanded : Collapsed);
  item.id = `run:${state.runId}`;
  item.iconPath = statusIcon(status === 'succeeded' && failedSteps(state) > 0 ? 'partial' : status);
  item.description = runDescription(run, now);
  item.tooltip = runTooltip(run);
  item.contextValue = active ? 'run.active' : status === 'detached' ? 'run.detached' : 'run.ended';
  item.command = { command: COMMANDS.openReview, title: 'Open Review', arguments: [{ kind: 'run', run }] };
  return item;
}

function stepItem(node: RunNode & { kind: 'step' }, now: number): vscode.TreeItem {
  const { step, run, label } = node;
  const item = new vscode.TreeItem(label, None);
  item.id = `step:${run.state.runId}:${step.id}`;
  item.iconPath = statusIcon(step.status);
  item.description = stepDescription(step, node.progress, now);
  item.tooltip = stepTooltip(node);
  item.contextValue = `step.${step.status}`;
  return item;
}
