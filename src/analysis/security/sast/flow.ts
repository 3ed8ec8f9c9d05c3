/** Where a value comes from: constant, put together, or from outside, followed through the assignments of a function. */
import { dottedPath } from './lowering.ts';
import { calleePaths, declaredType, findAssignments, findParameter, matchesPath, qualify } from './paths.ts';
import type { Assignment, Call, Expression, Program, Scope } from './program.ts';
import type { LanguageRules } from './rule.ts';
import {
  HARMLESS_CALLS,
  HARMLESS_PROPERTIES,
  HARMLESS_TYPES,
  PRESERVING_CALLS,
  PRESERVING_METHODS,
  REQUEST_SOURCES,
} from './sources.ts';

export interface Value {
  readonly shape: 'constant' | 'dynamic' | 'built';
  /** True when it holds text from a request. */
  readonly tainted: boolean;
  /** Its literal text, bounded, with U+FFFD for what is not constant. */
  readonly text: string;
}

const HOLE = '\uFFFD';
const MAX_TEXT = 2_000;
const MAX_DEPTH = 24;
/** Values looked at for one question: hostile code must not make it exponential. */
const MAX_STEPS = 400;

const HARMLESS: Value = { shape: 'constant', tainted: false, text: '0' };
const UNKNOWN: Value = { shape: 'dynamic', tainted: false, text: HOLE };
const TAINTED: Value = { shape: 'dynamic', tainted: true, text: HOLE };

/** Answers one question about one expression; make a new one for the next. */
export class Flow {
  readonly #program: Program;
  readonly #rules: LanguageRules;
  readonly #active = new Set<string>();
  #steps = 0;

  constructor(program: Program, rules: LanguageRules) {
    this.#program = program;
    this.#rules = rules;
  }

  evaluate(expression: Expression, scope: Scope, depth = 0): Value {
    this.#steps += 1;
    if (depth > MAX_DEPTH || this.#steps > MAX_STEPS) return UNKNOWN;
    const each = (parts: readonly Expression[]): readonly Value[] =>
      parts.map((part) => this.evaluate(part, scope, depth + 1));
    switch (expression.kind) {
      case 'literal':
        return { shape: 'constant', tainted: false, text: expression.text.slice(0, MAX_TEXT) };
      case 'plain':
        return HARMLESS;
      case 'function':
        return this.#result(expression.scope, depth);
      case 'concat':
        return concatenated(each(expression.parts), expression.mayBeNumeric);
      case 'choice':
        return anyOf(each(expression.options));
      case 'list':
        return joined(each(expression.items));
      case 'object':
        return joined(each([...expression.entries.values()]));
      case 'opaque':
        return { ...UNKNOWN, tainted: each(expression.parts).some((value) => value.tainted) };
      case 'name':
        return this.#name(expression.name, expression.at.start, scope, depth);
      case 'member':
        return this.#member(expression, scope, depth);
      case 'index':
        return this.#index(expression, scope, depth);
      case 'call':
        return this.#call(expression, scope, depth);
    }
  }

  /** What a function gives back; only constants count, parameters are not followed. */
  #result(scope: Scope, depth: number): Value {
    return anyOf(scope.returns.map((value) => this.evaluate(value, scope, depth + 1)));
  }

  #name(name: string, position: number, scope: Scope, depth: number): Value {
    const found = findAssignments(scope, name);
    if (found !== undefined) return this.#assigned(name, found, position, scope, depth);
    const owner = findParameter(scope, name);
    if (owner !== undefined) return parameterValue(owner, name);
    if (isConstantName(name)) return HARMLESS;
    return REQUEST_SOURCES[this.#program.language].test(this.#program.imports.get(name) ?? name) ? TAINTED : UNKNOWN;
  }

