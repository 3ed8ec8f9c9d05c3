/** Python's statements: which they are, and what is known in each branch of `if`, `match` and `try`. */
import type { Lowering } from './lowering.ts';
import type { Expression } from './program.ts';
import { childOf, childrenOf, namedChildren, type SyntaxNode } from './syntax.ts';

/** How the rest of the language is walked. */
export interface Walk {
  readonly lowering: Lowering;
  statement(node: SyntaxNode): void;
  statements(node: SyntaxNode): void;
  expression(node: SyntaxNode): Expression;
}

export function lowerIf(node: SyntaxNode, alternatives: readonly SyntaxNode[], walk: Walk): void {
  const condition = childOf(node, 'condition');
  const taken = childOf(node, 'consequence') ?? childOf(node, 'body');
  if (taken === undefined) return;
  if (condition === undefined) {
    walk.statement(taken);
    return;
  }
  const test = walk.expression(condition);
  walk.lowering.expression(test);
  const [next, ...rest] = alternatives;
  const other = next === undefined ? [] : [next];
  const end = alternatives.at(-1)?.end ?? node.end;
  walk.lowering.branches(test, { taken, other, end }, (branch) => {
    if (branch === taken) walk.statements(branch);
    else lowerIf(branch, rest, walk);
  });
}

export function lowerTry(node: SyntaxNode, walk: Walk): void {
  for (const child of namedChildren(node)) {
    if (child.field === 'body') walk.lowering.inTry(child, () => walk.statements(child));
    else walk.statement(child);
  }
}

export function lowerMatch(node: SyntaxNode, walk: Walk): void {
  const subject = walk.expression(childOf(node, 'subject') ?? node);
  const clauses = childrenOf(childOf(node, 'body') ?? node, 'alternative');
  const cases = clauses.map((clause) => ({ node: clause, values: casePatterns(clause, walk) }));
  walk.lowering.cases(subject, cases, (clause) => {
    const body = childOf(clause, 'consequence');
    if (body !== undefined) walk.statement(body);
  });
}

/** The constants of `case 'a' | 'b':`; undefined for `case _:`. */
function casePatterns(clause: SyntaxNode, walk: Walk): readonly Expression[] | undefined {
  const patterns = clause.children.filter((child) => child.type === 'case_pattern');
  if (patterns.some((pattern) => walk.lowering.text(pattern) === '_')) return undefined;
  return patterns.flatMap((pattern) => {
    const parts = namedChildren(pattern);
    const options = parts[0]?.type === 'union_pattern' ? namedChildren(parts[0]) : parts;
    return options.map((option) => walk.expression(option));
  });
}

/** True for what is computed with: not a text, a list or a path. */
export function isNumber(expression: Expression): boolean {
  return expression.kind === 'plain' || (expression.kind === 'literal' && !expression.isString);
}

export function isStatement(type: string): boolean {
  return /_(statement|definition|clause|item)$|^(module|ERROR|case_block)$/.test(type);
}
