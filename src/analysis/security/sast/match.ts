/** Applies rules to a lowered program: which sinks are fed with what. */
import type { Confidence, Severity } from '../../../contracts/index.ts';
import { lowered } from '../findings.ts';
import { callFits, candidatesOf } from './call-conditions.ts';
import { lastName } from './compile-rule.ts';
import { Flow } from './flow.ts';
import { dottedPath } from './lowering.ts';
import { calleePaths, matchesPath, qualify } from './paths.ts';
import type { Call, Expression, Program, PropertyWrite, Scope, Span } from './program.ts';
import type { CallSink, CompareSink, LiteralSink, SastRule, Sink, ValueSink, When } from './rule.ts';
import { indexOf, type IndexedSink, type SinkIndex } from './sink-index.ts';
import type { Value } from './value.ts';

export interface SastMatch {
  readonly rule: SastRule;
  readonly at: Span;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** True when the value was seen to come from a request. */
  readonly tainted: boolean;
}

/** What a value is given to: function, variable, member or keyword, and the calls around it. */
interface Target {
  readonly outer: Target | undefined;
  readonly name: string;
}

/** Places one rule reports in one program, at most: more is generated code. */
const MAX_MATCHES = 200;
const MAX_DEPTH = 200;

export function matchRules(program: Program, rules: readonly SastRule[]): readonly SastMatch[] {
  const matcher = new Matcher(program, rules);
  matcher.imports();
  for (const scope of program.scopes) matcher.scope(scope);
  return matcher.matches;
}

class Matcher {
  readonly matches: SastMatch[] = [];
  readonly #program: Program;

  readonly #index: SinkIndex;
  readonly #literals: readonly IndexedSink<LiteralSink>[];
  readonly #compares: readonly IndexedSink<CompareSink>[];
  readonly #seen = new Set<Expression>();
  readonly #counts = new Map<SastRule, number>();
  readonly #fitting = new Map<Sink, boolean>();

  constructor(program: Program, rules: readonly SastRule[]) {
    this.#program = program;
    this.#index = indexOf(rules, program.language);
    this.#literals = this.#index.all('literal');
    this.#compares = this.#index.all('compare');
  }

