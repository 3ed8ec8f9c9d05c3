/** Applies rules to a lowered program: which sinks are fed with what. */
import type { Confidence, Severity } from '../../../contracts/index.ts';
import { lowered } from '../findings.ts';
import { Flow, type Value } from './flow.ts';
import { calleePaths, matchesPath, qualify } from './paths.ts';
import type { Call, Expression, Program, Scope, Span } from './program.ts';
import type { CallSink, EntrySink, NamedCondition, ReturnSink, SastRule, Sink, When, WriteSink } from './rule.ts';

export interface SastMatch {
  readonly rule: SastRule;
  readonly at: Span;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** True when the value was seen to come from a request. */
  readonly tainted: boolean;
}

/** Sinks hit in one program, at most: more is generated code. */
const MAX_MATCHES = 500;
const MAX_DEPTH = 200;

export function matchRules(program: Program, source: string, rules: readonly SastRule[]): readonly SastMatch[] {
  const matcher = new Matcher(program, source, rules);
  for (const scope of program.scopes) matcher.scope(scope);
  return matcher.matches;
}

/** Every expression below one, itself included; not the bodies of functions, which are scopes of their own. */
function* within(expression: Expression, depth = 0): Generator<Expression> {
  yield expression;
  if (depth > MAX_DEPTH) return;
  for (const part of partsOf(expression)) yield* within(part, depth + 1);
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'name':
    case 'function':
      return [];
    case 'member':
      return [expression.object];
    case 'index':
      return [expression.object, expression.index];
    case 'call':
      return [expression.callee, ...expression.args, ...expression.named.values()];
    case 'concat':
    case 'plain':
    case 'opaque':
      return expression.parts;
    case 'choice':
      return expression.options;
    case 'list':
      return expression.items;
    case 'object':
      return [...expression.entries.values()];
  }
}

class Matcher {
  readonly matches: SastMatch[] = [];
  readonly #program: Program;
  readonly #source: string;
  readonly #sinks: readonly (readonly [SastRule, Sink])[];
  readonly #seen = new Set<Expression>();

