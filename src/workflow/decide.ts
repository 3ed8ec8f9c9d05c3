/** From state to what should happen next. Pure: the same state always gives the same decisions in the same order. */
import type { PlanStep, RunEndStatus, RunState, StepId, StepState } from '../contracts/index.ts';
import { longestRemainingPaths } from '../orchestration/dag/graph.ts';

export type Decision =
  | { readonly kind: 'start'; readonly step: StepId }
  | { readonly kind: 'skip'; readonly step: StepId; readonly reason: string }
  | { readonly kind: 'end'; readonly status: RunEndStatus };

export interface DecideContext {
  /** Steps of this run under way at once. */
  readonly concurrency: number;
  /** Expected milliseconds of a step, from observed latencies. */
  readonly estimate: (step: PlanStep) => number;
}

/** Steps whose needs are met start, longest remaining path first; steps that can never start are skipped. */
export function decide(state: RunState, context: DecideContext): readonly Decision[] {
  if (state.endedAt !== undefined) return [];
  const pending = state.plan.steps.filter((step) => statusOf(state, step.id) === 'pending');
  const running = [...state.steps.values()].filter((step) => step.status === 'running').length;
  const skips = pending.flatMap((step) => skipOf(state, step));
  if (skips.length > 0) return skips;
  if (pending.length === 0 && running === 0) return [{ kind: 'end', status: endStatus(state) }];
  const ready = pending.filter((step) => step.needs.every((need) => isSettled(state.steps.get(need))));
  return byLongestPath(state, ready, context)
    .slice(0, Math.max(0, context.concurrency - running))
    .map((step) => ({ kind: 'start', step: step.id }));
}

function statusOf(state: RunState, id: StepId): StepState['status'] | undefined {
  return state.steps.get(id)?.status;
}

function isSettled(step: StepState | undefined): boolean {
  return step !== undefined && step.status !== 'pending' && step.status !== 'running';
}

function skipOf(state: RunState, step: PlanStep): readonly Decision[] {
  if (state.status === 'cancelling') return [{ kind: 'skip', step: step.id, reason: 'the run was cancelled' }];
  const lost = step.needs.find((need) => blocks(state, need));
  if (lost === undefined) return [];
  return [{ kind: 'skip', step: step.id, reason: `it needs ${lost}, which ${pastTense(statusOf(state, lost))}` }];
}

/** A step without a value blocks what needs it, unless it says `onError: continue`. */
function blocks(state: RunState, id: StepId): boolean {
  const status = statusOf(state, id);
  const lost = status === 'failed' || status === 'skipped' || status === 'cancelled';
  return lost && state.plan.steps.find((step) => step.id === id)?.onError !== 'continue';
}

function pastTense(status: StepState['status'] | undefined): string {
  return status === 'skipped' || status === 'cancelled' ? `was ${status}` : 'failed';
}

function endStatus(state: RunState): RunEndStatus {
  if (state.status === 'cancelling') return 'cancelled';
  const failed = state.plan.steps.some((step) => statusOf(state, step.id) === 'failed' && step.onError === 'fail');
  return failed ? 'failed' : 'succeeded';
}

function byLongestPath(state: RunState, ready: readonly PlanStep[], { estimate }: DecideContext): readonly PlanStep[] {
  if (ready.length < 2) return ready;
  const byId = new Map(state.plan.steps.map((step) => [step.id, step]));
  const paths = longestRemainingPaths(state.plan.steps, (id) => {
    const step = byId.get(id);
    return step === undefined ? 0 : estimate(step);
  });
  return [...ready].sort((a, b) => (paths.get(b.id) ?? 0) - (paths.get(a.id) ?? 0));
}
