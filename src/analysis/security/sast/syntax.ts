/** A syntax tree as plain objects: copied once with a cursor, because asking WASM for every node again is slow. */
import type { Tree, TreeCursor } from 'web-tree-sitter';

export interface SyntaxNode {
  readonly type: string;
  readonly named: boolean;
  /** The field of the parent it stands in. */
  readonly field: string | null;
  /** Offsets into the source. */
  readonly start: number;
  readonly end: number;
  readonly children: SyntaxNode[];
}

/** Deeper nodes are left out: real code is not nested like that, and what walks the copy recurses. */
const MAX_DEPTH = 300;

/** Copies a tree; the tree itself can be deleted afterwards. */
export function copyTree(tree: Tree): SyntaxNode {
  const cursor = tree.walk();
  try {
    return copy(cursor);
  } finally {
    cursor.delete();
  }
}

function copy(cursor: TreeCursor): SyntaxNode {
  const root = current(cursor);
  const path: SyntaxNode[] = [root];
  while (path.length > 0) {
    if (path.length < MAX_DEPTH && cursor.gotoFirstChild()) {
      path.push(attach(path, cursor));
      continue;
    }
    while (path.length > 1 && !cursor.gotoNextSibling()) {
      cursor.gotoParent();
      path.pop();
    }
    path.pop();
    if (path.length > 0) path.push(attach(path, cursor));
  }
  return root;
}

function attach(path: readonly SyntaxNode[], cursor: TreeCursor): SyntaxNode {
  const node = current(cursor);
  path.at(-1)?.children.push(node);
  return node;
}

function current(cursor: TreeCursor): SyntaxNode {
  return {
    type: cursor.nodeType,
    named: cursor.nodeIsNamed,
    field: cursor.currentFieldName,
    start: cursor.startIndex,
    end: cursor.endIndex,
    children: [],
  };
}

export function childOf(node: SyntaxNode, field: string): SyntaxNode | undefined {
  return node.children.find((child) => child.field === field);
}

export function childrenOf(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  return node.children.filter((child) => child.field === field);
}

export function namedChildren(node: SyntaxNode): readonly SyntaxNode[] {
  return node.children.filter((child) => child.named && child.type !== 'comment');
}
