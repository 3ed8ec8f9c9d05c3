/** What the *Runs* view shows, as data: a row per run and per step, with the words in them. */
import type { Progress, RunState, RunSummary, StepState } from '../../contracts/index.ts';
import { count, formatDuration, formatMoment, oneLine, plainLines, wholeError } from '../text.ts';

export type RunNode =
  | { readonly kind: 'run'; readonly run: RunRow }
  | {
      readonly kind: 'step';
      readonly run: RunRow;
      readonly step: StepState;
      readonly label: string;
      readonly progress?: Progress | undefined;
    };

export interface RunRow {
  readonly state: RunState;
  /** False for one that the disk says is running but this window does not: it was interrupted, or runs elsewhere. */
  readonly live: boolean;
  readonly damage?: string | undefined;
  readonly progress: ReadonlyMap<string, Progress>;
}

export type RunStatus = RunState['status'] | 'detached';

export function runStatus({ state, live }: RunRow): RunStatus {
  return state.endedAt === undefined && !live ? 'detached' : state.status;
}

export function rowOf(summary: RunSummary, live: boolean, progress: ReadonlyMap<string, Progress> = new Map()): RunRow {
  return { state: summary.state, live, damage: summary.damage, progress };
}

export function failedSteps(state: RunState): number {
  return [...state.steps.values()].filter((step) => step.status === 'failed').length;
}

/** Steps in the order of the plan. */
export function stepNodes(run: RunRow): readonly RunNode[] {
  return run.state.plan.steps.map((planned) => ({
    kind: 'step',
    run,
    step: run.state.steps.get(planned.id) ?? { id: planned.id, status: 'pending' },
    label: oneLine(planned.name ?? planned.id),
    progress: run.progress.get(planned.id),
  }));
}

/** `succeeded · 14:05 · 2.0 s`: the time that tells it from others before the one that a narrow side bar cuts off. */
export function runDescription(run: RunRow, now: number): string {
  const { state } = run;
  const status = runStatus(run);
  const started = formatMoment(state.createdAt, now);
  if (status === 'detached') return `interrupted, or running in another window · ${started}`;
  const elapsed = formatDuration((state.endedAt ?? now) - state.createdAt);
  if (status === 'running') {
    const ended = [...state.steps.values()].filter(
      (step) => step.endedAt !== undefined || step.status === 'skipped',
    ).length;
    return `${ended} of ${state.plan.steps.length} steps · ${elapsed}`;
  }
  if (status === 'cancelling') return `cancelling · ${elapsed}`;
  const failed = failedSteps(state);
  const outcome =
    failed === 0 ? status : `${status === 'succeeded' ? '' : `${status}, `}${count(failed, 'step')} failed`;
  return `${outcome} · ${started} · ${elapsed}`;
}

export function stepDescription(step: StepState, progress: Progress | undefined, now: number): string {
  const elapsed = step.startedAt === undefined ? '' : formatDuration((step.endedAt ?? now) - step.startedAt);
  if (step.status === 'running') return [progressText(progress), elapsed].filter((part) => part !== '').join(' · ');
  if (step.status === 'failed')
    return [oneLine(step.error?.message ?? 'failed', 160), elapsed].filter((part) => part !== '').join(' · ');
  if (step.status === 'skipped') return `skipped: ${oneLine(step.reason ?? 'not needed', 160)}`;
  if (step.status === 'pending') return 'waiting';
  return step.status === 'cancelled' ? 'cancelled' : elapsed;
}

export function runTooltip({ state, damage }: RunRow): string {
  const failed = state.plan.steps.flatMap(({ id, name }) => {
    const error = state.steps.get(id)?.error;
    return error === undefined ? [] : [wholeError(`${name ?? id}: ${error.message}`)];
  });
  return [
    oneLine(state.title),
    `Started ${new Date(state.createdAt).toLocaleString()}`,
    ...(state.error === undefined ? [] : [wholeError(state.error.message)]),
    ...failed,
    ...(damage === undefined ? [] : [`The journal of this run is damaged: ${plainLines(damage)}`]),
  ].join('\n');
}

export function stepTooltip({ step, label }: Extract<RunNode, { kind: 'step' }>): string {
  const call = step.server === undefined ? '' : `${step.server}${step.tool === undefined ? '' : `.${step.tool}`}`;
  return [
    label,
    oneLine(call),
    step.error === undefined ? '' : wholeError(`${step.error.code}: ${step.error.message}`),
    step.reason === undefined ? '' : wholeError(`Skipped: ${step.reason}`),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

export function progressText(progress: Progress | undefined): string {
  if (progress === undefined) return '';
  const total = progress.total ?? 0;
  const amount = total > 0 ? `${Math.min(100, Math.floor((progress.progress / total) * 100))} %` : '';
  const message = progress.message === undefined ? '' : oneLine(progress.message, 80);
  return [amount, message].filter((part) => part !== '').join(' ');
}
