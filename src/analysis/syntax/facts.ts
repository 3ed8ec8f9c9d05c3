/** What is known of one source file after a walk over its syntax tree. */
import type { ImportStatement } from './imports.ts';
import type { TokenFacts } from './tokens.ts';

export interface FunctionFacts {
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly cyclomatic: number;
  /** Cognitive complexity, functions inside it included. */
  readonly cognitive: number;
  readonly parameters: number;
  /** Of a constructor: the parameters that every caller must give. */
  readonly required?: number | undefined;
  readonly nesting: number;
  /** Lines without those of functions inside it. */
  readonly ownLines: number;
  /** Digest of the body without white space; only for bodies long enough to be worth comparing. */
  readonly body?: string | undefined;
  /** Of a function that others can call: whether it says what it does. */
  readonly documented?: boolean | undefined;
  /** Index of the function it stands in. */
  readonly parent?: number | undefined;
}

export interface SmellFacts {
  readonly rule: 'empty-handler' | 'debt' | 'commented-code' | 'unreachable';
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
  /** A dropped error that is most often meant: of a narrow type, around little or with an `else`. @default false */
  readonly minor?: boolean | undefined;
}

/** A class or what is like one. */
export interface TypeFacts {
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly methods: number;
  /** Cyclomatic complexity of its methods together. */
  readonly weight: number;
}

export interface FileFacts {
  readonly lines: number;
  readonly functions: readonly FunctionFacts[];
  readonly types: readonly TypeFacts[];
  readonly tokens: TokenFacts;
  readonly smells: readonly SmellFacts[];
  readonly imports: readonly ImportStatement[];
  /** The text did not parse whole, or holds more functions than are listed. */
  readonly partial: boolean;
}

/** What one file can contribute, at most. */
export const LIMITS = {
  functions: 5_000,
  types: 2_000,
  smells: 200,
  imports: 2_000,
  hashed: 8_000_000,
  macro: 100_000,
};
