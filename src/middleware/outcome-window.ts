/** How many calls went well and how many failed over the last while, in a ring of slots that is never reallocated. */

const SLOTS = 10;

export class OutcomeWindow {
  readonly #slotMs: number;
  readonly #total = new Uint32Array(SLOTS);
  readonly #failed = new Uint32Array(SLOTS);
  /** Number of the newest slot, counted from the clock's start. */
  #newest = 0;

  /** @param windowMs - length of the while, milliseconds */
  constructor(windowMs: number) {
    this.#slotMs = windowMs / SLOTS;
  }

  /** @param now - monotonic milliseconds */
  record(failed: boolean, now: number): void {
    this.#moveTo(now);
    const slot = this.#newest % SLOTS;
    this.#total[slot] = (this.#total[slot] ?? 0) + 1;
    if (failed) this.#failed[slot] = (this.#failed[slot] ?? 0) + 1;
  }

  /** @returns the share of failures, 0 to 1; 0 below `minimum` calls */
  failureShare(minimum: number, now: number): number {
    this.#moveTo(now);
    const total = sum(this.#total);
    return total < minimum ? 0 : sum(this.#failed) / total;
  }

  clear(): void {
    this.#total.fill(0);
    this.#failed.fill(0);
  }

  #moveTo(now: number): void {
    const current = Math.floor(now / this.#slotMs);
    if (current - this.#newest >= SLOTS) this.clear();
    else {
      for (let slot = this.#newest + 1; slot <= current; slot += 1) {
        this.#total[slot % SLOTS] = 0;
        this.#failed[slot % SLOTS] = 0;
      }
    }
    this.#newest = Math.max(this.#newest, current);
  }
}

function sum(counts: Uint32Array): number {
  let all = 0;
  for (const count of counts) all += count;
  return all;
}
