/** What was approved and what waits for an answer, beyond the one call that asked; and where both are kept. */
import type { Event } from '../base/events.ts';
import type { JsonValue } from '../base/json.ts';
import type { Principal, RunId, ServerId } from './call.ts';
import type { ApprovalDecision, ApprovalRequest, ApprovalScope, ArgumentsDigest } from './governance.ts';

/** A tool as it was when somebody approved it. */
export interface GrantedDefinition {
  readonly hash: string;
  /** To show what has changed; left out where it is large. */
  readonly definition?: JsonValue | undefined;
}

/** A yes that outlasts the question: void as soon as the server or the tool is not the one it was given for. */
export interface Grant {
  /** Id of the approval it came from. */
  readonly id: string;
  readonly scope: ApprovalScope;
  readonly reach: 'tool' | 'server';
  readonly server: ServerId;
  /** The tool that was asked about. */
  readonly tool: string;
  readonly serverIdentity: string;
  /** By tool: that tool alone, or all that the server offered at the time. */
  readonly definitions: Readonly<Record<string, GrantedDefinition>>;
  /** Of the one call that a `once` is good for. */
  readonly argumentsDigest?: ArgumentsDigest | undefined;
  readonly principal: Principal;
  readonly run?: RunId | undefined;
  readonly workspace?: string | undefined;
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

/** Where grants outlive the process. */
export interface GrantStorage {
  load(): Promise<readonly Grant[]>;
  save(grant: Grant): Promise<void>;
  /** True for exactly one of all who remove it, over all processes that share the storage. */
  remove(id: string): Promise<boolean>;
}

/** What people have granted beyond one call. */
export interface Granted {
  /** Newest first; what other processes granted and revoked included. */
  list(): Promise<readonly Grant[]>;
  /** @param by - who revokes it @returns false when there is no such grant (any more) */
  revoke(id: string, by: string): Promise<boolean>;
  readonly onChange: Event<void>;
}

/** A question and, once there is one, its answer. */
export interface ApprovalRecord {
  readonly id: string;
  readonly request: ApprovalRequest;
  /** Milliseconds since the epoch. */
  readonly submittedAt: number;
  /** Nobody waits for the answer: whoever asks the same again has it. */
  readonly parked?: boolean | undefined;
  readonly decision?: ApprovalDecision | undefined;
}

/** What the person says; who and how far have defaults, the time is now. */
export interface Verdict {
  readonly approved: boolean;
  /** @default 'once' */
  readonly scope?: ApprovalDecision['scope'] | undefined;
  /** @default 'tool' */
  readonly reach?: ApprovalDecision['reach'] | undefined;
  readonly by: string;
}

/** Where parked questions and their answers wait for the run that asked. */
export interface ApprovalStorage {
  load(): Promise<readonly ApprovalRecord[]>;
  /** Keeps a question. */
  save(record: ApprovalRecord): Promise<void>;
  /** Keeps its answer: true for exactly one of all who answer it, and false when the question is gone. */
  decide(id: string, decision: ApprovalDecision): Promise<boolean>;
  /** True for exactly one of all who remove it, over all processes that share the storage. */
  remove(id: string): Promise<boolean>;
}