  #assigned(
    name: string,
    found: { readonly scope: Scope; readonly list: readonly Assignment[] },
    position: number,
    scope: Scope,
    depth: number,
  ): Value {
    // The place of use belongs to it: `x = f(x)` asks about the x before.
    const key = `${name}@${found.list[0]?.position ?? 0}@${position}`;
    if (this.#active.has(key)) return { shape: 'constant', tainted: false, text: '' };
    if (HARMLESS_TYPES.test(declaredType(scope, name) ?? '')) return HARMLESS;
    this.#active.add(key);
    // Within its own scope only what stands before the use counts; from an inner function all of it does.
    const candidates = found.scope === scope ? reaching(found.list, position) : found.list;
    const values = candidates.map((assignment) => this.evaluate(assignment.value, found.scope, depth + 1));
    const parameter =
      found.scope.parameters.has(name) && !dominated(candidates, position) ? [parameterValue(found.scope, name)] : [];
    this.#active.delete(key);
    if (candidates.length === 0)
      return parameter[0] ?? (found.scope.parameters.has(name) ? parameterValue(found.scope, name) : UNKNOWN);
    const isAppended = candidates.some((assignment) => assignment.kind === 'append');
    return isAppended ? concatenated([...parameter, ...values], true) : anyOf([...parameter, ...values]);
  }

  #member(expression: Expression & { readonly kind: 'member' }, scope: Scope, depth: number): Value {
    if (this.#isSource(expression, scope)) return TAINTED;
    if (HARMLESS_PROPERTIES.has(expression.property)) return HARMLESS;
    const path = dottedPath(expression);
    const found = path === undefined ? undefined : findAssignments(scope, path);
    if (path !== undefined && found !== undefined)
      return this.#assigned(path, found, expression.at.start, scope, depth);
    if (isConstantName(expression.property)) return HARMLESS;
    const entry = this.#entry(expression.object, expression.property, scope, depth);
    if (entry !== undefined) return entry;
    return this.evaluate(expression.object, scope, depth + 1).tainted ? TAINTED : UNKNOWN;
  }

  /** The value of a key of an object that is written out: `const options = {command: 'ls'}`. */
  #entry(object: Expression, key: string, scope: Scope, depth: number): Value | undefined {
    const known = this.#known(object, scope);
    if (known?.kind !== 'object') return undefined;
    const value = known.entries.get(key);
    return value === undefined ? undefined : this.evaluate(value, scope, depth + 1);
  }

  #known(object: Expression, scope: Scope): Expression | undefined {
    if (object.kind !== 'name') return object;
    const found = findAssignments(scope, object.name);
    return found?.list.length === 1 ? found.list[0]?.value : undefined;
  }

  /** One of a table of constants is a constant; anything else is as free as the table. */
  #index(expression: Expression & { readonly kind: 'index' }, scope: Scope, depth: number): Value {
    if (this.#isSource(expression.object, scope)) return TAINTED;
    const key = expression.index;
    const entry = key.kind === 'literal' ? this.#entry(expression.object, key.text, scope, depth) : undefined;
    if (entry !== undefined) return entry;
    const known = this.#known(expression.object, scope);
    const table =
      known?.kind === 'object' || known?.kind === 'list' ? this.evaluate(known, scope, depth + 1) : undefined;
    if (table?.shape === 'constant') return HARMLESS;
    return this.evaluate(expression.object, scope, depth + 1).tainted ? TAINTED : UNKNOWN;
  }

  #call(call: Call, scope: Scope, depth: number): Value {
    const paths = calleePaths(call.callee, scope, this.#program).map((path) => (call.isNew ? `new ${path}` : path));
    if (paths.some((path) => this.#rules.sanitizers.some((sanitizer) => matchesPath(sanitizer, path)))) return HARMLESS;
    if (paths.some((path) => HARMLESS_CALLS.has(path))) return HARMLESS;
    if (this.#isSource(call, scope)) return TAINTED;
    const args = [...call.args, ...call.named.values()].map((argument) => this.evaluate(argument, scope, depth + 1));
    if (call.callee.kind === 'member') return this.#method(call.callee, args, scope, depth);
    if (paths.some((path) => PRESERVING_CALLS.has(path))) return concatenated(args, false, args.length > 1);
    return args.some((value) => value.tainted) ? TAINTED : UNKNOWN;
  }

  #method(
    callee: Expression & { readonly kind: 'member' },
    args: readonly Value[],
    scope: Scope,
    depth: number,
  ): Value {
    if (HARMLESS_PROPERTIES.has(callee.property)) return HARMLESS;
    const receiver = this.evaluate(callee.object, scope, depth + 1);
    const path = qualify(callee, scope, this.#program);
    if (PRESERVING_CALLS.has(path)) return concatenated(args, false, args.length > 1);
    if (callee.property === 'map' && args[0]?.shape === 'constant') return { ...HARMLESS, text: args[0].text };
    if (PRESERVING_METHODS.has(callee.property)) return preserved(receiver, args);
    return receiver.tainted || args.some((value) => value.tainted) ? TAINTED : UNKNOWN;
  }

  #isSource(expression: Expression, scope: Scope): boolean {
    const pattern = REQUEST_SOURCES[this.#program.language];
    if (pattern.test(qualify(expression, scope, this.#program)) || pattern.test(dottedPath(expression) ?? ''))
      return true;
    return (
      expression.kind === 'call' &&
      calleePaths(expression.callee, scope, this.#program).some((path) => pattern.test(`${path}()`))
    );
  }
}

/** `LIMIT`, `MAX_ROWS`: constants by convention of all three languages. */
function isConstantName(name: string): boolean {
  return /^[A-Z][A-Z0-9_]+$/.test(name) && name.length > 1;
}

function parameterValue(scope: Scope, name: string): Value {
  const parameter = scope.parameters.get(name);
  if (parameter !== undefined && HARMLESS_TYPES.test(parameter.type ?? '')) return HARMLESS;
  return parameter?.isRequestInput ? TAINTED : UNKNOWN;
}

/** Assignments that can reach a use: those before it, back to the last plain one that surely ran. */
function reaching(list: readonly Assignment[], position: number): readonly Assignment[] {
  const before = list.filter((assignment) => assignment.position <= position);
  let from = 0;
  for (const [at, assignment] of before.entries()) {
    if (surely(assignment, position)) from = at;
  }
  return before.slice(from);
}

function dominated(list: readonly Assignment[], position: number): boolean {
  return list.some((assignment) => surely(assignment, position));
}

function surely(assignment: Assignment, position: number): boolean {
  return assignment.kind !== 'append' && assignment.block.start <= position && position <= assignment.block.end;
}

/** A text of several parts; without any literal text among `a + b` it may be a sum, and counts as dynamic. */
function concatenated(values: readonly Value[], mayBeNumeric: boolean, isBuilt = true): Value {
  const text = values
    .map((value) => value.text)
    .join('')
    .slice(0, MAX_TEXT);
  const tainted = values.some((value) => value.tainted);
  if (values.every((value) => value.shape === 'constant')) return { shape: 'constant', tainted, text };
  const hasText = text.replaceAll(HOLE, '').length > 0;
  const wasBuilt = values.some((value) => value.shape === 'built');
  const shape = wasBuilt || (isBuilt && (hasText || !mayBeNumeric) && values.length > 1) ? 'built' : 'dynamic';
  return { shape, tainted, text };
}

function joined(values: readonly Value[]): Value {
  return {
    ...anyOf(values),
    text: values
      .map((value) => value.text)
      .join(' ')
      .slice(0, MAX_TEXT),
  };
}

function anyOf(values: readonly Value[]): Value {
  const tainted = values.some((value) => value.tainted);
  const text = values
    .map((value) => value.text)
    .join(' ')
    .slice(0, MAX_TEXT);
  if (values.some((value) => value.shape === 'built')) return { shape: 'built', tainted, text };
  return { shape: values.every((value) => value.shape === 'constant') ? 'constant' : 'dynamic', tainted, text };
}

/** `"…".replace(x, y)`, `', '.join(parts)`: free if the receiver or what goes in is. */
function preserved(receiver: Value, args: readonly Value[]): Value {
  if (args.every((value) => value.shape === 'constant')) return receiver;
  return concatenated([receiver, ...args], receiver.shape !== 'constant');
}