  constructor(program: Program, source: string, rules: readonly SastRule[]) {
    this.#program = program;
    this.#source = source;
    this.#sinks = rules.flatMap((rule) =>
      rule.sinks.filter((sink) => sink.language === program.language).map((sink) => [rule, sink] as const),
    );
  }

  scope(scope: Scope): void {
    const roots = [
      ...scope.expressions,
      ...[...scope.assignments.values()].flat().map((assignment) => assignment.value),
    ];
    for (const root of roots) {
      for (const expression of within(root)) this.#expression(expression, scope);
    }
    for (const write of scope.writes) {
      this.#each('write', (rule, sink) => this.#write(rule, sink, write.property, write.value, write.at, scope));
    }
    if (!scope.isRoute) return;
    for (const value of scope.returns) this.#each('return', (rule, sink) => this.#return(rule, sink, value, scope));
  }

  #each<K extends Sink['on']>(on: K, use: (rule: SastRule, sink: Extract<Sink, { on: K }>) => void): void {
    for (const [rule, sink] of this.#sinks) {
      if (sink.on === on && this.matches.length < MAX_MATCHES) use(rule, sink as Extract<Sink, { on: K }>);
    }
  }

  #expression(expression: Expression, scope: Scope): void {
    if (expression.kind !== 'call' && expression.kind !== 'object') return;
    if (this.#seen.has(expression)) return;
    this.#seen.add(expression);
    if (expression.kind === 'call') {
      const paths = calleePaths(expression.callee, scope, this.#program).map((path) =>
        expression.isNew ? `new ${path}` : path,
      );
      this.#each('call', (rule, sink) => this.#call(rule, sink, expression, paths, scope));
      return;
    }
    for (const [key, value] of expression.entries) {
      this.#each('entry', (rule, sink) => this.#entry(rule, sink, key, value, scope));
    }
  }

  #call(rule: SastRule, sink: CallSink, call: Call, paths: readonly string[], scope: Scope): void {
    if (!paths.some((path) => sink.callees.some((callee) => matchesPath(callee, path)))) return;
    if (!this.#conditionsFit(rule, sink, call, scope)) return;
    const candidates = this.#argumentsOf(sink, call);
    if (candidates.length === 0 && sink.when === 'always' && sink.text === undefined)
      this.#report(rule, call.at, undefined);
    for (const argument of candidates) {
      const value = this.#value(rule, argument, scope);
      if (!fits(sink.when, value) || !textFits(sink, value)) continue;
      this.#report(rule, call.at, sink.when === 'always' ? undefined : value);
      return;
    }
  }

  #conditionsFit(rule: SastRule, sink: CallSink, call: Call, scope: Scope): boolean {
    if (call.args.length < (sink.minimumArguments ?? 0) || !this.#receiverFits(sink, call, scope)) return false;
    if (sink.unlessSource?.test(this.#sourceOf(call, scope))) return false;
    if (!(sink.named ?? []).every((condition) => this.#namedFits(condition, call, scope))) return false;
    return (sink.requires ?? []).every(({ argument, text }) => {
      const value = call.args[argument];
      return value !== undefined && text.test(this.#value(rule, value, scope).text);
    });
  }

  /** The call, and what the object it is called on was made of. */
  #sourceOf(call: Call, scope: Scope): string {
    const object = call.callee.kind === 'member' ? call.callee.object : undefined;
    const made = object?.kind === 'name' ? this.#onlyValue(object.name, scope) : undefined;
    return made === undefined ? this.#text(call.at) : `${this.#text(made.at)} ${this.#text(call.at)}`;
  }

  #argumentsOf(sink: CallSink, call: Call): readonly Expression[] {
    const all = [...call.args, ...call.named.values()];
    if (sink.argument === 'any') return all;
    const argument =
      call.args[sink.argument ?? 0] ?? (call.args.length === 0 ? [...call.named.values()][0] : undefined);
    return argument === undefined ? [] : [argument];
  }

  #receiverFits(sink: CallSink, call: Call, scope: Scope): boolean {
    if (sink.receiver === undefined && sink.notReceiver === undefined) return true;
    const object = call.callee.kind === 'member' ? call.callee.object : undefined;
    const paths = object === undefined ? [''] : [this.#text(object.at), qualify(object, scope, this.#program)];
    if (sink.notReceiver !== undefined && paths.some((path) => sink.notReceiver?.test(path))) return false;
    return sink.receiver === undefined || paths.some((path) => sink.receiver?.test(path));
  }

  /** `shell=True`, or `{shell: true}` in any argument that is an object written out. */
  #namedFits(condition: NamedCondition, call: Call, scope: Scope): boolean {
    const value = call.named.get(condition.name) ?? this.#option(condition.name, call, scope);
    if (value === undefined) return condition.orMissing === true;
    return condition.value.test(this.#text(value.at));
  }

  #option(name: string, call: Call, scope: Scope): Expression | undefined {
    for (const argument of call.args) {
      const known = argument.kind === 'name' ? this.#onlyValue(argument.name, scope) : argument;
      const value = known?.kind === 'object' ? known.entries.get(name) : undefined;
      if (value !== undefined) return value;
    }
    return undefined;
  }

  #onlyValue(name: string, scope: Scope): Expression | undefined {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const list = at.assignments.get(name);
      if (list !== undefined) return list.length === 1 ? list[0]?.value : undefined;
    }
    return undefined;
  }

  #write(rule: SastRule, sink: WriteSink, property: string, value: Expression, at: Span, scope: Scope): void {
    if (!sink.properties.includes(property)) return;
    this.#valueSink(rule, sink, value, at, scope);
  }

  #entry(rule: SastRule, sink: EntrySink, key: string, value: Expression, scope: Scope): void {
    if (!sink.keys.includes(key)) return;
    this.#valueSink(rule, sink, value, value.at, scope);
  }

  #valueSink(rule: SastRule, sink: WriteSink | EntrySink, value: Expression, at: Span, scope: Scope): void {
    if (sink.value !== undefined && !sink.value.test(this.#text(value.at))) return;
    const flow = this.#value(rule, value, scope);
    if (fits(sink.when, flow)) this.#report(rule, at, sink.when === 'always' ? undefined : flow);
  }

  #return(rule: SastRule, sink: ReturnSink, value: Expression, scope: Scope): void {
    const flow = this.#value(rule, value, scope);
    if (fits(sink.when, flow) && (sink.text === undefined || sink.text.test(flow.text)))
      this.#report(rule, value.at, flow);
  }

  #value(rule: SastRule, expression: Expression, scope: Scope): Value {
    return new Flow(this.#program, rule.sanitizers).evaluate(expression, scope);
  }

  #text(at: Span): string {
    return this.#source.slice(at.start, at.end);
  }

  /** Seen to come from a request it is sure; merely not constant, it is a question. */
  #report(rule: SastRule, at: Span, value: Value | undefined): void {
    const isOpen = value?.shape === 'dynamic' && !value.tainted;
    this.matches.push({
      rule,
      at,
      severity: isOpen ? lowered(rule.severity) : rule.severity,
      confidence: value?.tainted ? 'high' : isOpen ? 'low' : rule.confidence,
      tainted: value?.tainted ?? false,
    });
  }
}

function fits(when: When, value: Value): boolean {
  if (when === 'always') return true;
  if (value.tainted) return true;
  if (when === 'built') return value.shape === 'built';
  return when === 'dynamic' && value.shape !== 'constant';
}

function textFits(sink: CallSink, value: Value): boolean {
  if (sink.unlessText?.test(value.text)) return false;
  return sink.text === undefined || sink.text.test(value.text);
}
