/** Events into state: what a run is after everything that has happened to it. Pure; never mutates what it is given. */
import { ConductorError } from '../base/errors.ts';
import type { RunEvent, RunState, StepId, StepState } from '../contracts/index.ts';

/**
 * The state after one more event.
 *
 * @param state - undefined before the first event, which must be `run.created`
 * @throws ConductorError INTERNAL when the event cannot follow the state: the journal is not what we wrote
 */
export function fold(state: RunState | undefined, event: RunEvent): RunState {
  if (state === undefined) return begin(event);
  if (event.seq !== state.nextSeq) {
    throw new ConductorError('INTERNAL', `run ${event.runId}: event ${event.seq} follows ${state.nextSeq - 1}`);
  }
  return { ...apply(state, event), nextSeq: event.seq + 1 };
}

export function foldAll(events: readonly RunEvent[]): RunState | undefined {
  return events.reduce<RunState | undefined>(fold, undefined);
}

function begin(event: RunEvent): RunState {
  if (event.type !== 'run.created' || event.seq !== 0) {
    throw new ConductorError(
      'INTERNAL',
      `run ${event.runId}: a journal begins with run.created, not with ${event.type}`,
    );
  }
  const { plan, inputs, title } = event.data;
  const steps = new Map<StepId, StepState>(
    plan.steps.map(({ id, server, tool }) => [id, { id, status: 'pending', server, tool }]),
  );
  return { runId: event.runId, title, plan, inputs, status: 'running', createdAt: event.at, steps, nextSeq: 1 };
}

function apply(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'run.created':
      throw new ConductorError('INTERNAL', `run ${event.runId}: created twice`);
    case 'run.cancelling':
      return { ...state, status: 'cancelling' };
    case 'run.ended':
      return {
        ...state,
        status: event.data.status,
        endedAt: event.at,
        outputs: event.data.outputs,
        error: event.data.error,
      };
    case 'step.started':
      return withStep(state, event.data.step, { status: 'running', startedAt: event.at });
    case 'step.asked':
      return withStep(state, event.data.step, { asked: event.data.asked });
    case 'step.succeeded':
      return withStep(state, event.data.step, { status: 'succeeded', endedAt: event.at, result: event.data.result });
    case 'step.failed':
      return withStep(state, event.data.step, { status: 'failed', endedAt: event.at, error: event.data.error });
    case 'step.cancelled':
      return withStep(state, event.data.step, { status: 'cancelled', endedAt: event.at });
    case 'step.skipped':
      return withStep(state, event.data.step, { status: 'skipped', endedAt: event.at, reason: event.data.reason });
  }
}

function withStep(state: RunState, id: StepId, change: Partial<StepState>): RunState {
  const step = state.steps.get(id);
  if (step === undefined) throw new ConductorError('INTERNAL', `run ${state.runId}: no step ${id} in its plan`);
  return { ...state, steps: new Map(state.steps).set(id, { ...step, ...change }) };
}
