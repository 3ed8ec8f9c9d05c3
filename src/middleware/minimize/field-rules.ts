/** Field paths of rules (`ssn`, `user.ssn`, `$.user.ssn`) and what is to be done with the fields they name. */
import { matchesGlob } from '../rules/tool-pattern.ts';

export type FieldAction =
  | { readonly kind: 'remove' }
  | { readonly kind: 'mask'; readonly mask: (text: string) => string };

interface FieldRule {
  /** Names above the field, outermost first. */
  readonly above: readonly string[];
  readonly name: string;
  readonly anchored: boolean;
  readonly action: FieldAction;
}

/** Answers for one field at a time; elements of arrays count as their array. */
export class FieldRules {
  readonly #byName = new Map<string, FieldRule[]>();
  readonly #wild: FieldRule[] = [];

  get size(): number {
    return this.#byName.size + this.#wild.length;
  }

  /**
   * A name alone means that field at any depth, `user.ssn` means `ssn` in any `user`, a leading `$.` means from the
   * root; `*` in a name stands for any characters. Names are case-sensitive.
   *
   * @throws TypeError saying what would be right.
   */
  add(path: string, action: FieldAction): void {
    const anchored = path.startsWith('$.');
    const names = (anchored ? path.slice(2) : path).split('.');
    const name = names.pop() ?? '';
    if (name === '' || names.includes('') || /[[\]]/.test(path)) {
      throw new TypeError(`"${path}" is no field path: write name, outer.name or $.outer.name (arrays need no index)`);
    }
    const rule: FieldRule = { above: names, name, anchored, action };
    if (name.includes('*')) this.#wild.push(rule);
    else this.#byName.set(name, [...(this.#byName.get(name) ?? []), rule]);
  }

  /** What is to be done with the field `name` under `above`; removing goes before masking. */
  actionFor(name: string, above: readonly string[]): FieldAction | undefined {
    const named = this.#byName.get(name);
    if (named === undefined && this.#wild.length === 0) return undefined;
    let action: FieldAction | undefined;
    for (const rule of named ?? []) action = stronger(action, rule, above);
    for (const rule of this.#wild) if (matchesGlob(rule.name, name)) action = stronger(action, rule, above);
    return action;
  }

  /** False only when no field of a JSON text can be one of these: saves parsing it. */
  mayOccurIn(text: string): boolean {
    if (this.#wild.length > 0) return true;
    for (const [name, rules] of this.#byName) {
      if (text.includes(name) && rules.some((rule) => rule.above.every((outer) => mayHold(text, outer)))) return true;
    }
    return false;
  }
}

function mayHold(text: string, name: string): boolean {
  return name.includes('*') || text.includes(name);
}

function stronger(known: FieldAction | undefined, rule: FieldRule, above: readonly string[]): FieldAction | undefined {
  if (known?.kind === 'remove' || !standsUnder(rule, above)) return known;
  return rule.action.kind === 'remove' ? rule.action : (known ?? rule.action);
}

function standsUnder(rule: FieldRule, above: readonly string[]): boolean {
  const offset = above.length - rule.above.length;
  if (offset < 0 || (rule.anchored && offset !== 0)) return false;
  return rule.above.every((name, index) => matchesGlob(name, above[offset + index] as string));
}
