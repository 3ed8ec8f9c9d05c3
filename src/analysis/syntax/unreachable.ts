/** Statements behind one that always leaves: they are never run. */
import type { TreeCursor } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';

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

export class UnreachableFinder {
  readonly #names: readonly string[];
  readonly #exits: Uint8Array;
  readonly #blocks: Uint8Array;
  readonly #text: string;
  /** Depth at which the next node stands behind an exit; -1 for none. */
  #behind = -1;

  constructor(language: ParsedLanguage, names: readonly string[], text: string) {
    const watched = LANGUAGES.has(language);
    this.#names = names;
    this.#text = text;
    this.#exits = Uint8Array.from(names, (name) => Number(watched && EXITS.has(name)));
    this.#blocks = Uint8Array.from(names, (name) => Number(BLOCKS.has(name)));
  }

  /** The first line of a statement that is never run, if this node is one. */
  enter(cursor: TreeCursor, id: number, depth: number): number | undefined {
    if (this.#behind < 0) return undefined;
    const behind = this.#behind === depth;
    const name = this.#names[id] ?? '';
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
    if (this.#exits[id] === 1 && parent !== undefined && this.#blocks[parent] === 1) this.#behind = depth;
    else if (this.#behind > depth) this.#behind = -1;
  }
}
