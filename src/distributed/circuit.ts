/** Asks a store that may be gone: once it fails, everybody goes on without it until one who tries finds it back. */
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';

export interface CircuitOptions {
  readonly clock: Clock;
  /** How long nobody asks after a failure, milliseconds. */
  readonly restMs: number;
  /** Failures that say that it is gone; any other is the answer to one question. */
  readonly isOutage: (error: unknown) => boolean;
  readonly onDown: (reason: string) => void;
  readonly onUp: () => void;
}

export class Circuit {
  readonly #options: CircuitOptions;
  #down: { until: number; readonly reason: string } | undefined;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  /** @throws at once while it rests, else whatever the question throws */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    const { clock, restMs, isOutage } = this.#options;
    if (this.#down !== undefined) {
      if (clock.now() < this.#down.until) throw new Error(this.#down.reason);
      // Whoever tries has it for itself: the others do not wait with it.
      this.#down.until = clock.now() + restMs;
    }
    try {
      const answer = await question();
      this.up();
      return answer;
    } catch (error) {
      if (isOutage(error)) this.down(messageOf(error));
      else this.up();
      throw error;
    }
  }

  down(reason: string): void {
    const { clock, restMs, onDown } = this.#options;
    const isNew = this.#down === undefined;
    this.#down = { until: clock.now() + restMs, reason };
    if (isNew) onDown(reason);
  }

  up(): void {
    if (this.#down === undefined) return;
    this.#down = undefined;
    this.#options.onUp();
  }
}
