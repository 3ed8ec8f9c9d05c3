/** Several tries at one thing, side by side: who has ended, who was stopped and why. What every strategy stands on. */
import { abortError, childController } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import { ConductorError, toConductorError } from '../base/errors.ts';

/** One try: usually a governed call to one server. It must end when its signal aborts. */
export interface Contestant<T> {
  /** Unique among its rivals: `server.tool`, as a rule. */
  readonly id: string;
  readonly run: (signal: AbortSignal) => Promise<T>;
}

/** What became of one try; times are milliseconds from its own start. */
export type Outcome<T> =
  | { readonly id: string; readonly status: 'succeeded'; readonly value: T; readonly ms: number }
  | {
      readonly id: string;
      readonly status: 'rejected';
      readonly value: T;
      readonly because: string;
      readonly ms: number;
    }
  | { readonly id: string; readonly status: 'failed'; readonly error: ConductorError; readonly ms: number }
  | { readonly id: string; readonly status: 'cancelled'; readonly because: string; readonly ms: number }
  | { readonly id: string; readonly status: 'not started'; readonly because: string };

export interface ContestOptions {
  readonly clock: Clock;
  /** Of whoever asked: its abort ends every try. */
  readonly signal: AbortSignal;
  /** Milliseconds that a stopped try has to end, before nobody waits for it any longer. @default 5,000 */
  readonly graceMs?: number | undefined;
}

/** How a try ended by itself. */
export type Ended<T> = Extract<Outcome<T>, { readonly status: 'succeeded' | 'failed' }>;

interface Entry<T> {
  readonly controller: AbortController;
  readonly startedAt: number;
  readonly done: Promise<void>;
  outcome: Outcome<T> | undefined;
}

/** A strategy starts tries, takes them as they end, and stops the rest. Not to be used again after `finish`. */
export class Contest<T> {
  readonly #contestants: readonly Contestant<T>[];
  readonly #options: ContestOptions;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #ended: Ended<T>[] = [];
  #wake = deferred<void>();

  /** @throws RangeError when there is none, or two have one id */
  constructor(contestants: readonly Contestant<T>[], options: ContestOptions) {
    if (contestants.length === 0) throw new RangeError('there must be at least one to ask');
    const ids = new Set(contestants.map(({ id }) => id));
    if (ids.size < contestants.length) throw new RangeError('two of those to be asked have the same id');
    this.#contestants = contestants;
    this.#options = options;
  }

  /** Tries under way. */
  get running(): number {
    return [...this.#entries.values()].filter(({ outcome }) => outcome === undefined).length;
  }

  startAll(): void {
    for (const contestant of this.#contestants) this.start(contestant);
  }

  start(contestant: Contestant<T>): void {
    const { clock, signal } = this.#options;
    const { controller, dispose } = childController(signal);
    const startedAt = clock.monotonic();
    const entry: Entry<T> = {
      controller,
      startedAt,
      outcome: undefined,
      done: this.#run(contestant, controller.signal).then((ended) => {
        dispose();
        entry.outcome ??= this.#afterStop(entry, ended);
        const { outcome } = entry;
        if (outcome.status === 'succeeded' || outcome.status === 'failed') this.#ended.push(outcome);
        this.#wake.resolve();
      }),
    };
    this.#entries.set(contestant.id, entry);
  }

  async #run({ id, run }: Contestant<T>, signal: AbortSignal): Promise<Ended<T>> {
    const startedAt = this.#options.clock.monotonic();
    const ms = (): number => this.#options.clock.monotonic() - startedAt;
    try {
      return { id, status: 'succeeded', value: await run(signal), ms: ms() };
    } catch (error) {
      return { id, status: 'failed', error: toConductorError(error), ms: ms() };
    }
  }

  /** What was stopped and ends in an error was cancelled; what got through all the same has succeeded. */
  #afterStop({ controller }: Entry<T>, ended: Ended<T>): Outcome<T> {
    if (ended.status === 'succeeded' || !controller.signal.aborted) return ended;
    return { id: ended.id, status: 'cancelled', because: abortError(controller.signal).message, ms: ended.ms };
  }

  /**
   * The next try that ended by itself, in the order of their ends; undefined when `ms` have passed or none is left.
   * @throws ConductorError of the asker's signal, once every try has ended
   */
  async next(ms = Number.POSITIVE_INFINITY): Promise<Ended<T> | undefined> {
    const { clock, signal } = this.#options;
    const wake = (): void => this.#wake.resolve();
    const timer = Number.isFinite(ms) ? clock.schedule(Math.max(0, ms), wake) : undefined;
    const until = clock.monotonic() + ms;
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (this.#ended.length === 0 && this.running > 0 && !signal.aborted && clock.monotonic() < until) {
        this.#wake = deferred<void>();
        await this.#wake.promise;
      }
    } finally {
      timer?.dispose();
      signal.removeEventListener('abort', wake);
    }
    if (signal.aborted) {
      await this.finish(abortError(signal).message);
      throw abortError(signal);
    }
    return this.#ended.shift();
  }

  /** Stops one try that has not ended; its outcome will say why. */
  stop(id: string, because: string): void {
    const entry = this.#entries.get(id);
    if (entry?.outcome === undefined) entry?.controller.abort(new ConductorError('CANCELLED', because));
  }

  /** Marks a reply as of no use to the strategy. */
  reject(id: string, because: string): void {
    const entry = this.#entries.get(id);
    if (entry?.outcome?.status === 'succeeded') entry.outcome = { ...entry.outcome, status: 'rejected', because };
  }

  /**
   * Stops what is still under way, waits for it, and tells of every try, in the order they were given.
   * @param because - why the rest is not needed
   */
  async finish(because: string): Promise<readonly Outcome<T>[]> {
    for (const [id, { outcome }] of this.#entries) if (outcome === undefined) this.stop(id, because);
    await this.#grace();
    return this.#contestants.map(({ id }): Outcome<T> => {
      const entry = this.#entries.get(id);
      if (entry === undefined) return { id, status: 'not started', because };
      entry.outcome ??= {
        id,
        status: 'cancelled',
        because: `${because}; it did not stop in time`,
        ms: this.#options.clock.monotonic() - entry.startedAt,
      };
      return entry.outcome;
    });
  }

  async #grace(): Promise<void> {
    if (this.running === 0) return;
    const { clock, graceMs = 5_000 } = this.#options;
    const over = deferred<void>();
    const timer = clock.schedule(graceMs, () => over.resolve());
    const ends = [...this.#entries.values()].map(({ done }) => done);
    await Promise.race([Promise.all(ends), over.promise]);
    timer.dispose();
  }
}
