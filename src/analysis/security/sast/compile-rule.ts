/** Turns a rule's definition into what the matcher works with. */
import type { CodeLanguage } from './program.ts';
import type { CallSink, LanguageRules, Pattern, SastRule, Sink } from './rule.ts';
import type { LanguageDefinition, PatternDefinition, RuleDefinition } from './rule-schema.ts';

/** @throws Error that says what is wrong with the expression */
export type CompilePattern = (source: string, path: readonly PropertyKey[]) => Pattern;

type Path = readonly PropertyKey[];

/** The language of regular expressions in our own rules; `(?i)` at the start ignores case. */
export const compileBuiltIn: CompilePattern = (source) => {
  const flags = /^\(\?([is]+)\)/.exec(source);
  return new RegExp(flags === null ? source : source.slice(flags[0].length), flags?.[1] ?? '');
};

/** @param prefix stands before the id: `sast/` for our own rules */
export function compileRule(definition: RuleDefinition, compile: CompilePattern, prefix = 'sast/'): SastRule {
  const { id, title, cwe, severity, confidence, rationale, help } = definition;
  const languages: Partial<Record<CodeLanguage, LanguageRules>> = {};
  for (const [language, rules] of Object.entries(definition.languages)) {
    languages[language as CodeLanguage] = compileLanguage(rules, compile, ['languages', language]);
  }
  return { id: `${prefix}${id}`, title, cwe, severity, confidence, rationale, help, languages };
}

function compileLanguage(rules: LanguageDefinition, compile: CompilePattern, path: Path): LanguageRules {
  const sinks = rules.patterns.map((pattern, at) => compileSink(pattern, compile, [...path, 'patterns', at]));
  return {
    hint: rules.hint === undefined ? hintOf(sinks) : compile(rules.hint, [...path, 'hint']),
    sources: rules.sources ?? [],
    needsRequest: rules.sources === undefined && sinks.every(({ when }) => when === 'tainted'),
    notSources: (rules.notSources ?? []).map((one, at) => compile(one, [...path, 'notSources', at])),
    onlySources: rules.onlySources ?? false,
    sanitizers: rules.sanitizers ?? [],
    propagators: rules.propagators ?? [],
    cleaning: (rules.cleaning ?? []).map((one, at) => compile(one, [...path, 'cleaning', at])),
    guards: (rules.guards ?? []).map((guard, at) => compile(guard, [...path, 'guards', at])),
    sinks,
  };
}

/** The last parts of the names it looks for: without one of them in the text there is nothing to find. */
function hintOf(sinks: readonly Sink[]): Pattern {
  if (sinks.some(({ names }) => names.length === 0 || names.some((name) => name.startsWith('[')))) {
    return { test: () => true };
  }
  const words = new Set(sinks.flatMap((sink) => sink.names.map(lastName)));
  const escaped = [...words].map((word) => word.replace(/[$.*+?^(){}|[\]\\]/g, '\\$&'));
  return new RegExp(escaped.join('|'));
}

/** `os.system` → system, `new Function` → Function, `a.b().c` → c. */
export function lastName(path: string): string {
  const bare = path.replace(/\(\)$/, '').replace(/^new /, '');
  return bare.slice(bare.lastIndexOf('.') + 1);
}

function compileSink(pattern: PatternDefinition, compile: CompilePattern, path: Path): Sink {
  const regex = (key: RegexKey): Pattern | undefined => {
    const source = pattern[key];
    return source === undefined ? undefined : compile(source, [...path, key]);
  };
  const base = {
    text: regex('text'),
    unlessText: regex('unlessText'),
    file: regex('file'),
    unlessFile: regex('unlessFile'),
    severity: pattern.severity,
    confidence: pattern.confidence,
  };
  const when = pattern.when ?? 'always';
  if (pattern.call !== undefined) return compileCall(pattern, pattern.call, compile, path);
  if (pattern.return !== undefined) {
    const unlessSource = regex('unlessSource');
    return { ...base, on: 'return', names: [], when: pattern.when ?? 'tainted', unlessSource };
  }
  if (pattern.compare !== undefined) return { ...base, on: 'compare', names: [], when: pattern.when ?? 'tainted' };
  if (pattern.literal !== undefined) {
    const text = compile(pattern.literal, [...path, 'literal']);
    return { ...base, on: 'literal', names: [], when, text };
  }
  if (pattern.import !== undefined) return { ...base, on: 'import', names: pattern.import, when };
  if (pattern.mention !== undefined) return { ...base, on: 'mention', names: pattern.mention, when };
  const on = pattern.entry === undefined ? 'assignment' : 'entry';
  const names = pattern.entry ?? pattern.assignment ?? [];
  return { ...base, on, names, when, value: regex('value'), receiver: regex('receiver'), source: regex('source') };
}

type RegexKey =
  | 'text'
  | 'unlessText'
  | 'value'
  | 'source'
  | 'unlessSource'
  | 'file'
  | 'unlessFile'
  | 'receiver'
  | 'notReceiver'
  | 'into';

function compileCall(
  pattern: PatternDefinition,
  names: readonly string[],
  compile: CompilePattern,
  path: Path,
): CallSink {
  const regex = (key: RegexKey): Pattern | undefined => {
    const source = pattern[key];
    return source === undefined ? undefined : compile(source, [...path, key]);
  };
  return {
    on: 'call',
    names,
    argument: pattern.argument ?? 0,
    when: pattern.when ?? 'always',
    text: regex('text'),
    unlessText: regex('unlessText'),
    source: regex('source'),
    unlessSource: regex('unlessSource'),
    file: regex('file'),
    unlessFile: regex('unlessFile'),
    receiver: regex('receiver'),
    notReceiver: regex('notReceiver'),
    into: regex('into'),
    named: (pattern.named ?? []).map(({ name, value, orMissing }, at) => {
      return { name, value: compile(value, [...path, 'named', at, 'value']), orMissing };
    }),
    requires: (pattern.requires ?? []).map(({ argument, text }, at) => {
      return { argument, text: compile(text, [...path, 'requires', at, 'text']) };
    }),
    minimumArguments: pattern.minimumArguments ?? 0,
    maximumArguments: pattern.maximumArguments ?? Number.POSITIVE_INFINITY,
    severity: pattern.severity,
    confidence: pattern.confidence,
  };
}
