/** A rule about dangerous code, compiled from its file: what it is, and which places it is about. */
import type { Confidence, Severity } from '../../../contracts/index.ts';
import type { CodeLanguage } from './program.ts';

/** A compiled regular expression; rules of a workspace run in an engine that is linear in the text. */
export interface Pattern {
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean;
}

/**
 * How free a value must be to matter: `tainted` comes from a request; `built` is that, or a text put together from parts
 * that are not constant; `dynamic` is anything not constant; `constant` is a text written out; `always` does not look.
 */
export const WHEN = ['tainted', 'built', 'dynamic', 'constant', 'always'] as const;
export type When = (typeof WHEN)[number];

/** A constant that an argument must be for the sink to count: `shell=True`, `{shell: true}`. */
export interface NamedCondition {
  readonly name: string;
  readonly value: Pattern;
  /** True when the sink also counts without the argument. @default false */
  readonly orMissing?: boolean | undefined;
}

export interface ArgumentCondition {
  readonly argument: number;
  /** Tested on the literal text of the argument, with U+FFFD for what is not constant. */
  readonly text: Pattern;
}

interface SinkBase {
  readonly when: When;
  /** The literal text of the value must match. */
  readonly text?: Pattern | undefined;
  /** The literal text of the value must not match. */
  readonly unlessText?: Pattern | undefined;
  /** The text of the whole file must match, or must not. */
  readonly file?: Pattern | undefined;
  readonly unlessFile?: Pattern | undefined;
  /** In place of the rule's own. */
  readonly severity?: Severity | undefined;
  readonly confidence?: Confidence | undefined;
}

/** A call, or with `new X` a constructor. */
export interface CallSink extends SinkBase {
  readonly on: 'call';
  /** `child_process.exec` exactly, `*.execute` on any receiver. */
  readonly names: readonly string[];
  /** Which argument matters, from 0, or by its keyword; all of them with `any`, the object called on with `receiver`. */
  readonly argument: number | string;
  /** The source of the whole call, and of what its receiver was made of, must match. */
  readonly source?: Pattern | undefined;
  /** As `source`, and must not match. */
  readonly unlessSource?: Pattern | undefined;
  readonly named: readonly NamedCondition[];
  readonly requires: readonly ArgumentCondition[];
  /** The receiver's path or source, where the method's name alone says too little. */
  readonly receiver?: Pattern | undefined;
  readonly notReceiver?: Pattern | undefined;
  /** Fewest and most arguments for the call to be meant. */
  readonly minimumArguments: number;
  readonly maximumArguments: number;
  /** What the result is given to: the name, member or keyword it is assigned to. */
  readonly into?: Pattern | undefined;
}

/** `object.property = value`, and `{property: value}` for `entry`. */
export interface ValueSink extends SinkBase {
  readonly on: 'assignment' | 'entry';
  readonly names: readonly string[];
  /** The value's source text must match. */
  readonly value?: Pattern | undefined;
  readonly receiver?: Pattern | undefined;
  /** The source of the whole assignment must match. */
  readonly source?: Pattern | undefined;
}

/** A comparison of two values. */
export interface CompareSink extends SinkBase {
  readonly on: 'compare';
  readonly names: readonly [];
}

/** What a route's function gives back. */
export interface ReturnSink extends SinkBase {
  readonly on: 'return';
  /** The source of the value must not match. */
  readonly unlessSource?: Pattern | undefined;
  readonly names: readonly [];
}

/** A module that is imported, a name that is used (`ssl.PROTOCOL_SSLv3`). */
export interface NameSink extends SinkBase {
  readonly on: 'import' | 'mention';
  readonly names: readonly string[];
}

/** A string that is written out. */
export interface LiteralSink extends SinkBase {
  readonly on: 'literal';
  readonly names: readonly [];
}

export interface SinkByKind {
  readonly call: CallSink;
  readonly assignment: ValueSink;
  readonly entry: ValueSink;
  readonly return: ReturnSink;
  readonly import: NameSink;
  readonly mention: NameSink;
  readonly literal: LiteralSink;
  readonly compare: CompareSink;
}
export type Sink = SinkByKind[keyof SinkByKind];

/** What a rule looks for in one language. */
export interface LanguageRules {
  /** A file without a match cannot have a finding: it is not even parsed for this rule. */
  readonly hint: Pattern;
  /** True when every sink asks for something out of a request. */
  readonly needsRequest: boolean;
  /** Paths of the request that are harmless here: its own address cannot lead elsewhere. */
  readonly notSources: readonly Pattern[];
  /** Paths of values that a stranger controls, on top of what comes with a request. */
  readonly sources: readonly string[];
  /** What comes with a request does not count, only `sources` do; they are followed through numbers too. */
  readonly onlySources: boolean;
  /** Calls after which a value is harmless to these sinks. */
  readonly sanitizers: readonly string[];
  /** Calls that give back what they are given, changed or not. */
  readonly propagators: readonly string[];
  /** What the source of a call looks like that makes its value harmless: `.replace("'", …)`. */
  readonly cleaning: readonly Pattern[];
  /** Conditions that mean a value was checked: `'..' in {value}` before an exit. */
  readonly guards: readonly Pattern[];
  readonly sinks: readonly Sink[];
}

export interface SastRule {
  /** `sast/…`, of a workspace `workspace/…` */
  readonly id: string;
  readonly title: string;
  readonly cwe: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Why it matters, in a sentence that can stand alone. */
  readonly rationale: string;
  /** What would be right. */
  readonly help: string;
  readonly languages: Readonly<Partial<Record<CodeLanguage, LanguageRules>>>;
}
