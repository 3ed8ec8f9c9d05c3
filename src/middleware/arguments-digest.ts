/** The digest of what a call asks with: what approvals, idempotency keys and caches are bound to. */
import { hash } from 'node:crypto';
import { ConductorError, messageOf } from '../base/errors.ts';
import { canonicalJson, type JsonValue } from '../base/json.ts';
import type { Call, Request } from '../contracts/index.ts';

/** The arguments of a request, whatever its kind. */
export function argumentsOf(request: Request): JsonValue {
  switch (request.kind) {
    case 'tool':
    case 'prompt':
      return request.args;
    case 'resource':
      return { uri: request.uri };
    case 'complete':
      return request.argument;
  }
}

/**
 * SHA-256 (hex) of the canonical arguments: what minimize-input wrote down, or computed where that layer is off.
 *
 * @throws ConductorError VALIDATION_FAILED for arguments that are not JSON.
 */
export function argumentsDigestOf(call: Pick<Call, 'request' | 'server' | 'argumentsDigest'>): string {
  return call.argumentsDigest ?? digestOf(argumentsOf(call.request), call.server);
}

function digestOf(args: JsonValue, server: string): string {
  try {
    return hash('sha256', canonicalJson(args));
  } catch (error) {
    throw new ConductorError(
      'VALIDATION_FAILED',
      `the arguments for server "${server}" are not JSON: ${messageOf(error)}`,
      {
        cause: error,
        details: { server },
      },
    );
  }
}
