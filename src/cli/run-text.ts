/** A run in words and as JSON, for the commands that show one. Pure. */
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Asked, RunState, RunSummary, StepState } from '../contracts/index.ts';
import { columns, oneLine, printable } from './terminal.ts';

/** The stable, versioned shape of `run --json` and `runs show --json`. */
export function runJson(state: RunState, outputs: JsonValue | undefined): string {
  const { runId, title, status, plan, inputs, error, createdAt, endedAt } = state;
  const steps = plan.steps.map(({ id }) => stepJson(state.steps.get(id)));
  const shape = {
    version: 1,
    complete: status === 'succeeded' && steps.every((step) => step.status === 'succeeded' || step.status === 'skipped'),
    runId,
    title,
    workflow: plan.workflow.name,
    status,
    startedAt: new Date(createdAt).toISOString(),
    ...(endedAt === undefined ? {} : { durationMs: endedAt - createdAt }),
    inputs,
    outputs: outputs ?? null,
    steps,
    ...(error === undefined ? {} : { error }),
  };
  return `${JSON.stringify(shape, null, 2)}\n`;
}

function stepJson(step: StepState | undefined): JsonObject & { readonly status: string } {
  const { id = '', status = 'pending', startedAt, endedAt, server, tool, reason } = step ?? {};
  const error = step?.error === undefined ? undefined : { code: step.error.code, message: step.error.message };
  const durationMs = startedAt === undefined || endedAt === undefined ? undefined : endedAt - startedAt;
  const asked = step?.asked?.map(({ target, status: ended, because, ms }) => ({ target, status: ended, because, ms }));
  return { id, status, durationMs, server, tool, reason, error, asked };
}

/** The outputs as a person reads them: a text as it is, everything else as JSON. */
export function runText(state: RunState, outputs: JsonValue | undefined): string {
  const parts = [...outputParts(outputs), ...failureParts(state)];
  return parts.length === 0 ? `${oneLine(state.title)}: ${state.status}.\n` : `${parts.join('\n\n')}\n`;
}

function outputParts(outputs: JsonValue | undefined): readonly string[] {
  if (outputs === undefined || outputs === null || typeof outputs !== 'object') return [];
  const named = Object.entries(outputs);
  return named.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    return named.length === 1 ? printable(text) : `${oneLine(name)}:\n${printable(text)}`;
  });
}

function failureParts({ status, error, runId }: RunState): readonly string[] {
  if (status !== 'failed') return [];
  return [`The run failed: ${oneLine(error?.message ?? 'no step says why')} (runs show ${runId})`];
}

export function runsTable(runs: readonly RunSummary[]): string {
  if (runs.length === 0) return 'No runs of this folder.';
  const rows = runs.map(({ runId, state, damage }) => [
    runId,
    new Date(state.createdAt).toISOString().slice(0, 16).replace('T', ' '),
    state.endedAt === undefined && state.status === 'running' ? 'not ended' : state.status,
    state.endedAt === undefined ? '' : seconds(state.endedAt - state.createdAt),
    oneLine(state.title),
    damage === undefined ? '' : oneLine(`damaged: ${damage}`),
  ]);
  return columns([['RUN', 'STARTED', 'STATUS', 'TIME', 'TITLE', ''], ...rows]).replace(/ +$/gm, '');
}

export function stepsTable(state: RunState): string {
  const rows = state.plan.steps.flatMap(({ id }) => {
    const step = state.steps.get(id);
    const { startedAt, endedAt, status = 'pending', server, tool } = step ?? {};
    const asked = step?.asked ?? [];
    const own = [
      id,
      status,
      startedAt === undefined || endedAt === undefined ? '' : seconds(endedAt - startedAt),
      server === undefined || asked.length > 0 ? '' : oneLine(`${server}.${tool ?? ''}`),
      oneLine(step?.error?.message ?? step?.reason ?? ''),
    ];
    return [own, ...asked.map(askedRow)];
  });
  return columns([['STEP', 'STATUS', 'TIME', 'TOOL', ''], ...rows]).replace(/ +$/gm, '');
}

function askedRow({ target, status, because = '', ms }: Asked): readonly string[] {
  return ['', status, ms === undefined ? '' : seconds(ms), oneLine(target), oneLine(because)];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
