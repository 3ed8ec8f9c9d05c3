/** Where a value comes from: constant, put together, or from outside, followed through assignments and functions. */
import { constantOf } from './constants.ts';
import { entryOf } from './collections.ts';
import { blockOf, isDead, isGuarded } from './facts.ts';
import { argumentsOf, callersOf, functionsMeant } from './functions.ts';
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
import { anyOf, concatenated, HARMLESS, MAX_TEXT, NOTHING, preserved, TAINTED, UNKNOWN, type Value } from './value.ts';

const MAX_DEPTH = 24;
/** Values looked at for one question: hostile code must not make it exponential. */
const MAX_STEPS = 600;
/** Functions entered one inside the other. */
const MAX_FRAMES = 4;

/** A call that is being looked into: what its arguments are. */
interface Frame {
  readonly scope: Scope;
  readonly values: ReadonlyMap<string, Value>;
}

type MemberOf = Expression & { readonly kind: 'member' };

/** Answers one question about one expression; make a new one for the next. */
export class Flow {
  readonly #program: Program;
  readonly #rules: LanguageRules;
  readonly #active = new Set<string>();
  readonly #frames: Frame[] = [];
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
        return this.#rules.onlySources ? anyOf([HARMLESS, ...each(expression.parts)]) : HARMLESS;
      case 'function':
        return this.#result(expression.scope, depth);
      case 'concat':
        return concatenated(each(expression.parts), expression.mayBeNumeric);
      case 'choice':
        return this.#choice(expression, scope, depth);
      case 'list':
        return anyOf(each(expression.items));
      case 'object':
        return anyOf(each([...expression.entries.values()]));
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

