/** Decides who may make which call, and says by which rule (guide: Permission Management). */
import { ConductorError } from '../base/errors.ts';
import type { Call, CallRecord, Decision, Invoke, Middleware } from '../contracts/index.ts';
import { argumentsOf } from './arguments-digest.ts';
import { evaluatePermissions } from './permissions/evaluate.ts';
import type { PermissionPolicy } from './permissions/policy.ts';
import { matchesTool, parseToolPattern, ruleTargetOf, type ToolPattern } from './rules/tool-pattern.ts';

export interface PermissionsOptions {
  /** The rules as they are now; asked for on every call, so that an edit counts from the next one on. */
  readonly policy: () => PermissionPolicy;
  /** Patterns of the read-only tools of bundled servers, which pipelines may call. @default none */
  readonly readOnlyTools?: readonly string[] | undefined;
  /** Decides what no rule of the user's does, before the built-in defaults. @default leaves it to them */
  readonly defaultEffect?: ((call: Call) => Decision | undefined) | undefined;
  /** False where nobody asks: what is to be asked is denied then. @default true */
  readonly asks?: boolean | undefined;
}

const OWN_CALL: Decision = { effect: 'allow', because: "allowed by default: a person's own call" };
const READ_ONLY: Decision = { effect: 'allow', because: 'allowed by default: a read-only tool of a bundled server' };
const NO_RULE: Decision = { effect: 'ask', because: 'to be asked by default: no rule is about it' };
const NOBODY: Decision = { effect: 'deny', because: 'denied by default: nobody is named on whose behalf it is made' };

/**
 * Denies, or lets the call pass with its decision on the record; what is to be asked is for the approval layer.
 *
 * @throws TypeError for a pattern of `readOnlyTools` that is none.
 * @example
 * const { policy } = readPermissions({ user: [{ effect: 'deny', tools: '*.delete_*' }] });
 * composeStack(directory.invoke, { permissions: permissions({ policy: () => policy }) });
 */
export function permissions(options: PermissionsOptions): Middleware {
  const explain = explainPermissions(options);
  return (next: Invoke): Invoke =>
    function permissionsCall(call) {
      const decision = explain(call);
      if (call.record !== undefined) call.record.decision = decision;
      if (decision.effect === 'deny') return Promise.reject(denied(call, decision));
      // What is asked must reach the approval layer; what is allowed needs no record of its own.
      if (call.record !== undefined || decision.effect === 'allow') return next(call);
      const record: CallRecord = { decision, attempts: 0, events: [] };
      return next({ ...call, record });
    };
}

/** What the layer would say of a call, without making it. */
export function explainPermissions(options: PermissionsOptions): (call: Call) => Decision {
  const readOnly = (options.readOnlyTools ?? []).map(parseToolPattern);
  return (call) => {
    const found = decide(options, readOnly, call);
    return options.asks === false ? withoutAsking(found) : found;
  };
}

function decide(options: PermissionsOptions, readOnly: readonly ToolPattern[], call: Call): Decision {
  const { principal, server } = call;
  if (principal === undefined) return NOBODY;
  const target = ruleTargetOf(call.request);
  const fallback = options.defaultEffect?.(call) ?? byDefault(readOnly, call, target);
  return evaluatePermissions(
    options.policy(),
    { principal, server, target, args: argumentsOf(call.request) },
    fallback,
  );
}

function withoutAsking(decision: Decision): Decision {
  if (decision.effect !== 'ask') return decision;
  return {
    ...decision,
    effect: 'deny',
    because: `denied because it is ${decision.because}, and asking is switched off`,
  };
}

function byDefault(readOnly: readonly ToolPattern[], call: Call, target: string): Decision {
  if (call.principal?.kind === 'person') return OWN_CALL;
  const reads = readOnly.some((pattern) => matchesTool(pattern, call.server, target));
  return reads && call.principal?.kind === 'pipeline' ? READ_ONLY : NO_RULE;
}

function denied(call: Call, decision: Decision): ConductorError {
  const operation = `${call.server}.${ruleTargetOf(call.request)}`;
  return new ConductorError('PERMISSION_DENIED', `${operation}: ${decision.because}`, {
    details: { server: call.server, target: operation, principal: call.principal, rule: decision.rule },
  });
}
