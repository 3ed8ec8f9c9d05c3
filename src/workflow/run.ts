/** One run from its first event to its last: journals, folds, decides, and carries out what was decided. */
import { abortError } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import { ConductorError, isConductorError, messageOf, toConductorError } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type {
  Journal,
  Plan,
  PlanStep,
  RunError,
  RunEvent,
  RunEventData,
  RunEventType,
  RunHandle,
  RunId,
  Router,
  RunState,
  StepId,
  StepProgress,
} from '../contracts/index.ts';
import { decide, type Decision } from './decide.ts';
import { executeStep, isWanted, type StepExecutors } from './execute-step.ts';
import { evaluateTemplate, type Scope } from './expressions.ts';
import { fold } from './fold.ts';
import { makeEvent } from './journal-event.ts';
import { RunValues } from './values.ts';

export interface RunOptions {
  readonly runId: RunId;
  readonly title: string;
  readonly plan: Plan;
  /** Already checked against the plan's inputs. */
  readonly inputs: JsonObject;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly executors: StepExecutors;
  /** Finds the tools of `route` steps. @default a route step fails */
  readonly router?: Router | undefined;
  /** Steps under way at once. @default 16 */
  readonly concurrency?: number;
  /** Expected milliseconds of a step. @default 1000 for every step */
  readonly estimate?: (step: PlanStep) => number;
  readonly onEvent: (event: RunEvent, state: RunState) => void;
  readonly onProgress: (progress: StepProgress) => void;
}

/** Starts a run; the handle's `ended` settles when every step has. */
export function startRun(options: RunOptions): RunHandle {
  const run = new Run(options);
  return { runId: options.runId, state: () => run.state, ended: run.ended, cancel: (reason) => run.cancel(reason) };
}

class Run {
  readonly ended: Promise<RunState>;
  readonly #options: RunOptions;
  readonly #values: RunValues;
  readonly #controllers = new Map<StepId, AbortController>();
  readonly #settle: { resolve: (state: RunState) => void; reject: (error: unknown) => void };
  #state: RunState;
  #failed = false;
  #ending = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#values = new RunValues(options.journal);
    const { promise, resolve, reject } = deferred<RunState>();
    this.ended = promise;
    this.#settle = { resolve, reject };
    const { plan, inputs, title, runId, clock } = options;
    const created = makeEvent(runId, 0, clock.now(), 'run.created', { plan, inputs, title });
    this.#state = fold(undefined, created);
    void this.#write(created);
    this.#proceed();
  }

  get state(): RunState {
    return this.#state;
  }

  cancel(reason: string): void {
    if (this.#state.status !== 'running') return;
    void this.#emit('run.cancelling', { reason });
    for (const controller of this.#controllers.values()) controller.abort(new ConductorError('CANCELLED', reason));
    this.#proceed();
  }

  #emit<T extends RunEventType>(type: T, data: RunEventData[T]): Promise<void> {
    const event = makeEvent(this.#options.runId, this.#state.nextSeq, this.#options.clock.now(), type, data);
    this.#state = fold(this.#state, event);
    return this.#write(event);
  }

  /** A journal that cannot be written ends the run: nothing may happen that it does not know of. */
  #write(event: RunEvent): Promise<void> {
    this.#options.onEvent(event, this.#state);
    const written = this.#options.journal.append(event);
    written.catch((error: unknown) => this.#giveUp(error));
    return written;
  }

  #giveUp(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const cause = new ConductorError(
      'INTERNAL',
      `the journal of run ${this.#options.runId} cannot be written: ${messageOf(error)}`,
      { cause: error },
    );
    for (const controller of this.#controllers.values()) controller.abort(cause);
    this.#settle.reject(cause);
  }

  #proceed(): void {
    const context = { concurrency: this.#options.concurrency ?? 16, estimate: this.#options.estimate ?? (() => 1_000) };
    for (let decisions = decide(this.#state, context); decisions.length > 0; decisions = decide(this.#state, context)) {
      if (this.#failed || this.#ending) return;
      for (const decision of decisions) this.#carryOut(decision);
    }
  }

  #carryOut(decision: Decision): void {
    switch (decision.kind) {
      case 'skip':
        void this.#emit('step.skipped', { step: decision.step, reason: decision.reason });
        return;
      case 'start':
        this.#start(decision.step);
        return;
      case 'end':
        this.#ending = true;
        void this.#end(decision.status);
        return;
    }
  }

  #start(id: StepId): void {
    const step = this.#options.plan.steps.find((candidate) => candidate.id === id);
    if (step === undefined) throw new ConductorError('INTERNAL', `no step ${id}`);
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    const written = this.#emit('step.started', { step: id, server: step.server, tool: step.tool });
    void this.#perform(step, controller.signal, written).finally(() => {
      this.#controllers.delete(id);
      this.#proceed();
    });
  }

  async #perform(step: PlanStep, signal: AbortSignal, journalled: Promise<void>): Promise<void> {
    try {
      await journalled;
      const scope = await this.#scope(step.needs);
      if (!(await isWanted(step, scope))) {
        void this.#emit('step.skipped', { step: step.id, reason: 'its condition is false' });
        return;
      }
      const { runId, plan, clock, executors, router, onProgress } = this.#options;
      const value = await executeStep({
        runId,
        workflow: plan.workflow.name,
        step,
        scope,
        executors,
        router,
        onAsked: (asked, item) => void this.#emit('step.asked', { step: step.id, item, asked }),
        clock,
        signal,
        onProgress: (progress) => onProgress({ runId, step: step.id, progress }),
      });
      const result = await this.#values.keep(step.id, value);
      void this.#emit('step.succeeded', { step: step.id, result });
    } catch (error) {
      this.#stepEndedBadly(step.id, signal, error);
    }
  }

  #stepEndedBadly(step: StepId, signal: AbortSignal, error: unknown): void {
    if (this.#failed) return;
    const cancelled = signal.aborted && abortError(signal).code === 'CANCELLED';
    if (cancelled) void this.#emit('step.cancelled', { step });
    else void this.#emit('step.failed', { step, error: runError(error) });
  }

  async #scope(wanted: Iterable<StepId>): Promise<Scope> {
    return { inputs: this.#options.inputs, steps: await this.#values.scopeOf(this.#state, wanted) };
  }

  async #end(status: 'succeeded' | 'failed' | 'cancelled'): Promise<void> {
    try {
      const ending = await this.#outputs(status);
      await this.#emit('run.ended', ending);
      await this.#options.journal.close();
      this.#settle.resolve(this.#state);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** An output that cannot be evaluated fails the run and says which error it was; the steps' results stand. */
  async #outputs(status: 'succeeded' | 'failed' | 'cancelled'): Promise<RunEventData['run.ended']> {
    try {
      const outputs = await evaluateTemplate(this.#options.plan.outputs, await this.#scope(this.#state.steps.keys()));
      return { status, outputs: await this.#values.store(outputs ?? {}), error: this.#firstError() };
    } catch (error) {
      if (!isConductorError(error) || error.code !== 'VALIDATION_FAILED') throw error;
      return { status: 'failed', error: runError(error) };
    }
  }

  #firstError(): RunError | undefined {
    return this.#options.plan.steps.flatMap(({ id, onError }) =>
      onError === 'fail' ? (this.#state.steps.get(id)?.error ?? []) : [],
    )[0];
  }
}

function runError(error: unknown): RunError {
  const { code, message, details } = toConductorError(error);
  return { code, message, details: JSON.parse(JSON.stringify(details)) as Record<string, JsonValue> };
}
