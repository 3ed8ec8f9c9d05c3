/** What the layers of the stack write down about one call on its way. */
import type { JsonObject } from '../base/json.ts';

export type PermissionEffect = 'allow' | 'ask' | 'deny';

/** What permissions decided, and which rule it was: a decision explains itself. */
export interface Decision {
  readonly effect: PermissionEffect;
  /** "denied by rule 3 of config.yaml", "allowed by default: a person's own run". */
  readonly because: string;
  /** `file:line` of that rule. */
  readonly rule?: string | undefined;
}

/** Something that happened to a call on its way: a retry, a wait, a hedged copy. */
export interface CallEvent {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly data?: JsonObject | undefined;
}

/**
 * What the layers learn about one call on its way, for the trace and the audit record around them. Created by the
 * outermost layer that wants it; every other layer writes to it when it is there.
 */
export interface CallRecord {
  decision?: Decision | undefined;
  /** Id of the approval that let the call pass. */
  approval?: string | undefined;
  /** Attempts that reached the wire, hedges and retries included. */
  attempts: number;
  /** What the last attempt was given, milliseconds. */
  limitMs?: number | undefined;
  /** How the reply was had without asking the server. */
  replay?: 'cache' | 'stale' | 'idempotency' | undefined;
  /** The reply as JSON, by a layer that needed it; for those around it that are given the same reply. */
  written?: { readonly reply: object; readonly text: string } | undefined;
  /** In the order they happened. */
  readonly events: CallEvent[];
}
