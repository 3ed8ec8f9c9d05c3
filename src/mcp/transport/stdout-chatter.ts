/** Notices a program that writes to standard output but speaks no MCP there, long before its start would time out. */
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposables.ts';

/** Milliseconds of silence after such a line. A server that is still loading writes to standard error, or soon speaks. */
const QUIET_MS = 5_000;
/** Milliseconds after the first such line, however much is written. */
const MOST_MS = 15_000;
const EXCERPT = 80;

export class StdoutChatter {
  readonly #clock: Clock;
  readonly #onHopeless: (message: string) => void;
  #first: { readonly text: string; readonly at: number } | undefined;
  #timer: Disposable | undefined;
  #hasSpoken = false;

  /** @param onHopeless told what to say of the server, as the rest of a sentence */
  constructor(clock: Clock, onHopeless: (message: string) => void) {
    this.#clock = clock;
    this.#onHopeless = onHopeless;
  }

  /** A line that is no message. Before the first message it counts; later it is only untidy. */
  wrote(text: string): void {
    if (this.#hasSpoken) return;
    const line = text.trim();
    const shown = line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line;
    this.#first ??= { text: shown, at: this.#clock.monotonic() };
    this.stirred();
  }

  /** Some other sign of life. */
  stirred(): void {
    if (this.#first === undefined || this.#hasSpoken) return;
    this.#timer?.dispose();
    const leftMs = this.#first.at + MOST_MS - this.#clock.monotonic();
    this.#timer = this.#clock.schedule(Math.max(0, Math.min(QUIET_MS, leftMs)), () =>
      this.#onHopeless(
        `wrote "${this.#first?.text}" to its standard output, where MCP messages belong, and no message; ` +
          'is it another program, or a server that listens on an address and needs a `url`?',
      ),
    );
  }

  spoke(): void {
    if (this.#hasSpoken) return;
    this.#hasSpoken = true;
    this.dispose();
  }

  /** For a server that went without ever having spoken: the end of a sentence, or nothing. */
  epitaph(): string {
    if (this.#hasSpoken || this.#first === undefined) return '';
    return `; it wrote "${this.#first.text}" to its standard output, where MCP messages belong`;
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }
}
