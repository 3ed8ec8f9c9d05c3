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
  /** `call` only, as written: `server.tool`; of several the first. */
  readonly call?: string | undefined;
  /** Further tools that the step asks besides `call`. */
  readonly further?: readonly string[] | undefined;
  readonly route?: RouteSpec | undefined;
  readonly strategy?: StrategySpec | undefined;
  readonly merge?: MergeSpec | undefined;
  /** Tools that take over, one after another, when those before are slow or fail. */
  readonly fallback?: { readonly to: readonly string[]; readonly afterMs?: number | undefined } | undefined;
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

export const STRATEGY_KINDS = ['all', 'quorum', 'first', 'best', 'hedge'] as const;

/** How the answers of several tools to one step become one. Expressions see `value` and `source` besides the usual. */
export interface StrategySpec {
  readonly kind: (typeof STRATEGY_KINDS)[number];
  /** `quorum`: relevant answers that are wanted. */
  readonly size?: number | undefined;
  /** `all`: answers without which the step fails. */
  readonly least?: number | undefined;
  /** Milliseconds for all of them together. */
  readonly deadlineMs?: number | undefined;
  /** `hedge`: milliseconds after which the next one is asked. */
  readonly afterMs?: number | undefined;
  /** `best`: an expression for how good an answer is; higher is better. */
  readonly score?: string | undefined;
  /** `best`: a score from which on nobody waits for a better one. */
  readonly goodEnough?: number | undefined;
  /** An expression that says whether an answer counts. */
  readonly relevant?: string | undefined;
}

export const MERGE_RANKS = ['rrf', 'score', 'recency', 'none'] as const;

/** Makes one ranked list of the lists that several tools answer with. */
export interface MergeSpec {
  /** An expression for the list within an answer, which is `value`. @default the answer's own list */
  readonly items?: string | undefined;
  readonly identify?: readonly string[] | undefined;
  readonly rank?: (typeof MERGE_RANKS)[number] | undefined;
  /** By `server.tool`. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  readonly k?: number | undefined;
  readonly limit?: number | undefined;
}

/** Tools that are found by what they say of themselves, when the step is run. */
export interface RouteSpec {
  /** In a person's words; may hold expressions. */
  readonly intent: string;
  /** Tools that are chosen at most. */
  readonly max: number;
  /** Servers to choose from. @default every one */
  readonly servers?: readonly string[] | undefined;
}

export interface ToolTarget {
  readonly server: string;
  readonly tool: string;
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
  /** Of a step that asks several tools, or has fallbacks: all of them, in order. */
  readonly targets?: readonly ToolTarget[] | undefined;
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
