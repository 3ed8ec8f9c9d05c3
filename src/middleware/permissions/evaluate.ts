/** What the rules say about one call: deny before ask before allow, and the workspace can only narrow. Pure. */
import type { JsonValue } from '../../base/json.ts';
import type { Decision, Principal, ServerId } from '../../contracts/index.ts';
import { matchesPrincipal } from './principals.ts';
import { type PermissionPolicy, type ReadyRule, STRICTNESS } from './policy.ts';

/** What a decision is about. */
export interface PermissionSubject {
  readonly principal: Principal;
  readonly server: ServerId;
  /** As rules call it: see `ruleTargetOf`. */
  readonly target: string;
  readonly args: JsonValue;
}

/**
 * The strictest of the user's rules that match, or `fallback` when none does; then whatever is stricter in the
 * workspace's. Never more than `ask` while a rule that narrows cannot be read.
 */
export function evaluatePermissions(
  policy: PermissionPolicy,
  subject: PermissionSubject,
  fallback: Decision,
): Decision {
  let user: Decision | undefined;
  let workspace: Decision | undefined;
  for (const rule of policy.rulesFor(subject.server, subject.target)) {
    const known = rule.source === 'user' ? user : workspace;
    if (known !== undefined && STRICTNESS[known.effect] >= STRICTNESS[rule.effect]) continue;
    if (!applies(rule, subject)) continue;
    if (rule.source === 'user') user = rule.decision;
    else workspace = rule.decision;
  }
  return stricter(stricter(user ?? fallback, workspace), policy.unreadable);
}

function applies(rule: ReadyRule, { principal, args }: PermissionSubject): boolean {
  if (!matchesPrincipal(rule.principals, principal)) return false;
  const strict = rule.effect === 'allow';
  return rule.when.every((condition) => condition(args, strict));
}

function stricter(a: Decision, b: Decision | undefined): Decision {
  return b !== undefined && STRICTNESS[b.effect] > STRICTNESS[a.effect] ? b : a;
}
