/** Workflow files become plans over the servers there are, and plans become runs. */
import { basename } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { ConductorError } from '../base/errors.ts';
import type { IdSource } from '../base/ids.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import {
  type Call,
  type Decision,
  type Invoke,
  type JournalStore,
  type Plan,
  type PlanStep,
  type Problem,
  type RunHandle,
  type ServerDirectory,
  type StepExecutor,
  textOf,
  valueOf,
  type WorkflowSource,
  type WorkflowSpec,
} from '../contracts/index.ts';
import { LatencyWindows } from '../middleware/latency.ts';
import { checkInputs } from '../workflow/inputs.ts';
import { parseWorkflow } from '../workflow/parse.ts';
import { type Bindings, isPlan, planWorkflow } from '../workflow/plan.ts';
import { startRun } from '../workflow/run.ts';
import { hiding } from './hidden-values.ts';
import { CatalogIndex, createRouter } from './router.ts';
import type { RunRegistry } from './runs.ts';

export interface WorkflowsOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly servers: ServerDirectory;
  readonly journals: JournalStore;
  readonly invoke: Invoke;
  readonly runs: RunRegistry;
  /** What must not be journalled: calls would lose it anyway. */
  readonly knownSecrets: () => readonly string[];
  /** What the permissions would say of a call. */
  readonly explain: (call: Call) => Decision;
}

export interface StartOptions {
  readonly plan: Plan;
  readonly inputs: JsonObject;
  readonly title: string;
  /** Whom rules know the calls by: `pipeline:<caller>`. */
  readonly caller: string;
}

/** Milliseconds a step is expected to take before it has ever run. */
const UNKNOWN_STEP_MS = 1_000;

export class Workflows {
  readonly #options: WorkflowsOptions;
  readonly #latencies = new LatencyWindows();
  readonly #hide: <T>(value: T) => T;
  readonly #index = new CatalogIndex();

  constructor(options: WorkflowsOptions) {
    this.#options = options;
    this.#hide = hiding(options.knownSecrets);
  }

  /**
   * @param bindings - the user's own choice of tools, with what to call the place where it is written
   * @throws ConductorError VALIDATION_FAILED with every problem of the file
   */
  plan(source: WorkflowSource, bindings?: { readonly where: string; readonly tools: Bindings }): Plan {
    const { spec, problems, locate } = parseWorkflow(source.text, source.file);
    if (spec === undefined) throw invalid(source.file, problems);
    const known = new Map(this.#options.servers.list().map(({ definition, catalog }) => [definition.id, catalog]));
    if (bindings !== undefined) checkBindings(bindings.where, bindings.tools, spec, [...known.keys()]);
    const plan = planWorkflow(spec, known, locate, bindings?.tools);
    if (!isPlan(plan)) throw invalid(spec.name, plan);
    return plan;
  }

  /** @throws ConductorError VALIDATION_FAILED for the file or the inputs */
  async runFile(source: WorkflowSource, inputs: JsonObject): Promise<RunHandle> {
    const plan = this.plan(source);
    return this.start({ plan, inputs, title: plan.workflow.name, caller: `file/${nameOf(source.file)}` });
  }

  /** @throws ConductorError VALIDATION_FAILED naming what is wrong with the inputs */
  async start({ plan, inputs, title, caller }: StartOptions): Promise<RunHandle> {
    const { clock, ids, journals, runs, servers } = this.#options;
    const checked = checkInputs(plan, inputs);
    const runId = ids.next();
    const handle = startRun({
      runId,
      title: this.#hide(title),
      plan: this.#hide(plan),
      inputs: this.#hide(checked),
      journal: await journals.create(runId),
      clock,
      executors: { call: this.#callExecutor(caller), transform: transformExecutor },
      router: createRouter({
        clock,
        servers,
        caller,
        explain: this.#options.explain,
        latencyMs: (server, tool) => this.#latencies.percentile(`${server}.${tool}`, 0.5),
        index: this.#index,
      }),
      estimate: (step) => this.#estimate(step),
      onEvent: (event, state) => runs.published(event, state),
      onProgress: (progress) => runs.progressed(progress),
    });
    runs.add(handle);
    startServersOf(plan, servers);
    return handle;
  }

  #estimate(step: PlanStep): number {
    return this.#latencies.percentile(`${step.server}.${step.tool}`, 0.5) ?? UNKNOWN_STEP_MS;
  }

  #callExecutor(caller: string): StepExecutor {
    const { clock, invoke } = this.#options;
    return async ({ runId, step, item, args, signal, onProgress }) => {
      const { server = '', tool = '', timeoutMs, retry } = step;
      const startedAt = clock.monotonic();
      const reply = await invoke({
        request: { kind: 'tool', tool, args: isJsonObject(args) ? args : {} },
        server,
        principal: { kind: 'pipeline', id: caller },
        run: runId,
        step: step.id,
        item,
        signal,
        timeoutMs,
        retry,
        onProgress,
        meta: {},
      });
      if (reply.kind !== 'tool')
        throw new ConductorError('PROTOCOL_ERROR', `${server}.${tool} answered with a ${reply.kind}`);
      if (reply.isError)
        throw new ConductorError('TOOL_ERROR', textOf(reply) || `${server}.${tool} reported an error without a text`, {
          details: { server, tool },
        });
      this.#latencies.record(`${server}.${tool}`, clock.monotonic() - startedAt);
      return valueOf(reply);
    };
  }
}

/** `release` of `path/to/release.workflow.yaml`. */
function nameOf(file: string): string {
  return basename(file).replace(/(?:\.workflow)?\.ya?ml$/, '');
}

const transformExecutor: StepExecutor = ({ args }) => Promise.resolve(args);

/** Servers come up beside the first steps. One that cannot is told by the step that calls it, which tries again. */
function startServersOf(plan: Plan, servers: ServerDirectory): void {
  const { signal } = new AbortController();
  const named = plan.steps.flatMap(({ server, targets }) => targets?.map((target) => target.server) ?? server ?? []);
  for (const id of new Set(named)) {
    servers.start(id, signal).catch(() => undefined);
  }
}

/** What the configuration says of a workflow is told in its own words, not in those of the workflow file. */
function checkBindings(where: string, bindings: Bindings, spec: WorkflowSpec, servers: readonly string[]): void {
  const ids = spec.steps.map(({ id }) => id);
  for (const [step, target] of Object.entries(bindings)) {
    const server = target.slice(0, target.indexOf('.'));
    if (!ids.includes(step)) {
      throw new ConductorError(
        'VALIDATION_FAILED',
        `${where}.${step}: there is no such step; there are ${ids.join(', ')}`,
      );
    }
    if (!servers.includes(server)) {
      throw new ConductorError(
        'VALIDATION_FAILED',
        `${where}.${step}: there is no server "${server}"; there are ${servers.join(', ')}`,
      );
    }
  }
}

function invalid(name: string, problems: readonly Problem[]): ConductorError {
  const lines = problems.map(({ message, range }) =>
    range === undefined ? message : `${range.file}:${range.line}:${range.column}: ${message}`,
  );
  return new ConductorError('VALIDATION_FAILED', `${name} cannot run: ${lines.join('; ')}`, { details: { problems } });
}
