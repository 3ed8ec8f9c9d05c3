/** What went wrong on the way to a server, in this house's codes: the SDK's errors, HTTP's and the system's. */
import type { ProtocolError, SdkError, SdkHttpError } from '@modelcontextprotocol/client';
import { abortError } from '../base/abort.ts';
import { ConductorError, type ErrorCode, isConductorError, messageOf } from '../base/errors.ts';
import { type Refused, refusalIn, retryAfterOf } from './transport/retry-after.ts';
import { LOST } from './transport/sse-guard.ts';
import type { CloseReason } from './transport/stdio-transport.ts';
import { cut } from './redact.ts';

/** The SDK's classes, handed in because the SDK is loaded late. */
export interface SdkErrors {
  readonly ProtocolError: typeof ProtocolError;
  readonly SdkError: typeof SdkError;
  readonly SdkHttpError: typeof SdkHttpError;
}

export interface ErrorContext {
  readonly server: string;
  /** What was asked for, as a person would name it: `tool "search"`. */
  readonly what: string;
  readonly signal: AbortSignal;
  /** Set when the connection has ended. */
  readonly reason: CloseReason | undefined;
  /** Replaces secrets by a mark. */
  readonly redact: (text: string) => string;
}

/** System errors of a request that never reached the other side. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

export function toCallError(error: unknown, sdk: SdkErrors, context: ErrorContext): ConductorError {
  // The SDK rejects with a "timeout" for an abort too: only the signal tells the two apart.
  if (context.signal.aborted) return abortError(context.signal);
  if (isConductorError(error)) return error;
  const make = (code: ErrorCode, text: string, options: { sent?: boolean; details?: Record<string, unknown> } = {}) =>
    new ConductorError(code, context.redact(`server "${context.server}", ${context.what}: ${text}`), {
      cause: error,
      sent: options.sent,
      details: { server: context.server, ...options.details },
    });
  if (context.reason !== undefined) {
    const { code, message } = context.reason;
    return make(code, `the server ${message}`, code === 'CONNECTION_LOST' ? { sent: true } : {});
  }
  const refusal = refusalIn(error);
  if (refusal !== undefined) return make('RATE_LIMITED', refusalText(refusal), { details: refusalDetails(refusal) });
  if (error instanceof sdk.ProtocolError) return protocolError(error, context, make);
  if (error instanceof sdk.SdkHttpError) return httpError(error, make);
  if (error instanceof sdk.SdkError) return sdkError(error, make);
  const system = systemCode(error);
  if (system !== undefined || error instanceof TypeError) {
    return make('CONNECTION_LOST', transportMessage(error), { sent: system === undefined || !NEVER_SENT.has(system) });
  }
  return make('PROTOCOL_ERROR', messageOf(error));
}

export function refusalText({ status, retryAfterMs }: Refused): string {
  const seconds = Number((retryAfterMs / 1_000).toFixed(1));
  const what = status === 429 ? 'fewer requests' : 'patience';
  return `the server asks for ${what} (HTTP ${status}), and to be asked again in ${seconds} s`;
}

/** What retry reads. */
export function refusalDetails({ status, retryAfterMs }: Refused): { status: number; retryAfterMs: number } {
  return { status, retryAfterMs };
}

type Make = (
  code: ErrorCode,
  text: string,
  options?: { sent?: boolean; details?: Record<string, unknown> },
) => ConductorError;

function protocolError(error: ProtocolError, context: ErrorContext, make: Make): ConductorError {
  const details = { rpcCode: error.code };
  if (error.data === LOST) return make('CONNECTION_LOST', error.message, { sent: true });
  const retryAfterMs = retryAfterOf(error.data);
  if (retryAfterMs !== undefined) return make('RATE_LIMITED', error.message, { details: { ...details, retryAfterMs } });
  const unknownTool =
    context.what.startsWith('tool ') && /\btool\b.*\bnot found\b|\bunknown tool\b/i.test(error.message);
  if (unknownTool) return make('TOOL_NOT_FOUND', error.message, { details });
  return make('PROTOCOL_ERROR', `the server answered with error ${error.code}: ${error.message}`, { details });
}

function httpError(error: SdkHttpError, make: Make): ConductorError {
  const { status } = error;
  const details = { status };
  if (status === 401 || status === 403) {
    return make('PROTOCOL_ERROR', `the server refused access (HTTP ${status}); check the headers of its definition`, {
      details,
    });
  }
  if (status === 429) return make('RATE_LIMITED', 'the server asks for fewer requests (HTTP 429)', { details });
  // An old server forgets its sessions when it restarts, and then says 404 to them.
  if (status === 404)
    return make('CONNECTION_LOST', 'the server knows neither the address nor the session (HTTP 404)', {
      sent: false,
      details,
    });
  if (status >= 500) return make('CONNECTION_LOST', `the server failed (HTTP ${status})`, { sent: true, details });
  return make('PROTOCOL_ERROR', `the server answered HTTP ${status}: ${cut(error.message, 300)}`, { details });
}

function sdkError(error: SdkError, make: Make): ConductorError {
  const code = String(error.code);
  if (code === 'CONNECTION_CLOSED' || code === 'NOT_CONNECTED') {
    return make('CONNECTION_LOST', 'the connection was closed', { sent: code === 'CONNECTION_CLOSED' });
  }
  if (code === 'REQUEST_TIMEOUT') return make('TIMEOUT', 'no answer in time');
  return make('PROTOCOL_ERROR', cut(error.message, 500), { details: { sdkCode: code } });
}

/** The code of a system error, which `fetch` hides one or two causes down. */
function systemCode(error: unknown): string | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 4; current = current.cause, depth++) {
    if ('code' in current && typeof current.code === 'string' && /^(?:E[A-Z]+|UND_ERR_\w+)$/.test(current.code))
      return current.code;
  }
  return undefined;
}

function transportMessage(error: unknown): string {
  const parts: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 4; current = current.cause, depth++) {
    if (current.message !== '' && !parts.includes(current.message)) parts.push(current.message);
  }
  return parts.join(': ') || 'the connection failed';
}
