/** What the measures need to know about one family of languages. */

/** Roles are bits: one node can have several. */
export const ROLE = {
  function: 1,
  /** A control structure, one level deeper for what is inside. */
  nesting: 2,
  comment: 4,
  /** A handler of an exception. */
  handler: 8,
  import: 16,
  call: 32,
  /** Names its text as it is counted when it equals a keyword. */
  word: 64,
  /** An expression that lizard does not look into. */
  opaque: 128,
  /** `?`, `?.`, `??` and the like. */
  question: 256,
  /** A class-like declaration, which qualifies the names of its members. */
  type: 512,
  error: 1_024,
  /** The body of a function, where families that begin to count there begin. */
  body: 2_048,
  /** `&&` or what ends the stretch in which lizard takes it for part of a type. */
  reference: 4_096,
  /** An expression that a directive of the preprocessor may be about. */
  directive: 8_192,
  /** A list of tokens that may hold functions: the inside of a macro. */
  tokens: 16_384,
} as const;

/** How a question mark is counted. */
export type QuestionRule = 'each' | 'ecma' | 'java' | 'php' | 'csharp';

export interface Family {
  /** Bits of `ROLE` by name of a named node. */
  readonly named: Readonly<Record<string, number>>;
  /** Tokens that add one to the cyclomatic complexity, by their text. */
  readonly conditions: readonly string[];
  /** Named nodes that add to the cyclomatic complexity. @default none */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** Tokens that begin with a question mark and may be counted. @default none */
  readonly questions?: readonly string[] | undefined;
  /** @default 'each' */
  readonly questionRule?: QuestionRule | undefined;
  /** On whose line a function starts: its first token's, its name's, or as `ecma-functions.ts` says. @default 'node' */
  readonly startsAt?: 'node' | 'name' | 'ecma' | undefined;
  /** What stands before the body is not counted. @default false */
  readonly countsInBody?: boolean | undefined;
  /** `&&` is also a kind of reference, which lizard guesses at. @default false */
  readonly references?: boolean | undefined;
  /** Words that count wherever a node of role `word` is spelled like one. @default none */
  readonly words?: ReadonlySet<string> | undefined;
  /** What is inside a function belongs to it, further functions included. @default false */
  readonly flat?: boolean | undefined;
  /** A method can be called without naming its object. @default false */
  readonly plainMethods?: boolean | undefined;
  /** A declaration without a body is a function all the same. @default false */
  readonly bodiless?: boolean | undefined;
}

/** One role for many kinds of node. */
export function nodes(role: number, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, role]));
}
