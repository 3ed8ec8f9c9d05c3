/** What catches the eye in single places: errors dropped, work left open, code in comments or never run. */
import type { Node, TreeCursor } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';
import { isCommentedCode } from './commented-code.ts';
import { LIMITS, type SmellFacts } from './facts.ts';

/** Languages whose handlers name the type of error they take. */
const TYPED: ReadonlySet<ParsedLanguage> = new Set(['python', 'java', 'csharp', 'php']);
const NARROW = /^(?:except\b\*?|catch)\s*\(?\s*[\w(\\]/;
const BROAD = /\b(?:BaseException|Exception|Throwable|Error|RuntimeException|SystemException)\b/;

/** Characters of comments taken together. */
const MAX_RUN = 20_000;

/** Characters that tell one statement from another. */
const MAX_STATEMENT = 300;

const DEBT = /\b(?:TODO|FIXME|XXX|HACK)\b/;

export class SmellFinder {
  readonly found: SmellFacts[] = [];
  readonly #text: string;
  readonly #language: ParsedLanguage;

  /** Comments of one line each that follow one another. */
  #run: { readonly first: number; readonly column: number; last: number; text: string } | undefined;

  constructor(text: string, language: ParsedLanguage) {
    this.#text = text;
    this.#language = language;
  }

  /** What is still held back at the end of the text. */
  end(): void {
    const run = this.#run;
    this.#run = undefined;
    if (run !== undefined) this.#lookForCode(run.text, run.first, run.last);
  }

  /** @param cursor at the statement: what it says stays the same over however many lines a formatter spreads it */
  addUnreachable(line: number, { startIndex, endIndex }: TreeCursor): void {
    const statement = this.#text.slice(startIndex, Math.min(endIndex, startIndex + MAX_RUN));
    const text = statement.replace(/\s+/g, '').slice(0, MAX_STATEMENT);
    this.#add({ rule: 'unreachable', startLine: line, endLine: line, text });
  }

  lookAtComment(cursor: TreeCursor): void {
    const comment = this.#text.slice(cursor.startIndex, Math.min(cursor.endIndex, cursor.startIndex + 5_000));
    const { row, column } = cursor.startPosition;
    const first = row + 1;
    if (comment.startsWith('/*')) {
      this.end();
      this.#lookForCode(comment, first, cursor.endPosition.row + 1);
    } else this.#extendRun(comment, first, column);
    if (!DEBT.test(comment)) return;
    comment.split('\n').forEach((line, index) => {
      if (!DEBT.test(line)) return;
      const text = line.replace(/^[\s/*#]+|[\s*/]+$/g, '').slice(0, 160);
      this.#add({ rule: 'debt', startLine: first + index, endLine: first + index, text });
    });
  }

  /** @param within the name of the function around it, if there is one */
  lookAtHandler(node: Node, within: string | undefined): void {
    if (this.found.length >= LIMITS.smells || !this.#isEmptyHandler(node)) return;
    const startLine = node.startPosition.row + 1;
    const smell = {
      rule: 'empty-handler',
      startLine,
      endLine: node.endPosition.row + 1,
      text: within ?? 'module',
    } as const;
    this.#add(this.#isMinor(node) ? { ...smell, minor: true } : smell);
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

  /** One narrow kind of error that one statement can raise, or whose absence has a branch of its own. */
  #isMinor(node: Node): boolean {
    const block = node.namedChildren.findLast(
      (child) => child.type.endsWith('block') || child.type.endsWith('statement'),
    );
    const head = this.#text.slice(node.startIndex, block?.startIndex ?? node.startIndex);
    if (!TYPED.has(this.#language) || !NARROW.test(head) || BROAD.test(head)) return false;
    const guarded = node.parent?.childForFieldName('body');
    const statements = guarded?.namedChildren.filter((child) => !child.isExtra).length ?? 0;
    return statements === 1 || node.parent?.namedChildren.some((child) => child.type === 'else_clause') === true;
  }

  #extendRun(comment: string, line: number, column: number): void {
    const run = this.#run;
    if (run !== undefined && run.last === line - 1 && run.column === column && run.text.length < MAX_RUN) {
      run.last = line;
      run.text += `\n${comment}`;
      return;
    }
    this.end();
    this.#run = { first: line, column, last: line, text: comment };
  }

  #lookForCode(comment: string, startLine: number, endLine: number): void {
    if (endLine - startLine < 2 || !isCommentedCode(comment, this.#language)) return;
    const text = comment.replace(/\s+/g, ' ').slice(0, 160);
    this.#add({ rule: 'commented-code', startLine, endLine, text });
  }

  #add(smell: SmellFacts): void {
    if (this.found.length < LIMITS.smells) this.found.push(smell);
  }
}
