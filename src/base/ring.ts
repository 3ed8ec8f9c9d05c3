/** The last so many values, in order; older ones are forgotten. */

export class Ring<T> {
  readonly #capacity: number;
  #values: T[] = [];
  #next = 0;

  /**
   * @param capacity - values kept
   * @throws RangeError for a capacity that is not a whole number of at least 1.
   */
  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(`a ring holds a whole number of at least 1 values, not ${capacity}`);
    }
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#values.length;
  }

  push(value: T): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Oldest first. */
  values(): readonly T[] {
    const start = this.#values.length < this.#capacity ? 0 : this.#next;
    return [...this.#values.slice(start), ...this.#values.slice(0, start)];
  }

  clear(): void {
    this.#values = [];
    this.#next = 0;
  }
}
