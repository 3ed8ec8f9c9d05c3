/** Permission rules as people write them, read once: what can be used, and what is wrong with the rest. */
import { messageOf } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import type { Decision, PermissionEffect, Problem, ServerId, SourceRange } from '../../contracts/index.ts';
import { coversTools, matchesTool, overlapTools, parseToolPattern, type ToolPattern } from '../rules/tool-pattern.ts';
import { type PermissionCondition, type ReadyCondition, readyCondition } from './conditions.ts';
import { conflictOf } from './conflicts.ts';
import { coversPrincipals, EVERYBODY, overlapPrincipals, parsePrincipal, type PrincipalPattern } from './principals.ts';

export interface PermissionRule {
  readonly effect: PermissionEffect;
  /** `server.tool`, `server.*` or `*.*`; the part after the first dot may hold `*` anywhere. */
  readonly tools: string;
  /** `person`, `pipeline:review`, `agent:critic`, `automation:…`. @default everybody */
  readonly principals?: readonly string[] | undefined;
  /** All of them must hold. @default none */
  readonly when?: readonly PermissionCondition[] | undefined;
  /** Where the rule is written, for what it decides and what is wrong with it. */
  readonly range?: SourceRange | undefined;
}

export type RuleSource = 'user' | 'workspace';

export interface ReadyRule {
  readonly source: RuleSource;
  readonly effect: PermissionEffect;
  readonly tools: ToolPattern;
  readonly principals: readonly PrincipalPattern[] | undefined;
  readonly when: readonly ReadyCondition[];
  /** Canonical texts of the conditions, to compare rules by. */
  readonly conditions: readonly string[];
  readonly range: SourceRange | undefined;
  /** What this rule decides, said once. */
  readonly decision: Decision;
}

/** Stricter first: a deny goes before an ask, an ask before an allow, in whatever order they are written. */
export const STRICTNESS: Readonly<Record<PermissionEffect, number>> = { deny: 2, ask: 1, allow: 0 };

/** Targets whose rules are remembered; resources make their number unbounded. */
const MAX_REMEMBERED = 1_000;

/** The rules that can be used. */
export class PermissionPolicy {
  readonly #rules: readonly ReadyRule[];
  /** Set when a rule that narrows could not be read: until it is corrected nothing is allowed without asking. */
  readonly unreadable: Decision | undefined;
  readonly #byServer = new Map<ServerId, Map<string, readonly ReadyRule[]>>();
  #remembered = 0;

  constructor(rules: readonly ReadyRule[], unreadable: Decision | undefined) {
    this.#rules = rules;
    this.unreadable = unreadable;
  }

  /** The rules about this tool, whoever calls it with whatever arguments, in the order they are written. */
  rulesFor(server: ServerId, target: string): readonly ReadyRule[] {
    const known = this.#byServer.get(server)?.get(target);
    if (known !== undefined) return known;
    const found = this.#rules.filter((rule) => matchesTool(rule.tools, server, target));
    if (this.#remembered >= MAX_REMEMBERED) {
      this.#byServer.clear();
      this.#remembered = 0;
    }
    const targets = this.#byServer.get(server) ?? new Map<string, readonly ReadyRule[]>();
    this.#byServer.set(server, targets.set(target, found));
    this.#remembered += 1;
    return found;
  }
}

export interface PermissionSources {
  readonly user?: readonly PermissionRule[] | undefined;
  /** One list for each folder that has rules of its own. */
  readonly workspaces?: readonly (readonly PermissionRule[])[] | undefined;
  /** Set when rules of a workspace may be missing: why whatever they could be about is to be asked. */
  readonly lost?: string | undefined;
}

/**
 * Reads the rules of the user and of the workspace. What is wrong with a rule is a problem at its line; a workspace
 * rule that would widen what the user allows is one too, and is not used.
 */
export function readPermissions(sources: PermissionSources): {
  readonly policy: PermissionPolicy;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const unreadable: Decision[] = sources.lost === undefined ? [] : [{ effect: 'ask', because: sources.lost }];
  const read = (rules: readonly PermissionRule[], source: RuleSource): readonly ReadyRule[] => {
    const ready = rules.flatMap((rule, index) => {
      try {
        return readyRule(rule, source, index + 1);
      } catch (error) {
        problems.push(problem(rule.range, 'permission-rule', `rule ${index + 1}: ${messageOf(error)}`));
        if (rule.effect !== 'allow') unreadable.push(unreadableDecision(rule, index + 1, source));
        return [];
      }
    });
    problems.push(...ready.flatMap((rule) => shadowProblem(rule, ready)));
    return ready;
  };
  const user = read(sources.user ?? [], 'user');
  const workspace = (sources.workspaces ?? []).flatMap((rules) => read(rules, 'workspace'));
  problems.push(...workspace.flatMap((rule) => wideningProblem(rule, user)));
  const used = [...user, ...workspace.filter((rule) => rule.effect !== 'allow')];
  return { policy: new PermissionPolicy(used, unreadable[0]), problems };
}

