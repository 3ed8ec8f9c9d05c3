/** The rules of minimization as a person writes them, made ready for one tool at a time. */
import type { Request, ServerId } from '../../contracts/index.ts';
import { linearPattern } from '../rules/linear-pattern.ts';
import { matchesTool, parseToolPattern, ruleTargetOf, type ToolPattern } from '../rules/tool-pattern.ts';
import { type DetectorName, detector } from './detectors.ts';
import { FieldRules } from './field-rules.ts';
import type { KnownSecrets } from './known-secrets.ts';
import type { Scrubber } from './scrub.ts';

/** Hides a part of a text: all but its last characters, or what a pattern finds. */
export type MaskRule =
  | {
      /** Field path; the field may hold a text, a number, or a list of them. */
      readonly field: string;
      /** Characters at the end that stay, the others become `*`. @default 0 */
      readonly keepLast?: number | undefined;
    }
  | {
      /** Field path. @default every text, plain or in a field */
      readonly field?: string | undefined;
      /** Regular expression without look-around and back-references, found anywhere in the text. */
      readonly pattern: string;
      /** `$&` is the match, `$1` its first group. @default '[REDACTED]' */
      readonly replace?: string | undefined;
    };

export interface MinimizeSide {
  /** Field paths: `ssn` at any depth, `user.ssn` in any `user`, `$.user.ssn` from the root. @default none */
  readonly remove?: readonly string[] | undefined;
  /** @default none */
  readonly mask?: readonly MaskRule[] | undefined;
  /** Built-in recognition of secrets and personal data. @default none */
  readonly detect?: readonly DetectorName[] | undefined;
}

export interface MinimizeRule {
  /** `server.tool`, `server.*` or `*.*`. All rules that match a call apply to it. */
  readonly tools: string;
  readonly input?: MinimizeSide | undefined;
  readonly output?: MinimizeSide | undefined;
}

export type Side = 'input' | 'output';

interface ReadyRule {
  readonly pattern: ToolPattern;
  readonly side: MinimizeSide;
}

/** Targets whose rules are remembered; resources make their number unbounded. */
const MAX_REMEMBERED = 1_000;

/** What is wrong with a rule and what would be right; undefined for a good one. */
export function problemOfMinimizeRule(rule: MinimizeRule): string | undefined {
  try {
    parseToolPattern(rule.tools);
    const sides = [rule.input, rule.output].filter((side) => side !== undefined);
    if (sides.length === 0) return 'the rule does nothing: give it an input or an output with remove, mask or detect';
    for (const side of sides) addSide(new FieldRules(), [], side);
    return undefined;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return error.message;
    throw error;
  }
}

/** Finds what applies to a call, worked out once per tool. */
export class Minimizer {
  readonly #rules: readonly ReadyRule[];
  readonly #known: KnownSecrets | undefined;
  readonly #byServer = new Map<ServerId, Map<string, Scrubber | undefined>>();
  #remembered = 0;

  /** @throws TypeError naming the rule, counted from 1, and what would be right. */
  constructor(rules: readonly MinimizeRule[], side: Side, known: KnownSecrets | undefined) {
    for (const [index, rule] of rules.entries()) {
      const problem = problemOfMinimizeRule(rule);
      if (problem !== undefined) throw new TypeError(`minimization rule ${index + 1}: ${problem}`);
    }
    this.#rules = rules.flatMap((rule) => {
      const own = rule[side];
      return own === undefined ? [] : [{ pattern: parseToolPattern(rule.tools), side: own }];
    });
    this.#known = known;
  }

  /** Undefined when there is nothing to take out. */
  scrubberFor(server: ServerId, request: Request): Scrubber | undefined {
    const ruled = this.#rules.length === 0 ? undefined : this.#ruled(server, ruleTargetOf(request));
    if (this.#known?.active !== true) return ruled;
    return ruled ?? { known: this.#known };
  }

  #ruled(server: ServerId, target: string): Scrubber | undefined {
    let targets = this.#byServer.get(server);
    if (targets?.has(target)) return targets.get(target);
    if (this.#remembered >= MAX_REMEMBERED) {
      this.#byServer.clear();
      this.#remembered = 0;
      targets = undefined;
    }
    const made = this.#make(server, target);
    if (targets === undefined) this.#byServer.set(server, new Map([[target, made]]));
    else targets.set(target, made);
    this.#remembered += 1;
    return made;
  }

  #make(server: ServerId, target: string): Scrubber | undefined {
    const fields = new FieldRules();
    const steps: ((text: string) => string)[] = [];
    for (const { pattern, side } of this.#rules) {
      if (matchesTool(pattern, server, target)) addSide(fields, steps, side);
    }
    if (fields.size === 0 && steps.length === 0) return undefined;
    return {
      fields: fields.size === 0 ? undefined : fields,
      patterns: steps.length === 0 ? undefined : (text) => steps.reduce((left, step) => step(left), text),
      known: this.#known,
    };
  }
}

function addSide(fields: FieldRules, steps: ((text: string) => string)[], side: MinimizeSide): void {
  for (const path of side.remove ?? []) fields.add(path, { kind: 'remove' });
  for (const rule of side.mask ?? []) {
    const mask = maskOf(rule);
    if (rule.field === undefined) steps.push(mask);
    else fields.add(rule.field, { kind: 'mask', mask });
  }
  // Each once, and those that take whole blocks first.
  for (const name of [...new Set(side.detect ?? [])].sort(byReach)) steps.push(detector(name));
}

function byReach(a: DetectorName, b: DetectorName): number {
  const reach = (name: DetectorName): number => ['privateKey', 'jwt', 'token', 'iban', 'card'].indexOf(name) >>> 0;
  return reach(a) - reach(b);
}

function maskOf(rule: MaskRule): (text: string) => string {
  if ('pattern' in rule) {
    if ('keepLast' in rule) throw new TypeError('a mask has either keepLast or pattern, not both');
    const pattern = linearPattern(rule.pattern);
    const replacement = rule.replace ?? '[REDACTED]';
    return (text) => pattern.replaceAll(text, replacement);
  }
  const keep = rule.keepLast ?? 0;
  if (typeof rule.field !== 'string') throw new TypeError('a mask needs a field or a pattern');
  if (!Number.isInteger(keep) || keep < 0) {
    throw new RangeError(`keepLast must be a whole number of at least 0, not ${String(keep)}`);
  }
  return (text) => keepLast(text, keep);
}

/** A text no longer than what may stay would be shown in full: then nothing stays. */
function keepLast(text: string, keep: number): string {
  const shown = text.length > keep ? text.slice(text.length - keep) : '';
  return '*'.repeat(text.length - shown.length) + shown;
}
