/** Takes out of a request what rules and known credentials say, and hashes what is left (guide: Data Minimization). */
import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Call, Invoke, Middleware, Request } from '../contracts/index.ts';
import { argumentsDigestOf } from './arguments-digest.ts';
import type { KnownSecrets } from './minimize/known-secrets.ts';
import { type MinimizeRule, Minimizer } from './minimize/rules.ts';
import { type Scrubber, scrubText, scrubValue } from './minimize/scrub.ts';

export interface MinimizeInputOptions {
  readonly clock: Clock;
  /** Every rule that matches applies. @default none */
  readonly rules?: readonly MinimizeRule[] | undefined;
  /** Credentials that leave no call, in any encoding. @default none */
  readonly known?: KnownSecrets | undefined;
  /** Whether an inner layer binds to the arguments of this call. @default always */
  readonly needsDigest?: ((call: Call) => boolean) | undefined;
}

/**
 * What follows sees, hashes and shows only what is left here; arguments are hashed in this one place.
 *
 * @throws TypeError naming the rule that is wrong.
 * @example
 * composeStack(directory.invoke, {
 *   minimizeInput: minimizeInput({ clock, rules: [{ tools: 'crm.*', input: { remove: ['ssn'] } }] }),
 * });
 */
export function minimizeInput(options: MinimizeInputOptions): Middleware {
  const minimizer = new Minimizer(options.rules ?? [], 'input', options.known);
  const needsDigest = options.needsDigest ?? (() => true);
  return (next: Invoke): Invoke =>
    function minimizeInputCall(call) {
      const scrubber = minimizer.scrubberFor(call.server, call.request);
      const digest = needsDigest(call);
      const nothingToDo = scrubber === undefined && !digest && call.argumentsDigest === undefined;
      return nothingToDo ? next(call) : minimized(next, call, scrubber, digest, options.clock);
    };
}

function minimized(
  next: Invoke,
  call: Call,
  scrubber: Scrubber | undefined,
  digest: boolean,
  clock: Clock,
): ReturnType<Invoke> {
  try {
    const request = scrubber === undefined ? call.request : scrubRequest(scrubber, call.request);
    if (request !== call.request) call.record?.events.push({ name: 'input minimized', at: clock.now() });
    // A digest that the call came with is of the arguments as they were.
    const argumentsDigest = digest ? argumentsDigestOf({ request, server: call.server }) : undefined;
    return next({ ...call, request, argumentsDigest });
  } catch (error) {
    return Promise.reject(error);
  }
}

function scrubRequest(scrubber: Scrubber, request: Request): Request {
  switch (request.kind) {
    case 'tool': {
      const args = scrubValue(scrubber, request.args) as JsonObject;
      return args === request.args ? request : { ...request, args };
    }
    case 'prompt': {
      const args = scrubValue(scrubber, request.args) as Readonly<Record<string, string>>;
      return args === request.args ? request : { ...request, args };
    }
    case 'resource': {
      const uri = scrubText(scrubber, request.uri);
      return uri === request.uri ? request : { ...request, uri };
    }
    case 'complete': {
      const value = scrubText(scrubber, request.argument.value);
      return value === request.argument.value ? request : { ...request, argument: { ...request.argument, value } };
    }
  }
}
