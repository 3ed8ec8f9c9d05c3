/**
 * Cognitive complexity as G. Ann Campbell's white paper defines it (SonarSource, version 1.7):
 * one for each break in the linear flow, one more for each level such breaks are nested,
 * one for each sequence of like logical operators, each jump to a label and each cycle of recursion.
 */
import type { TreeCursor } from 'web-tree-sitter';
import { calleeAt } from './callee.ts';
import { KIND } from './cognitive-kinds.ts';

/** Operators of one expression in the order of the text. */
interface Sequence {
  readonly first: number;
  readonly last: number;
  /** How often a like operator begins. */
  readonly runs: number;
}

interface Expression {
  readonly binary: boolean;
  readonly inside: Sequence[];
  logical: boolean;
}

interface Scope {
  /** Without functions inside. */
  own: number;
  /** Functions inside, as deep as they stand. */
  folded: number;
  /** How many of the increments grow with the depth of the function. */
  nestable: number;
  level: number;
  /** Something of the function's own grows with its depth. */
  structural: boolean;
  /** How much deeper a function inside is: 0 where the function does nothing but return it. */
  readonly step: 0 | 1;
  readonly calls: Set<string>;
}

export interface CognitiveScore {
  readonly score: number;
  readonly calls: ReadonlySet<string>;
}

/** What `leave` has to undo. */
const UNDO = { level: 1, expression: 2, head: 4 };
/** Names remembered of the calls in one function. */
const MAX_CALLS = 500;

const IF_LIKE: ReadonlySet<string> = new Set([
  'if_statement',
  'if_expression',
  'if',
  'unless',
  'elsif',
  'for_statement',
  'while_statement',
]);
const LABELS: ReadonlySet<string> = new Set(['statement_identifier', 'label_name', 'label', 'integer']);

export interface CognitiveOptions {
  readonly kinds: Uint8Array;
  readonly names: readonly string[];
  readonly text: string;
  /** A function that only holds others is not charged for them, as in JavaScript. */
  readonly declarative: boolean;
  /** A bare identifier behind `break` is a label and not a value. */
  readonly identifierLabels: boolean;
}

export class CognitiveMeter {
  readonly #options: CognitiveOptions;
  readonly #scopes: Scope[] = [];
  readonly #expressions: Expression[] = [];
  #afterElse = false;

  constructor(options: CognitiveOptions) {
    this.#options = options;
  }

  /** @param step 0 for a function that does nothing but return the one inside it */
  open(step: 0 | 1): void {
    this.#scopes.push({ own: 0, folded: 0, nestable: 0, level: 0, structural: false, step, calls: new Set() });
  }

  close(): CognitiveScore {
    const scope = this.#scopes.pop();
    if (scope === undefined) return { score: 0, calls: new Set() };
    const { own, folded, nestable, calls } = scope;
    const outer = this.#scopes.at(-1);
    if (outer !== undefined) {
      outer.folded += own + folded + nestable * (outer.level + outer.step);
      outer.nestable += nestable;
      for (const name of calls) this.#remember(outer, name);
    }
    return { score: this.#options.declarative && !scope.structural ? own : own + folded, calls };
  }

  /** Returns what to hand to `leave`. */
  enter(cursor: TreeCursor, id: number, ancestors: readonly number[], opened: boolean): number {
    const scope = this.#scopes.at(-1);
    if (scope === undefined) return 0;
    const { kinds } = this.#options;
    const kind = kinds[id] ?? 0;
    const above = kinds[ancestors.at(-1) ?? 0] ?? 0;
    const head = this.#enterHead(cursor, above, scope);
    if (kind === 0 || opened) {
      this.#afterElse = false;
      return head;
    }
    const chained = this.#afterElse;
    this.#afterElse = false;
    return head | this.#enterKind(kind, chained, cursor, ancestors, scope);
  }

  leave(undo: number, ancestors: readonly number[]): void {
    if (undo === 0) return;
    if ((undo & UNDO.expression) !== 0) this.#leaveExpression(ancestors);
    const scope = this.#scopes.at(-1);
    if (scope === undefined) return;
    if ((undo & UNDO.level) !== 0) scope.level -= 1;
    if ((undo & UNDO.head) !== 0) scope.level += 1;
  }

  #enterKind(kind: number, chained: boolean, cursor: TreeCursor, ancestors: readonly number[], scope: Scope): number {
    if (kind === KIND.if && chained) return 0;
    if (kind <= KIND.ternary) return this.#enterStructure(scope);
    if (kind === KIND.lambda) {
      scope.level += 1;
      return UNDO.level;
    }
    if (kind === KIND.binary || kind === KIND.brackets) {
      this.#expressions.push({ binary: kind === KIND.binary, inside: [], logical: false });
      return UNDO.expression;
    }
    if (kind === KIND.call) this.#noteCall(cursor.startIndex, scope);
    else if (kind === KIND.goto || (kind === KIND.jump && this.#hasLabel(cursor))) scope.own += 1;
    else if (kind === KIND.else) this.#enterElse(ancestors, scope);
    else if (kind >= KIND.and && kind <= KIND.operator) this.#enterOperator(kind, ancestors);
    return 0;
  }

  #enterStructure(scope: Scope): number {
    scope.own += 1 + scope.level;
    scope.nestable += 1;
    scope.structural = true;
    scope.level += 1;
    return UNDO.level;
  }

  /** What is asked stands beside the `if` and not inside it. */
  #enterHead(cursor: TreeCursor, above: number, scope: Scope): number {
    if (above !== KIND.if && above !== KIND.ternary) return 0;
    if (cursor.currentFieldName !== 'condition') return 0;
    scope.level -= 1;
    return UNDO.head;
  }

