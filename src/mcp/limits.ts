/** How long and how much a connection may take. */

export interface ConnectionLimits {
  /** Milliseconds from the start of the process to the first catalog. @default 60000 */
  readonly startTimeoutMs: number;
  /** Milliseconds for one list request. @default 30000 */
  readonly listTimeoutMs: number;
  /** The longest message a server may send, in bytes. @default 67108864 */
  readonly maxMessageBytes: number;
}

export const DEFAULT_LIMITS: ConnectionLimits = {
  startTimeoutMs: 60_000,
  listTimeoutMs: 30_000,
  maxMessageBytes: 64 * 1_048_576,
};
