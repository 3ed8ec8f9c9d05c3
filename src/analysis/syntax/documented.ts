/** Whether a function that others can call says what it does: in a comment above it, or in Python inside it. */
import type { Node } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';

/** Lines of attributes between a comment and what it describes, at most. */
const MAX_ATTRIBUTES = 20;
/** Characters looked at on one line. */
const MAX_LINE = 500;

/** In these a comment of one line is how things are described; elsewhere it may be about anything. */
const LINE_COMMENT: Readonly<Partial<Record<ParsedLanguage, RegExp>>> = {
  go: /^\/\//,
  rust: /^\/\/\//,
  csharp: /^\/\/\//,
  cpp: /^\/\/[/!]/,
  c: /^\/\/[/!]/,
  ruby: /^#/,
};
const HIDDEN_WORDS: Readonly<Partial<Record<ParsedLanguage, RegExp>>> = {
  c: /\bstatic\b/,
  cpp: /\bstatic\b/,
  java: /\b(?:private|protected)\b|@Override\b/,
  csharp: /\b(?:private|protected|internal|override)\b/,
  kotlin: /\b(?:private|protected|internal|override)\b/,
  php: /\b(?:private|protected)\b/,
  typescript: /\b(?:private|protected)\b|#/,
  tsx: /\b(?:private|protected)\b|#/,
};

/** Undefined for a function that nobody outside can call: nobody needs to be told what it does. */
export function isDocumented(
  node: Node,
  { name, body, text, language }: { name: string; body: Node; text: string; language: ParsedLanguage },
): boolean | undefined {
  if (!isOffered(name, text.slice(node.startIndex, body.startIndex), language)) return undefined;
  if (language === 'python') return startsWithText(body);
  return endsComment(lineAbove(text, node.startIndex), language);
}

function isOffered(name: string, head: string, language: ParsedLanguage): boolean {
  const own = name.slice(name.lastIndexOf(':') + 1);
  if (!/^[\p{L}_$]/u.test(own)) return false;
  if (language === 'go') return /^\p{Lu}/u.test(own);
  if (language === 'rust') return /^(?:#\[[^\]]*\]\s*)*pub\b/.test(head);
  return !own.startsWith('_') && HIDDEN_WORDS[language]?.test(head) !== true;
}

function startsWithText(body: Node): boolean {
  const first = body.namedChildren.find((child) => child.type !== 'comment');
  return first?.type === 'expression_statement' && first.firstNamedChild?.type === 'string';
}

/** The nearest line above that is no attribute or annotation, without the spaces around it. */
function lineAbove(text: string, index: number): string {
  let end = text.lastIndexOf('\n', index - 1);
  for (let step = 0; step < MAX_ATTRIBUTES && end > 0; step += 1) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(Math.max(start, end - MAX_LINE), end).trim();
    if (!/^(?:@|#\[|\[)/.test(line)) return line;
    end = start - 1;
  }
  return '';
}

function endsComment(line: string, language: ParsedLanguage): boolean {
  return line.endsWith('*/') || LINE_COMMENT[language]?.test(line) === true;
}
