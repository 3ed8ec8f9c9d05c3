/** A bounded memory of how long calls took, per key, that answers with a percentile. */

export interface LatencyWindowOptions {
  /** Samples kept per key. @default 100 */
  readonly size?: number;
  /** Keys kept; the one unused for longest goes first. @default 1000 */
  readonly keys?: number;
}

/** The last samples of one key in the order they came, and again in the order of their size. */
class Window {
  readonly #arrivals: Float64Array;
  readonly #sorted: Float64Array;
  #next = 0;
  count = 0;

  constructor(size: number) {
    this.#arrivals = new Float64Array(size);
    this.#sorted = new Float64Array(size);
  }

  /** Keeps the order by moving what is between the old and the new place: no sorting, no allocation. */
  record(ms: number): void {
    if (this.count === this.#arrivals.length) this.#forget(this.#arrivals[this.#next] ?? 0);
    const place = this.#placeOf(ms);
    this.#sorted.copyWithin(place + 1, place, this.count);
    this.#sorted[place] = ms;
    this.count += 1;
    this.#arrivals[this.#next] = ms;
    this.#next = (this.#next + 1) % this.#arrivals.length;
  }

  percentile(share: number): number | undefined {
    return this.count === 0 ? undefined : this.#sorted[Math.max(0, Math.ceil(share * this.count) - 1)];
  }

  #forget(ms: number): void {
    const place = this.#placeOf(ms);
    this.#sorted.copyWithin(place, place + 1, this.count);
    this.count -= 1;
  }

  /** The first place whose sample is not below `ms`. */
  #placeOf(ms: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle] ?? 0) < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export class LatencyWindows {
  readonly #size: number;
  readonly #keys: number;
  readonly #windows = new Map<string, Window>();
  /** The key that was used last stands last already. */
  #newest: string | undefined;

  constructor(options: LatencyWindowOptions = {}) {
    this.#size = options.size ?? 100;
    this.#keys = options.keys ?? 1000;
  }

  /** @param ms - duration in milliseconds */
  record(key: string, ms: number): void {
    const window = this.#windows.get(key) ?? new Window(this.#size);
    window.record(ms);
    if (key === this.#newest) return;
    this.#newest = key;
    this.#windows.delete(key);
    this.#windows.set(key, window);
    if (this.#windows.size > this.#keys) {
      const oldest = this.#windows.keys().next().value;
      if (oldest !== undefined) this.#windows.delete(oldest);
    }
  }

  count(key: string): number {
    return this.#windows.get(key)?.count ?? 0;
  }

  /**
   * The nearest-rank percentile in milliseconds, undefined without samples.
   * @param share - 0 to 1
   */
  percentile(key: string, share: number): number | undefined {
    return this.#windows.get(key)?.percentile(share);
  }
}
