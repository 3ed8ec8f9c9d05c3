/** A run as a list of events, the state they fold into, and the decisions taken from it. */
import type { ErrorCode } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Progress, RunId, StepId } from './call.ts';
import type { Plan } from './workflow.ts';

export interface RunError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: JsonObject | undefined;
}

/** A value beside the journal, because it is over 64 KB. */
export interface BlobRef {
  readonly blob: string;
  readonly bytes: number;
}

export type StoredValue = { readonly value: JsonValue } | BlobRef;

/** What became of one of the tools that a step asked. */
export interface Asked {
  /** `server.tool` */
  readonly target: string;
  readonly status: 'succeeded' | 'rejected' | 'failed' | 'cancelled' | 'not started';
  /** Why it was chosen, or why its answer does not count. */
  readonly because?: string | undefined;
  readonly ms?: number | undefined;
}

/** Everything that can happen to a run, with what is recorded of it. */
export interface RunEventData {
  'run.created': { readonly plan: Plan; readonly inputs: JsonObject; readonly title: string };
  'run.cancelling': { readonly reason: string };
  'run.ended': {
    readonly status: RunEndStatus;
    readonly outputs?: StoredValue | undefined;
    readonly error?: RunError | undefined;
  };
  'step.started': { readonly step: StepId; readonly server?: string | undefined; readonly tool?: string | undefined };
  /** A step asked several tools: what each of them did, and why it did not count where it did not. */
  'step.asked': { readonly step: StepId; readonly item?: number | undefined; readonly asked: readonly Asked[] };
  'step.succeeded': { readonly step: StepId; readonly result: StoredValue };
  'step.failed': { readonly step: StepId; readonly error: RunError };
  'step.cancelled': { readonly step: StepId };
  'step.skipped': { readonly step: StepId; readonly reason: string };
}

export type RunEventType = keyof RunEventData;
export type RunEndStatus = 'succeeded' | 'failed' | 'cancelled';

/** The envelope of one line of the journal. `crc` is the CRC-32 (hex) of the canonical envelope without it. */
export type RunEvent = {
  readonly [T in RunEventType]: {
    readonly v: 1;
    /** From 0, without gaps. */
    readonly seq: number;
    /** Milliseconds since the epoch. */
    readonly at: number;
    readonly runId: RunId;
    readonly type: T;
    readonly data: RunEventData[T];
    readonly crc: string;
  };
}[RunEventType];

export type StepStatus = 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

export interface StepState {
  readonly id: StepId;
  readonly status: StepStatus;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly server?: string | undefined;
  readonly tool?: string | undefined;
  readonly result?: StoredValue | undefined;
  readonly error?: RunError | undefined;
  readonly reason?: string | undefined;
  /** Of a step that asked several tools; of a `forEach`, those of its last item. */
  readonly asked?: readonly Asked[] | undefined;
}

export interface RunState {
  readonly runId: RunId;
  readonly title: string;
  readonly plan: Plan;
  readonly inputs: JsonObject;
  readonly status: 'running' | 'cancelling' | RunEndStatus;
  readonly createdAt: number;
  readonly endedAt?: number | undefined;
  readonly steps: ReadonlyMap<StepId, StepState>;
  readonly outputs?: StoredValue | undefined;
  readonly error?: RunError | undefined;
  /** The next sequence number. */
  readonly nextSeq: number;
}

/** Live only, never journalled. */
export interface StepProgress {
  readonly runId: RunId;
  readonly step: StepId;
  readonly progress: Progress;
}

/** Where a run's events are kept. Appends are in order; a resolved `append` has been handed to the disk. */
export interface Journal {
  append(event: RunEvent): Promise<void>;
  /** Keeps a value beside the journal and returns its name. */
  putBlob(value: JsonValue): Promise<BlobRef>;
  getBlob(ref: BlobRef): Promise<JsonValue>;
  close(): Promise<void>;
}

export interface JournalStore {
  create(runId: RunId): Promise<Journal>;
  /** Newest first. */
  list(): Promise<readonly RunId[]>;
  /** Every whole event up to the first torn or corrupt one, and what was wrong with the rest. */
  read(runId: RunId): Promise<{ readonly events: readonly RunEvent[]; readonly damage?: string | undefined }>;
  readBlob(runId: RunId, ref: BlobRef): Promise<JsonValue>;
  /** A file of the run's own (a report), by name. @returns its absolute path */
  writeFile(runId: RunId, name: string, text: string): Promise<string>;
  readFile(runId: RunId, name: string): Promise<string | undefined>;
}
