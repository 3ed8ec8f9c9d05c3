/** Starts pipelines: reads the workflow file, plans it over the servers there are, and runs the plan. */
import type { Clock } from '../base/clock.ts';
import { ConductorError } from '../base/errors.ts';
import type { IdSource } from '../base/ids.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import {
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
  type WorkflowSpec,
} from '../contracts/index.ts';
import { LatencyWindows } from '../middleware/latency.ts';
import { checkInputs } from '../workflow/inputs.ts';
import { parseWorkflow } from '../workflow/parse.ts';
import { type Bindings, isPlan, planWorkflow } from '../workflow/plan.ts';
import { startRun } from '../workflow/run.ts';
import type { ReadConfig } from './config/read-config.ts';
import type { RunRegistry } from './runs.ts';

export interface PipelinesOptions {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly servers: ServerDirectory;
  readonly journals: JournalStore;
  /** The text of a built-in workflow file, by name. */
  readonly pipeline: (name: string) => Promise<{ readonly text: string; readonly file: string }>;
  /** As of now; it may be edited while the app runs. */
  readonly config: () => ReadConfig;
  readonly invoke: Invoke;
  readonly runs: RunRegistry;
}

export type StartPipeline = (name: string, title: string, inputs: JsonObject) => Promise<RunHandle>;

/** Milliseconds a step is expected to take before it has ever run. */
const UNKNOWN_STEP_MS = 1_000;

export function createPipelines(options: PipelinesOptions): StartPipeline {
  const { clock, runs, servers, invoke } = options;
  const latencies = new LatencyWindows();
  const estimate = (step: PlanStep): number =>
    latencies.percentile(`${step.server}.${step.tool}`, 0.5) ?? UNKNOWN_STEP_MS;
  return async (name, title, inputs) => {
    const plan = await planPipeline(options, name);
    const checked = checkInputs(plan, inputs);
    const runId = options.ids.next();
    const journal = await options.journals.create(runId);
    const handle = startRun({
      runId,
      title,
      plan,
      inputs: checked,
      journal,
      clock,
      executors: { call: callExecutor(name, invoke, latencies, clock), transform: transformExecutor },
      estimate,
      onEvent: (event, state) => runs.published(event, state),
      onProgress: (progress) => runs.progressed(progress),
    });
    runs.add(handle);
    startServersOf(plan, servers);
    return handle;
  };
}

/** Servers come up beside the first steps. One that cannot is told by the step that calls it, which tries again. */
function startServersOf(plan: Plan, servers: ServerDirectory): void {
  const { signal } = new AbortController();
  for (const id of new Set(plan.steps.flatMap((step) => step.server ?? []))) {
    servers.start(id, signal).catch(() => undefined);
  }
}

/** @throws ConductorError VALIDATION_FAILED with every problem of the file */
async function planPipeline(options: PipelinesOptions, name: string): Promise<Plan> {
  const { text, file } = await options.pipeline(name);
  const { spec, problems, locate } = parseWorkflow(text, file);
  if (spec === undefined) throw invalidWorkflow(name, problems);
  const known = new Map(options.servers.list().map(({ definition, catalog }) => [definition.id, catalog]));
  const bindings = options.config().config.pipelines[name] ?? {};
  checkBindings(name, bindings, spec, [...known.keys()]);
  const plan = planWorkflow(spec, known, locate, bindings);
  if (!isPlan(plan)) throw invalidWorkflow(name, plan);
  return plan;
}

/** What the configuration says of a pipeline is told in its own words, not in those of the workflow file. */
function checkBindings(pipeline: string, bindings: Bindings, spec: WorkflowSpec, servers: readonly string[]): void {
  const ids = spec.steps.map(({ id }) => id);
  for (const [step, target] of Object.entries(bindings)) {
    const server = target.slice(0, target.indexOf('.'));
    const where = `config.yaml: pipelines.${pipeline}.${step}`;
    if (!ids.includes(step)) {
      throw new ConductorError('VALIDATION_FAILED', `${where}: there is no such step; there are ${ids.join(', ')}`);
    }
    if (!servers.includes(server)) {
      throw new ConductorError(
        'VALIDATION_FAILED',
        `${where}: there is no server "${server}"; there are ${servers.join(', ')}`,
      );
    }
  }
}

function invalidWorkflow(name: string, problems: readonly Problem[]): ConductorError {
  const lines = problems.map(({ message, range }) =>
    range === undefined ? message : `${range.file}:${range.line}:${range.column}: ${message}`,
  );
  return new ConductorError('VALIDATION_FAILED', `pipeline ${name} cannot run: ${lines.join('; ')}`);
}

/** Calls on behalf of the pipeline, by the name that rules know it by. */
function callExecutor(pipeline: string, invoke: Invoke, latencies: LatencyWindows, clock: Clock): StepExecutor {
  return async ({ runId, step, item, args, signal, onProgress }) => {
    const { server = '', tool = '', timeoutMs, retry } = step;
    const startedAt = clock.monotonic();
    const reply = await invoke({
      request: { kind: 'tool', tool, args: isJsonObject(args) ? args : {} },
      server,
      principal: { kind: 'pipeline', id: pipeline },
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
    latencies.record(`${server}.${tool}`, clock.monotonic() - startedAt);
    return valueOf(reply);
  };
}

const transformExecutor: StepExecutor = ({ args }) => Promise.resolve(args);
