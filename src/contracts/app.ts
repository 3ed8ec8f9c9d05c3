/** The engine as the command line and the editor see it. */
import type { Event } from '../base/events.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { ApprovalRecord, Granted, Verdict } from './approvals.ts';
import type { AuditCheck } from './audit.ts';
import type { Call, Invoke, Reply, RunId } from './call.ts';
import type { CredentialKeeper } from './credentials.ts';
import type { MetricsSnapshot } from './metrics.ts';
import type { TraceEntry } from './ports.ts';
import type { ReviewReport, Severity } from './review.ts';
import type { RunEvent, RunState, StepProgress } from './run.ts';
import type { Problem, ServerDirectory } from './server.ts';
import type { Plan, WorkflowSource } from './workflow.ts';

export interface RunHandle {
  readonly runId: RunId;
  /** The state as of now. */
  state(): RunState;
  /** Settles when the run has ended, whatever its status; rejects only if the journal cannot be written. */
  readonly ended: Promise<RunState>;
  cancel(reason: string): void;
}

export interface RunSummary {
  readonly runId: RunId;
  readonly state: RunState;
  /** Set when the journal on disk is damaged. */
  readonly damage?: string | undefined;
}

export interface Runs {
  /** Runs of this process first, then what the disk remembers; newest first. */
  list(): Promise<readonly RunSummary[]>;
  get(runId: RunId): RunHandle | undefined;
  /** What an ended run gave; undefined when it ended without outputs. */
  outputs(state: RunState): Promise<JsonValue | undefined>;
  /** Live events of this process's runs. */
  readonly onEvent: Event<{ readonly event: RunEvent; readonly state: RunState }>;
  readonly onProgress: Event<StepProgress>;
}

export interface ReviewOptions {
  /** Absolute path of a folder, or an http(s) or ssh URL of a git repository. */
  readonly target: string;
  readonly branch?: string | undefined;
  /** Findings below it are left out. @default 'medium' */
  readonly severity?: Severity | undefined;
  /** Asks OSV about known vulnerabilities, which tells it names and versions of packages. @default false */
  readonly online?: boolean | undefined;
}

export interface ReviewHandle extends RunHandle {
  /** The report, made from whatever has been found; available once `ended` has settled. */
  readonly report: Promise<ReviewReport>;
}

/** What waits for a person's answer. */
export interface Approvals {
  /** Oldest first. */
  pending(): readonly ApprovalRecord[];
  /** Those of the pending that a call of this process waits for, oldest first. */
  waiting(): readonly ApprovalRecord[];
  /** Newest first. */
  decided(): readonly ApprovalRecord[];
  readonly onChange: Event<void>;
  /** Takes over what other processes asked, decided and used. */
  refresh(): Promise<void>;
  /** @throws ConductorError VALIDATION_FAILED for a question that is not there, decided, or too old */
  decide(id: string, verdict: Verdict): Promise<ApprovalRecord>;
}

export interface App {
  readonly servers: ServerDirectory;
  readonly runs: Runs;
  readonly approvals: Approvals;
  readonly credentials: CredentialKeeper;
  readonly grants: Granted;
  readonly configuration: {
    /** Absolute path of the user's `config.yaml`, which need not exist. */
    readonly file: string;
    /**
     * Takes over what the files say now: from the next call on, while calls under way end as they began.
     * @returns names of changed sections that count only when the engine starts anew
     */
    reload(): Promise<readonly string[]>;
  };
  /** What is wrong with the files a person wrote: configuration and servers. */
  problems(): readonly Problem[];
  /** The governed way to any server. */
  readonly invoke: Invoke;
  /** One tool call on behalf of the person at this machine. */
  callTool(
    server: string,
    tool: string,
    args: JsonObject,
    options: Pick<Call, 'signal' | 'onProgress' | 'idempotencyKey'>,
  ): Promise<Reply>;
  /** The plan of a workflow file over the servers there are. @throws ConductorError VALIDATION_FAILED with every problem */
  plan(source: WorkflowSource): Plan;
  /**
   * Runs a workflow file; rules know its calls by `pipeline:file/<name of the file>`, so that no file passes for a
   * built-in pipeline.
   *
   * @throws ConductorError VALIDATION_FAILED for the file or the inputs
   */
  runWorkflow(source: WorkflowSource, inputs: JsonObject): Promise<RunHandle>;
  review(options: ReviewOptions): Promise<ReviewHandle>;
  /** The report of an ended review, from disk. */
  loadReview(runId: RunId): Promise<ReviewReport | undefined>;
  /** Every finished call, sanitized. */
  readonly onTrace: Event<TraceEntry>;
  /** The latest of them, oldest first, for a view that opens later. */
  recentCalls(): readonly TraceEntry[];
  /** Whether the audit log of this workspace is what was written. */
  checkAudit(): Promise<AuditCheck>;
  /** How the calls of this process went. */
  metrics(): MetricsSnapshot;
  dispose(): Promise<void>;
}
