/** The functions around the place a walk is at, and the facts of those it has left. */
import { createHash } from 'node:crypto';
import type { Counted } from './branches.ts';
import { type Caller, recursive } from './callee.ts';
import type { CognitiveMeter } from './cognitive.ts';
import { type FunctionFacts, LIMITS } from './facts.ts';
import type { TokenReader } from './tokens.ts';

export interface OpenedFunction {
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly parameters: number;
  /** Of a constructor: the parameters without a default. */
  readonly required?: number | undefined;
  /** Of a function that others can call: whether it says what it does. */
  readonly documented?: boolean | undefined;
  readonly body: { readonly start: number; readonly end: number };
  /** From this index on branches count for the function around it. */
  readonly ownUntil?: number | undefined;
  /** A member of a class. */
  readonly method: boolean;
  /** How many nodes are above it. */
  readonly depth: number;
  /** How much deeper a function inside it is, for cognitive complexity. @default 1 */
  readonly step?: 0 | 1 | undefined;
}

interface Frame extends OpenedFunction, Counted {
  readonly index: number;
  readonly parent: number | undefined;
  nesting: number;
  deepest: number;
  innerLines: number;
}

/** A body shorter than this is too common to call a copy. */
const DUPLICATE = { lines: 10, characters: 250 };

export class FunctionStack {
  readonly frames: Frame[] = [];
  readonly #functions: (FunctionFacts | undefined)[] = [];
  readonly #callers: Caller[] = [];
  readonly #text: string;
  readonly #cognitive: CognitiveMeter;
  readonly #tokens: TokenReader;
  #hashed = 0;

  constructor(text: string, cognitive: CognitiveMeter, tokens: TokenReader) {
    this.#text = text;
    this.#cognitive = cognitive;
    this.#tokens = tokens;
  }

  get current(): Frame | undefined {
    return this.frames.at(-1);
  }

  get full(): boolean {
    return this.#functions.length >= LIMITS.functions;
  }

  open(opened: OpenedFunction): void {
    this.frames.push({
      ...opened,
      index: this.#functions.length,
      parent: this.current?.index,
      cyclomatic: 1,
      nesting: 0,
      deepest: 0,
      opaque: 0,
      innerLines: 0,
    });
    this.#functions.push(undefined);
    this.#cognitive.open(opened.step ?? 1);
    this.#tokens.openFunction();
  }

  nest(by: 1 | -1): void {
    const frame = this.current;
    if (frame === undefined) return;
    frame.nesting += by;
    frame.deepest = Math.max(frame.deepest, frame.nesting);
  }

  /** Returns the function that ended. */
  close(): Frame | undefined {
    const frame = this.frames.pop();
    if (frame === undefined) return undefined;
    const { score, calls } = this.#cognitive.close();
    const lines = frame.endLine - frame.startLine + 1;
    const outer = this.current;
    if (outer !== undefined) outer.innerLines += lines;
    const ownLines = Math.max(1, lines - frame.innerLines);
    this.#tokens.closeFunction(ownLines, frame.cyclomatic);
    this.#callers[frame.index] = { name: frame.name, method: frame.method, calls };
    this.#functions[frame.index] = {
      name: frame.name,
      startLine: frame.startLine,
      endLine: frame.endLine,
      cyclomatic: frame.cyclomatic,
      cognitive: score,
      parameters: frame.parameters,
      ...(frame.required === undefined ? {} : { required: frame.required }),
      ...(frame.documented === undefined ? {} : { documented: frame.documented }),
      nesting: frame.deepest,
      ownLines,
      body: this.#digest(frame, lines),
      parent: frame.parent,
    };
    return frame;
  }

  /** In order of where they begin, once all are closed. */
  facts(plainMethods: boolean): readonly FunctionFacts[] {
    const functions = this.#functions.filter((facts) => facts !== undefined);
    const cycles = recursive(this.#callers, plainMethods);
    return functions.map((facts, index) => (cycles.has(index) ? { ...facts, cognitive: facts.cognitive + 1 } : facts));
  }

  #digest(frame: Frame, lines: number): string | undefined {
    if (lines < DUPLICATE.lines) return undefined;
    const length = frame.body.end - frame.body.start;
    if (this.#hashed + length > LIMITS.hashed) return undefined;
    this.#hashed += length;
    const body = this.#text.slice(frame.body.start, frame.body.end).replace(/\s+/g, ' ');
    if (body.length < DUPLICATE.characters) return undefined;
    return createHash('sha256').update(body).digest('hex').slice(0, 32);
  }
}
