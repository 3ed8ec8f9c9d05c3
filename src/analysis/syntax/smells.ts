/** What catches the eye in single places: errors dropped, work left open. */
import type { Node, TreeCursor } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';
import { LIMITS, type SmellFacts } from './facts.ts';

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
    this.#add({ rule: 'empty-handler', startLine, endLine: node.endPosition.row + 1, text: within ?? 'module' });
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

  #add(smell: SmellFacts): void {
    if (this.found.length < LIMITS.smells) this.found.push(smell);
  }
}
