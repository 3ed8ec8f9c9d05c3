/** What the process says when it ends, and what goes to stderr with it. */
import { type ErrorCode, isConductorError, messageOf } from '../base/errors.ts';

export const EXIT = { done: 0, failed: 1, usage: 2, denied: 3, cancelled: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Wrong use of the command line: what, where, and what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  return isConductorError(error) ? exitCodeOfError(error.code) : EXIT.failed;
}

export function exitCodeOfError(code: ErrorCode): ExitCode {
  switch (code) {
    case 'CANCELLED':
      return EXIT.cancelled;
    case 'VALIDATION_FAILED':
    case 'TOOL_NOT_FOUND':
      return EXIT.usage;
    case 'PERMISSION_DENIED':
    case 'SCOPE_DENIED':
    case 'APPROVAL_DENIED':
    case 'APPROVAL_EXPIRED':
      return EXIT.denied;
    default:
      return EXIT.failed;
  }
}

/** The call waits for somebody to decide about it. */
export function isParked(error: unknown): boolean {
  return isConductorError(error) && error.code === 'APPROVAL_EXPIRED' && error.details.parked === true;
}

export function complaint(error: unknown): string {
  return isConductorError(error) ? `${messageOf(error)} [${error.code}]` : messageOf(error);
}
