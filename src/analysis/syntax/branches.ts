/** Cyclomatic complexity as lizard counts it: by tokens, also where that is odd. */
import type { TreeCursor } from 'web-tree-sitter';
import { ROLE } from './families/family.ts';
import type { NodeTables } from './node-tables.ts';

/** A function whose branches are being counted. */
export interface Counted {
  cyclomatic: number;
  /** How many nodes around the place are not looked into. */
  opaque: number;
  /** From this index on branches count for the function around it. */
  readonly ownUntil?: number | undefined;
}

export class BranchCounter {
  readonly #tables: NodeTables;
  readonly #text: string;
  readonly #frames: readonly Counted[];
  #mayBeReference = false;

  /** @param frames the functions around the place, innermost last; they change while walking */
  constructor(tables: NodeTables, text: string, frames: readonly Counted[]) {
    this.#tables = tables;
    this.#text = text;
    this.#frames = frames;
  }

  count(weight: number, cursor: TreeCursor): void {
    let level = this.#frames.length - 1;
    if (weight === 0 || this.#frames[level]?.opaque !== 0) return;
    while (cursor.startIndex >= (this.#frames[level]?.ownUntil ?? Number.POSITIVE_INFINITY)) level -= 1;
    const frame = this.#frames[level];
    if (frame !== undefined) frame.cyclomatic += weight;
  }

  look(role: number, cursor: TreeCursor, parentType: string | undefined): void {
    if (role === ROLE.question) this.#lookAtQuestion(cursor, parentType);
    else if (role === ROLE.reference) this.#lookAtReference(cursor);
    else if (role === ROLE.word) this.#lookAtWord(cursor);
  }

  #lookAtQuestion(cursor: TreeCursor, parentType: string | undefined): void {
    const { questionRule } = this.#tables.family;
    if (questionRule === 'java') this.count(parentType === 'wildcard' ? 0 : 1, cursor);
    else if (questionRule === 'php') this.count(this.#text[cursor.startIndex + 1] === ':' ? 0 : 1, cursor);
    else if (questionRule !== 'ecma') this.count(1, cursor);
    // One grammar wraps the token in a node of the same meaning, the other does not.
    else if (parentType !== 'optional_chain') this.#lookAtEcmaQuestion(cursor);
  }

  /** A question mark that touches the word before it is part of that word to lizard, and `??` is two. */
  #lookAtEcmaQuestion(cursor: TreeCursor): void {
    const start = cursor.startIndex;
    const marks = this.#text.startsWith('??', start) ? 2 : 1;
    const touches = /\w/.test(this.#text[start - 1] ?? '');
    this.count(touches ? marks - 1 : marks, cursor);
  }

  /** lizard takes `&&` for a reference when `=` comes before the expression could have ended, and counts it back. */
  #lookAtReference(cursor: TreeCursor): void {
    const token = this.#tables.names[cursor.nodeTypeId];
    if (token === '&&') {
      this.#mayBeReference = true;
    } else if (this.#mayBeReference) {
      if (token === '=') this.count(-1, cursor);
      this.#mayBeReference = false;
    }
  }

  #lookAtWord(cursor: TreeCursor): void {
    const start = cursor.startIndex;
    const end = cursor.endIndex;
    if (end - start <= 6 && this.#tables.family.words?.has(this.#text.slice(start, end)) === true)
      this.count(1, cursor);
  }
}
