/** Joins the rooms: ports in, an `App` out, everything disposed in reverse order. */
import type { Clock } from '../base/clock.ts';
import { DisposableStack } from '../base/disposables.ts';
import { Emitter } from '../base/events.ts';
import { ConductorError } from '../base/errors.ts';
import type { IdSource } from '../base/ids.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import {
  type App,
  type Invoke,
  type JournalStore,
  type Plan,
  type PlanStep,
  type Problem,
  type RunHandle,
  type ServerDirectory,
  type StepExecutor,
  textOf,
  type TraceEntry,
  valueOf,
} from '../contracts/index.ts';
import { LatencyWindows } from '../middleware/latency.ts';
import { checkInputs } from '../workflow/inputs.ts';
import { parseWorkflow } from '../workflow/parse.ts';
import { isPlan, planWorkflow } from '../workflow/plan.ts';
import { startRun } from '../workflow/run.ts';
import { governedInvoke } from './governance.ts';
import { createReviews } from './reviews.ts';
import { RunRegistry } from './runs.ts';
import type { UserConfig } from './config/schema.ts';

export interface AppPorts {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly servers: ServerDirectory;
  readonly journals: JournalStore;
  /** The text of a built-in workflow file, by name. */
  readonly pipeline: (name: string) => Promise<{ readonly text: string; readonly file: string }>;
  readonly config: UserConfig;
  /** What is wrong with the user's configuration. */
  readonly configProblems: readonly Problem[];
  /** Credentials that were resolved for servers; the same array while nothing changes. */
  readonly knownSecrets: () => readonly string[];
  /** Receives what a listener threw: a broken view must not stop a run. */
  readonly onError: (error: unknown) => void;
  /** Disposed after everything made here, last given first. */
  readonly resources: DisposableStack;
}

export function createApp(ports: AppPorts): App {
  const { clock, servers } = ports;
  const traces = new Emitter<TraceEntry>(ports.onError);
  const latencies = new LatencyWindows();
  const { config, knownSecrets } = ports;
  const invoke = governedInvoke({ clock, servers, config, knownSecrets, onTrace: (entry) => traces.fire(entry) });
  const runs = new RunRegistry(ports.journals, ports.onError);
  const executors = { call: callExecutor(invoke, latencies, clock), transform: transformExecutor };
  const estimate = (step: PlanStep): number => latencies.percentile(`${step.server}.${step.tool}`, 0.5) ?? 1_000;

  const startPipeline = async (name: string, title: string, inputs: JsonObject): Promise<RunHandle> => {
    const plan = await planPipeline(ports, name);
    const runId = ports.ids.next();
    const journal = await ports.journals.create(runId);
    const handle = startRun({
      runId,
      title,
      plan,
      inputs: checkInputs(plan, inputs),
      journal,
      clock,
      executors,
      estimate,
      onEvent: (event, state) => runs.published(event, state),
      onProgress: (progress) => runs.progressed(progress),
    });
    runs.add(handle);
    startServersOf(plan, servers);
    return handle;
  };

  const own = new DisposableStack();
  own.add(ports.resources);
  own.add(servers);
  own.add(runs);
  own.add(traces);
  own.add({ dispose: () => runs.cancelAll('MCP Conductor is closing') });
  return {
    servers,
    runs,
    problems: () => [...ports.configProblems, ...servers.problems()],
    invoke,
    onTrace: traces.event,
    callTool: (server, tool, args, { signal, onProgress }) =>
      invoke({
        request: { kind: 'tool', tool, args },
        server,
        principal: { kind: 'person', id: 'local' },
        signal,
        onProgress,
        meta: {},
      }),
    ...createReviews({ journals: ports.journals, runs, startPipeline, onError: ports.onError }),
    dispose: () => own.dispose(),
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
async function planPipeline(ports: AppPorts, name: string): Promise<Plan> {
  const { text, file } = await ports.pipeline(name);
  const { spec, problems, locate } = parseWorkflow(text, file);
  if (spec === undefined) throw invalidWorkflow(name, problems);
  const known = new Map(ports.servers.list().map(({ definition, catalog }) => [definition.id, catalog]));
  const plan = planWorkflow(spec, known, locate, ports.config.pipelines[name]);
  if (!isPlan(plan)) throw invalidWorkflow(name, plan);
  return plan;
}

function invalidWorkflow(name: string, problems: readonly Problem[]): ConductorError {
  const lines = problems.map(({ message, range }) =>
    range === undefined ? message : `${range.file}:${range.line}:${range.column}: ${message}`,
  );
  return new ConductorError('VALIDATION_FAILED', `pipeline ${name} cannot run: ${lines.join('; ')}`);
}

function callExecutor(invoke: Invoke, latencies: LatencyWindows, clock: Clock): StepExecutor {
  return async ({ runId, workflow, step, item, args, signal, onProgress }) => {
    const { server = '', tool = '', timeoutMs } = step;
    const startedAt = clock.monotonic();
    const reply = await invoke({
      request: { kind: 'tool', tool, args: isJsonObject(args) ? args : {} },
      server,
      principal: { kind: 'pipeline', id: workflow },
      run: runId,
      step: step.id,
      item,
      signal,
      timeoutMs,
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
