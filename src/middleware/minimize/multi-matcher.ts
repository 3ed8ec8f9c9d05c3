/** Finds any of many fixed texts in one pass that skips most of what it passes over (Wu and Manber, 1994). */

const TABLE = 1 << 15;
/** Characters that decide together how far to skip. */
const BLOCK = 3;

export class MultiMatcher {
  /** Of the shortest text: all are recognised by their first so many characters. */
  readonly #window: number;
  /** By the block that ends a window: how far the window may move on; 0 where a text may stand. */
  readonly #skips: Uint8Array;
  readonly #candidates = new Map<number, string[]>();

  /** @throws RangeError for a text shorter than three characters. */
  constructor(texts: readonly string[]) {
    const shortest = Math.min(...texts.map((text) => text.length));
    if (shortest < BLOCK) throw new RangeError(`texts to find have at least ${BLOCK} characters, not ${shortest}`);
    this.#window = Math.min(255, shortest);
    this.#skips = new Uint8Array(TABLE).fill(this.#window - BLOCK + 1);
    for (const text of texts) this.#add(text);
    for (const candidates of this.#candidates.values()) candidates.sort((a, b) => b.length - a.length);
  }

  /** Replaces what is found from left to right, the longest first; the same text when nothing is. */
  replace(text: string, replacement: string): string {
    const window = this.#window;
    const skips = this.#skips;
    let kept = '';
    let from = 0;
    let end = window - 1;
    while (end < text.length) {
      const block = blockAt(text, end);
      const skip = skips[block] as number;
      if (skip > 0) {
        end += skip;
        continue;
      }
      const start = end - window + 1;
      const length = this.#lengthAt(text, start, block);
      if (length === 0) {
        end += 1;
        continue;
      }
      kept += text.slice(from, start) + replacement;
      from = start + length;
      end = from + window - 1;
    }
    return from === 0 ? text : kept + text.slice(from);
  }

  #lengthAt(text: string, start: number, block: number): number {
    for (const candidate of this.#candidates.get(block) ?? []) {
      if (text.startsWith(candidate, start)) return candidate.length;
    }
    return 0;
  }

  #add(text: string): void {
    const last = this.#window - 1;
    for (let end = BLOCK - 1; end <= last; end += 1) {
      const block = blockAt(text, end);
      this.#skips[block] = Math.min(this.#skips[block] as number, last - end);
    }
    const block = blockAt(text, last);
    const candidates = this.#candidates.get(block);
    if (candidates === undefined) this.#candidates.set(block, [text]);
    else candidates.push(text);
  }
}

function blockAt(text: string, end: number): number {
  return ((text.charCodeAt(end - 2) << 10) ^ (text.charCodeAt(end - 1) << 5) ^ text.charCodeAt(end)) & (TABLE - 1);
}