  #choice(choice: Expression & { readonly kind: 'choice' }, scope: Scope, depth: number): Value {
    const test = choice.test === undefined ? undefined : constantOf(choice.test, scope);
    const options = test === undefined ? choice.options : choice.options.slice(test ? 0 : 1, test ? 1 : 2);
    return anyOf(options.map((option) => this.evaluate(option, scope, depth + 1)));
  }

  /** What a function gives back on the ways that can be taken. */
  #result(scope: Scope, depth: number): Value {
    const values = scope.returns
      .filter((value) => !isDead(scope, value.at.start))
      .map((value) => this.evaluate(value, scope, depth + 1));
    return values.length === 0 ? NOTHING : anyOf(values);
  }

  #name(name: string, position: number, scope: Scope, depth: number): Value {
    const value = this.#unguarded(name, position, scope, depth);
    if (!value.tainted && value.shape === 'constant') return value;
    if (this.#rules.onlySources) return value;
    return isGuarded(name, position, scope, this.#program, this.#rules.guards) ? HARMLESS : value;
  }

  #unguarded(name: string, position: number, scope: Scope, depth: number): Value {
    const found = findAssignments(scope, name);
    if (found !== undefined) return this.#assigned(name, found, position, scope, depth);
    const owner = findParameter(scope, name);
    if (owner !== undefined) return this.#parameter(owner, name, depth);
    if (isConstantName(name)) return HARMLESS;
    return this.#isSourcePath(this.#program.imports.get(name) ?? name) ? TAINTED : UNKNOWN;
  }

  #assigned(
    name: string,
    found: { readonly scope: Scope; readonly list: readonly Assignment[] },
    position: number,
    scope: Scope,
    depth: number,
  ): Value {
    // The place of use belongs to it: `x = f(x)` asks about the x before.
    const key = `${name}@${found.list[0]?.position ?? 0}@${position}@${this.#frames.length}`;
    if (this.#active.has(key)) return NOTHING;
    if (this.#isHarmless(HARMLESS_TYPES.test(declaredType(scope, name) ?? ''))) return HARMLESS;
    this.#active.add(key);
    // Within its own scope only what stands before the use counts; from an inner function all of it does.
    const isOwn = found.scope === scope;
    const alive = found.list.filter((one) => one.kind !== 'remove' && !isDead(found.scope, one.position));
    const candidates = isOwn ? reaching(alive, position, scope) : alive;
    const values = candidates.map((assignment) => this.evaluate(assignment.value, found.scope, depth + 1));
    const isParameter = found.scope.parameters.has(name);
    if (isParameter && !(isOwn && candidates.some((one) => surely(one, position, scope)))) {
      values.unshift(this.#parameter(found.scope, name, depth));
    }
    this.#active.delete(key);
    if (values.length === 0) return UNKNOWN;
    const isAppended = candidates.some(({ kind }) => kind === 'append');
    return isAppended ? concatenated(values, true) : anyOf(values);
  }

  /** Given by the call that is being looked into, by a framework, or by the callers in this file. */
  #parameter(owner: Scope, name: string, depth: number): Value {
    const parameter = owner.parameters.get(name);
    if (this.#isHarmless(HARMLESS_TYPES.test(parameter?.type ?? ''))) return HARMLESS;
    const frame = this.#frames.findLast((one) => one.scope === owner);
    if (frame !== undefined) return frame.values.get(name) ?? UNKNOWN;
    if (parameter?.isRequestInput && !this.#rules.onlySources) return TAINTED;
    if (this.#isSourcePath(name)) return TAINTED;
    const key = `parameter ${name}@${owner.facts.length}@${owner.name}`;
    if (this.#active.has(key) || this.#frames.length > 0) return UNKNOWN;
    this.#active.add(key);
    const isTainted = callersOf(owner, this.#program).some(({ call, scope }) => {
      const argument = argumentsOf(call, owner).get(name);
      return argument !== undefined && this.evaluate(argument, scope, depth + 1).tainted;
    });
    this.#active.delete(key);
    return isTainted ? TAINTED : UNKNOWN;
  }

  #member(expression: MemberOf, scope: Scope, depth: number): Value {
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

  /** An entry of a collection filled step by step, where that can be told. */
  #element(object: Expression, key: readonly Expression[], position: number, scope: Scope, depth: number) {
    const name = dottedPath(object);
    if (name === undefined || key.length === 0) return undefined;
    const entry = entryOf(name, key, position, scope);
    if (entry === undefined) return undefined;
    return entry === 'missing' ? NOTHING : this.evaluate(entry, scope, depth + 1);
  }

  /** One of a table of constants is a constant; anything else is as free as the table. */
  #index(expression: Expression & { readonly kind: 'index' }, scope: Scope, depth: number): Value {
    if (this.#isSource(expression.object, scope)) return TAINTED;
    const element = this.#element(expression.object, [expression.index], expression.at.start, scope, depth);
    if (element !== undefined) return element;
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
    if (this.#isAnyOf(paths, this.#rules.sanitizers) || this.#isCleaned(call)) return HARMLESS;
    if (this.#isAnyOf(paths, this.#rules.sources)) return TAINTED;
    if (this.#isHarmless(paths.some((path) => HARMLESS_CALLS.has(path)))) return HARMLESS;
    if (this.#isSource(call, scope)) return TAINTED;
    const args = [...call.args, ...call.named.values()].map((argument) => this.evaluate(argument, scope, depth + 1));
    const own = this.#ownFunction(call, scope, depth);
    if (own !== undefined) return own;
    if (this.#isAnyOf(paths, this.#rules.propagators)) return concatenated(args, false, false);
    if (call.callee.kind === 'member') return this.#method(call, call.callee, args, scope, depth);
    if (paths.some((path) => PRESERVING_CALLS.has(path))) return concatenated(args, false, args.length > 1);
    return args.some((value) => value.tainted) ? TAINTED : this.#unknownResult(args);
  }

  /** What a call on constants gives is the program's own: a setting, a resource, a column. */
  #unknownResult(args: readonly Value[]): Value {
    const isOwn = args.length > 0 && args.every((value) => value.shape === 'constant');
    // Where pages and scripts are written, such calls read what a person types in.
    const isScript = /^(javascript|python)$/.test(this.#program.language);
    return isOwn && !isScript ? { ...UNKNOWN, shape: 'constant' } : UNKNOWN;
  }

  /** What a function of the same file gives back for these arguments. */
  #ownFunction(call: Call, scope: Scope, depth: number): Value | undefined {
    if (this.#frames.length >= MAX_FRAMES) return undefined;
    const functions = functionsMeant(call, scope, this.#program).filter(({ returns }) => returns.length > 0);
    if (functions.length === 0 || functions.some((one) => this.#frames.some((frame) => frame.scope === one))) {
      return undefined;
    }
    return anyOf(
      functions.map((one) => {
        const values = new Map<string, Value>();
        for (const [name, argument] of argumentsOf(call, one)) {
          values.set(name, this.evaluate(argument, scope, depth + 1));
        }
        this.#frames.push({ scope: one, values });
        const result = this.#result(one, depth + 1);
        this.#frames.pop();
        return result;
      }),
    );
  }

  #method(call: Call, callee: MemberOf, args: readonly Value[], scope: Scope, depth: number): Value {
    if (this.#isHarmless(HARMLESS_PROPERTIES.has(callee.property))) return HARMLESS;
    if (callee.property === 'get' || callee.property === 'getProperty') {
      const element = this.#element(callee.object, call.args, call.at.start, scope, depth);
      if (element !== undefined) return element;
    }
    const receiver = this.evaluate(callee.object, scope, depth + 1);
    const path = qualify(callee, scope, this.#program);
    if (PRESERVING_CALLS.has(path)) return concatenated(args, false, args.length > 1);
    if (callee.property === 'map' && args[0]?.shape === 'constant') return { ...HARMLESS, text: args[0].text };
    if (PRESERVING_METHODS.has(callee.property)) return preserved(receiver, args);
    if (receiver.tainted || args.some((value) => value.tainted)) return TAINTED;
    return this.#unknownResult(args);
  }

  #isAnyOf(paths: readonly string[], patterns: readonly string[]): boolean {
    return patterns.length > 0 && paths.some((path) => patterns.some((pattern) => matchesPath(pattern, path)));
  }

  /** A number cannot carry an attack, but it can be guessed. */
  #isHarmless(carriesNoText: boolean): boolean {
    return carriesNoText && !this.#rules.onlySources;
  }

  #isCleaned({ at }: Call): boolean {
    if (this.#rules.cleaning.length === 0) return false;
    const source = this.#program.source.slice(at.start, Math.min(at.end, at.start + MAX_TEXT));
    return this.#rules.cleaning.some((pattern) => pattern.test(source));
  }

  #isSourcePath(path: string): boolean {
    if (this.#rules.onlySources || !REQUEST_SOURCES[this.#program.language].test(path)) return false;
    return !this.#rules.notSources.some((pattern) => pattern.test(path));
  }

  #isSource(expression: Expression, scope: Scope): boolean {
    if (this.#isSourcePath(qualify(expression, scope, this.#program))) return true;
    if (this.#isSourcePath(dottedPath(expression) ?? '')) return true;
    return (
      expression.kind === 'call' &&
      calleePaths(expression.callee, scope, this.#program).some((path) => this.#isSourcePath(`${path}()`))
    );
  }
}

/** `LIMIT`, `MAX_ROWS`: constants by convention of all languages. */
function isConstantName(name: string): boolean {
  return /^[A-Z][A-Z0-9_]+$/.test(name) && name.length > 1;
}

/** Assignments that can reach a use: those before it, back to the last plain one that surely ran. */
function reaching(list: readonly Assignment[], position: number, scope: Scope): readonly Assignment[] {
  const before = list.filter((assignment) => assignment.position <= position);
  const from = before.findLastIndex((assignment) => surely(assignment, position, scope));
  return before.slice(Math.max(0, from));
}

function surely(assignment: Assignment, position: number, scope: Scope): boolean {
  if (assignment.kind === 'append' || assignment.kind === 'put') return false;
  const block = blockOf(assignment, scope);
  return block.start <= position && position <= block.end;
}
