/** Carries out one step: its condition, its arguments, its items, and its own time-out. */
import pLimit from 'p-limit';
import { abortError, childController, raceAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { ConductorError } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import type { Asked, PlanStep, Progress, Router, RunId, StepExecutor, StepKind } from '../contracts/index.ts';
import { askTools } from './ask-tools.ts';
import { evaluate, evaluateTemplate, occurrences, type Scope } from './expressions.ts';

export type StepExecutors = Partial<Readonly<Record<StepKind, StepExecutor>>>;

export interface StepContext {
  readonly runId: RunId;
  readonly workflow: string;
  readonly step: PlanStep;
  readonly scope: Scope;
  readonly executors: StepExecutors;
  /** Finds the tools of `route` steps. */
  readonly router?: Router | undefined;
  readonly onAsked: (asked: readonly Asked[], item: number | undefined) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Items of a `forEach` at once when the step does not say. */
const DEFAULT_ITEM_CONCURRENCY = 10;

/** False when the step's `if` says so. @throws ConductorError VALIDATION_FAILED */
export async function isWanted(step: PlanStep, scope: Scope): Promise<boolean> {
  if (step.if === undefined) return true;
  const [whole] = occurrences(step.if);
  const value = await evaluate(whole?.whole === true ? whole.source : step.if, scope);
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

/** The value of the step. @throws ConductorError, TIMEOUT when the step's own `timeout` has passed */
export async function executeStep(context: StepContext): Promise<JsonValue> {
  const { step, clock } = context;
  const executor = context.executors[step.kind === 'route' ? 'call' : step.kind];
  if (executor === undefined)
    throw new ConductorError('INTERNAL', `step ${step.id}: nothing carries out \`${step.kind}\``);
  const child = childController(context.signal);
  const { timeoutMs } = step;
  const timer =
    timeoutMs === undefined
      ? undefined
      : clock.schedule(timeoutMs, () =>
          child.controller.abort(
            new ConductorError('TIMEOUT', `step ${step.id} did not end within its ${timeoutMs} ms`),
          ),
        );
  try {
    const work =
      step.forEach === undefined
        ? executeOnce(executor, context, child.controller.signal)
        : executeItems(executor, context, child.controller);
    return await raceAbort(work, child.controller.signal);
  } finally {
    timer?.dispose();
    child.dispose();
  }
}

async function executeOnce(
  executor: StepExecutor,
  context: StepContext,
  signal: AbortSignal,
  item?: number,
): Promise<JsonValue> {
  const { runId, workflow, step, onProgress, scope } = context;
  const args = await evaluateTemplate(step.kind === 'transform' ? (step.transform ?? null) : step.with, scope);
  const input = { runId, workflow, step, item, args: args ?? null, signal, onProgress };
  if (step.kind !== 'call' && step.kind !== 'route') return executor(input);
  return askTools(executor, { router: undefined, ...context }, input);
}

/** Values in the order of the items, `null` where one failed and the step goes on; else the first failure ends it. */
async function executeItems(
  executor: StepExecutor,
  context: StepContext,
  controller: AbortController,
): Promise<JsonValue> {
  const { step, scope } = context;
  const items = await evaluateTemplate(step.forEach ?? null, scope);
  if (!Array.isArray(items)) {
    const found = items === undefined ? 'nothing' : typeof items;
    throw new ConductorError('VALIDATION_FAILED', `step ${step.id}: forEach needs a list, it was given ${found}`);
  }
  const limit = pLimit(step.concurrency ?? DEFAULT_ITEM_CONCURRENCY);
  let done = 0;
  const outcomes = await Promise.allSettled(
    (items as readonly JsonValue[]).map((item, index) =>
      limit(async () => {
        if (controller.signal.aborted) throw abortError(controller.signal);
        const value = await executeOnce(
          executor,
          { ...context, scope: { ...scope, item, index } },
          controller.signal,
          index,
        );
        done += 1;
        context.onProgress({ progress: done, total: items.length });
        return value;
      }).catch((error: unknown) => {
        if (step.onError === 'fail') controller.abort(error);
        throw error;
      }),
    ),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined && (step.onError === 'fail' || controller.signal.aborted)) throw failed.reason;
  return outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : null));
}