function readyRule(rule: PermissionRule, source: RuleSource, number: number): ReadyRule {
  if (!Object.hasOwn(STRICTNESS, rule.effect)) {
    throw new TypeError(`"${String(rule.effect)}" is no effect: write allow, ask or deny`);
  }
  if (rule.principals?.length === 0) {
    throw new TypeError('the list of principals is empty, so that it can never match: leave it out for everybody');
  }
  const when = rule.when ?? [];
  const ready = when.map(readyCondition);
  const conflict = conflictOf(when, rule.effect === 'allow');
  if (conflict !== undefined) throw new TypeError(`it can never match: ${conflict}`);
  return {
    source,
    effect: rule.effect,
    tools: parseToolPattern(rule.tools),
    principals: rule.principals?.map(parsePrincipal),
    when: ready,
    conditions: when.map((condition) => canonicalJson(condition)),
    range: rule.range,
    decision: {
      effect: rule.effect,
      because: `${SAID[rule.effect]} by ${nameOf(rule, number, source)}`,
      ...(rule.range === undefined ? {} : { rule: `${rule.range.file}:${rule.range.line}` }),
    },
  };
}

const SAID: Readonly<Record<PermissionEffect, string>> = { allow: 'allowed', ask: 'to be asked', deny: 'denied' };

/** `rule 3 of config.yaml:12`. */
function nameOf({ range }: PermissionRule, number: number, source: RuleSource): string {
  if (range === undefined) return `rule ${number} of the ${source}`;
  const file = range.file.split(/[\\/]/).at(-1) ?? range.file;
  return `rule ${number} of ${file}:${range.line}${source === 'workspace' ? ' (workspace)' : ''}`;
}

function unreadableDecision(rule: PermissionRule, number: number, source: RuleSource): Decision {
  const because = `to be asked, because ${nameOf(rule, number, source)} cannot be read: nothing is allowed until it is corrected`;
  return {
    effect: 'ask',
    because,
    ...(rule.range === undefined ? {} : { rule: `${rule.range.file}:${rule.range.line}` }),
  };
}

/**
 * Stricter rules of the same file that are about everything this one is about leave it nothing to decide; one may do it
 * for some callers and another one for the others.
 */
function shadowProblem(rule: ReadyRule, rules: readonly ReadyRule[]): readonly Problem[] {
  const stricter = rules.filter(
    (other) =>
      STRICTNESS[other.effect] > STRICTNESS[rule.effect] &&
      coversTools(other.tools, rule.tools) &&
      other.conditions.every((condition) => rule.conditions.includes(condition)),
  );
  if (stricter.length === 0) return [];
  const callers = rule.principals ?? EVERYBODY;
  const shadows = callers.map((caller) => stricter.find(({ principals }) => coversPrincipals(principals, [caller])));
  const [shadow] = shadows;
  if (shadow === undefined || shadows.includes(undefined)) return [];
  const deciders = [...new Set(shadows)].map((one) => one?.decision.because).join(' or ');
  const message = `this rule can never decide: whatever it is about is ${deciders}, and ${shadow.effect} goes before ${rule.effect}`;
  return [problem(rule.range, 'permission-shadowed', message)];
}

/** A workspace may repeat what the user allows, no more. */
function wideningProblem(rule: ReadyRule, user: readonly ReadyRule[]): readonly Problem[] {
  if (rule.effect !== 'allow') return [];
  const allowed = user.some(
    (own) =>
      own.effect === 'allow' &&
      coversTools(own.tools, rule.tools) &&
      coversPrincipals(own.principals, rule.principals) &&
      own.conditions.every((condition) => rule.conditions.includes(condition)),
  );
  const narrowed = user.find(
    (own) =>
      own.effect !== 'allow' &&
      overlapTools(own.tools, rule.tools) &&
      overlapPrincipals(own.principals, rule.principals),
  );
  if (allowed && narrowed === undefined) return [];
  const why =
    narrowed === undefined ? 'your own rules do not allow this' : `some of it is ${narrowed.decision.because}`;
  const message = `a workspace can only narrow what you allow, and ${why}: put the rule into your own config.yaml`;
  return [problem(rule.range, 'permission-widens', message)];
}

function problem(range: SourceRange | undefined, code: string, message: string): Problem {
  return { severity: 'error', code, message, ...(range === undefined ? {} : { range }) };
}