  /** Other things than an `if` have an `else`, too: handlers of exceptions, a switch, a pattern. */
  #enterElse(ancestors: readonly number[], scope: Scope): void {
    const { kinds, names } = this.#options;
    const parent = ancestors.at(-1) ?? 0;
    const kind = kinds[parent];
    if (kind !== KIND.if && kind !== KIND.branch) return;
    const name = names[parent] ?? '';
    if ((name === 'else_clause' || name === 'else') && !IF_LIKE.has(names[ancestors.at(-2) ?? 0] ?? '')) return;
    scope.own += 1;
    // In Ruby and for directives an `if` behind it is inside.
    this.#afterElse = kind === KIND.if || name === 'else_clause';
  }

  #enterOperator(kind: number, ancestors: readonly number[]): void {
    const expression = this.#expressions.at(-1);
    const { kinds } = this.#options;
    if (expression?.binary !== true || kinds[ancestors.at(-1) ?? 0] !== KIND.binary) return;
    if (kind === KIND.operator) return;
    expression.logical = true;
    expression.inside.push({ first: kind, last: kind, runs: 1 });
  }

  /** Joins what is inside and hands it on, or counts it where the expression ends. */
  #leaveExpression(ancestors: readonly number[]): void {
    const expression = this.#expressions.pop();
    if (expression === undefined || expression.inside.length === 0) return;
    const above = this.#options.kinds[ancestors.at(-1) ?? 0];
    const outer = above === KIND.binary || above === KIND.brackets ? this.#expressions.at(-1) : undefined;
    const joined = expression.logical || !expression.binary ? [expression.inside.reduce(join)] : expression.inside;
    const isEnd = outer === undefined || (expression.binary && !expression.logical);
    if (!isEnd) {
      outer.inside.push(...joined);
      return;
    }
    const scope = this.#scopes.at(-1);
    if (scope !== undefined) scope.own += joined.reduce((sum, { runs }) => sum + runs, 0);
  }

  #hasLabel(cursor: TreeCursor): boolean {
    const { identifierLabels, text } = this.#options;
    if (cursor.nodeType === 'labeled_expression')
      return /^(?:break|continue)@/.test(text.slice(cursor.startIndex, cursor.startIndex + 9));
    return cursor.currentNode.namedChildren.some(
      ({ type }) => LABELS.has(type) || (identifierLabels && type === 'identifier'),
    );
  }

  #noteCall(start: number, scope: Scope): void {
    const name = calleeAt(this.#options.text, start);
    if (name !== undefined) this.#remember(scope, name);
  }

  #remember(scope: Scope, name: string): void {
    if (scope.calls.size < MAX_CALLS) scope.calls.add(name);
  }
}

function join(a: Sequence, b: Sequence): Sequence {
  return { first: a.first, last: b.last, runs: a.runs + b.runs - (a.last === b.first ? 1 : 0) };
}
