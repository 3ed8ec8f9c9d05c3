/** Looks after connections between calls: asks the unused ones whether they are well, closes what nobody needs any more. */
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposables.ts';
import { isConductorError } from '../../base/errors.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { PoolSettings } from './settings.ts';

export interface KeeperOptions<C extends object> {
  readonly pool: ConnectionPool<C>;
  readonly settings: () => PoolSettings;
  readonly clock: Clock;
  /** Asks the server something that costs it nothing. Rejects when there is no answer. */
  readonly check: (connection: C, signal: AbortSignal) => Promise<void>;
  /** It did not answer. */
  readonly onUnwell: (connection: C, error: unknown) => void;
  /** More than are kept, and unused for long. */
  readonly onSpare: (connection: C) => void;
  /** Nothing was called for as long as the server may be idle. */
  readonly onIdle: () => void;
}

/** Milliseconds for the answer to a check, at most; less where checks are frequent. */
const CHECK_MS = 10_000;
const SHORTEST_CHECK_MS = 1_000;
/** Checks in a row that a server may miss: one that is at work is silent, and not broken. */
const MISSES = 2;

export class PoolKeeper<C extends object> {
  readonly #options: KeeperOptions<C>;
  readonly #misses = new WeakMap<C, number>();
  readonly #asked = new WeakSet<C>();
  #timer: Disposable | undefined;
  #stop = new AbortController();

  constructor(options: KeeperOptions<C>) {
    this.#options = options;
  }

  start(): void {
    if (this.#timer === undefined) this.#arm();
  }

  stop(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  #arm(): void {
    const { idleMs, healthMs } = this.#options.settings();
    const periods = [idleMs, healthMs].filter((ms) => ms > 0);
    if (periods.length === 0) return;
    this.#timer = this.#options.clock.schedule(Math.min(...periods), () => {
      this.#arm();
      this.#sweep();
    });
  }

  #sweep(): void {
    const { pool, settings, clock } = this.#options;
    const { idleMs, healthMs, prefill } = settings();
    const now = clock.monotonic();
    const unused = pool.unused();
    if (idleMs > 0) {
      const idle = unused.filter(({ calledAt }) => now - calledAt >= idleMs);
      if (idle.length === pool.size) {
        this.#options.onIdle();
        return;
      }
      const spare = idle.slice(0, Math.max(0, pool.size - prefill)).reverse();
      for (const { connection } of spare) this.#options.onSpare(connection);
    }
    pool.refill();
    if (healthMs <= 0) return;
    for (const { connection, answeredAt } of unused) {
      const isDue = now - answeredAt >= healthMs && !this.#asked.has(connection);
      if (isDue && pool.has(connection)) void this.#check(connection, healthMs);
    }
  }

  async #check(connection: C, healthMs: number): Promise<void> {
    const { pool, check, clock, onUnwell } = this.#options;
    const stopped = this.#stop.signal;
    const limit = new AbortController();
    const timer = clock.schedule(Math.min(CHECK_MS, Math.max(SHORTEST_CHECK_MS, healthMs)), () => limit.abort());
    this.#asked.add(connection);
    const onStop = (): void => limit.abort();
    stopped.addEventListener('abort', onStop, { once: true });
    try {
      await check(connection, limit.signal);
      this.#misses.delete(connection);
      pool.isWell(connection);
    } catch (error) {
      if (stopped.aborted || !pool.has(connection)) return;
      const misses = (this.#misses.get(connection) ?? 0) + 1;
      this.#misses.set(connection, misses);
      const isLost = isConductorError(error) && error.code === 'CONNECTION_LOST';
      if (isLost || misses >= MISSES) onUnwell(connection, error);
    } finally {
      this.#asked.delete(connection);
      timer.dispose();
      stopped.removeEventListener('abort', onStop);
    }
  }
}
