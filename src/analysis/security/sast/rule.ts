/** A rule about dangerous code: what it is, which calls it is about, and the examples that prove it. */
import type { Confidence, Severity } from '../../../contracts/index.ts';
import type { CodeLanguage } from './program.ts';

/**
 * How free a value must be to matter: `tainted` comes from a request; `built` is that, or a text put together from parts
 * that are not constant; `dynamic` is anything not constant; `always` does not look.
 */
export type When = 'tainted' | 'built' | 'dynamic' | 'always';

/** A constant that an argument must be for the sink to count: `shell=True`, `{shell: true}`. */
export interface NamedCondition {
  readonly name: string;
  readonly value: RegExp;
  /** True when the sink also counts without the argument. @default false */
  readonly orMissing?: boolean | undefined;
}

export interface ArgumentCondition {
  readonly argument: number;
  /** Tested on the literal text of the argument, with U+FFFD for what is not constant. */
  readonly text: RegExp;
}

/** A call, or with `new X` a constructor. */
export interface CallSink {
  readonly on: 'call';
  readonly language: CodeLanguage;
  /** `child_process.exec` exactly, `*.execute` on any receiver. */
  readonly callees: readonly string[];
  /** Which argument matters, from 0; all of them with `any`. `always` needs none. @default 0 */
  readonly argument?: number | 'any' | undefined;
  readonly when: When;
  /** The argument's literal text must match. */
  readonly text?: RegExp | undefined;
  /** The argument's literal text must not match. */
  readonly unlessText?: RegExp | undefined;
  /** The source of the whole call, and of what its receiver was made of, must not match. */
  readonly unlessSource?: RegExp | undefined;
  readonly named?: readonly NamedCondition[] | undefined;
  readonly requires?: readonly ArgumentCondition[] | undefined;
  /** The receiver's path, where the method's name alone says too little. */
  readonly receiver?: RegExp | undefined;
  readonly notReceiver?: RegExp | undefined;
  /** Fewest arguments for the call to be meant. @default 0 */
  readonly minimumArguments?: number | undefined;
}

/** `object.property = value`. */
export interface WriteSink {
  readonly on: 'write';
  readonly language: CodeLanguage;
  readonly properties: readonly string[];
  readonly when: When;
  /** The value's source text must match. */
  readonly value?: RegExp | undefined;
}

/** `{ key: value }`. */
export interface EntrySink {
  readonly on: 'entry';
  readonly language: CodeLanguage;
  readonly keys: readonly string[];
  readonly when: When;
  readonly value?: RegExp | undefined;
}

/** What a route's function gives back. */
export interface ReturnSink {
  readonly on: 'return';
  readonly language: CodeLanguage;
  readonly when: When;
  readonly text?: RegExp | undefined;
}

export type Sink = CallSink | WriteSink | EntrySink | ReturnSink;

export interface Example {
  readonly language: CodeLanguage;
  readonly code: string;
  /** Lines (from 1) that must be reported; only for bad examples. @default every example is reported somewhere */
  readonly lines?: readonly number[] | undefined;
}

export interface SastRule {
  /** `sast/…` */
  readonly id: string;
  readonly title: string;
  readonly cwe: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Why it matters, in a sentence that can stand alone. */
  readonly rationale: string;
  /** What would be right. */
  readonly help: string;
  /** A file without a match cannot have a finding: it is not even parsed for this rule. */
  readonly hint: RegExp;
  readonly sinks: readonly Sink[];
  /** Calls after which a value is harmless to these sinks. */
  readonly sanitizers: readonly string[];
  readonly bad: readonly Example[];
  readonly good: readonly Example[];
}
