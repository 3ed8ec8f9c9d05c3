/** Where functions of JavaScript and TypeScript start and end for lizard, which reads tokens and no syntax. */
import type { Node, TreeCursor } from 'web-tree-sitter';

/** A function starts at its list of parameters; an arrow function without a name, where its body does. */
export function ecmaStart(node: Node, assigned: boolean): Node {
  const parameters = node.childForFieldName('parameters');
  if (node.type !== 'arrow_function') return parameters ?? node;
  return (assigned ? parameters : null) ?? node.childForFieldName('body') ?? node;
}

/** Tokens at which a line may begin without ending the function before it. */
const CONTINUES: ReadonlySet<string> = new Set(['.', '(', ')', '{', '}', '=', '=>', 'function', 'if', 'for', 'while']);
/** Nodes that are one token, or whose inside does not matter. */
const WHOLE: ReadonlySet<string> = new Set([
  'string',
  'template_string',
  'regex',
  'comment',
  'jsx_element',
  'jsx_self_closing_element',
]);

/**
 * The index from which on branches count for the function around an arrow function without braces: the end of the
 * first token that begins a line and stands in no brackets. Undefined when all of the body is the function's own.
 */
export function ownUntil(node: Node): number | undefined {
  const body = node.childForFieldName('body');
  if (node.type !== 'arrow_function' || body === null || body.type === 'statement_block') return undefined;
  const arrow = body.previousSibling?.endPosition.row ?? body.startPosition.row;
  if (arrow === body.endPosition.row) return undefined;
  const cursor = body.walk();
  try {
    toFirstToken(cursor);
    return firstLineStart(cursor, arrow);
  } finally {
    cursor.delete();
  }
}

function firstLineStart(cursor: TreeCursor, row: number): number | undefined {
  let last = row;
  let depth = 0;
  do {
    const type = cursor.nodeType;
    if (type === 'comment') continue;
    if (cursor.startPosition.row > last && depth === 0 && !CONTINUES.has(type)) return cursor.endIndex;
    if (type === '(' || type === '{') depth += 1;
    else if (type === ')' || type === '}') depth -= 1;
    last = cursor.endPosition.row;
  } while (toNextToken(cursor));
  return undefined;
}

/** To the next leaf in order, or node that is taken for one. */
function toNextToken(cursor: TreeCursor): boolean {
  while (!cursor.gotoNextSibling()) if (!cursor.gotoParent()) return false;
  toFirstToken(cursor);
  return true;
}

function toFirstToken(cursor: TreeCursor): void {
  while (!WHOLE.has(cursor.nodeType) && cursor.gotoFirstChild());
}
