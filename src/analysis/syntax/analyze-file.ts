/** Everything that is measured in one source file, in one walk over its syntax tree. */
import { createHash } from 'node:crypto';
import type { Node, Tree, TreeCursor } from 'web-tree-sitter';
import { countLines } from '../read.ts';
import type { ParsedLanguage } from '../languages.ts';
import { ownUntil } from './ecma-functions.ts';
import { ROLE } from './families/family.ts';
import { functionName, functionParts, isAssignment, startOf, typeName } from './functions.ts';
import { countLineBreaks, headBefore } from './headless.ts';
import { type ImportStatement, readImport } from './imports.ts';
import { type MacroFunction, macroFunctions } from './macro-functions.ts';
import { type NodeTables, tablesFor } from './tables.ts';

export interface FunctionFacts {
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly cyclomatic: number;
  readonly parameters: number;
  readonly nesting: number;
  /** Lines without those of functions inside it. */
  readonly ownLines: number;
  /** Digest of the body without white space; only for bodies long enough to be worth comparing. */
  readonly body?: string | undefined;
  /** Index of the function it stands in. */
  readonly parent?: number | undefined;
}

export interface SmellFacts {
  readonly rule: 'empty-handler' | 'debt';
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
}

export interface FileFacts {
  readonly lines: number;
  readonly functions: readonly FunctionFacts[];
  readonly smells: readonly SmellFacts[];
  readonly imports: readonly ImportStatement[];
  /** The text did not parse whole, or holds more functions than are listed. */
  readonly partial: boolean;
}

/** What one file can contribute, at most. */
const LIMITS = { functions: 5_000, smells: 200, imports: 2_000, hashed: 8_000_000, macro: 100_000 };
const MACRO_FUNCTION = /\bfn\s/;
/** A body shorter than this is too common to call a copy. */
const DUPLICATE = { lines: 10, characters: 250 };

const DEBT = /\b(?:TODO|FIXME|XXX|HACK)\b/;

interface Frame {
  readonly index: number;
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly parameters: number;
  readonly body: { readonly start: number; readonly end: number } | undefined;
  readonly parent: number | undefined;
  /** From this index on branches count for the function around it. */
  readonly ownUntil?: number | undefined;
  /** How many nodes are above it. */
  readonly depth: number;
  cyclomatic: number;
  nesting: number;
  deepest: number;
  opaque: number;
  innerLines: number;
}

/** Measures a parsed text; the tree stays the caller's to delete. */
export function analyzeTree(tree: Tree, text: string, language: ParsedLanguage): FileFacts {
  const walker = new Walker(tablesFor(tree.language, language), text, language);
  const cursor = tree.walk();
  try {
    walker.walk(cursor);
  } finally {
    cursor.delete();
  }
  const facts = walker.facts();
  return { ...facts, partial: tree.rootNode.hasError || facts.functions.length >= LIMITS.functions };
}

class Walker {
  readonly #tables: NodeTables;
  readonly #text: string;
  readonly #language: ParsedLanguage;
  readonly #functions: (FunctionFacts | undefined)[] = [];
  readonly #smells: SmellFacts[] = [];
  readonly #imports: ImportStatement[] = [];
  readonly #frames: Frame[] = [];
  readonly #types: string[] = [];
  /** Type ids from the root down; a node's `parent` is found by a search from the root. */
  readonly #ancestors: number[] = [];
  /** Functions found in macros whose bodies are still to come, by where those begin. */
  readonly #inMacros = new Map<number, MacroFunction>();
  #hashed = 0;
  #moduleNesting = 0;
  #mayBeReference = false;

  constructor(tables: NodeTables, text: string, language: ParsedLanguage) {
    this.#tables = tables;
    this.#text = text;
    this.#language = language;
  }

