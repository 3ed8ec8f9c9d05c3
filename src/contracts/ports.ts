/** The remaining ports of the core: what executes a step, what receives a trace. */
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Principal, Progress, RunId } from './call.ts';
import type { CallEvent, CallRecord } from './call-record.ts';
import type { PlanStep } from './workflow.ts';

/** One call as the trace shows it; arguments are sanitized before they get here. */
export interface TraceEntry {
  readonly traceId: string;
  readonly spanId: string;
  /** Of whoever asked with a `traceparent` of its own. */
  readonly parentSpanId?: string | undefined;
  readonly server: string;
  /** The tool, resource URI or prompt name. */
  readonly tool: string;
  readonly kind: 'tool' | 'resource' | 'prompt' | 'complete';
  readonly args: JsonValue;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  readonly endTime: number;
  readonly status: 'ok' | 'tool_error' | 'error' | 'cancelled';
  /** Bytes of the reply as JSON, when there was one. */
  readonly resultSize?: number | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly run?: RunId | undefined;
  readonly step?: string | undefined;
  readonly principal?: Principal | undefined;
  /** Attempts that reached the wire, hedges and retries included. */
  readonly attempts?: number | undefined;
  /** How the reply was had without asking the server. */
  readonly replay?: CallRecord['replay'];
  /** Id of the approval that let the call pass. */
  readonly approval?: string | undefined;
  /** What the last attempt was given, milliseconds. */
  readonly limitMs?: number | undefined;
  /** What the layers did on the way, in the order it happened. */
  readonly events?: readonly CallEvent[] | undefined;
}

export type TraceSink = (entry: TraceEntry) => void;

/** What a step executor is given: the step with its expressions already evaluated. */
export interface StepInput {
  readonly runId: RunId;
  readonly step: PlanStep;
  readonly item?: number | undefined;
  readonly args: JsonValue;
  readonly workflow: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** One tool that an intent goes to, with the step's arguments in the words of its own schema. */
export interface RoutedTool {
  readonly server: string;
  readonly tool: string;
  readonly args: JsonObject;
  readonly because: readonly string[];
}

export interface RouteQuestion {
  readonly intent: string;
  readonly args: JsonObject;
  readonly max: number;
  readonly servers?: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

export interface Routed {
  /** Best first. */
  readonly choices: readonly RoutedTool[];
  /** `server.tool: why not`, the nearest first; bounded. */
  readonly refused: readonly string[];
}

/** Finds the tools that mean an intent, over the servers there are. */
export type Router = (question: RouteQuestion) => Promise<Routed>;

/** Carries out one kind of step and yields its value. @throws ConductorError */
export type StepExecutor = (input: StepInput) => Promise<JsonValue>;
