/** What lowering keeps track of while it walks a tree: scopes, blocks, assignments and imports. */
import type {
  Assignment,
  CodeLanguage,
  Expression,
  FunctionValue,
  Opaque,
  Parameter,
  Program,
  Scope,
  Span,
} from './program.ts';
import type { SyntaxNode } from './syntax.ts';

export interface FunctionShape {
  readonly parameters: readonly Parameter[];
  readonly isRoute: boolean;
  /** @default '' */
  readonly name?: string | undefined;
}

export class Lowering {
  readonly source: string;
  readonly imports = new Map<string, string>();
  readonly imported: { readonly path: string; readonly at: Span }[] = [];
  readonly #language: CodeLanguage;
  readonly #scopes: Scope[] = [];
  readonly #blocks: Span[] = [];
  #scope: Scope;

  constructor(language: CodeLanguage, source: string) {
    this.#language = language;
    this.source = source;
    this.#blocks.push({ start: 0, end: source.length });
    this.#scope = this.#open(undefined, { parameters: [], isRoute: false });
  }

  get scope(): Scope {
    return this.#scope;
  }

  text(node: SyntaxNode): string {
    return this.source.slice(node.start, node.end);
  }

  /** Runs `body` in a new scope below the current one. */
  inFunction(node: SyntaxNode, shape: FunctionShape, body: () => void): FunctionValue {
    const outer = this.#scope;
    this.#scope = this.#open(outer, shape);
    const scope = this.#scope;
    this.inBlock(node, body);
    this.#scope = outer;
    return { kind: 'function', scope, at: span(node) };
  }

  inBlock(node: SyntaxNode, body: () => void): void {
    this.#blocks.push(span(node));
    body();
    this.#blocks.pop();
  }

  assign(target: string, value: Expression, position: number, kind: Assignment['kind'] = 'set'): void {
    const block = this.#blocks.at(-1) ?? { start: 0, end: this.source.length };
    const list = this.#scope.assignments.get(target);
    const assignment: Assignment = { target, value, kind, position, block };
    if (list === undefined) this.#scope.assignments.set(target, [assignment]);
    else list.push(assignment);
  }

  expression(expression: Expression): void {
    this.#scope.expressions.push(expression);
  }

  finish(): Program {
    const top = this.#scopes[0] ?? this.#scope;
    return { language: this.#language, top, scopes: this.#scopes, imports: this.imports, imported: this.imported };
  }

  #open(parent: Scope | undefined, shape: FunctionShape): Scope {
    const scope: Scope = {
      parent,
      name: shape.name ?? '',
      parameters: new Map(shape.parameters.map((parameter) => [parameter.name, parameter])),
      assignments: new Map(),
      types: new Map(),
      expressions: [],
      writes: [],
      returns: [],
      isRoute: shape.isRoute,
    };
    this.#scopes.push(scope);
    return scope;
  }
}

export function span(node: SyntaxNode): Span {
  return { start: node.start, end: node.end };
}

export function opaque(node: SyntaxNode, parts: readonly Expression[] = []): Opaque {
  return { kind: 'opaque', parts, at: span(node) };
}

export function literal(node: SyntaxNode, text: string, isString: boolean): Expression {
  return { kind: 'literal', text, isString, at: span(node) };
}

/** `left + right`; a chain of them is one text of many parts. */
export function plus(node: SyntaxNode, left: Expression, right: Expression): Expression {
  const before = left.kind === 'concat' && left.mayBeNumeric ? left.parts : [left];
  return { kind: 'concat', parts: [...before, right], mayBeNumeric: true, at: span(node) };
}

/** `a.b.c` for names and members; undefined for anything else. */
export function dottedPath(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind !== 'member') return undefined;
  const object = dottedPath(expression.object);
  return object === undefined ? undefined : `${object}.${expression.property}`;
}

/** Methods that add their arguments to what they are called on. */
const APPENDING = new Set(['append', 'push', 'concat', 'extend', 'add', 'insert', 'unshift', 'write']);

/** Records `builder.append(x)` as adding x to the builder. */
export function noteAppending(lowering: Lowering, call: Expression): void {
  if (call.kind !== 'call' || call.callee.kind !== 'member' || !APPENDING.has(call.callee.property)) return;
  // `a.append(x).append(y)`: every link of the chain adds to what it started with.
  let object = call.callee.object;
  while (object.kind === 'call' && object.callee.kind === 'member' && APPENDING.has(object.callee.property)) {
    object = object.callee.object;
  }
  const target = dottedPath(object);
  if (target === undefined) return;
  for (const argument of call.args) lowering.assign(target, argument, call.at.end, 'append');
}
