/** Everything that is measured in one source file, in one walk over its syntax tree. */
import type { Node, Tree, TreeCursor } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';
import { countLines } from '../read.ts';
import { BranchCounter } from './branches.ts';
import { CognitiveMeter } from './cognitive.ts';
import { ownUntil } from './ecma-functions.ts';
import { isDocumented } from './documented.ts';
import { type FileFacts, LIMITS, type TypeFacts } from './facts.ts';
import { ROLE } from './families/family.ts';
import { FunctionStack } from './function-stack.ts';
import { isConstructor, requiredParameters } from './constructors.ts';
import { functionName, functionParts, isAssignment, onlyReturnsFunction, startOf, typeName } from './functions.ts';
import { countLineBreaks, headBefore } from './headless.ts';
import { type ImportStatement, readImport } from './imports.ts';
import { type MacroFunction, macroFunctions } from './macro-functions.ts';
import { SmellFinder } from './smells.ts';
import type { NodeTables } from './node-tables.ts';
import { tablesFor } from './tables.ts';
import { TokenReader } from './tokens.ts';
import { UnreachableFinder } from './unreachable.ts';

const MACRO_FUNCTION = /\bfn\s/;
const IF: ReadonlySet<string> = new Set(['if_statement', 'if_expression']);

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

/** A class around the place. */
interface OpenType extends Pick<TypeFacts, 'name' | 'startLine' | 'endLine'> {
  /** How many functions are around it. */
  readonly depth: number;
  methods: number;
  weight: number;
}

class Walker {
  readonly #tables: NodeTables;
  readonly #text: string;
  readonly #language: ParsedLanguage;
  readonly #imports: ImportStatement[] = [];
  readonly #functions: FunctionStack;
  readonly #branches: BranchCounter;
  readonly #cognitive: CognitiveMeter;
  readonly #smells: SmellFinder;
  readonly #tokens: TokenReader;
  readonly #unreachable: UnreachableFinder;
  readonly #types: OpenType[] = [];
  readonly #leftTypes: TypeFacts[] = [];
  /** Type ids from the root down; a node's `parent` is found by a search from the root. */
  readonly #ancestors: number[] = [];
  /** What is to be undone for each of them. */
  readonly #roles: number[] = [];
  readonly #undos: number[] = [];
  /** Depth of the comment or import around the place; -1 for none. */
  #silent = -1;
  /** Functions found in macros whose bodies are still to come, by where those begin. */
  readonly #inMacros = new Map<number, MacroFunction>();
  #moduleNesting = 0;

