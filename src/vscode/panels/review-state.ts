/** What the review panel is told, made from a run's state: pure, so that live, ended and restored panels agree. */
import type { Progress, ReviewReport, RunState } from '../../contracts/index.ts';
import type { ReviewPanelState } from '../../contracts/review-panel.ts';
import { progressText } from '../trees/run-nodes.ts';

/** Functions that the panel gets to see; the report on disk has all of them. */
const FUNCTION_LIMIT = 500;

export interface ReviewInputs {
  readonly state: RunState;
  /** False for a run that no one in this window carries on. */
  readonly live: boolean;
  readonly progress: ReadonlyMap<string, Progress>;
  readonly report: ReviewReport | undefined;
}

export function panelState({ state, live, progress, report }: ReviewInputs): ReviewPanelState {
  const interrupted = state.endedAt === undefined && !live;
  return {
    runId: state.runId,
    title: state.title,
    status: panelStatus(state, interrupted),
    steps: state.plan.steps.map((planned) =>
      stepOf(state, planned.id, planned.name ?? planned.id, progress, interrupted),
    ),
    report: report === undefined ? null : forPanel(report),
    ...(state.endedAt === undefined ? {} : { durationMs: state.endedAt - state.createdAt }),
    ...errorOf(state, interrupted),
  };
}

/** The folder or the URL that a run reviews. */
export function targetOf({ inputs, runId }: Pick<RunState, 'inputs' | 'runId'>): string {
  return String(inputs.path ?? inputs.url ?? runId);
}

/** For a run that can no longer be found. */
export function missingState(runId: string, reason: string): ReviewPanelState {
  return { runId, title: 'Review', status: 'failed', steps: [], report: null, error: reason };
}

/** The most complex functions only: a large repository has more than a message to a panel should carry. */
function forPanel(report: ReviewReport): ReviewReport {
  const functions = [...report.metrics.functions]
    .sort((a, b) => b.cyclomatic - a.cyclomatic || b.lines - a.lines)
    .slice(0, FUNCTION_LIMIT);
  return { ...report, metrics: { ...report.metrics, functions } };
}

function panelStatus(state: RunState, interrupted: boolean): ReviewPanelState['status'] {
  if (interrupted) return 'cancelled';
  return state.status === 'cancelling' ? 'running' : state.status;
}

function errorOf(state: RunState, interrupted: boolean): { readonly error?: string } {
  if (interrupted)
    return { error: 'This review was interrupted before it ended, or is being carried on by another window.' };
  return state.error === undefined ? {} : { error: state.error.message };
}

function stepOf(
  state: RunState,
  id: string,
  label: string,
  progress: ReadonlyMap<string, Progress>,
  interrupted: boolean,
): ReviewPanelState['steps'][number] {
  const step = state.steps.get(id);
  if (step === undefined) return { id, label, status: interrupted ? 'cancelled' : 'pending' };
  const text = step.status === 'running' ? progressText(progress.get(id)) : '';
  const error = step.error?.message ?? step.reason;
  return {
    id,
    label,
    status: interrupted && (step.status === 'running' || step.status === 'pending') ? 'cancelled' : step.status,
    ...(step.startedAt === undefined || step.endedAt === undefined
      ? {}
      : { durationMs: step.endedAt - step.startedAt }),
    ...(text === '' ? {} : { progress: text }),
    ...(error === undefined ? {} : { error }),
  };
}
