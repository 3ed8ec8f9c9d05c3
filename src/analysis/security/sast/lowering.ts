/** What lowering keeps track of while it walks a tree: scopes, blocks, conditions, assignments, calls and imports. */
import type {
  Assignment,
  Call,
  CallSite,
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

export interface Branches {
  readonly taken: SyntaxNode;
  readonly other: readonly SyntaxNode[];
  /** Where the whole statement ends. */
  readonly end: number;
}

/** One case of a `switch`; without values the last resort. */
export interface Case {
  readonly values: readonly Expression[] | undefined;
  readonly node: SyntaxNode;
  /** True where the next case follows unless this one leaves. @default false */
  readonly fallsThrough?: boolean | undefined;
}

/** True for a branch whose last statement leaves the block. */
function leavesAtEnd(node: SyntaxNode): boolean {
  if (/^(return|throw|raise|continue|break|exit)_statement$|^return$/.test(node.type)) return true;
  if (!/^(block|statement_block|statement_list|compound_statement|then|switch_\w+)$/.test(node.type)) return false;
  const last = node.children.findLast((child) => child.named && child.type !== 'comment');
  return last !== undefined && leavesAtEnd(last);
}

export class Lowering {
  readonly source: string;
  readonly imports = new Map<string, string>();
  readonly imported: { readonly path: string; readonly at: Span }[] = [];
  readonly #language: CodeLanguage;
  readonly #scopes: Scope[] = [];
  readonly #blocks: Span[] = [];
  readonly #classes: string[] = [];
  /** Where bodies of `try` statements start. */
  readonly #tries = new Set<number>();
  readonly #known = new Set<string>();
  readonly #functions = new Map<string, Scope[]>();
  readonly #calls = new Map<string, CallSite[]>();
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

  /** A block that ends where another begins: what was checked in the body of a `try` still holds after it. */
  inTry(node: Span, body: () => void): void {
    this.#tries.add(node.start);
    this.inBlock(node, body);
  }

  inBlock(node: Span, body: () => void): void {
    this.#blocks.push(span(node));
    body();
    this.#blocks.pop();
  }

  inClass(name: string, body: () => void): void {
    this.#known.add(name);
    this.#classes.push(name);
    body();
    this.#classes.pop();
  }

  /** The same function under the name of the variable that holds it. */
  nameFunction(name: string, value: Expression): void {
    if (value.kind === 'function' && value.scope.name === '') enlist(this.#functions, name, value.scope);
  }

  assign(
    target: string,
    value: Expression,
    position: number,
    kind: Assignment['kind'] = 'set',
    key?: readonly Expression[],
  ): void {
    const assignment: Assignment = { target, value, kind, position, block: this.#block, key };
    const list = this.#scope.assignments.get(target);
    if (list === undefined) this.#scope.assignments.set(target, [assignment]);
    else list.push(assignment);
  }

  expression(expression: Expression): void {
    this.#scope.expressions.push(expression);
  }

  /** `test` holds, or does not, all over `range`. */
  fact(test: Expression, holds: boolean, range: Span): void {
    this.#scope.facts.push({ test, holds, range: span(range), outer: this.#block });
  }

  /** A branch that leaves: what follows in the block is reached only when `test` does not hold. */
  leaves(test: Expression, after: number): void {
    const { end } = this.#blocks.findLast(({ start }) => !this.#tries.has(start)) ?? this.#block;
    this.#scope.facts.push({ test, holds: false, range: { start: after, end }, outer: this.#block });
  }

  /** An `if`: in each branch the test is known to hold, or not to; after one that leaves it is known not to have held. */
  branches(test: Expression, { taken, other, end }: Branches, walk: (node: SyntaxNode) => void): void {
    this.fact(test, true, taken);
    this.inBlock(taken, () => walk(taken));
    const first = other[0];
    const last = other.at(-1);
    if (first !== undefined && last !== undefined) {
      this.fact(test, false, { start: first.start, end: last.end });
      this.inBlock({ start: first.start, end: last.end }, () => {
        for (const node of other) walk(node);
      });
    }
    if (leavesAtEnd(taken)) this.leaves(test, end);
  }

  /** A `switch`: in each case the subject is one of its values, in the last resort none of all. */
  cases(subject: Expression, cases: readonly Case[], walk: (node: SyntaxNode) => void): void {
    const all = cases.flatMap(({ values }) => values ?? []);
    let before: readonly Expression[] = [];
    let isOpen = false;
    for (const { values, node, fallsThrough } of cases) {
      const parts = [subject, ...(values === undefined ? all : [...before, ...values])];
      const test: Expression = { kind: 'plain', operator: 'case', parts, at: subject.at };
      // What falls into the last resort, or from it, can be anything.
      if (!isOpen && (values !== undefined || before.length === 0)) this.fact(test, values !== undefined, node);
      this.inBlock(node, () => walk(node));
      const falls = fallsThrough === true && !leavesAtEnd(node);
      isOpen = falls && (isOpen || values === undefined);
      before = falls ? [...before, ...(values ?? [])] : [];
    }
  }

  call(call: Call): void {
    const { callee } = call;
    const name = callee.kind === 'member' ? callee.property : callee.kind === 'name' ? callee.name : '';
    if (name !== '') enlist(this.#calls, name, { call, scope: this.#scope });
  }

  finish(): Program {
    return {
      language: this.#language,
      source: this.source,
      top: this.#scopes[0] ?? this.#scope,
      scopes: this.#scopes,
      imports: this.imports,
      imported: this.imported,
      functions: this.#functions,
      calls: this.#calls,
      classes: this.#known,
    };
  }

  get #block(): Span {
    return this.#blocks.at(-1) ?? { start: 0, end: this.source.length };
  }

  #open(parent: Scope | undefined, shape: FunctionShape): Scope {
    const scope: Scope = {
      parent,
      name: shape.name ?? '',
      owner: this.#classes?.at(-1) ?? '',
      parameters: new Map(shape.parameters.map((parameter) => [parameter.name, parameter])),
      assignments: new Map(),
      types: new Map(),
      expressions: [],
      writes: [],
      returns: [],
      facts: [],
      isRoute: shape.isRoute,
    };
    this.#scopes.push(scope);
    if (scope.name !== '') enlist(this.#functions, scope.name, scope);
    return scope;
  }
}

function enlist<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

export function span(node: Span): Span {
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
const APPENDING = new Set(['append', 'push', 'concat', 'extend', 'add', 'insert', 'unshift', 'write', 'addAll']);
const PUTTING = new Set(['put', 'set', 'setdefault', 'putIfAbsent', 'setProperty']);
/** Methods that write into their first argument. */
const FILLING = new Set(['nextBytes', 'read', 'readFully', 'getBytes', 'readInto', 'randomFillSync']);
const REMOVING = new Set(['remove', 'pop', 'shift', 'delete']);

/** Records a call, and what it does to the collection or builder it is called on. */
export function noteCall(lowering: Lowering, call: Call): void {
  lowering.call(call);
  if (call.callee.kind !== 'member') return;
  const { property } = call.callee;
  const filled = FILLING.has(property) && call.args[0] !== undefined ? dottedPath(call.args[0]) : undefined;
  if (filled !== undefined) lowering.assign(filled, call.callee.object, call.at.end, 'append');
  if (APPENDING.has(property)) noteAppending(lowering, call, call.callee.object);
  const target = PUTTING.has(property) || REMOVING.has(property) ? dottedPath(call.callee.object) : undefined;
  if (target === undefined) return;
  const value = call.args.at(-1);
  if (REMOVING.has(property)) {
    const at = property === 'shift' ? [literal({ ...NOWHERE, ...call.at }, '0', false)] : call.args;
    lowering.assign(target, call, call.at.end, 'remove', at);
  } else if (call.args.length > 1 && value !== undefined) {
    lowering.assign(target, value, call.at.end, 'put', call.args.slice(0, -1));
  }
}

const NOWHERE: SyntaxNode = { type: '', named: false, field: null, start: 0, end: 0, children: [] };

function noteAppending(lowering: Lowering, call: Call, receiver: Expression): void {
  // `a.append(x).append(y)`: every link of the chain adds to what it started with.
  let object = receiver;
  while (object.kind === 'call' && object.callee.kind === 'member' && APPENDING.has(object.callee.property)) {
    object = object.callee.object;
  }
  const target = dottedPath(object);
  if (target === undefined) return;
  const isAt = call.callee.kind === 'member' && call.callee.property === 'insert' && call.args.length === 2;
  const added = isAt ? call.args.slice(1) : call.args;
  for (const argument of added) {
    lowering.assign(target, argument, call.at.end, 'append', isAt ? call.args.slice(0, 1) : undefined);
  }
}