  constructor(tables: NodeTables, text: string, language: ParsedLanguage) {
    this.#tables = tables;
    this.#text = text;
    this.#language = language;
    this.#cognitive = new CognitiveMeter({
      kinds: tables.kinds,
      names: tables.names,
      text,
      declarative: tables.family.startsAt === 'ecma',
      identifierLabels: language === 'java',
    });
    this.#tokens = new TokenReader(text, tables);
    this.#unreachable = new UnreachableFinder(text, tables);
    this.#functions = new FunctionStack(text, this.#cognitive, this.#tokens);
    this.#branches = new BranchCounter(tables, text, this.#functions.frames);
    this.#smells = new SmellFinder(text, language);
  }

  facts(): Omit<FileFacts, 'partial'> {
    const lines = countLines(this.#text);
    this.#smells.end();
    return {
      lines,
      types: this.#leftTypes,
      tokens: this.#tokens.facts(lines),
      functions: this.#functions.facts(this.#tables.family.plainMethods === true),
      smells: this.#smells.found,
      imports: this.#imports,
    };
  }

  /** Pre-order with a stack of its own: recursion would end at a few thousand levels. */
  walk(cursor: TreeCursor): void {
    for (;;) {
      this.#visit(cursor);
      if (cursor.gotoFirstChild()) continue;
      // A leaf: what there is of it has been pushed as if it had children.
      if (this.#silent < 0) this.#tokens.token(cursor, this.#ancestors.at(-1) ?? 0);
      this.#pop();
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return;
        this.#pop();
      }
    }
  }

  #visit(cursor: TreeCursor): void {
    const id = cursor.nodeTypeId;
    const depth = this.#ancestors.length;
    const line = this.#unreachable.enter(cursor, id, depth);
    if (line !== undefined) this.#smells.addUnreachable(line, cursor);
    const role = this.#enter(cursor, id);
    const undo = this.#cognitive.enter(cursor, id, this.#ancestors, role === ROLE.function);
    if (this.#silent < 0 && this.#tables.silent[id] === 1) this.#silent = depth;
    this.#roles.push(role);
    this.#undos.push(undo);
    this.#ancestors.push(id);
  }

  #pop(): void {
    const id = this.#ancestors.pop() ?? 0;
    const depth = this.#ancestors.length;
    if (this.#silent === depth) this.#silent = -1;
    this.#unreachable.leave(id, this.#ancestors.at(-1), depth);
    this.#leave(this.#roles.pop() ?? 0, this.#undos.pop() ?? 0);
  }

  /** Returns what must be undone when the node is left. */
  #enter(cursor: TreeCursor, id: number): number {
    const weight = this.#tables.weights[id] ?? 0;
    if (weight !== 0) this.#branches.count(weight, cursor);
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

  #leave(role: number, undo: number): void {
    if (undo !== 0) this.#cognitive.leave(undo, this.#ancestors);
    if (role === 0) return;
    const frame = this.#functions.current;
    if (role === ROLE.function) this.#leaveFunction();
    else if (role === ROLE.type) this.#leaveType();
    else if (role === ROLE.nesting && frame === undefined) this.#moduleNesting -= 1;
    else if (role === ROLE.nesting) this.#functions.nest(-1);
    else if (role === ROLE.opaque && frame !== undefined) frame.opaque -= 1;
  }

  #enterNesting(cursor: TreeCursor): number {
    // The `if` of an `else if` stands beside its first `if` for a reader, not inside it.
    if (IF.has(this.#tables.names[cursor.nodeTypeId] ?? '') && this.#isElseIf(cursor)) return 0;
    if (this.#functions.current === undefined) this.#moduleNesting += 1;
    else this.#functions.nest(1);
    return ROLE.nesting;
  }

  #enterType(node: Node): number {
    this.#types.push({
      name: typeName(node),
      startLine: node.startPosition.row + 1,
      endLine: node.endPosition.row + 1,
      depth: this.#functions.frames.length,
      methods: 0,
      weight: 0,
    });
    return ROLE.type;
  }

  #leaveType(): void {
    const type = this.#types.pop();
    if (type === undefined || type.methods === 0 || this.#leftTypes.length >= LIMITS.types) return;
    const { depth: _, ...facts } = type;
    this.#leftTypes.push(facts);
  }

  #leaveFunction(): void {
    const left = this.#functions.close();
    const type = this.#types.at(-1);
    if (left?.method !== true || type === undefined) return;
    type.methods += 1;
    type.weight += left.cyclomatic;
  }

  #enterOpaque(): number {
    const frame = this.#functions.current;
    if (frame === undefined) return 0;
    frame.opaque += 1;
    return ROLE.opaque;
  }

  #enterBody(cursor: TreeCursor): number {
    const frame = this.#functions.current;
    if (frame === undefined) return this.#enterHeadless(cursor);
    if (this.#ancestors.length === frame.depth + 1) frame.cyclomatic = 1;
    return 0;
  }

  /** A block outside of every function belongs to one whose head did not parse, most often for a macro in it. */
  #enterHeadless(cursor: TreeCursor): number {
    const start = cursor.startIndex;
    const head = headBefore(this.#text, start);
    if (head === undefined || this.#functions.full) return 0;
    const row = cursor.startPosition.row;
    this.#functions.open({
      name: head.name,
      startLine: row + 1 - countLineBreaks(this.#text, head.start, start),
      endLine: cursor.endPosition.row + 1,
      parameters: head.parameters,
      body: { start, end: cursor.endIndex },
      method: false,
      depth: this.#ancestors.length,
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
    if (opened === undefined || this.#functions.full) return 0;
    const endLine = cursor.endPosition.row + 1;
    this.#functions.open({ ...opened, endLine, body: { start, end }, method: false, depth: this.#ancestors.length });
    return ROLE.function;
  }

  #enterFunction(cursor: TreeCursor): number {
    const { family } = this.#tables;
    const { frames, full } = this.#functions;
    if (full || (family.flat === true && frames.length > 0)) return 0;
    const node = cursor.currentNode;
    const parts = functionParts(node, family);
    if (parts === undefined) return 0;
    const { body, named, parameters } = parts;
    const type = this.#types.at(-1);
    const name = functionName(node, named, type?.name, () => this.#assignment(cursor));
    this.#functions.open({
      name,
      startLine: startOf(node, parts, name, family).startPosition.row + 1,
      endLine: node.endPosition.row + 1,
      parameters,
      required: isConstructor(node, named) ? requiredParameters(node) : undefined,
      documented:
        frames.length > 0 ? undefined : isDocumented(node, { name, body, text: this.#text, language: this.#language }),
      body: { start: body.startIndex, end: body.endIndex },
      ownUntil: family.startsAt === 'ecma' ? ownUntil(node) : undefined,
      method: type !== undefined && type.depth === frames.length,
      depth: this.#ancestors.length,
      step: this.#language === 'python' && onlyReturnsFunction(body) ? 0 : 1,
    });
    return ROLE.function;
  }

  #look(role: number, cursor: TreeCursor): void {
    if (role === ROLE.comment) this.#smells.lookAtComment(cursor);
    else if (role === ROLE.handler) this.#smells.lookAtHandler(cursor.currentNode, this.#functions.current?.name);
    else if (role === ROLE.import || role === ROLE.call) this.#lookAtImport(cursor);
    else this.#branches.look(role, cursor, this.#parentType());
  }

  /** Only what is asked for while the module loads: later imports cannot close a cycle that hurts. */
  #lookAtImport(cursor: TreeCursor): void {
    const nested = this.#functions.current !== undefined || (this.#language === 'python' && this.#moduleNesting > 0);
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
