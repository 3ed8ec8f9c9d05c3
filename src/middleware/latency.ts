/** A bounded memory of how long calls took, per key, that answers with a percentile. */

export interface LatencyWindowOptions {
  /** Samples kept per key. @default 100 */
  readonly size?: number;
  /** Keys kept; the one unused for longest goes first. @default 1000 */
  readonly keys?: number;
}

interface Window {
  readonly samples: number[];
  next: number;
}

export class LatencyWindows {
  readonly #size: number;
  readonly #keys: number;
  readonly #windows = new Map<string, Window>();

  constructor(options: LatencyWindowOptions = {}) {
    this.#size = options.size ?? 100;
    this.#keys = options.keys ?? 1000;
  }

  /** @param ms - duration in milliseconds */
  record(key: string, ms: number): void {
    const window = this.#windows.get(key) ?? { samples: [], next: 0 };
    this.#windows.delete(key);
    this.#windows.set(key, window);
    window.samples[window.next] = ms;
    window.next = (window.next + 1) % this.#size;
    if (this.#windows.size > this.#keys) {
      const oldest = this.#windows.keys().next().value;
      if (oldest !== undefined) this.#windows.delete(oldest);
    }
  }

  count(key: string): number {
    return this.#windows.get(key)?.samples.length ?? 0;
  }

  /**
   * The nearest-rank percentile in milliseconds, undefined without samples.
   * @param share - 0 to 1
   */
  percentile(key: string, share: number): number | undefined {
    const samples = this.#windows.get(key)?.samples;
    if (samples === undefined || samples.length === 0) return undefined;
    const sorted = [...samples].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }
}
