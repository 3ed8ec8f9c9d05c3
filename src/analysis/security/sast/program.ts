/** One small language that JavaScript, Python and Java are lowered to: what flows where, and nothing else. */

/** Adding one needs a lowering in `scan-code.ts`. */
export const CODE_LANGUAGES = ['javascript', 'python', 'java', 'go', 'php', 'ruby', 'csharp'] as const;
export type CodeLanguage = (typeof CODE_LANGUAGES)[number];

/** Offsets into the source. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Node {
  readonly at: Span;
}

export interface Literal extends Node {
  readonly kind: 'literal';
  /** Text of a string; the source text of a number, `true`, `null` and kin. */
  readonly text: string;
  readonly isString: boolean;
}
export interface Name extends Node {
  readonly kind: 'name';
  readonly name: string;
}
export interface Member extends Node {
  readonly kind: 'member';
  readonly object: Expression;
  readonly property: string;
}
export interface Index extends Node {
  readonly kind: 'index';
  readonly object: Expression;
  readonly index: Expression;
}
export interface Call extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Expression[];
  /** Python's keyword arguments. */
  readonly named: ReadonlyMap<string, Expression>;
  readonly isNew: boolean;
}
/** A text put together: `a + b`, a template, `%`, a format call. */
export interface Concat extends Node {
  readonly kind: 'concat';
  readonly parts: readonly Expression[];
  /** True for `a + b`, which is a text only if one of its parts is. */
  readonly mayBeNumeric: boolean;
}
/** One of several: a conditional, `a || b`, a chain of `elif` expressions. */
export interface Choice extends Node {
  readonly kind: 'choice';
  /** Of a conditional: the first option is taken when it holds. */
  readonly test?: Expression | undefined;
  readonly options: readonly Expression[];
}
export interface List extends Node {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}
export interface Entries extends Node {
  readonly kind: 'object';
  readonly entries: ReadonlyMap<string, Expression>;
  /** True when it also holds what cannot be listed: spreads and computed keys. */
  readonly isOpen: boolean;
}
export interface FunctionValue extends Node {
  readonly kind: 'function';
  readonly scope: Scope;
}
/** A number or a truth value, whatever it is made of: nothing that carries text. */
export interface Plain extends Node {
  readonly kind: 'plain';
  /** As the language writes it; `case` asks whether the first part equals one of the others. */
  readonly operator?: string | undefined;
  readonly parts: readonly Expression[];
}
/** Anything else; what it is made of still counts. */
export interface Opaque extends Node {
  readonly kind: 'opaque';
  readonly parts: readonly Expression[];
}

export type Expression =
  | Literal
  | Name
  | Member
  | Index
  | Call
  | Concat
  | Choice
  | List
  | Entries
  | FunctionValue
  | Plain
  | Opaque;

/**
 * `set` replaces, `append` adds to what is there, `put` gives an entry a value, `remove` takes an entry away, `element`
 * takes one item of the value.
 */
export interface Assignment {
  /** A name, or a dotted path such as `this.command`. */
  readonly target: string;
  readonly value: Expression;
  readonly kind: 'set' | 'append' | 'put' | 'remove' | 'element';
  /** Of `put` and `remove`: which entry; of an insertion where. Several parts for a table of tables. */
  readonly key?: readonly Expression[] | undefined;
  /** Where it takes effect: after its right-hand side. */
  readonly position: number;
  /** The block it stands in: it holds for sure for what follows in there. */
  readonly block: Span;
}

/** A condition is known to hold, or not to, in a range: a branch of an `if`, or what follows one that leaves. */
export interface Fact {
  readonly test: Expression;
  readonly holds: boolean;
  readonly range: Span;
  /** The block that the branching statement stands in. */
  readonly outer: Span;
}

/** `object.property = value`, whatever the object is. */
export interface PropertyWrite {
  readonly object: Expression;
  readonly property: string;
  readonly value: Expression;
  readonly at: Span;
}

export interface Parameter {
  readonly name: string;
  /** As declared, without generics; undefined where there is none. */
  readonly type: string | undefined;
  /** True when a framework fills it from a request: `@RequestParam`, a route's variable. */
  readonly isRequestInput: boolean;
}

/** A function's body, or the file's top level. */
export interface Scope {
  readonly parent: Scope | undefined;
  /** As declared; empty for the top level and for a function without a name. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly assignments: Map<string, Assignment[]>;
  /** Declared types of local variables and fields. */
  readonly types: Map<string, string>;
  /** Expressions that stand as statements or inside them, in order. */
  readonly expressions: Expression[];
  readonly writes: PropertyWrite[];
  readonly returns: Expression[];
  readonly facts: Fact[];
  /** The class it is a method of; empty outside of classes. */
  readonly owner: string;
  /** True for a function that a web framework calls with a request. */
  readonly isRoute: boolean;
}

export interface CallSite {
  readonly call: Call;
  readonly scope: Scope;
}

export interface Program {
  readonly source: string;
  /** Functions and methods of this file by name. */
  readonly functions: ReadonlyMap<string, readonly Scope[]>;
  /** Calls by the last part of the callee's name. */
  readonly calls: ReadonlyMap<string, readonly CallSite[]>;
  readonly classes: ReadonlySet<string>;
  readonly language: CodeLanguage;
  readonly top: Scope;
  /** All scopes, outermost first. */
  readonly scopes: readonly Scope[];
  /** Local name → qualified path of what was imported: `exec` → `child_process.exec`. */
  readonly imports: ReadonlyMap<string, string>;
  /** Every module that is imported, with its place. */
  readonly imported: readonly { readonly path: string; readonly at: Span }[];
}
