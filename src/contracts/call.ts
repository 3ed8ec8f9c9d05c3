/** The noun everything passes through: a request to one server, its reply, and the functions that carry it. */
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { CallRecord } from './call-record.ts';

/** A slug without dots, so that `server.tool` splits at the first dot. */
export type ServerId = string;
export type RunId = string;
export type StepId = string;

export type Request =
  | { readonly kind: 'tool'; readonly tool: string; readonly args: JsonObject }
  | { readonly kind: 'resource'; readonly uri: string }
  | { readonly kind: 'prompt'; readonly name: string; readonly args: Readonly<Record<string, string>> }
  | {
      readonly kind: 'complete';
      readonly ref:
        | { readonly kind: 'prompt'; readonly name: string }
        | { readonly kind: 'resource'; readonly uri: string };
      readonly argument: { readonly name: string; readonly value: string };
    };

/** On whose behalf a call is made. A call without a principal is denied. */
export interface Principal {
  readonly kind: 'person' | 'pipeline' | 'agent' | 'automation';
  /** Who within the kind: a workflow's name, an agent's role, a rule's id; `local` for the person at this machine. */
  readonly id: string;
}

export interface Progress {
  /** Units done, as the server counts them. */
  readonly progress: number;
  /** Units in all, when the server knows. */
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** How often and how patiently a call is tried again, where its step says so; the rest is as configured. */
export interface RetryWish {
  /** Attempts after the first. */
  readonly retries?: number | undefined;
  /** Longest first wait, milliseconds. */
  readonly baseMs?: number | undefined;
  /** What the longest wait grows by from attempt to attempt. */
  readonly factor?: number | undefined;
  /** Longest wait, milliseconds. */
  readonly maxWaitMs?: number | undefined;
}

/** `waiting`: held back in a queue, or until a server is there. `sent`: an attempt leaves for the server now. */
export type CallPhase = 'waiting' | 'sent';

export interface Call {
  readonly request: Request;
  readonly server: ServerId;
  readonly principal: Principal | undefined;
  readonly run?: RunId | undefined;
  readonly step?: StepId | undefined;
  /** Index within a `forEach`. */
  readonly item?: number | undefined;
  /** Number of a hedged copy, from 0. */
  readonly leg?: number | undefined;
  /** One object for all copies of a hedged call: each goes over a connection of its own. */
  readonly copies?: object | undefined;
  /** Hash of the tool's definition that was planned with or approved; another one now throws `TOOL_CHANGED`. */
  readonly definitionHash?: string | undefined;
  readonly retry?: RetryWish | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch after which the answer is of no use. */
  readonly deadline?: number | undefined;
  /** Milliseconds for one attempt, when the step sets its own limit. */
  readonly timeoutMs?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told by whoever holds the call back or sends it, so that queueing counts for no time limit. */
  readonly onPhase?: ((phase: CallPhase) => void) | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Milliseconds for which the step lets an answer be used again; 0 switches the cache off for it. */
  readonly cacheTtlMs?: number | undefined;
  /** SHA-256 (hex) of the canonical arguments; hashed once, by the layer that last changes them. */
  readonly argumentsDigest?: string | undefined;
  /** What the layers learn about this call, for the trace and the audit around them. */
  readonly record?: CallRecord | undefined;
  /** Sent as `_meta`; W3C trace context is added by the trace middleware. */
  readonly meta: JsonObject;
}

/** A content block as the MCP specification defines it; read defensively, it is a server's word. */
export interface ContentBlock {
  readonly type: string;
  readonly text?: string | undefined;
  readonly [key: string]: JsonValue | undefined;
}

export interface ToolReply {
  readonly kind: 'tool';
  /** The tool says it failed. A value, not a throw. */
  readonly isError: boolean;
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: JsonValue | undefined;
  readonly meta?: JsonObject | undefined;
}

export interface ResourceReply {
  readonly kind: 'resource';
  readonly contents: readonly {
    readonly uri: string;
    readonly mimeType?: string | undefined;
    readonly text?: string | undefined;
    readonly blob?: string | undefined;
  }[];
  /** The server's `_meta`, and its `ttlMs` and `cacheScope` where it gave them. */
  readonly meta?: JsonObject | undefined;
}

export interface PromptReply {
  readonly kind: 'prompt';
  readonly description?: string | undefined;
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: ContentBlock }[];
}

export interface CompleteReply {
  readonly kind: 'complete';
  readonly values: readonly string[];
  readonly total?: number | undefined;
  readonly hasMore?: boolean | undefined;
}

/** The server's answer. What went wrong on the way throws a `ConductorError` instead. */
export type Reply = ToolReply | ResourceReply | PromptReply | CompleteReply;

export type Invoke = (call: Call) => Promise<Reply>;
export type Middleware = (next: Invoke) => Invoke;

/** What a step yields: `structuredContent` where there is one, else the text and the blocks. */
export function valueOf(reply: ToolReply): JsonValue {
  if (reply.structuredContent !== undefined) return reply.structuredContent;
  const text = textOf(reply);
  return { text, content: reply.content };
}

/** The text blocks of a reply, one after another. */
export function textOf(reply: ToolReply): string {
  return reply.content
    .filter((block) => block.type === 'text' && typeof block.text === 'string')
    .map((block) => block.text)
    .join('\n');
}