  facts(): Omit<FileFacts, 'partial'> {
    return {
      lines: countLines(this.#text),
      functions: this.#functions.filter((facts) => facts !== undefined),
      smells: this.#smells,
      imports: this.#imports,
    };
  }

  /** Pre-order with a stack of its own: recursion would end at a few thousand levels. */
  walk(cursor: TreeCursor): void {
    const entered: number[] = [];
    for (;;) {
      const role = this.#enter(cursor);
      const id = cursor.nodeTypeId;
      if (cursor.gotoFirstChild()) {
        entered.push(role);
        this.#ancestors.push(id);
        continue;
      }
      this.#leave(role);
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return;
        this.#ancestors.pop();
        this.#leave(entered.pop() ?? 0);
      }
    }
  }

  /** Returns what must be undone when the node is left. */
  #enter(cursor: TreeCursor): number {
    const id = cursor.nodeTypeId;
    const weight = this.#tables.weights[id] ?? 0;
    if (weight !== 0) this.#count(weight, cursor);
    const role = this.#tables.roles[id] ?? 0;
    if (role === 0) return 0;
    if (role === ROLE.nesting) return this.#enterNesting(cursor);
    if (role === ROLE.function) return this.#enterFunction(cursor);
    if (role === ROLE.type) return this.#enterType(cursor.currentNode);
    if (role === ROLE.opaque) return this.#enterOpaque();
    if (role === ROLE.body) return this.#enterBody(cursor);
    if (role === ROLE.tokens) return this.#enterTokens(cursor);
    // What `#if` asks is not what the function does: the directive counts once.
    if (role === ROLE.directive) return this.#parentType()?.startsWith('preproc_') === true ? this.#enterOpaque() : 0;
    this.#look(role, cursor);
    return 0;
  }

  #leave(role: number): void {
    if (role === 0) return;
    const frame = this.#frames.at(-1);
    if (role === ROLE.function) this.#leaveFunction();
    else if (role === ROLE.type) this.#types.pop();
    else if (role === ROLE.nesting && frame === undefined) this.#moduleNesting -= 1;
    else if (role === ROLE.nesting && frame !== undefined) frame.nesting -= 1;
    else if (role === ROLE.opaque && frame !== undefined) frame.opaque -= 1;
  }

  #count(weight: number, cursor: TreeCursor): void {
    let level = this.#frames.length - 1;
    if (this.#frames[level]?.opaque !== 0) return;
    while (cursor.startIndex >= (this.#frames[level]?.ownUntil ?? Number.POSITIVE_INFINITY)) level -= 1;
    const frame = this.#frames[level];
    if (frame !== undefined) frame.cyclomatic += weight;
  }

  #enterNesting(cursor: TreeCursor): number {
    // The `if` of an `else if` stands beside its first `if` for a reader, not inside it.
    if (this.#tables.names[cursor.nodeTypeId] === 'if_statement' && this.#isElseIf(cursor)) return 0;
    const frame = this.#frames.at(-1);
    if (frame === undefined) {
      this.#moduleNesting += 1;
    } else {
      frame.nesting += 1;
      frame.deepest = Math.max(frame.deepest, frame.nesting);
    }
    return ROLE.nesting;
  }

  #enterType(node: Node): number {
    this.#types.push(typeName(node));
    return ROLE.type;
  }

  #enterOpaque(): number {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return 0;
    frame.opaque += 1;
    return ROLE.opaque;
  }

  #enterBody(cursor: TreeCursor): number {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return this.#enterHeadless(cursor);
    if (this.#ancestors.length === frame.depth + 1) frame.cyclomatic = 1;
    return 0;
  }

  /** A block outside of every function belongs to one whose head did not parse, most often for a macro in it. */
  #enterHeadless(cursor: TreeCursor): number {
    const start = cursor.startIndex;
    const head = headBefore(this.#text, start);
    if (head === undefined || this.#functions.length >= LIMITS.functions) return 0;
    const row = cursor.startPosition.row;
    this.#open({
      name: head.name,
      startLine: row + 1 - countLineBreaks(this.#text, head.start, start),
      endLine: cursor.endPosition.row + 1,
      parameters: head.parameters,
      body: { start, end: cursor.endIndex },
    });
    return ROLE.function;
  }

  /** A macro's tokens; a block among them may be the body of a function. */
  #enterTokens(cursor: TreeCursor): number {
    const start = cursor.startIndex;
    const end = cursor.endIndex;
    const opened = this.#inMacros.get(start);
    this.#inMacros.delete(start);
    if (MACRO_FUNCTION.test(this.#text.slice(start, Math.min(end, start + LIMITS.macro)))) {
      for (const [body, facts] of macroFunctions(cursor.currentNode)) this.#inMacros.set(body, facts);
    }
    if (opened === undefined || this.#functions.length >= LIMITS.functions) return 0;
    this.#open({ ...opened, endLine: cursor.endPosition.row + 1, body: { start, end } });
    return ROLE.function;
  }

  #enterFunction(cursor: TreeCursor): number {
    const { family } = this.#tables;
    if (family.flat === true && this.#frames.length > 0) return 0;
    const node = cursor.currentNode;
    const parts = functionParts(node, family);
    if (parts === undefined || this.#functions.length >= LIMITS.functions) return 0;
    const { body, named, parameters } = parts;
    const name = functionName(node, named, this.#types.at(-1), () => this.#assignment(cursor));
    this.#open({
      name,
      startLine: startOf(node, parts, name, family).startPosition.row + 1,
      endLine: node.endPosition.row + 1,
      parameters,
      body: { start: body.startIndex, end: body.endIndex },
      ownUntil: family.startsAt === 'ecma' ? ownUntil(node) : undefined,
    });
    return ROLE.function;
  }

  #open(opened: Pick<Frame, 'name' | 'startLine' | 'endLine' | 'parameters' | 'body' | 'ownUntil'>): void {
    this.#frames.push({
      ...opened,
      index: this.#functions.length,
      parent: this.#frames.at(-1)?.index,
      depth: this.#ancestors.length,
      cyclomatic: 1,
      nesting: 0,
      deepest: 0,
      opaque: 0,
      innerLines: 0,
    });
    this.#functions.push(undefined);
  }

  #leaveFunction(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    const lines = frame.endLine - frame.startLine + 1;
    const outer = this.#frames.at(-1);
    if (outer !== undefined) outer.innerLines += lines;
    this.#functions[frame.index] = {
      name: frame.name,
      startLine: frame.startLine,
      endLine: frame.endLine,
      cyclomatic: frame.cyclomatic,
      parameters: frame.parameters,
      nesting: frame.deepest,
      ownLines: Math.max(1, lines - frame.innerLines),
      body: this.#digest(frame, lines),
      parent: frame.parent,
    };
  }

  #digest(frame: Frame, lines: number): string | undefined {
    if (frame.body === undefined || lines < DUPLICATE.lines) return undefined;
    const length = frame.body.end - frame.body.start;
    if (this.#hashed + length > LIMITS.hashed) return undefined;
    this.#hashed += length;
    const body = this.#text.slice(frame.body.start, frame.body.end).replace(/\s+/g, ' ');
    if (body.length < DUPLICATE.characters) return undefined;
    return createHash('sha256').update(body).digest('hex').slice(0, 32);
  }

  #look(role: number, cursor: TreeCursor): void {
    if (role === ROLE.question) this.#lookAtQuestion(cursor);
    else if (role === ROLE.reference) this.#lookAtReference(cursor);
    else if (role === ROLE.word) this.#lookAtWord(cursor);
    else if (role === ROLE.comment) this.#lookAtComment(cursor);
    else if (role === ROLE.handler) this.#lookAtHandler(cursor.currentNode);
    else if (role === ROLE.import || role === ROLE.call) this.#lookAtImport(cursor);
  }

  #lookAtQuestion(cursor: TreeCursor): void {
    const { questionRule } = this.#tables.family;
    if (questionRule === 'java') this.#count(this.#parentType() === 'wildcard' ? 0 : 1, cursor);
    else if (questionRule === 'php') this.#count(this.#text[cursor.startIndex + 1] === ':' ? 0 : 1, cursor);
    else if (questionRule === 'ecma') this.#lookAtEcmaQuestion(cursor);
    else this.#count(1, cursor);
  }

  /** lizard takes `&&` for a reference when `=` comes before the expression could have ended, and counts it back. */
  #lookAtReference(cursor: TreeCursor): void {
    const token = this.#tables.names[cursor.nodeTypeId];
    if (token === '&&') {
      this.#mayBeReference = true;
    } else if (this.#mayBeReference) {
      if (token === '=') this.#count(-1, cursor);
      this.#mayBeReference = false;
    }
  }

  /** A question mark that touches the word before it is part of that word to lizard, and `??` is two. */
  #lookAtEcmaQuestion(cursor: TreeCursor): void {
    // One grammar wraps the token in a node of the same meaning, the other does not.
    if (this.#parentType() === 'optional_chain') return;
    const start = cursor.startIndex;
    const marks = this.#text.startsWith('??', start) ? 2 : 1;
    const touches = /\w/.test(this.#text[start - 1] ?? '');
    this.#count(touches ? marks - 1 : marks, cursor);
  }

  #lookAtWord(cursor: TreeCursor): void {
    const start = cursor.startIndex;
    const end = cursor.endIndex;
    if (end - start <= 6 && this.#tables.family.words?.has(this.#text.slice(start, end)) === true)
      this.#count(1, cursor);
  }

  #lookAtComment(cursor: TreeCursor): void {
    const comment = this.#text.slice(cursor.startIndex, Math.min(cursor.endIndex, cursor.startIndex + 5_000));
    if (!DEBT.test(comment)) return;
    const first = cursor.startPosition.row + 1;
    comment.split('\n').forEach((line, index) => {
      if (!DEBT.test(line) || this.#smells.length >= LIMITS.smells) return;
      const text = line.replace(/^[\s/*#]+|[\s*/]+$/g, '').slice(0, 160);
      this.#smells.push({ rule: 'debt', startLine: first + index, endLine: first + index, text });
    });
  }

  #lookAtHandler(node: Node): void {
    if (this.#smells.length >= LIMITS.smells || !this.#isEmptyHandler(node)) return;
    const startLine = node.startPosition.row + 1;
    const text = this.#frames.at(-1)?.name ?? 'module';
    this.#smells.push({ rule: 'empty-handler', startLine, endLine: node.endPosition.row + 1, text });
  }

  /** Empty and without a word why: a comment is taken for a reason. */
  #isEmptyHandler(node: Node): boolean {
    if (this.#language !== 'python') return node.childForFieldName('body')?.namedChildCount === 0;
    const block = node.namedChildren.findLast((child) => child.type === 'block');
    if (block === undefined || block.namedChildCount !== 1 || block.firstNamedChild?.type !== 'pass_statement')
      return false;
    const lineEnd = this.#text.indexOf('\n', node.endIndex);
    return !this.#text.slice(node.startIndex, lineEnd < 0 ? undefined : lineEnd).includes('#');
  }

  /** Only what is asked for while the module loads: later imports cannot close a cycle that hurts. */
  #lookAtImport(cursor: TreeCursor): void {
    const nested = this.#frames.length > 0 || (this.#language === 'python' && this.#moduleNesting > 0);
    if (nested || this.#imports.length >= LIMITS.imports) return;
    const found = readImport(cursor.currentNode, this.#language);
    if (found !== undefined) this.#imports.push(found);
  }

  #parentType(): string | undefined {
    return this.#tables.names[this.#ancestors.at(-1) ?? -1];
  }

  #isElseIf(cursor: TreeCursor): boolean {
    return this.#parentType() === 'else_clause' || cursor.currentFieldName === 'alternative';
  }

  /** What a function is assigned to directly, if anything; the cursor is back on the function afterwards. */
  #assignment(cursor: TreeCursor): Node | undefined {
    if (!isAssignment(this.#parentType())) return undefined;
    const start = cursor.startIndex;
    const id = cursor.nodeTypeId;
    cursor.gotoParent();
    const node = cursor.currentNode;
    cursor.gotoFirstChild();
    while ((cursor.startIndex !== start || cursor.nodeTypeId !== id) && cursor.gotoNextSibling());
    return node;
  }
}
