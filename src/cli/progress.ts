/** Progress of a run on stderr: a live line per step on a terminal, one line per change elsewhere. */
import type { App, Progress, RunState, StepState } from '../contracts/index.ts';
import type { Disposable } from '../base/disposables.ts';
import { oneLine } from './terminal.ts';

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const MARKS = { pending: '·', running: '▸', succeeded: '✓', failed: '✗', skipped: '–', cancelled: '◼' } as const;

export function showProgress(app: Pick<App, 'runs'>, output: ProgressOutput): Disposable {
  const details = new Map<string, string>();
  let drawn = 0;
  const draw = (state: RunState): void => {
    const width = Math.max(20, output.columns ?? 80) - 1;
    const lines = state.plan.steps.map(({ id }) => stepLine(state, id, details.get(id)).slice(0, width));
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    output.write(up + lines.map((line) => `\u001b[2K${line}\n`).join(''));
    drawn = lines.length;
  };
  const events = app.runs.onEvent(({ event, state }) => {
    if (output.isTTY) draw(state);
    else if (event.type.startsWith('step.') && 'step' in event.data)
      output.write(`${stepLine(state, event.data.step, undefined)}\n`);
  });
  const progress = app.runs.onProgress(({ runId, step, progress: reported }) => {
    details.set(step, detailOf(reported));
    const state = app.runs.get(runId)?.state();
    if (output.isTTY && state !== undefined) draw(state);
  });
  return {
    dispose() {
      events.dispose();
      progress.dispose();
    },
  };
}

/** How far it is, and what was said of it: what has been found so far, or what is looked at. */
function detailOf({ progress: done, total, message }: Progress): string {
  const percent = total === undefined || total <= 0 ? undefined : `${Math.floor((100 * done) / total)} %`;
  if (message === undefined) return percent ?? `${done}`;
  return percent === undefined ? message : `${percent} · ${message}`;
}

function stepLine(state: RunState, id: string, detail: string | undefined): string {
  const step = state.steps.get(id);
  const name = state.plan.steps.find((candidate) => candidate.id === id)?.name ?? id;
  return `${MARKS[step?.status ?? 'pending']} ${name}${step === undefined ? '' : outcome(step, detail)}`;
}

function outcome(step: StepState, detail: string | undefined): string {
  switch (step.status) {
    case 'pending':
      return '';
    case 'running':
      return detail === undefined ? ' …' : ` … ${oneLine(detail)}`;
    case 'succeeded':
      return ` (${seconds(step)})`;
    case 'failed':
      return `: ${oneLine(step.error?.message ?? 'failed')}`;
    case 'skipped':
      return `: skipped, ${oneLine(step.reason ?? '')}`;
    case 'cancelled':
      return ': cancelled';
  }
}

function seconds(step: StepState): string {
  return `${(((step.endedAt ?? 0) - (step.startedAt ?? 0)) / 1000).toFixed(1)} s`;
}