  imports(): void {
    for (const { path, at } of this.#program.imported) this.#import(path, at);
  }

  scope(scope: Scope): void {
    const own: Target = { outer: undefined, name: scope.name };
    for (const [target, list] of scope.assignments) {
      const into: Target = { outer: own, name: target };
      for (const assignment of list) this.#walk(assignment.value, scope, into, 0);
    }
    for (const expression of scope.expressions) this.#walk(expression, scope, own, 0);
    for (const write of scope.writes) this.#write(write, scope);
    if (scope.isRoute) this.#returns(scope);
  }

  #write({ property, object, value, at }: PropertyWrite, scope: Scope): void {
    this.#walk(value, scope, { outer: { outer: undefined, name: scope.name }, name: property }, 0);
    for (const entry of this.#index.find('assignment', property)) {
      const { receiver } = entry.sink;
      if (receiver?.test(this.#text(object.at)) !== false) this.#valueSink(entry, value, at, scope);
    }
  }

  #returns(scope: Scope): void {
    for (const entry of this.#index.all('return')) {
      for (const value of scope.returns) {
        if (entry.sink.unlessSource?.test(this.#text(value.at)) !== true) this.#judge(entry, value, value.at, scope);
      }
    }
  }

  /** @param into what the value is given to: function, variable, member, keyword and the calls around it */
  #walk(expression: Expression, scope: Scope, into: Target | undefined, depth: number): void {
    if (depth > MAX_DEPTH || this.#seen.has(expression)) return;
    this.#seen.add(expression);
    switch (expression.kind) {
      case 'literal':
        if (expression.isString) this.#literal(expression.text, expression.at, scope);
        return;
      case 'function':
        return;
      case 'name':
        this.#mention(expression, this.#program.imports.get(expression.name) ?? expression.name, scope);
        return;
      case 'member':
        this.#mention(expression, expression.property, scope);
        this.#walk(expression.object, scope, into, depth + 1);
        return;
      case 'index':
        this.#walk(expression.object, scope, into, depth + 1);
        this.#walk(expression.index, scope, into, depth + 1);
        return;
      case 'call':
        this.#callAndArguments(expression, scope, into, depth);
        return;
      case 'object':
        this.#entries(expression, scope, into, depth);
        return;
      case 'choice':
        for (const part of expression.options) this.#walk(part, scope, into, depth + 1);
        return;
      case 'list':
        for (const part of expression.items) this.#walk(part, scope, into, depth + 1);
        return;
      default:
        if (expression.kind === 'plain') this.#compare(expression, scope);
        for (const part of expression.parts) this.#walk(part, scope, into, depth + 1);
    }
  }

  #callAndArguments(call: Call, scope: Scope, into: Target | undefined, depth: number): void {
    this.#call(call, scope, into);
    this.#walk(call.callee, scope, into, depth + 1);
    const name = call.callee.kind === 'member' ? call.callee.property : (dottedPath(call.callee) ?? '');
    const inner: Target = { outer: into, name };
    for (const argument of call.args) this.#walk(argument, scope, inner, depth + 1);
    for (const [keyword, argument] of call.named)
      this.#walk(argument, scope, { outer: inner, name: keyword }, depth + 1);
  }

  #entries(
    object: Expression & { readonly kind: 'object' },
    scope: Scope,
    into: Target | undefined,
    depth: number,
  ): void {
    for (const [key, value] of object.entries) {
      this.#walk(value, scope, { outer: into, name: key }, depth + 1);
      for (const entry of this.#index.find('entry', key)) this.#valueSink(entry, value, value.at, scope);
    }
  }

  #call(call: Call, scope: Scope, into: Target | undefined): void {
    const paths = calleePaths(call.callee, scope, this.#program);
    for (const last of new Set(paths.map(lastName))) {
      for (const entry of this.#index.find('call', last)) {
        const { names } = entry.sink;
        const isMeant = paths.some((path) =>
          names.some((name) => matchesPath(name, call.isNew ? `new ${path}` : path)),
        );
        if (isMeant && !this.#isFull(entry.rule)) this.#sink(entry, call, scope, into);
      }
    }
    const first = call.args[0];
    const isImport = paths.some((path) => /^(importlib\.)?(import_module|__import__)$|^require$/.test(path));
    if (isImport && first?.kind === 'literal') this.#import(first.text, call.at);
  }

  #sink(entry: IndexedSink<CallSink>, call: Call, scope: Scope, into: Target | undefined): void {
    const { sink } = entry;
    if (sink.into !== undefined && !sink.into.test(shownTarget(into))) return;
    const context = { program: this.#program, scope };
    if (!callFits(sink, call, context, (value) => this.#value(entry, value, scope).text)) return;
    const candidates = candidatesOf(sink, call);
    if (candidates.length === 0 && sink.when === 'always' && sink.text === undefined && this.#fileFits(entry))
      this.#report(entry, call.at, undefined);
    for (const argument of candidates) {
      if (this.#judge(entry, argument, call.at, scope)) return;
    }
  }

  #import(path: string, at: Span): void {
    const parts = path.split('.');
    for (let length = parts.length; length > 0; length -= 1) {
      for (const entry of this.#index.find('import', parts.slice(0, length).join('.')))
        if (this.#fileFits(entry)) this.#report(entry, at, undefined);
    }
  }

  #mention(expression: Expression, name: string, scope: Scope): void {
    const found = this.#index.find('mention', lastName(name));
    if (found.length === 0) return;
    const path = qualify(expression, scope, this.#program);
    for (const entry of found) {
      if (entry.sink.names.some((one) => matchesPath(one, path)) && this.#fileFits(entry))
        this.#report(entry, expression.at, undefined);
    }
  }

  #compare({ operator = '', parts, at }: Expression & { readonly kind: 'plain' }, scope: Scope): void {
    if (this.#compares.length === 0 || !/^[!=]==?$/.test(operator)) return;
    for (const entry of this.#compares) {
      if (parts.some(({ kind }) => kind === 'literal')) continue;
      for (const part of parts) if (this.#judge(entry, part, at, scope)) break;
    }
  }

  #literal(text: string, at: Span, scope: Scope): void {
    for (const entry of this.#literals) {
      if (entry.sink.text?.test(text)) this.#judge(entry, { kind: 'literal', text, isString: true, at }, at, scope);
    }
  }

  #valueSink(entry: IndexedSink<ValueSink>, value: Expression, at: Span, scope: Scope): void {
    if (entry.sink.source?.test(this.#text(at)) === false) return;
    if (entry.sink.value !== undefined && !entry.sink.value.test(this.#text(value.at))) return;
    this.#judge(entry, value, at, scope);
  }

  /** Reports the place when the value is as free as the sink asks; true when it was. */
  #judge(entry: IndexedSink, argument: Expression, at: Span, scope: Scope): boolean {
    const { sink } = entry;
    if (!this.#fileFits(entry)) return false;
    const looks = sink.when !== 'always' || sink.text !== undefined || sink.unlessText !== undefined;
    const value = looks ? this.#value(entry, argument, scope) : undefined;
    if (value !== undefined && !(fits(sink.when, value) && textFits(sink, value))) return false;
    this.#report(entry, at, sink.when === 'always' ? undefined : value);
    return true;
  }

  #value(entry: IndexedSink, expression: Expression, scope: Scope): Value {
    return new Flow(this.#program, entry.language).evaluate(expression, scope);
  }

  /** Whether the rule can be about this file at all; asked once per sink, and not before there is a place for it. */
  #fileFits({ sink, language }: IndexedSink): boolean {
    const known = this.#fitting.get(sink);
    if (known !== undefined) return known;
    const { source } = this.#program;
    const fits =
      language.hint.test(source) && sink.file?.test(source) !== false && sink.unlessFile?.test(source) !== true;
    this.#fitting.set(sink, fits);
    return fits;
  }

  #isFull(rule: SastRule): boolean {
    return (this.#counts.get(rule) ?? 0) >= MAX_MATCHES;
  }

  #text(at: Span): string {
    return this.#program.source.slice(at.start, at.end);
  }

  /** Seen to come from a request it is sure; merely not constant, it is a question. */
  #report({ rule, sink }: IndexedSink, at: Span, value: Value | undefined): void {
    if (this.#isFull(rule)) return;
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    const isOpen = value?.shape === 'dynamic' && !value.tainted;
    const severity = sink.severity ?? rule.severity;
    this.matches.push({
      rule,
      at,
      severity: isOpen ? lowered(severity) : severity,
      confidence: value?.tainted ? 'high' : isOpen ? 'low' : (sink.confidence ?? rule.confidence),
      tainted: value?.tainted ?? false,
    });
  }
}

function shownTarget(into: Target | undefined): string {
  const names: string[] = [];
  for (let at = into; at !== undefined; at = at.outer) names.unshift(at.name);
  return names.join(' ');
}

function fits(when: When, value: Value): boolean {
  if (when === 'always') return true;
  if (when === 'constant') return value.shape === 'constant' && !value.tainted && value.text.length > 1;
  if (value.tainted) return true;
  if (when === 'built') return value.shape === 'built';
  return when === 'dynamic' && value.shape !== 'constant';
}

function textFits(sink: Sink, value: Value): boolean {
  if (sink.unlessText?.test(value.text)) return false;
  return sink.text === undefined || sink.text.test(value.text);
}
