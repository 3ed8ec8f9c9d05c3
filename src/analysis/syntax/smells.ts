/** What catches the eye in single places: errors dropped, work left open. */
import type { Node, TreeCursor } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';
import { LIMITS, type SmellFacts } from './facts.ts';

/** Languages whose handlers name the type of error they take. */
const TYPED: ReadonlySet<ParsedLanguage> = new Set(['python', 'java', 'csharp', 'php']);
const NARROW = /^(?:except\b\*?|catch)\s*\(?\s*[\w(\\]/;
const BROAD = /\b(?:BaseException|Exception|Throwable|Error|RuntimeException|SystemException)\b/;

const DEBT = /\b(?:TODO|FIXME|XXX|HACK)\b/;

export class SmellFinder {
  readonly found: SmellFacts[] = [];
  readonly #text: string;
  readonly #language: ParsedLanguage;

  constructor(text: string, language: ParsedLanguage) {
    this.#text = text;
    this.#language = language;
  }

  lookAtComment(cursor: TreeCursor): void {
    const comment = this.#text.slice(cursor.startIndex, Math.min(cursor.endIndex, cursor.startIndex + 5_000));
    if (!DEBT.test(comment)) return;
    const first = cursor.startPosition.row + 1;
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

  #add(smell: SmellFacts): void {
    if (this.found.length < LIMITS.smells) this.found.push(smell);
  }
}
