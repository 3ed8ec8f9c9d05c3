/** The tokens of a file: counted as Halstead does, and hashed in windows so that copies can be found. */
import type { TreeCursor } from 'web-tree-sitter';
import { maintainability, type Module } from './maintainability.ts';
import type { NodeTables } from './node-tables.ts';
import { CLONE, winnow } from './winnow.ts';

export interface HalsteadFacts {
  /** Distinct operators and operands, and how many of each in all. */
  readonly operators: number;
  readonly operands: number;
  readonly allOperators: number;
  readonly allOperands: number;
}

export interface TokenFacts {
  readonly halstead: HalsteadFacts;
  /** 0 (hopeless) to 100, averages over the functions of the file; undefined for a file without code. */
  readonly maintainability: number | undefined;
  /** The chosen windows, see `winnow.ts`. */
  readonly windows: Uint32Array;
}

interface Counter {
  readonly operators: Set<number>;
  readonly operands: Set<number>;
  allOperators: number;
  allOperands: number;
}

/** Tokens looked at in one file. */
const MAX_TOKENS = 1_000_000;
/** The second half of a pair, and what only sets things apart: they say nothing of their own. */
export const MUTE: ReadonlySet<string> = new Set([')', ']', '}', ',', ';', '"', "'", '`', '"""', "'''", '']);

export class TokenReader {
  readonly #text: string;
  readonly #tables: Pick<NodeTables, 'named' | 'mute'>;
  readonly #open: Counter[] = [];
  readonly #all = newCounter();
  readonly #modules: Module[] = [];
  #hashes = new Uint32Array(1_024);
  #lines = new Uint32Array(1_024);
  #count = 0;

  constructor(text: string, tables: Pick<NodeTables, 'named' | 'mute'>) {
    this.#text = text;
    this.#tables = tables;
  }

  openFunction(): void {
    this.#open.push(newCounter());
  }

  closeFunction(lines: number, cyclomatic: number): void {
    const counter = this.#open.pop();
    if (counter === undefined) return;
    this.#modules.push({ volume: volumeOf(counter), lines, cyclomatic });
    this.#addToAll(counter);
  }

  token(cursor: TreeCursor, id: number): void {
    if (this.#count >= MAX_TOKENS) return;
    const start = cursor.startIndex;
    const hash = hashOf(this.#text, start, cursor.endIndex, id);
    this.#push(hash, cursor.startPosition.row + 1);
    const counter = this.#open.at(-1) ?? this.#all;
    if (this.#tables.named[id] === 1) {
      counter.operands.add(hash >>> 2);
      counter.allOperands += 1;
    } else if (this.#tables.mute[id] !== 1) {
      counter.operators.add(id);
      counter.allOperators += 1;
    }
  }

  facts(lines: number): TokenFacts {
    const { operators, operands, allOperators, allOperands } = this.#all;
    const modules = this.#modules.length > 0 ? this.#modules : [{ volume: volumeOf(this.#all), lines, cyclomatic: 1 }];
    return {
      halstead: { operators: operators.size, operands: operands.size, allOperators, allOperands },
      maintainability: this.#count === 0 ? undefined : maintainability(modules),
      windows: winnow(this.#hashes.subarray(0, this.#count), this.#lines, CLONE),
    };
  }

  #addToAll(counter: Counter): void {
    for (const operator of counter.operators) this.#all.operators.add(operator);
    for (const operand of counter.operands) this.#all.operands.add(operand);
    this.#all.allOperators += counter.allOperators;
    this.#all.allOperands += counter.allOperands;
  }

  #push(hash: number, line: number): void {
    if (this.#count === this.#hashes.length) {
      this.#hashes = grown(this.#hashes);
      this.#lines = grown(this.#lines);
    }
    this.#hashes[this.#count] = hash;
    this.#lines[this.#count] = line;
    this.#count += 1;
  }
}

function newCounter(): Counter {
  return { operators: new Set(), operands: new Set(), allOperators: 0, allOperands: 0 };
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** FNV-1a over kind and text; texts of great length by their ends. */
function hashOf(text: string, start: number, end: number, id: number): number {
  let hash = 0x811c9dc5 ^ id;
  const step = end - start > 512 ? Math.ceil((end - start) / 512) : 1;
  for (let index = start; index < end; index += step) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** Halstead's volume: length × log2 of the vocabulary. */
function volumeOf({ operators, operands, allOperators, allOperands }: Counter): number {
  const vocabulary = operators.size + operands.size;
  return vocabulary === 0 ? 0 : (allOperators + allOperands) * Math.log2(vocabulary);
}
