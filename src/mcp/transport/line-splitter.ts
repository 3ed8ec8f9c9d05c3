/** Newline framing over raw chunks: one line at a time, never more than a cap in memory, bytes that are no UTF-8 reported. */

export interface LineSplitterOptions {
  /** The longest line, in bytes without its newline. */
  readonly maxBytes: number;
  /** `valid` is false when the bytes were not UTF-8; the text then holds replacement characters. */
  readonly onLine: (text: string, valid: boolean) => void;
  /** Called once; what follows is ignored unless `truncate` is set. */
  readonly onOverflow?: (() => void) | undefined;
  /** Cut a line at the cap and drop its rest, instead of giving up. @default false */
  readonly truncate?: boolean | undefined;
}

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export class LineSplitter {
  readonly #options: LineSplitterOptions;
  readonly #strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #skipping = false;
  #closed = false;

  constructor(options: LineSplitterOptions) {
    this.#options = options;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    while (!this.#closed && start < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline === -1 ? chunk.length : newline;
      this.#append(chunk.subarray(start, end));
      if (newline === -1) return;
      this.#endLine();
      start = newline + 1;
    }
  }

  /** A last line without its newline. */
  flush(): void {
    if (!this.#closed && this.#bytes > 0) this.#endLine();
  }

  #append(part: Uint8Array): void {
    if (this.#skipping || part.length === 0) return;
    const room = this.#options.maxBytes - this.#bytes;
    if (part.length <= room) {
      this.#parts.push(part);
      this.#bytes += part.length;
      return;
    }
    if (this.#options.truncate === true) {
      this.#parts.push(part.subarray(0, room));
      this.#bytes += room;
      this.#skipping = true;
      return;
    }
    this.#closed = true;
    this.#parts = [];
    this.#options.onOverflow?.();
  }

  #endLine(): void {
    let line: Uint8Array = this.#parts.length === 1 ? (this.#parts[0] ?? new Uint8Array()) : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    const cut = this.#skipping;
    this.#skipping = false;
    if (line.at(-1) === CARRIAGE_RETURN) line = line.subarray(0, -1);
    this.#deliver(line, cut);
  }

  #deliver(line: Uint8Array, cut: boolean): void {
    const tail = cut ? ' … (line cut)' : '';
    const text = this.#decode(line);
    this.#options.onLine((text ?? new TextDecoder().decode(line)) + tail, text !== undefined);
  }

  /** Undefined when the bytes are not UTF-8. */
  #decode(line: Uint8Array): string | undefined {
    try {
      return this.#strict.decode(line);
    } catch {
      return undefined;
    }
  }
}
