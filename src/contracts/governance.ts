/** What governs a call: who may do what, who is asked, what is kept of it, and the ports behind each. */
import type { JsonValue } from '../base/json.ts';
import type { Principal, Reply, RunId, ServerId, StepId } from './call.ts';
import type { Decision } from './call-record.ts';

export const RISKS = ['low', 'medium', 'high', 'critical'] as const;
export type Risk = (typeof RISKS)[number];

/** SHA-256 (hex) of the canonical arguments, computed once per call. */
export type ArgumentsDigest = string;

/** What a person is asked. */
export interface ApprovalRequest {
  /** `server.tool`. */
  readonly operation: string;
  readonly summary: string;
  readonly server: ServerId;
  readonly tool: string;
  /** The exact arguments the decision is bound to. */
  readonly args: JsonValue;
  readonly argumentsDigest: ArgumentsDigest;
  /** Identity of the server: a digest of how it is started or where it is. */
  readonly serverIdentity: string;
  readonly definitionHash: string;
  readonly risk: Risk;
  /** Why it is that risk, and why it is asked at all. */
  readonly reasons: readonly string[];
  readonly affectedSystems: readonly string[];
  /** Where the arguments go: the program that is started, or the address. Absent when that is not known. */
  readonly destination?: string | undefined;
  /** What would change, or why that is not known. */
  readonly preview: { readonly text: string; readonly changes: readonly JsonValue[] };
  readonly requestor: Principal;
  readonly run?: RunId | undefined;
  readonly step?: StepId | undefined;
  /** Milliseconds since the epoch after which no answer means no. */
  readonly deadline: number;
}

/** How far a yes reaches. */
export type ApprovalScope = 'once' | 'run' | 'workspace' | 'always';

export interface ApprovalDecision {
  readonly approved: boolean;
  readonly scope: ApprovalScope;
  /** The tool alone, or every tool of its server. */
  readonly reach: 'tool' | 'server';
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Asks people. `waitForDecision` resolves to undefined when nobody answered in time. */
export interface Approver {
  submit(request: ApprovalRequest): Promise<string>;
  /** @param timeoutMs milliseconds */
  waitForDecision(id: string, timeoutMs: number, signal: AbortSignal): Promise<ApprovalDecision | undefined>;
}

/** A second tier behind the memory of this process. Anything it throws means slower, never wrong. */
export interface SharedCache {
  get(key: string): Promise<string | undefined>;
  /** @param ttlMs milliseconds */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
}

/** What came of asking for a key: it is ours to carry out; others have it, or had it; nobody knows what became of it. */
export type IdempotencyClaim = 'ours' | 'taken' | 'unknown';

export interface ClaimTerms {
  /** How long the claim holds unless it is renewed, milliseconds. */
  readonly leaseMs: number;
  /** How long it is remembered that nobody knows what became of the call, milliseconds. */
  readonly ttlMs: number;
  /** Twice does no harm: what a holder left without a word may be taken over. */
  readonly repeatable: boolean;
  /** Only this machine can have used the key before: what others remember is welcome, not needed. */
  readonly local: boolean;
}

/** Finished calls by idempotency key, and who is carrying one out. */
export interface IdempotencyStore {
  /** The finished reply, or undefined. */
  get(key: string): Promise<Reply | undefined>;
  /** `ours` for the one caller that may carry the call out; where it is taken, others wait for `settled`. */
  claim(key: string, terms: ClaimTerms): Promise<IdempotencyClaim>;
  /** Holds on to a claim for another `leaseMs` milliseconds; false when it has been lost to somebody else. */
  renew(key: string, leaseMs: number): Promise<boolean>;
  /** Keeps the reply and lets the waiters have it. @param ttlMs milliseconds */
  finish(key: string, reply: Reply, ttlMs: number): Promise<void>;
  /** The call failed: nothing is recorded, and the next one may try. */
  release(key: string): Promise<void>;
  /** The call was sent and no reply came: until its time is over, only who may repeat it gets a claim. */
  abandon(key: string): Promise<void>;
  /** Resolves when whoever holds the key has finished (the reply), or has let go of it (undefined). */
  settled(key: string, signal: AbortSignal): Promise<Reply | undefined>;
}

/** One record of the audit log, before it is chained and signed. Arguments and results only as keyed hashes. */
export interface AuditRecord {
  readonly at: number;
  /** `approval`: what a person decided or revoked, in `decision`. */
  readonly kind: 'intent' | 'outcome' | 'approval';
  /** Pairs an outcome with its intent; of an `approval`, the id of the question. */
  readonly callId: string;
  readonly principal: Principal | null;
  readonly server: ServerId;
  readonly target: string;
  readonly run?: RunId | undefined;
  readonly step?: StepId | undefined;
  readonly decision?: Decision | undefined;
  readonly approval?: string | undefined;
  /** HMAC-SHA-256 (hex) of the digest of the canonical arguments. */
  readonly argumentsHash: KeyedHash;
  readonly resultHash?: KeyedHash | undefined;
  readonly outcome?: 'ok' | 'tool_error' | 'error' | 'denied' | 'cancelled' | undefined;
  /** Code and redacted message. */
  readonly error?: string | undefined;
  readonly attempts?: number | undefined;
}

/** A hash, or what becomes one when it is written: hashing stands in no call's way. */
export type KeyedHash = string | { toJSON(): string };

export interface AuditLog {
  /**
   * Queues a record; resolves when it is on disk. A log that cannot write rejects, and goes on rejecting; a promise
   * that nobody looks at does no harm.
   * @param urgent somebody waits for it: commit now instead of with the next batch
   */
  append(record: AuditRecord, urgent?: boolean): Promise<void>;
  /** HMAC-SHA-256 (hex) under the log's own key: of a text as it is, of anything else in its canonical form. */
  keyedHash(value: JsonValue): KeyedHash;
  /** Set once a write has failed: no new call may start. */
  readonly failure: Error | undefined;
}

/** What the user's policy says about a tool. A server's own annotations decide nothing of it. */
export interface ToolPolicy {
  readonly idempotent: boolean;
  readonly audit: 'required' | 'normal';
  /** Milliseconds; undefined leaves the cache off. */
  readonly cacheTtlMs?: number | undefined;
  readonly risk?: Risk | undefined;
  readonly affectedSystems: readonly string[];
}

export type PolicyOf = (server: ServerId, tool: string) => ToolPolicy;
