/** Is what a server sent a JSON-RPC 2.0 message, and if not, what is wrong with it and whom does it concern? */
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '../../base/json.ts';

export type Envelope =
  | { readonly kind: 'message'; readonly message: JSONRPCMessage }
  /** `reply` when it looks like the answer to something we asked. */
  | {
      readonly kind: 'malformed';
      readonly reply: boolean;
      readonly id: RequestId | undefined;
      readonly problem: string;
    };

/** The code of the error answers made up here for replies that cannot be used (JSON-RPC: parse error). */
export const UNUSABLE_REPLY = -32_700;

export function readEnvelope(value: unknown): Envelope {
  if (!isJsonObject(value))
    return { kind: 'malformed', reply: false, id: undefined, problem: 'it is not a JSON object' };
  const id = requestId(value.id);
  const reply = value.method === undefined;
  const problem = problemOf(value, id, reply);
  if (problem !== undefined) return { kind: 'malformed', reply, id, problem };
  return { kind: 'message', message: value as unknown as JSONRPCMessage };
}

/** The error answer that stands in for a reply that cannot be used, so that its caller does not wait for another. */
export function unusableReply(id: RequestId, problem: string): JSONRPCMessage {
  return { jsonrpc: '2.0', id, error: { code: UNUSABLE_REPLY, message: `unusable reply: ${problem}` } };
}

function requestId(value: unknown): RequestId | undefined {
  return typeof value === 'string' || Number.isSafeInteger(value) ? (value as RequestId) : undefined;
}

function problemOf(value: JsonObject, id: RequestId | undefined, reply: boolean): string | undefined {
  if (value.jsonrpc !== '2.0') return `"jsonrpc" is ${describe(value.jsonrpc)}, expected "2.0"`;
  if (!reply) return typeof value.method === 'string' ? undefined : '"method" is not a string';
  if (id === undefined) return `"id" is ${describe(value.id)}, expected the id of a request`;
  return replyProblem(value);
}

function replyProblem(value: JsonObject): string | undefined {
  const { result, error } = value;
  if (result === undefined && error === undefined) return 'it has neither "result" nor "error"';
  if (result !== undefined && error !== undefined) return 'it has both "result" and "error"';
  if (result !== undefined)
    return isJsonObject(result) ? undefined : `"result" is ${describe(result)}, expected an object`;
  const wellFormed = isJsonObject(error) && Number.isSafeInteger(error.code) && typeof error.message === 'string';
  return wellFormed ? undefined : '"error" has no integer "code" or no "message"';
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
