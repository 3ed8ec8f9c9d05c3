/** The remaining ports of the core: what executes a step, what receives a trace. */
import type { JsonValue } from '../base/json.ts';
import type { Progress, RunId } from './call.ts';
import type { PlanStep } from './workflow.ts';

/** One call as the trace shows it; arguments are sanitized before they get here. */
export interface TraceEntry {
  readonly traceId: string;
  readonly spanId: string;
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

/** Carries out one kind of step and yields its value. @throws ConductorError */
export type StepExecutor = (input: StepInput) => Promise<JsonValue>;
