/** Finds again where in a text something stood that a parser gave without its position. */
import { LineIndex } from '../security/findings.ts';

export class LineFinder {
  readonly #text: string;
  readonly #lines: LineIndex;
  readonly #next = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineIndex(text);
  }

  /** The line of the next occurrence of this text, in the order of asking; 1 when there is none. */
  text(content: string): number {
    const at = this.#text.indexOf(content, this.#next.get(content) ?? 0);
    if (at === -1) return 1;
    this.#next.set(content, at + 1);
    return this.#lines.lineAt(at);
  }

  /** The line of the next string with this content. */
  quoted(content: string): number {
    const from = this.#next.get(`"${content}`) ?? 0;
    const at = [`"${content}"`, `'${content}'`]
      .map((quoted) => this.#text.indexOf(quoted, from))
      .filter((found) => found !== -1);
    const found = at.length === 0 ? -1 : Math.min(...at);
    if (found === -1) return 1;
    this.#next.set(`"${content}`, found + 1);
    return this.#lines.lineAt(found);
  }

  /** The line of the next key or table of this name in TOML. */
  key(name: string): number {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const pattern = new RegExp(
      `^[ \\t]*(["']?)${escaped}\\1[ \\t]*[=.]|^\\[[^\\]\\n]*\\.["']?${escaped}["']?\\]`,
      'gm',
    );
    pattern.lastIndex = this.#next.get(`=${name}`) ?? 0;
    const match = pattern.exec(this.#text);
    if (match === null) return 1;
    this.#next.set(`=${name}`, pattern.lastIndex);
    return this.#lines.lineAt(match.index);
  }
}
