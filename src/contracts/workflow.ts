/** Workflow files once read, and the plan made of one: everything a run needs to know before it starts. */
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { RetryWish, StepId } from './call.ts';
import type { SourceRange } from './server.ts';

export type InputType = 'string' | 'number' | 'boolean' | 'array' | 'object';

export interface WorkflowInput {
  readonly type: InputType;
  readonly description?: string | undefined;
  readonly default?: JsonValue | undefined;
  readonly required: boolean;
}

export const STEP_KINDS = ['call', 'route', 'approve', 'transform', 'workflow', 'agent', 'debate', 'plan'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** A value in which strings may hold `${{ … }}`; evaluated as values, never re-parsed as text. */
export type Template = JsonValue;

export interface WorkflowStep {
  readonly id: StepId;
  readonly name?: string | undefined;
  readonly kind: StepKind;
  /** `call` only, as written: `server.tool`. */
  readonly call?: string | undefined;
  /** `transform` only. */
  readonly transform?: Template | undefined;
  readonly with: JsonObject;
  readonly needs: readonly StepId[];
  readonly if?: string | undefined;
  readonly forEach?: Template | undefined;
  readonly concurrency?: number | undefined;
  /** Milliseconds for the step in all, retries included. */
  readonly timeoutMs?: number | undefined;
  /** `call` only. */
  readonly retry?: RetryWish | undefined;
  readonly onError: 'fail' | 'continue';
  readonly range: SourceRange;
}

/** A workflow file as it was read; the name is shown in problems and never opened. */
export interface WorkflowSource {
  readonly text: string;
  readonly file: string;
}

export interface WorkflowSpec {
  readonly name: string;
  readonly version: number;
  readonly description?: string | undefined;
  readonly inputs: Readonly<Record<string, WorkflowInput>>;
  readonly steps: readonly WorkflowStep[];
  readonly outputs: JsonObject;
  readonly file: string;
  /** SHA-256 of the file's text. */
  readonly digest: string;
}

export interface PlanStep extends Omit<WorkflowStep, 'needs' | 'range'> {
  /** Declared `needs` and every step an expression mentions, in file order. */
  readonly needs: readonly StepId[];
  readonly server?: string | undefined;
  readonly tool?: string | undefined;
}

/** An acyclic set of steps with every reference known to exist. */
export interface Plan {
  readonly workflow: {
    readonly name: string;
    readonly version: number;
    readonly file: string;
    readonly digest: string;
  };
  readonly inputs: Readonly<Record<string, WorkflowInput>>;
  /** In the order of the file. */
  readonly steps: readonly PlanStep[];
  readonly outputs: JsonObject;
}
