/** Statements behind one that always leaves: they are never run. */
import type { TreeCursor } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';
import type { NodeTables } from './node-tables.ts';

const FLOW = { exit: 1, block: 2 };

/** Compilers of the other languages reject or report it themselves. */
const LANGUAGES: ReadonlySet<ParsedLanguage> = new Set([
  'javascript',
  'jsx',
  'typescript',
  'tsx',
  'python',
  'php',
  'c',
  'cpp',
  'go',
]);
const EXITS: ReadonlySet<string> = new Set([
  'return_statement',
  'throw_statement',
  'raise_statement',
  'break_statement',
  'continue_statement',
]);
const BLOCKS: ReadonlySet<string> = new Set(['statement_block', 'block', 'compound_statement', 'statement_list']);
/** What may stand behind an exit: reached in another way, or not run at all. */
const REACHED =
  /comment|declaration|definition|label|^case|^default|^preproc|^empty|^break|^ERROR|^text|^php|^variable|^switch_|^type_/;

const MACRO = /^[A-Z][A-Z0-9_]+\b/;

/** What a kind of node is to the order in which statements are run: see `NodeTables.flow`. */
export function flowOf(name: string, language: ParsedLanguage): number {
  if (BLOCKS.has(name)) return FLOW.block;
  return LANGUAGES.has(language) && EXITS.has(name) ? FLOW.exit : 0;
}

export class UnreachableFinder {
  readonly #tables: Pick<NodeTables, 'names' | 'flow'>;
  readonly #text: string;
  /** Depth at which the next node stands behind an exit; -1 for none. */
  #behind = -1;

  constructor(text: string, tables: Pick<NodeTables, 'names' | 'flow'>) {
    this.#text = text;
    this.#tables = tables;
  }

  /** The first line of a statement that is never run, if this node is one. */
  enter(cursor: TreeCursor, id: number, depth: number): number | undefined {
    if (this.#behind < 0) return undefined;
    const behind = this.#behind === depth;
    const name = this.#tables.names[id] ?? '';
    if (behind && (name === ';' || name.includes('comment'))) return undefined;
    this.#behind = -1;
    if (!behind || !cursor.nodeIsNamed || REACHED.test(name)) return undefined;
    // A macro of C may stand for anything, also for what is only said to the compiler.
    if (MACRO.test(this.#text.slice(cursor.startIndex, cursor.startIndex + 80))) return undefined;
    // `return; yield` makes a generator of a Python function that yields nothing.
    if (this.#text.startsWith('yield', cursor.startIndex)) return undefined;
    return cursor.startPosition.row + 1;
  }

  /** @param parent the node it stands in, by type id */
  leave(id: number, parent: number | undefined, depth: number): void {
    const { flow } = this.#tables;
    if (flow[id] === FLOW.exit && parent !== undefined && flow[parent] === FLOW.block) this.#behind = depth;
    else if (this.#behind > depth) this.#behind = -1;
  }
}
