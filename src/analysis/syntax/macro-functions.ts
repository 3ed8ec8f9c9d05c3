/** Functions of Rust inside of macros, where the grammar gives tokens and no syntax. */
import type { Node } from 'web-tree-sitter';

export interface MacroFunction {
  readonly name: string;
  readonly startLine: number;
  readonly parameters: number;
}

/** Children looked at in one list of tokens. */
const MAX_TOKENS = 20_000;

/** The functions whose bodies stand in this list of tokens, by the index at which the body begins. */
export function macroFunctions(list: Node): ReadonlyMap<number, MacroFunction> {
  const found = new Map<number, MacroFunction>();
  const tokens = list.children.slice(0, MAX_TOKENS);
  for (let index = 0; index < tokens.length; index += 1) {
    if (tokens[index]?.type === 'fn') addFunction(tokens, index, found);
  }
  return found;
}

/** `fn`, a name, parameters in brackets, and a block before any semicolon. */
function addFunction(tokens: readonly Node[], at: number, found: Map<number, MacroFunction>): void {
  const name = tokens[at + 1];
  const start = tokens[at];
  if (name === undefined || start === undefined || !name.isNamed || name.type === 'token_tree') return;
  const rest = tokens.slice(at + 2, at + 200);
  const list = rest.findIndex((token) => isTree(token, '('));
  const body = rest.findIndex((token, index) => index > list && (token.type === ';' || isTree(token, '{')));
  const block = rest[body];
  const parameters = rest[list];
  if (parameters === undefined || block === undefined || block.type === ';') return;
  const startLine = start.startPosition.row + 1;
  found.set(block.startIndex, { name: name.text, startLine, parameters: countParameters(parameters) });
}

function isTree(token: Node, open: string): boolean {
  return token.type === 'token_tree' && token.firstChild?.type === open;
}

function countParameters(list: Node): number {
  const inside = list.children.slice(1, -1);
  const last = inside.at(-1);
  if (last === undefined) return 0;
  return inside.filter((token) => token.type === ',').length + (last.type === ',' ? 0 : 1);
}
