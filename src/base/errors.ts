/** The one error type that crosses rooms: a listed `code`, recognised by brand and not by class identity. */

/** Every code a `ConductorError` may carry, with what the caller may assume about trying again. */
export const ERROR_CODES = {
  PERMISSION_DENIED: { transient: false },
  SCOPE_DENIED: { transient: false },
  APPROVAL_DENIED: { transient: false },
  APPROVAL_EXPIRED: { transient: false },
  TIMEOUT: { transient: true },
  CANCELLED: { transient: false },
  CONNECTION_LOST: { transient: true },
  SERVER_START_FAILED: { transient: true },
  TOOL_NOT_FOUND: { transient: false },
  TOOL_CHANGED: { transient: false },
  TOOL_ERROR: { transient: false },
  RATE_LIMITED: { transient: true },
  BREAKER_OPEN: { transient: true },
  VALIDATION_FAILED: { transient: false },
  PROTOCOL_ERROR: { transient: false },
  INTERNAL: { transient: false },
} as const satisfies Record<string, { readonly transient: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

const brand = Symbol.for('mcp-conductor.error');

export interface ConductorErrorOptions {
  readonly cause?: unknown;
  /** `CONNECTION_LOST` only: whether the request had left this process. */
  readonly sent?: boolean;
  /** False where trying again would fail in the same way, although the code is a transient one. @default by the code */
  readonly retryable?: boolean;
  /** Anything a person needs to find the place: server, tool, file, line, step. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What went wrong on the way to a server, or inside the engine. A server's own `isError` reply is a value, not this. */
export class ConductorError extends Error {
  override readonly name = 'ConductorError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly sent: boolean | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [brand] = true;

  constructor(code: ErrorCode, message: string, options: ConductorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].transient;
    this.sent = options.sent;
    this.details = options.details ?? {};
  }
}

/** True for a `ConductorError` of any copy of this module (bundles carry their own). */
export function isConductorError(value: unknown): value is ConductorError {
  return typeof value === 'object' && value !== null && brand in value;
}

/** The message of anything thrown, never an empty string. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message || error.name;
  if (typeof error === 'string' && error !== '') return error;
  return `unknown error (${String(error)})`;
}

/** Wraps whatever was thrown; a `ConductorError` passes unchanged. */
export function toConductorError(error: unknown, code: ErrorCode = 'INTERNAL'): ConductorError {
  return isConductorError(error) ? error : new ConductorError(code, messageOf(error), { cause: error });
}
