/** Many timers that hardly ever fire, over one of the system's: what a governed call arms is almost always disarmed. */
import type { Disposable } from './disposables.ts';

/** What is needed of the system; tests bring their own. */
export interface TimerHost {
  /** Milliseconds that never go backwards. */
  now(): number;
  setTimeout(callback: () => void, ms: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout): void;
}

/** The longest time that the system's timers know. */
const MAX_MS = 2_147_483_647;

class Entry implements Disposable {
  readonly due: number;
  readonly callback: () => void;
  isDisarmed = false;
  readonly #timers: LazyTimers;

  constructor(timers: LazyTimers, due: number, callback: () => void) {
    this.#timers = timers;
    this.due = due;
    this.callback = callback;
  }

  dispose(): void {
    this.#timers.disarm(this);
  }
}

/**
 * Arming one that is due no earlier than the next waking costs an insertion into a set, disarming a deletion. A waking
 * with nothing due finds the next one. The process stays alive only while something is armed.
 */
export class LazyTimers {
  readonly #host: TimerHost;
  readonly #armed = new Set<Entry>();
  #timer: NodeJS.Timeout | undefined;
  /** When the system wakes us. */
  #wakes = Number.POSITIVE_INFINITY;

  constructor(host: TimerHost) {
    this.#host = host;
  }

  /** Runs `callback` once, no earlier than after `ms` milliseconds, unless disposed before. */
  schedule(ms: number, callback: () => void): Disposable {
    const entry = new Entry(this, this.#host.now() + Math.max(0, ms), callback);
    this.#armed.add(entry);
    if (entry.due < this.#wakes) this.#wakeAt(entry.due);
    else if (this.#armed.size === 1) this.#timer?.ref();
    return entry;
  }

  disarm(entry: Entry): void {
    entry.isDisarmed = true;
    if (this.#armed.delete(entry) && this.#armed.size === 0) this.#timer?.unref();
  }

  #wakeAt(due: number): void {
    if (this.#timer !== undefined) this.#host.clearTimeout(this.#timer);
    this.#wakes = due;
    const ms = Math.min(MAX_MS, Math.max(1, Math.ceil(due - this.#host.now())));
    this.#timer = this.#host.setTimeout(() => this.#wake(), ms);
  }

  #wake(): void {
    this.#timer = undefined;
    this.#wakes = Number.POSITIVE_INFINITY;
    const now = this.#host.now();
    const due = [...this.#armed].filter((entry) => entry.due <= now).sort((a, b) => a.due - b.due);
    // Before the callbacks, so that one that throws costs nobody else their time.
    for (const entry of due) this.#armed.delete(entry);
    let next = Number.POSITIVE_INFINITY;
    for (const { due: later } of this.#armed) next = Math.min(next, later);
    if (next < this.#wakes) this.#wakeAt(next);
    for (const entry of due) run(entry);
  }
}

/** One that throws is the process's to hear of, as from any timer; those behind it run all the same. */
function run({ callback, isDisarmed }: Entry): void {
  if (isDisarmed) return;
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
