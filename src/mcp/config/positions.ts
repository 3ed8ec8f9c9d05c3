/** Offsets in a text as the lines and columns people see. */
import type { Node } from 'jsonc-parser';
import type { SourceRange } from '../../contracts/server.ts';

export class Positions {
  readonly #file: string;
  readonly #starts: number[] = [0];

  constructor(file: string, text: string) {
    this.#file = file;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  range(offset: number, length: number): SourceRange {
    const start = this.#place(offset);
    const end = this.#place(offset + length);
    return { file: this.#file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
  }

  of(node: Node): SourceRange {
    return this.range(node.offset, node.length);
  }

  #place(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }
}
